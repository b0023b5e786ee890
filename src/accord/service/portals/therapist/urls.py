from django.urls import path

from accord.service.portals.therapist import (
    alerts,
    caseload,
    groups,
    harms,
    leave,
    lesson_answers,
    patient,
    preview,
    sessions,
    support,
    thread,
    version,
)
from accord.service.portals.therapist import path as way

app_name = "therapist"
urlpatterns = [
    path("", caseload.caseload, name="caseload"),
    path("sessions/", sessions.agenda, name="agenda"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<uuid:group_id>/", groups.group, name="group"),
    path("groups/<uuid:group_id>/<slug:step>/", groups.group_step, name="group_step"),
    path("meetings/<uuid:meeting_id>/", groups.attendance, name="attendance"),
    path("leave/", leave.leave_cover, name="leave_cover"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/<slug:step>/", alerts.act, name="act"),
    path("people/<uuid:person_id>/", patient.patient, name="patient"),
    path("people/<uuid:person_id>/contact/", patient.contact, name="contact"),
    path("people/<uuid:person_id>/notes/", patient.notes, name="notes"),
    path("people/<uuid:person_id>/raise/", patient.raise_alert, name="raise"),
    path("people/<uuid:person_id>/hand-over/", patient.hand_over, name="hand-over"),
    path("people/<uuid:person_id>/messages/", thread.thread, name="thread"),
    path("people/<uuid:person_id>/messages/read/", thread.read, name="read"),
    path("people/<uuid:person_id>/messages/send/", thread.send, name="send"),
    path("people/<uuid:person_id>/lessons/", lesson_answers.lesson_answers, name="lesson_answers"),
    path("people/<uuid:person_id>/lessons/<slug:lesson>/read/", lesson_answers.lesson_read, name="lesson_read"),
    path("people/<uuid:person_id>/lessons/<slug:lesson>/answer/", lesson_answers.answer_lesson, name="answer_lesson"),
    path("people/<uuid:person_id>/path/", way.path, name="path"),
    path("people/<uuid:person_id>/version/", version.version, name="version"),
    path("people/<uuid:person_id>/preview/", preview.preview, name="preview"),
    path("people/<uuid:person_id>/sessions/", sessions.sessions, name="sessions"),
    path("people/<uuid:person_id>/sessions/<uuid:session_id>/<slug:step>/", sessions.session, name="session"),
    path("people/<uuid:person_id>/harms/", harms.harms, name="harms"),
    path("people/<uuid:person_id>/support/<uuid:flag_id>/", support.support, name="support"),
]
