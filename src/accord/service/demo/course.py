"""What an invented person and her therapist do in the weeks of a course, through the same doors as the pages."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accord.science.programmes.blocks import Answer, Saved
from accord.service.assessments.queries import assessments_of
from accord.service.care import actions as care
from accord.service.demo import walk
from accord.service.demo.staff import Member, staff
from accord.service.errors import Refusal
from accord.service.flows.finish_assessment import finish_assessment
from accord.service.flows.report_flare import report_flare
from accord.service.flows.send_message import send_message
from accord.service.programmes import actions as programmes
from accord.service.programmes import queries as courses

if TYPE_CHECKING:
    from accord.service.demo.walk import Walker
    from accord.service.programmes.models import Course

OWN_WORDS = "The stairs in the morning. Sitting for long. Then I leave things, and the day gets small."
SMALL = "Ten minutes in the garden, by the clock."


def course_of(one: Walker, now: datetime) -> Course | None:
    return courses.course_of(one.asker(now), one.person.pk)


def answer_open(
    one: Walker, *, level: float, until: str = "", given: walk.Answers | None = None, now: datetime
) -> datetime:
    """Answer and send every questionnaire that stands open for her; `level` 0 is as well, 1 as bad as can be.

    With `until`, the set that holds this instrument is answered up to its first question and not sent.
    """
    by = one.asker(now)
    for asked in assessments_of(by, one.person.pk):
        if asked.submitted_at is None and asked.closed_at is None and asked.time_point != "screening":
            now = walk.answer(one, asked, given=given or {}, level=level, stop_before=until, now=now)
            if until not in asked.instruments:
                finish_assessment(assessment_id=asked.pk, by=by, now=now)
    return now


def reads(one: Walker, *, parts: int, lessons: int, now: datetime) -> datetime:
    """Read on, so many parts of the lesson she is at, and save what they ask of her; a quarter of an hour each."""
    course = course_of(one, now)
    for _ in range(parts if course else 0):
        assert course is not None
        stands = courses.standing(course, now)
        if stands.current is None or stands.done >= lessons:
            break
        view = courses.tailored_lesson(course, stands.current.lesson.id, now)
        part = next((part for part in view.parts if not part.done), None)
        if part is None:
            break
        for shown in part.blocks:
            if shown.shown and isinstance(shown.block.head, Saved):
                _save(one, course, view.lesson.id, shown.block.id, shown.block.head, now)
        now += timedelta(minutes=14)
        programmes.finish_part(course=course, lesson=view.lesson.id, part=part.number, by=one.asker(now), now=now)
    return now


def _save(one: Walker, course: Course, lesson: str, block: str, head: Saved, now: datetime) -> None:
    value: dict[str, Any] = {name: _words(answer) for name, answer in head.fields.items()}
    held = courses.entry(course, lesson, block)
    if held is None:
        programmes.save_entry(
            course=course, lesson=lesson, block=block, value=value, revision=0,
            key=uuid.uuid5(course.pk, f"{lesson} {block}"), by=one.asker(now), now=now,
        )  # fmt: skip


def _words(answer: Answer) -> Any:
    """A plain answer of the kind that is asked for."""
    first = next(iter(answer.options), None)
    return {
        "text": SMALL, "long_text": OWN_WORDS, "choice": first, "choices": [first], "yes_no": True,
        "number": int(answer.low or 0) + 1, "scale": int(((answer.low or 0) + (answer.high or 0)) // 2), "date": None,
    }[answer.kind]  # fmt: skip


def practises(one: Walker, *, felt: str = "calmer", now: datetime) -> None:
    """One of the practices that she has met, for its minutes."""
    course = course_of(one, now)
    if course is None:
        return
    stands = courses.standing(course, now)
    begun = [state.lesson for state in stands.states if state.state in ("started", "done")]
    met = [name for lesson in begun for name in lesson.practices]
    if met:
        view = courses.practice(course, met[-1], now)
        programmes.log_practice(
            course=course, practice=view.screened.offered, on=courses.today_of(course, now),
            minutes=view.practice.minutes, felt=felt, key=uuid.uuid5(course.pk, f"practice {now.date()}"),
            by=one.asker(now), now=now,
        )  # fmt: skip


def write(one: Walker, text: str, now: datetime) -> None:
    """She writes to her therapist."""
    key = uuid.uuid5(one.person.pk, f"message {now.isoformat()}")
    send_message(person_id=one.person.pk, text=text, key=key, by=one.asker(now), now=now)


def flares(one: Walker, now: datetime) -> None:
    """Today: the short version."""
    report_flare(person_id=one.person.pk, new_pain=False, key=uuid.uuid5(one.person.pk, f"flare {now.date()}"),
                 by=one.asker(now), now=now)  # fmt: skip


# --------------------------------------------------------------------------------------------------- the other side


def answered_by(member: Member, one: Walker, text: str, now: datetime) -> None:
    """Her therapist writes, and has read what she saved so far."""
    by = staff(member, now)
    key = uuid.uuid5(one.person.pk, f"message of {member.key} {now.isoformat()}")
    sent = send_message(person_id=one.person.pk, text=text, key=key, by=by, now=now)
    course = courses.course_of(by, one.person.pk)
    unread = {saved.lesson for saved in courses.entries(by, one.person.pk) if saved.read_by_therapist_at is None}
    for lesson in sorted(unread) if course else ():
        assert course is not None
        programmes.mark_read(course=course, lesson=lesson, by=by, now=now)
        programmes.mark_answered(course=course, lesson=lesson, message_id=sent.message.pk, by=by, now=now)


def called_by(member: Member, one: Walker, *, minutes: int, now: datetime) -> None:
    care.log_contact(
        person_id=one.person.pk, mode="phone", outcome="reached", minutes=minutes,
        key=uuid.uuid5(one.person.pk, f"call {now.isoformat()}"), by=staff(member, now), now=now,
    )  # fmt: skip


def plans_to_meet(member: Member, one: Walker, *, starts_at: datetime, now: datetime) -> None:
    care.plan_session(
        person_id=one.person.pk, mode="phone", starts_at=starts_at, minutes=30, by=staff(member, now), now=now,
        key=uuid.uuid5(one.person.pk, f"session {starts_at.isoformat()}"),
    )  # fmt: skip


def tries(do: Any, *args: Any, **more: Any) -> None:
    """Do it where the rules allow it; what is not open for her yet is left for another day."""
    try:
        do(*args, **more)
    except Refusal:
        return
