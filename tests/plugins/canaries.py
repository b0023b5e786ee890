"""People in whose every text field stands a canary: an invented string that must turn up in no export (P16).

Half of the canaries look like formulas, the others like codes, names, addresses and numbers of patients: what is not on
the list of what may leave must stay, however it is spelled.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from plugins.world import World, enrolled

FORMS = (
    "=cmd|' /C calc'!A0 {}", "+1+1 {}", "-2+3 {}", "@SUM(1) {}", "\t={}", "\r={}", "{}", "Dr {} Doe", "{}@example.org",
    "+44 7700 {}", "NHS {} 485 777 3456", "\"{}\",1", "{}\n=1+1", "{}_code", "1987-03-14 {}", "<script>{}</script>",
)  # fmt: skip
SCOPES = ["care", "questionnaires", "service-evaluation"]


@dataclass
class Planted:
    """Every canary by the field it stands in."""

    tokens: dict[str, str] = field(default_factory=dict)

    def __call__(self, place: str, longest: int = 300) -> str:
        number = len(self.tokens)
        token = f"zq{number:05}x"
        self.tokens[token] = place
        return FORMS[number % len(FORMS)].format(token)[:longest] if longest >= 60 else token

    @property
    def places(self) -> set[str]:
        return set(self.tokens.values())


def plant(world: World, people: int) -> Planted:
    """So many people at North, each with a row in every table about people and a canary in every field of words."""
    say = Planted()
    for number in range(people):
        _person(world, say, number)
    _others(world, say)
    return say


def _person(world: World, say: Planted, number: int) -> None:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Accountability, Person

    now = world.now
    person = Person.objects.create(
        clinic=world.clinic, made_at=now, language="en", country="GB",
        **{name: say(f"people.Person.{name}") for name in ("name", "phone", "email", "where", "emergency_contact")},
    )  # fmt: skip
    Accountability.objects.create(person=person, clinician=world.bea, since=now, reason=say("people.A.reason", 40))
    episode: Episode = enrolled(person, now)
    for rows in (_office, _answers, _course, _care, _events):
        rows(world, say, person, episode, now + timedelta(minutes=number % 50))


def _office(world: World, say: Planted, person: Any, episode: Any, at: datetime) -> None:
    from accord.service.episodes import models

    models.Referral.objects.create(
        person=person, clinic=world.clinic, protocol="routine-care", source=say("episodes.Referral.source", 40),
        note=say("episodes.Referral.note"), referrer=say("episodes.Referral.referrer"), made_at=at, key=uuid.uuid4(),
    )  # fmt: skip
    referral = models.Referral.objects.filter(person=person).latest("made_at")
    models.Episode.objects.filter(pk=episode.pk).update(referral=referral)
    models.Consent.objects.create(
        episode=episode, person=person, snapshot_id=episode.snapshot_id, scopes=SCOPES, given_at=at,
        reason=say("episodes.Consent.reason"),
    )  # fmt: skip
    models.Step.objects.create(
        episode=episode, kind="discharged", at=at, reason=say("episodes.Step.reason"), note=say("episodes.Step.note")
    )
    onward = models.Onward.objects.create(
        person=person, episode=episode, to=say("episodes.Onward.to", 50), reason=say("episodes.Onward.reason", 50),
        note=say("episodes.Onward.note"), made_at=at, key=uuid.uuid4(),
    )  # fmt: skip
    models.OnwardStep.objects.create(
        onward=onward, kind="seen", revision=1, note=say("episodes.OnwardStep.note"), at=at, key=uuid.uuid4()
    )
    models.Letter.objects.create(
        person=person, episode=episode, kind="risk", snapshot_id=episode.snapshot_id, made_at=at, key=uuid.uuid4(),
        addressee=say("episodes.Letter.addressee"), text=say("episodes.Letter.text"),
    )  # fmt: skip


def _answers(world: World, say: Planted, person: Any, episode: Any, at: datetime) -> None:
    from accord.service.assessments.models import Answer, Assessment, Draft, Score

    asked = Assessment.objects.create(
        episode=episode, person=person, time_point="baseline", instruments=["phq_9", "questions:education"],
        made_at=at, opens_at=at, submitted_at=at,
    )  # fmt: skip
    for item, value in (("education", say("assessments.Answer.value")), ("age", 47.8), ("main_language", None)):
        Answer.objects.create(
            assessment=asked, instrument="questions", item=item, revision=1, key=uuid.uuid4(), value=value, at=at,
            text=say("assessments.Answer.text"),
        )  # fmt: skip
    Draft.objects.create(
        assessment=asked, instrument="phq_9", item="item_1", revision=1, text=say("assessments.Draft.text"), at=at
    )
    Score.objects.create(
        assessment=asked, instrument="phq_9", scale="total", version="1", wording=say("assessments.Score.wording", 120),
        value=11.0, valid=True, answered=9, of=9, band=say("assessments.Score.band", 80),
        note=say("assessments.Score.note", 200), at=at,
    )  # fmt: skip


def _course(world: World, say: Planted, person: Any, episode: Any, at: datetime) -> None:
    from accord.service.library.queries import latest
    from accord.service.messaging.models import Message, MessageDraft, Thread
    from accord.service.programmes import models

    snapshot = latest("programme", "living-with-pain")
    course = models.Course.objects.create(
        episode=episode, person=person, snapshot=snapshot, length="standard", began_at=at
    )
    of = {"course": course, "lesson": "understanding_pain", "at": at}
    models.Mark.objects.create(**of, kind="begun")
    models.Move.objects.create(course=course, snapshot=snapshot, reason=say("programmes.Move.reason"), at=at)
    value = json.dumps({"pain_in_my_words": say("programmes.Entry.value")})
    models.Entry.objects.create(**of, snapshot=snapshot, block="my_pain", revision=1, value=value, key=uuid.uuid4())
    models.EntryDraft.objects.create(**of, block="my_pain", revision=1, value=say("programmes.EntryDraft.value"))
    models.PathChange.objects.create(
        **of, kind="hold", reason=say("programmes.PathChange.reason"), key=uuid.uuid4()
    )  # fmt: skip
    models.Practised.objects.create(
        course=course, practice="settling", on=at.date(), revision=1, minutes=6, felt=say("programmes.P.felt", 20),
        note=say("programmes.Practised.note"), key=uuid.uuid4(), at=at,
    )  # fmt: skip
    thread = Thread.objects.create(person=person, made_at=at)
    for place, author in enumerate((person, world.bea)):
        Message.objects.create(
            thread=thread, sequence=place + 1, author=author, key=uuid.uuid4(), text=say("messaging.Message.text"),
            sent_at=at, reply_due_at=None if place else at + timedelta(days=1),
        )  # fmt: skip
    MessageDraft.objects.create(
        thread=thread, author=person, revision=1, text=say("messaging.MessageDraft.text"), at=at
    )


def _care(world: World, say: Planted, person: Any, episode: Any, at: datetime) -> None:
    from accord.service.care import models

    alert = models.Alert.objects.create(
        person=person, clinic=world.clinic, episode=episode, occasion="p16", track="risk", tier="r2", clock="r2",
        reasons=[say("care.Alert.reasons")], note=say("care.Alert.note"), ladder="x@1", raised_at=at,
        acknowledge_by=at,
    )  # fmt: skip
    models.AlertStep.objects.create(
        alert=alert, kind="closed", at=at, reason=say("care.AlertStep.reason", 120),
        outcome=say("care.AlertStep.outcome", 50), note=say("care.AlertStep.note"),
    )  # fmt: skip
    models.Contact.objects.create(
        person=person, episode=episode, mode="phone", outcome=say("care.Contact.outcome", 30), minutes=5, at=at,
        note=say("care.Contact.note"), by=world.bea.pk,
    )  # fmt: skip
    session = models.Session.objects.create(person=person, episode=episode, number=1, key=uuid.uuid4(), made_at=at)
    models.SessionStep.objects.create(
        session=session, kind="missed", revision=1, mode="phone", starts_at=at, minutes=20, key=uuid.uuid4(), at=at,
        place=say("care.SessionStep.place"), reason=say("care.SessionStep.reason", 30),
        note=say("care.SessionStep.note"),
    )  # fmt: skip
    flag = models.Flag.objects.create(
        person=person, episode=episode, kind="worse", occasion="p16", reasons=[say("care.Flag.reasons")],
        numbers={say("care.Flag.numbers"): 1}, raised_at=at,
    )  # fmt: skip
    models.SupportStep.objects.create(
        flag=flag, kind="chosen", revision=1, option=say("care.SupportStep.option", 30),
        note=say("care.SupportStep.note"), key=uuid.uuid4(), at=at,
    )  # fmt: skip
    models.Note.objects.create(person=person, text=say("care.Note.text"), key=uuid.uuid4(), at=at)


def _events(world: World, say: Planted, person: Any, episode: Any, at: datetime) -> None:
    from accord.service.care import models

    group = models.Group.objects.create(
        clinic=world.clinic, protocol="routine-care", name=say("care.Group.name", 80), form="open", places=9,
        made_at=at, key=uuid.uuid4(),
    )  # fmt: skip
    models.GroupMember.objects.create(
        group=group, person=person, episode=episode, since=at, reason=say("care.GroupMember.reason", 40)
    )
    meeting = models.Meeting.objects.create(group=group, number=1, made_at=at, key=uuid.uuid4())
    models.MeetingStep.objects.create(
        meeting=meeting, kind="held", revision=1, mode="video", starts_at=at, minutes=60, at=at, key=uuid.uuid4(),
        place=say("care.MeetingStep.place"), reason=say("care.MeetingStep.reason", 30),
    )  # fmt: skip
    models.Attendance.objects.create(
        meeting=meeting, person=person, episode=episode, state="missed", revision=1, at=at,
        reason=say("care.Attendance.reason", 30),
    )  # fmt: skip
    models.Rescue.objects.create(
        person=person, episode=episode, why="quiet", kind="call", reason=say("care.Rescue.reason", 40), on=at.date(),
        outcome=say("care.Rescue.outcome", 30), note=say("care.Rescue.note"), at=at, key=uuid.uuid4(),
    )  # fmt: skip
    models.Harm.objects.create(
        person=person, episode=episode, what=say("care.Harm.what", 40), severity="mild", causality="possible",
        on=at.date(), note=say("care.Harm.note"), at=at, key=uuid.uuid4(),
    )  # fmt: skip
    complaint = models.Complaint.objects.create(
        clinic=world.clinic, person=person, about=say("care.Complaint.about", 40), text=say("care.Complaint.text"),
        made_at=at, answer_by=at + timedelta(days=9), key=uuid.uuid4(),
    )  # fmt: skip
    models.ComplaintStep.objects.create(
        complaint=complaint, kind="closed", revision=1, reason=say("care.ComplaintStep.reason", 40),
        note=say("care.ComplaintStep.note"), at=at, key=uuid.uuid4(),
    )  # fmt: skip


def _others(world: World, say: Planted) -> None:
    """What stands about colleagues and the clinic."""
    from accord.service.people.models import Certificate, Clinic, Override, Person

    Certificate.objects.create(
        person=world.bea, clinic=world.clinic, covers="risk-duty", given_on=world.now.date(), made_at=world.now,
        key=uuid.uuid4(), note=say("people.Certificate.note"),
    )  # fmt: skip
    Override.objects.create(
        clinician=world.bea, clinic=world.clinic, covers="place", reason=say("people.Override.reason"), at=world.now
    )
    Clinic.objects.filter(pk=world.clinic.pk).update(
        name=say("people.Clinic.name", 100), phone=say("people.Clinic.phone", 40)
    )
    for one in (world.bea, world.carl, world.fay):
        row = Person.objects.get(pk=one.pk)
        row.name, row.phone = say("people.Person.name"), say("people.Person.phone")
        row.save(update_fields=["name", "phone"])


def personal_fields() -> Iterator[str]:
    """Every field that is classed as personal, of tables about people."""
    from accord.service.fields.classes import CLASSES, Kind

    for label, classes in CLASSES.items():
        yield from (f"{label}.{name}" for name, kind in classes.kinds.items() if kind is Kind.PERSONAL)
