from django.urls import path

from accord.service.portals.patient import lessons, plan, practices, questions, views

app_name = "patient"
urlpatterns = [
    path("", views.today, name="today"),
    path("contact", views.contact, name="contact"),
    path("questions/<uuid:assessment_id>/<int:number>", questions.question, name="question"),
    path("questions/<uuid:assessment_id>/send", questions.review, name="review"),
    path("questions/<uuid:assessment_id>/thank-you", views.thanks, name="thanks"),
    path("paused", views.paused, name="paused"),
    path("read-this", views.note, name="note"),
    path("taking-part", views.consent, name="consent"),
    path("decide", views.decide, name="decide"),
    path("help-now", views.crisis, name="crisis"),
    path("help-now/call", views.help_now, name="help_now"),
    path("messages", views.messages, name="messages"),
    path("lessons", lessons.lessons, name="lessons"),
    path("lessons/<slug:slug>", lessons.lesson, name="lesson"),
    path("lessons/<slug:slug>/<int:number>", lessons.part, name="part"),
    path("lessons/<slug:slug>/print", plan.on_paper, name="lesson_print"),
    path("lessons/<slug:slug>/boxes/<slug:block_id>", lessons.block, name="block"),
    path("lessons/<slug:slug>/guides/<slug:block_id>", plan.guide, name="guide"),
    path("practices/<slug:slug>", practices.practice, name="practice"),
    path("practices/<slug:slug>/kept", practices.practised, name="practised"),
    path("practices/<slug:slug>/steady", practices.steady, name="steady"),
    path("plan", plan.plan, name="plan"),
    path("signs", plan.signs, name="signs"),
]
