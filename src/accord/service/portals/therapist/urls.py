from django.urls import path

from accord.service.portals.therapist import alerts, caseload, patient, thread

app_name = "therapist"
urlpatterns = [
    path("", caseload.caseload, name="caseload"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/<slug:step>/", alerts.act, name="act"),
    path("people/<uuid:person_id>/", patient.patient, name="patient"),
    path("people/<uuid:person_id>/contact/", patient.contact, name="contact"),
    path("people/<uuid:person_id>/raise/", patient.raise_alert, name="raise"),
    path("people/<uuid:person_id>/hand-over/", patient.hand_over, name="hand-over"),
    path("people/<uuid:person_id>/messages/", thread.thread, name="thread"),
    path("people/<uuid:person_id>/messages/send/", thread.send, name="send"),
]
