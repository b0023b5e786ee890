"""What may leave the service: every column of every table of a cohort, with the fields that feed it (E23).

A column that stands nowhere here is never written. Fields are named as `app.Model.field`; a test walks their classes
and refuses one that is personal or secret. `CHANCE` is drawn, `COUNTED` is a number of rows or a place in an order,
`FIXED` a word of the program itself. Two kinds of facts are kept apart, because two different things allow them:

* what the service did and how far somebody came, which a service counts of everybody it was asked to help;
* what she told us (`TOLD`), which leaves only while her consent to that use stands.
"""

from __future__ import annotations

CHANCE, COUNTED, FIXED = "studies.Pseudonym.value", "counted", "fixed"
_ENROLLED = ("episodes.Anchor.at", "people.Person.time_zone", "people.Clinic.time_zone")  # what a day is counted from

SOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "participants": {
        "participant": (CHANCE,), "role": (FIXED,), "site": (COUNTED,), "therapist": (CHANCE,), "group": (COUNTED,),
        "referral_source": ("episodes.Referral.source",), "counted_day": _ENROLLED,
        "way": (COUNTED,), "protocol_version": ("library.Snapshot.version",),
        "protocol_hash": ("library.Snapshot.sha256",), "answers": ("episodes.Consent.scopes",),
        "language": ("people.Person.language",),
        # and the protocol's background questions, each under its own name: `assessments.Answer.value`
    },
    "events": {
        "participant": (CHANCE,), "kind": ("episodes.Step.kind",), "day": ("episodes.Step.at", *_ENROLLED),
        "reason": ("episodes.Step.reason", "episodes.Onward.to", "care.Harm.what"),
        "detail": ("episodes.OnwardStep.kind", "episodes.Step.kind"),
        "severity": ("care.Harm.severity",), "causality": ("care.Harm.causality",),
        "hours": ("episodes.Acknowledgement.at", "episodes.Referral.made_at"),
    },
    "scores": {
        "participant": (CHANCE,), "informant": ("assessments.Assessment.informant",),
        "instrument": ("assessments.Score.instrument",), "scale": ("assessments.Score.scale",),
        "version": ("assessments.Score.version",), "wording": ("assessments.Score.wording",),
        "session": (COUNTED,), "time_point": ("assessments.Assessment.time_point", "assessments.Assessment.occasion"),
        "day": ("assessments.Assessment.submitted_at", *_ENROLLED), "value": ("assessments.Score.value",),
        "valid": ("assessments.Score.valid",), "answered": ("assessments.Score.answered",),
        "of": ("assessments.Score.of",),
    },
    "sessions": {
        "participant": (CHANCE,), "session": (COUNTED,), "number": ("care.Session.number", "care.Meeting.number"),
        "therapist": (CHANCE,), "group": (COUNTED,), "day": ("care.SessionStep.starts_at", *_ENROLLED),
        "state": ("care.SessionStep.kind", "care.Attendance.state"),
    },
    "contacts": {
        "participant": (CHANCE,), "therapist": (CHANCE,), "day": ("care.Contact.at", *_ENROLLED),
        "mode": ("care.Contact.mode",), "channel": ("care.Contact.mode",), "minutes": ("care.Contact.minutes",),
        "session": (COUNTED,),
    },
    "lessons": {
        "participant": (CHANCE,), "lesson": ("programmes.Mark.lesson",), "number": (COUNTED,),
        "opened_day": ("programmes.Mark.at", *_ENROLLED), "completed_day": ("programmes.Mark.at", *_ENROLLED),
        "practice_minutes": ("programmes.Practised.minutes",),
    },
    "groups": {
        "group": (COUNTED,), "arm": (FIXED,), "site": (COUNTED,), "therapist": (CHANCE,), "second_therapist": (CHANCE,),
        "size": (COUNTED,), "open": ("care.Group.form",),
    },
    "therapists": {
        "therapist": (CHANCE,), "site": (COUNTED,), "places": ("people.Capacity.places",), "people_now": (COUNTED,),
        "away": ("people.Absence.since", "people.Absence.until"), "covered": ("people.Absence.cover",),
    },
    "alerts": {
        "participant": (CHANCE,), "alert": (COUNTED,), "track": ("care.Alert.track",), "tier": ("care.Alert.tier",),
        "day": ("care.Alert.raised_at", *_ENROLLED),
        "acknowledged_hours": ("care.AlertStep.at",), "contacted_hours": ("care.AlertStep.at",),
        "closed_hours": ("care.AlertStep.at",), "promised_hours": ("care.Alert.acknowledge_by",),
        "promised_contact_hours": ("care.Alert.contact_by",), "open_hours": ("care.Alert.raised_at",),
        "reason": ("care.AlertStep.reason",),
    },
    "replies": {
        "participant": (CHANCE,), "day": ("messaging.Message.sent_at", *_ENROLLED),
        "promised_hours": ("messaging.Message.reply_due_at",), "answered_hours": ("messaging.Message.sent_at",),
        "waiting_hours": ("messaging.Message.sent_at",),
    },
    "rescues": {
        "participant": (CHANCE,), "day": ("care.Rescue.at", *_ENROLLED), "why": ("care.Rescue.why",),
        "kind": ("care.Rescue.kind",), "reason": ("care.Rescue.reason",), "outcome": ("care.Rescue.outcome",),
        "minutes": ("care.Rescue.minutes",),
    },
    "complaints": {
        "complaint": (COUNTED,), "participant": (CHANCE,), "site": (COUNTED,), "day": ("care.Complaint.made_at",),
        "about": ("care.Complaint.about",), "acknowledged_days": ("care.ComplaintStep.at",),
        "answered_days": ("care.ComplaintStep.at",), "closed_days": ("care.ComplaintStep.at",),
        "promised_days": ("care.Complaint.answer_by",), "open_days": ("care.Complaint.made_at",),
        "outcome": ("care.ComplaintStep.reason",),
    },
}  # fmt: skip
BACKGROUND = ("assessments.Answer.value",)  # what feeds a background variable of `participants`
TABLES = tuple(SOURCES)  # every one of them is written, empty when nothing happened
TOLD = {"scores": (), "lessons": ("practice_minutes",)}  # () stands for the whole table; so do background and flares
EXTRA = {
    "participants.way": "which way through the protocol this is for the person: 1, or 2 after another referral",
    "participants.protocol_version": "the version of the protocol that she followed",
    "participants.protocol_hash": "the first twelve characters of the hash of that version's text",
    "participants.answers": "may what she told be used: granted, withdrawn, or not_asked (she never came to consent)",
    "participants.language": "the language of the pages she read, two or three letters",
}


def allowed(table: str, column: str, background: frozenset[str] = frozenset()) -> bool:
    """Whether this column of this table may leave."""
    return column in SOURCES.get(table, {}) or (table == "participants" and column in background)
