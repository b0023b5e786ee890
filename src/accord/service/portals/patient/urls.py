from django.urls import path

from accord.service.portals.patient import questions, views

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
]
