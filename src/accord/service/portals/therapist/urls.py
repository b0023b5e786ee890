from django.urls import path

from accord.service.portals.therapist import views

app_name = "therapist"
urlpatterns = [
    path("", views.caseload, name="caseload"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/<uuid:alert_id>/<slug:step>/", views.act, name="act"),
    path("people/<uuid:person_id>/", views.patient, name="patient"),
    path("people/<uuid:person_id>/contact/", views.contact, name="contact"),
    path("people/<uuid:person_id>/raise/", views.raise_alert, name="raise"),
    path("people/<uuid:person_id>/hand-over/", views.hand_over, name="hand-over"),
    path("people/<uuid:person_id>/messages/", views.thread, name="thread"),
    path("people/<uuid:person_id>/messages/send/", views.send, name="send"),
]
