"""Writes of this room: a course begins, moves on, is changed; what she saves, practises and plans.

Every row is written once. The same post twice is one row: marks by their place, the rest by the page's own `key`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.people.policies import check_may
from accord.service.programmes.models import Course, Entry, EntryDraft, Flare, Mark, Move, PathChange, Practised
from accord.service.programmes.policies import (
    FELT,
    check_can_follow,
    check_can_guide,
    check_reason,
    check_size,
    check_value,
    the_block,
)
from accord.service.programmes.queries import (
    Saved,
    entry,
    flare_of,
    programme_of,
    saved_as,
    snapshot_of,
    standing,
    tailored_lesson,
    today_of,
)
from accord.service.programmes.rules.days import local_day
from accord.service.programmes.rules.flares import LASTS

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.library.models import Snapshot
    from accord.service.people.models import Person

MOST_MINUTES = 600  # of a practice on one day
BACK = timedelta(days=31)  # how far back a practice may be noted
Kind = Mark.Kind


def _told(person_id: Any, action: str, row: Any, by: Asker, now: datetime, **more: Any) -> None:
    record(stream=f"person:{person_id}", action=action, resource="course", resource_id=str(row.pk), by=by.person_id,
           role=by.main_role(), now=now, **more)  # fmt: skip


def _locked(course: Course) -> None:
    """One after the other: two posts about one course wait for each other (PostgreSQL; SQLite locks the whole base)."""
    Course.objects.select_for_update().get(pk=course.pk)


# ---------------------------------------------------------------------------------------------------- the course


def begin_course(
    *, episode: Episode, snapshot: Snapshot, length: str, modules: Sequence[str] = (), by: Asker, now: datetime
) -> Course:
    """Her course, pinned to this version of the programme. Beginning twice is beginning once."""
    with transaction.atomic():
        course, made = Course.objects.get_or_create(
            episode=episode,
            defaults={"person_id": episode.person_id, "snapshot": snapshot, "length": length,
                      "modules": list(modules), "began_at": now},
        )  # fmt: skip
        if made:
            facts = {"programme": snapshot.slug, "sha256": snapshot.sha256, "length": length}
            _told(episode.person_id, "course.begun", course, by, now, facts=facts)
        return course


def move_course(*, course: Course, snapshot: Snapshot, reason: str, by: Asker, now: datetime) -> Move:
    """From now on she follows another version of her programme; she reads the reason and what changed (U13).

    What she did, saved and typed stays. Moving to the version that she follows already changes nothing and is refused.
    """
    check_can_guide(by, course)
    words = check_reason(reason)
    with transaction.atomic():
        _locked(course)
        if (snapshot.kind, snapshot.slug) != (course.snapshot.kind, course.snapshot.slug):
            raise Refusal(_("This is another programme."), cure=_("Choose a version of the programme she follows."))
        course.__dict__.pop("pinned_id", None)
        if snapshot_of(course) == snapshot.pk:
            raise NotNow(_("She follows this version already."), cure=_("Nothing has to be done."))
        move = Move.objects.create(course=course, snapshot=snapshot, reason=words, at=now, by=by.person_id)
        facts = {"sha256": snapshot.sha256, "version": snapshot.version}
        _told(course.person_id, "course.moved", course, by, now, facts=facts, personal={"reason": words})
        for lesson in standing(course, now).states:
            if lesson.state == "started":
                _done_if_whole(course, lesson.lesson.id, by, now)
        return move


def change_path(
    *, course: Course, lesson: str, kind: str, reason: str, key: uuid.UUID, by: Asker, now: datetime
) -> PathChange:
    """Open a lesson now, leave it out, hold it, or undo that, with the reason that she reads (U10).

    `cleared`: a doctor has looked at what the red-flag questions told, so their gate counts as passed until they are
    answered again (C9). Raises NotAllowed, Refusal (no reason), NotNow where it would change nothing, Stale for a key
    that was used for something else.
    """
    check_can_guide(by, course)
    words = check_reason(reason)
    with transaction.atomic():
        _locked(course)
        if known := course.changes.filter(key=key).first():
            return _same_change(known, lesson, kind, words)
        _check_change(course, lesson, kind, now)
        change = PathChange.objects.create(
            course=course, kind=kind, lesson=lesson, reason=words, key=key, at=now, by=by.person_id
        )
        facts = {"lesson": lesson, "kind": kind}
        _told(course.person_id, "course.path", course, by, now, facts=facts, personal={"reason": words})
        return change


def _same_change(known: PathChange, lesson: str, kind: str, reason: str) -> PathChange:
    if (known.lesson, known.kind, known.reason) == (lesson, kind, reason):
        return known
    raise Stale(_("This page was used before to change something else."), cure=_("Open the page again."),
                held=known, given=(lesson, kind, reason))  # fmt: skip


def _check_change(course: Course, lesson: str, kind: str, now: datetime) -> None:
    if kind not in PathChange.Kind.values:
        raise Refusal(_("There is no such change."), cure=_("Open the page again."))
    stands = standing(course, now)
    state = stands.state_of(lesson)
    if state is None:
        raise NotAllowed(_("There is no such lesson in this course."))
    cure = _("Open the page again: it shows where things stand.")
    if kind == PathChange.Kind.CLEARED:
        return
    if kind == PathChange.Kind.UNDO:
        if lesson not in stands.changes:
            raise NotNow(_("Nothing was changed here that could be undone."), cure=cure)
    elif state.state == "done":
        raise NotNow(_("She has done this lesson already; it stays open for her."), cure=cure)
    elif kind == PathChange.Kind.OPEN and state.state in ("open", "started") and lesson not in stands.changes:
        raise NotNow(_("This lesson is open for her already."), cure=cure)
    elif state.lesson.status == "outline" and kind == PathChange.Kind.OPEN:
        raise NotNow(_("This lesson is not written yet."), cure=_("Leave it out, or wait until it is there."))


# ---------------------------------------------------------------------------------------------------- lessons


def begin_lesson(*, course: Course, lesson: str, by: Asker, now: datetime) -> Mark:
    """She opened a lesson for the first time; again changes nothing. NotNow, with the reason, when it is shut."""
    check_can_follow(by, course)
    if begun := course.marks.filter(kind=Kind.BEGUN, lesson=lesson).first():
        return begun
    tailored_lesson(course, lesson, now)
    return _mark(course, Kind.BEGUN, lesson, by, now)


def finish_part(*, course: Course, lesson: str, part: int, by: Asker, now: datetime) -> bool:
    """A part is done; True when the lesson is, with its last open part. Parts may be done in any order, and twice."""
    check_can_follow(by, course)
    with transaction.atomic():
        _locked(course)
        view = tailored_lesson(course, lesson, now)
        if view.part(part) is None:
            raise NotAllowed(_("There is no such part in this lesson."))
        begin_lesson(course=course, lesson=lesson, by=by, now=now)
        _mark(course, Kind.PART, lesson, by, now, part=part)
        return _done_if_whole(course, lesson, by, now)


def _done_if_whole(course: Course, lesson: str, by: Asker, now: datetime) -> bool:
    text = programme_of(course).text(lesson)
    done = set(course.marks.filter(kind=Kind.PART, lesson=lesson).values_list("part", flat=True))
    if text is None or not set(range(1, len(text.parts) + 1)) <= done:
        return False
    _mark(course, Kind.DONE, lesson, by, now)
    return True


def _mark(course: Course, kind: Mark.Kind, lesson: str, by: Asker, now: datetime, *, part: int = 0) -> Mark:
    with transaction.atomic():
        place = {"course": course, "kind": kind, "lesson": lesson, "part": part}
        mark, made = Mark.objects.get_or_create(**place, defaults={"at": now, "by": by.person_id})
        if made:
            facts = {"lesson": lesson, "part": part} if part else {"lesson": lesson}
            _told(course.person_id, f"lesson.{kind.value}", course, by, now, facts=facts)
        return mark


def mark_read(*, course: Course, lesson: str, by: Asker, now: datetime) -> Mark:
    """A clinician has read what stands saved in a lesson; what is saved later is unread again."""
    check_can_guide(by, course)
    return _seen(course, Kind.READ, lesson, None, by, now)


def mark_answered(*, course: Course, lesson: str, message_id: uuid.UUID, by: Asker, now: datetime) -> Mark:
    """A clinician has answered it, with this message. The same message twice is one mark."""
    check_can_guide(by, course)
    known = course.marks.filter(kind=Kind.ANSWERED, lesson=lesson, message_id=message_id).first()
    return known or _seen(course, Kind.ANSWERED, lesson, message_id, by, now)


def _seen(course: Course, kind: Mark.Kind, lesson: str, message_id: uuid.UUID | None, by: Asker, now: datetime) -> Mark:
    if all(one.id != lesson for one in programme_of(course).lessons):
        raise NotAllowed(_("There is no such lesson in this course."))
    with transaction.atomic():
        mark = Mark.objects.create(
            course=course, kind=kind, lesson=lesson, message_id=message_id, at=now, by=by.person_id
        )
        _told(course.person_id, f"lesson.{kind.value}", course, by, now, facts={"lesson": lesson})
        return mark


# ---------------------------------------------------------------------------------------------------- what she saves


def save_entry(
    *, course: Course, lesson: str, block: str, value: dict[str, Any], revision: int, key: uuid.UUID, by: Asker,
    now: datetime,
) -> Saved:  # fmt: skip
    """Keep what she saved in a block. `revision` is the one that the page showed (0: none yet); the row gets the next.

    The same `key` is the same post, and the same value on an older page is no conflict: nothing is written. Another
    value that was saved since the page was shown is never overwritten: Stale carries both (`held`: Saved, `given`: the
    value). Raises Stale, NotAllowed (no such block), NotNow (the lesson is shut), Refusal (cannot be kept).
    """
    check_can_follow(by, course)
    check_value(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    check_size(text)
    with transaction.atomic():
        _locked(course)
        if known := course.entries.filter(key=key).first():
            return _replayed(course, known, lesson, block, value)
        the_block(programme_of(course), lesson, block)
        tailored_lesson(course, lesson, now)
        held = entry(course, lesson, block)
        if held is not None and held.value == value:
            return _again(held)
        if (held.revision if held else 0) != revision:
            raise _stale(held, value)
        row = Entry.objects.create(
            course=course, snapshot_id=snapshot_of(course), lesson=lesson, block=block, revision=revision + 1,
            value=text, key=key, at=now, by=by.person_id,
        )  # fmt: skip
        begin_lesson(course=course, lesson=lesson, by=by, now=now)
        course.drafts.filter(lesson=lesson, block=block).delete()
        facts = {"lesson": lesson, "block": block, "revision": row.revision}
        _told(course.person_id, "entry.saved", course, by, now, facts=facts, personal={"value": text})
        return saved_as(row, course, {})


def _replayed(course: Course, known: Entry, lesson: str, block: str, value: dict[str, Any]) -> Saved:
    saved = saved_as(known, course, {})
    if (known.lesson, known.block) != (lesson, block) or saved.value != value:
        raise _stale(saved, value)
    return _again(saved)


def _again(saved: Saved) -> Saved:
    from dataclasses import replace

    return replace(saved, replayed=True)


def _stale(held: Saved | None, given: object) -> Stale:
    message = _("This was saved meanwhile, in another window or on another device.")
    return Stale(message, cure=_("Nothing was overwritten. Choose which of the two counts."), held=held, given=given)


def keep_entry_draft(
    *, course: Course, lesson: str, block: str, value: dict[str, Any], revision: int, by: Asker, now: datetime
) -> int:
    """Keep what she is typing; returns the draft's new revision (0 is none yet). An older page never overwrites a newer
    draft: Stale carries both.
    """
    check_can_follow(by, course)
    check_value(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    check_size(text)
    with transaction.atomic():
        _locked(course)
        the_block(programme_of(course), lesson, block)
        kept = course.drafts.filter(lesson=lesson, block=block).first()
        if kept is None:
            kept = EntryDraft(course=course, lesson=lesson, block=block, revision=0)
        elif kept.value == text:
            return int(kept.revision)
        elif kept.revision != revision:
            message = _("A newer text is kept, from another window or device.")
            raise Stale(message, cure=_("Open the page again to see it."), held=json.loads(kept.value), given=value)
        kept.revision, kept.value, kept.at = kept.revision + 1, text, now
        kept.save()
        return int(kept.revision)


def drop_draft(*, course: Course, lesson: str, block: str, by: Asker, now: datetime) -> None:
    """She does not want what she typed and did not save."""
    check_can_follow(by, course)
    course.drafts.filter(lesson=lesson, block=block).delete()


# ---------------------------------------------------------------------------------------------------- practice, flares


def log_practice(
    *, course: Course, practice: str, on: date, minutes: int, felt: str = "", note: str = "", key: uuid.UUID,
    by: Asker, now: datetime,
) -> Practised:  # fmt: skip
    """Note a practice of one of her days; a second note for the same day replaces the first, zero takes it back.

    Raises NotAllowed (no such practice), Refusal (a day to come or too long ago, too many minutes), Stale.
    """
    check_can_follow(by, course)
    _check_practice(course, practice, on, minutes, felt, note, now)
    with transaction.atomic():
        _locked(course)
        if known := course.practised.filter(key=key).first():
            same = (known.practice, known.on, known.minutes, known.felt, known.note) == (
                practice, on, minutes, felt, note,
            )  # fmt: skip
            if same:
                return known
            raise Stale(_("This page was used before to note something else."), cure=_("Open the page again."),
                        held=known, given=(practice, on, minutes, felt, note))  # fmt: skip
        last = course.practised.filter(practice=practice, on=on).order_by("-revision").first()
        if last is not None and (last.minutes, last.felt, last.note) == (minutes, felt, note):
            return last
        row = Practised.objects.create(
            course=course, practice=practice, on=on, revision=last.revision + 1 if last else 1, minutes=minutes,
            felt=felt, note=note, key=key, at=now, by=by.person_id,
        )  # fmt: skip
        facts = {"practice": practice, "on": on.isoformat(), "minutes": minutes, "felt": felt}
        _told(course.person_id, "practice.noted", course, by, now, facts=facts, personal={"note": note} if note else {})
        return row


def _check_practice(course: Course, practice: str, on: date, minutes: int, felt: str, note: str, now: datetime) -> None:
    if practice not in programme_of(course).practices:
        raise NotAllowed(_("There is no such practice in this course."))
    today = today_of(course, now)
    if not today - BACK <= on <= today:
        raise Refusal(_("A practice can be noted for today and the days before it."), cure=_("Choose another day."))
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refusal(_("The minutes do not fit into a day."), cure=_("Give the minutes as a number; 0 takes it back."))
    if felt not in FELT:
        raise Refusal(_("There is no such answer."), cure=_("Open the page again."))
    check_value({"note": note})


def begin_flare(*, person: Person, new_pain: bool, key: uuid.UUID, by: Asker, now: datetime) -> Flare:
    """Today the short version: lessons and practices wait for 48 hours, and nothing else does (C7).

    While one runs, the same day again changes nothing; on a later day, or with a new kind of pain, it goes on from now.
    """
    check_may(by, Resource.COURSE, Action.ANSWER, person)
    with transaction.atomic():
        if known := Flare.objects.filter(key=key).first():
            if known.person_id != person.pk:
                raise NotAllowed(_("There is nothing here that you may change."))
            return known
        running = flare_of(person.pk, now)
        if running is not None:
            today = local_day(running.began_at, person.zone()) == local_day(now, person.zone())
            if today and (running.new_pain or not new_pain):
                return running
            end_flare(flare=running, by=by, now=now)
        try:
            with transaction.atomic():
                flare = Flare.objects.create(
                    person=person, new_pain=new_pain, began_at=now, ends_at=now + LASTS, key=key, by=by.person_id
                )
        except IntegrityError:  # the same post at the same moment
            return Flare.objects.get(key=key, person=person)
        _told(person.pk, "flare.begun", flare, by, now, facts={"new_pain": new_pain})
        return flare


def end_flare(*, flare: Flare, by: Asker, now: datetime) -> Flare:
    """She says that it is over; it would end by itself. Saying it twice, or late, changes nothing."""
    check_may(by, Resource.COURSE, Action.ANSWER, flare.person)
    with transaction.atomic():
        if now < flare.ends_at and Flare.objects.filter(pk=flare.pk, ended_at=None).update(ended_at=now):
            _told(flare.person_id, "flare.over", flare, by, now)
        flare.refresh_from_db(fields=["ended_at"])
        return flare
