"""What stands on a person's page: facts of several rooms, one call each, joined into one line of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.service.access.table import Asker
from accord.service.assessments import queries as assessments
from accord.service.care import queries as care
from accord.service.care.rules.handling import Stage
from accord.service.care.rules.sessions import SessionState
from accord.service.care.rules.support import SupportStage
from accord.service.episodes import queries as episodes
from accord.service.messaging import queries as messages
from accord.service.outbox.queries import mails_to
from accord.service.people import queries as people
from accord.service.portals.therapist import pictures, scores, words
from accord.service.portals.therapist.caseload import Road, road
from accord.service.programmes import queries as programmes
from accord.service.ui.moments import said

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from accord.service.assessments.models import Assessment
    from accord.service.people.models import Person
    from accord.service.programmes.models import Course

SHOWN, ALL = 12, 60  # events of the line of time, and those behind a click
SENT = 2  # assessments whose scores are shown in a table
QUOTES = 2  # of what matters to her
NOTES = 3
MAILS = 12
WEEKS = 8  # the line of time is at least so long


@dataclass(frozen=True, slots=True)
class Event:
    """One thing on the line of time."""

    at: datetime
    kind: str  # alert, contact, answer, step, hand, session, flag, lesson, flare, message
    text: str
    note: str = ""
    url: str = ""


@dataclass(slots=True)
class Known:
    """What the rooms know of one person, as her therapist may see it: one call each."""

    asker: Asker
    person: Person
    zone: ZoneInfo
    now: datetime
    way: Any = None
    alliance: bool = False
    asked: list[Assessment] = field(default_factory=list)
    alerts: list[care.Standing] = field(default_factory=list)
    contacts: list[Any] = field(default_factory=list)
    hands: list[Any] = field(default_factory=list)
    sessions: list[care.Meeting] = field(default_factory=list)
    flags: list[care.Flagged] = field(default_factory=list)
    talk: messages.Conversation | None = None
    notes: list[Any] = field(default_factory=list)
    series: Mapping[str, list[assessments.Point]] = field(default_factory=dict)
    course: Course | None = None
    stands: programmes.CourseStanding | None = None
    summary: programmes.CourseSummary | None = None
    saved: list[programmes.Saved] = field(default_factory=list)
    flares: list[Any] = field(default_factory=list)
    rescues: list[Any] = field(default_factory=list)
    harms: list[care.HarmRow] = field(default_factory=list)

    def said(self, at: datetime) -> str:
        return said(at, self.zone, self.now)

    def on_day(self, day: int) -> datetime:
        """Noon of a day of the course, in her zone."""
        assert self.stands is not None
        on: date = self.stands.today + timedelta(days=day - self.stands.day)
        return datetime.combine(on, time(12), self.person.zone()).astimezone(UTC)


def known(asker: Asker, person: Person, zone: ZoneInfo, now: datetime) -> Known:
    """Everything that a person's page is made of. The number of queries does not depend on how much there is."""
    who = person.pk
    course, way = programmes.course_of(asker, who), episodes.current_episode(asker, who)
    alliance = scores.may_see_alliance(way)
    return Known(
        asker, person, zone, now,
        way=way, alliance=alliance, asked=assessments.assessments_of(asker, who),
        alerts=care.alerts_of(asker, who, now), contacts=care.contacts_of(asker, who),
        hands=people.accountability_history(asker, who), sessions=care.sessions_of(asker, who),
        flags=care.flags_of(asker, who, now), talk=messages.conversation(asker, who),
        notes=care.notes_of(asker, who), series=scores.of(who, alliance=alliance), course=course,
        stands=programmes.standing(course, now) if course else None,
        summary=programmes.summaries([who], now).get(who) if course else None,
        saved=programmes.entries(asker, who) if course else [],
        flares=programmes.flares_of([who], person.made_at).get(who, []),
        rescues=care.rescues_of(asker, who), harms=care.harms_of(asker, who),
    )  # fmt: skip


def patient_page(asker: Asker, person: Person, context: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of a person's page but its forms."""
    one = known(asker, person, context["zone"], context["now"])
    sent = [row for row in one.asked if row.submitted_at][-SENT:]
    events = sorted(_events(one), key=lambda event: event.at, reverse=True)
    return {
        "under": _under(one), "their_time": _their_time(one), "own_words": own_words(one), "plan": _plan(one),
        "road": _road(one), "course": one.course, **scores.told(one), "drawn": _drawn(one), "written": _written(one),
        "reminders": [{"at": row.asked_at, "text": words.mail(row, one.zone, one.now)}
                      for row in mails_to(person.pk, most=MAILS)],
        "notes": [{"at": row.at, "text": row.text, "author": ""} for row in one.notes[:NOTES]],
        # What is older is asked for: a person late in her course would weigh more than a slow line carries (E29).
        "events": events[:SHOWN], "earlier": events[SHOWN:ALL] if context["everything"] else [],
        "older": max(len(events[:ALL]) - SHOWN, 0),
        "measured": [scores.sent(asker, row, alliance=one.alliance) for row in reversed(sent)],
        "open_assessments": [(scores.name_of(row), row.made_at) for row in one.asked if not row.submitted_at],
        **_to_do(one),
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- who she is


def _under(one: Known) -> str:
    state = episodes.state(one.way) if one.way else None
    parts = [str(words.STATES[state]) if state else ""]
    if one.stands:
        parts.insert(0, _("week %(week)s, day %(day)s") % {"week": one.stands.day // 7 + 1, "day": one.stands.day})
        if one.stands.flare:
            parts.append(_("in a flare"))
    return " · ".join(part for part in parts if part)


def _their_time(one: Known) -> str:
    zone = one.person.zone()
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return f"{dateformat.format(one.now.astimezone(zone), 'D H:i')}, {place}"


def own_words(one: Known) -> list[tuple[str, str, datetime]]:
    """What matters to her in her own words: the newest of the values she wrote, then how she told of her pain."""
    kinds = _kinds(one)
    first = [row for row in reversed(one.saved) if kinds.get((row.lesson, row.block)) == "values"]
    then = [row for row in one.saved if kinds.get((row.lesson, row.block)) == "exercise"]
    values = [(ask, answer, row.at) for row in first[:1] for ask, answer in row.said]
    return values[:QUOTES] + [(*row.said[0], row.at) for row in then[:1] if row.said]


def _kinds(one: Known) -> dict[tuple[str, str], str]:
    if one.stands is None:
        return {}
    programme = one.stands.programme
    lessons = {row.lesson for row in one.saved}
    texts = [(lesson.id, programme.text(lesson.id)) for lesson in programme.lessons if lesson.id in lessons]
    return {(lesson, block.id): block.kind for lesson, text in texts if text for block in text.blocks}


def _plan(one: Known) -> list[tuple[str, str]]:
    minutes = sum(row.minutes for row in one.contacts)
    rows = [(_("Answers for them"), one.hands[-1].clinician.name if one.hands and not one.hands[-1].until else "–")]
    if one.stands is not None:
        stands = one.stands
        rows.append((_("Programme"), _("%(name)s, version %(n)s") % {
            "name": stands.programme.title, "n": stands.programme.version}))  # fmt: skip
        rows.append((_("Lesson"), _lesson(stands)))
        days = ngettext("%(n)s of the last 7 days", "%(n)s of the last 7 days", stands.practised_days_this_week)
        rows.append((_("Practice"), days % {"n": stands.practised_days_this_week}))
    spoken = ngettext("%(n)s contact, %(m)s min", "%(n)s contacts, %(m)s min", len(one.contacts))
    rows.append((_("So far"), spoken % {"n": len(one.contacts), "m": minutes}))
    if one.way is not None:
        consent = episodes.consent_of(one.asker, one.way)
        rows.append((_("Protocol"), one.way.protocol))
        rows.append((_("Here since"), one.said(one.way.opened_at)))
        rows.append((_("Consent"), one.said(consent.given_at) if consent else _("not given")))
    return rows


def _lesson(stands: programmes.CourseStanding) -> str:
    if stands.current is None:
        return _("%(done)s of %(n)s done, nothing is open") % {"done": stands.done, "n": stands.total}
    return _("%(done)s of %(n)s done, now: %(what)s") % {
        "done": stands.done, "n": stands.total, "what": stands.current.lesson.title,
    }  # fmt: skip


def _road(one: Known) -> Road | None:
    return road(one.summary) if one.summary else None


def _written(one: Known) -> dict[str, Any] | None:
    """The last thing she wrote in the conversation."""
    mine = [line for line in one.talk.lines if line.from_patient] if one.talk else []
    return {"text": mine[-1].text, "at": mine[-1].sent_at} if mine else None


# ---------------------------------------------------------------------------------------------------- what to do


def _to_do(one: Known) -> dict[str, Any]:
    waits = messages.waiting([one.person.pk]).get(one.person.pk)
    planned = [row for row in one.sessions if row.state is SessionState.PLANNED]
    unread = one.summary.unread_entries if one.summary else 0
    return {
        "open_alerts": [(words.headline(row), words.due(row, one.zone, one.now), row)
                        for row in one.alerts if row.state.stage is not Stage.CLOSED],
        "waiting": words.promised(waits, one.zone, one.now) if waits else None,
        "flags": [words.flagged(row, one.zone, one.now) for row in one.flags
                  if row.support.stage is not SupportStage.SETTLED],
        "unread": words.unread(unread) if unread else "",
        "next_session": _session(one, planned[0]) if planned else "",
    }  # fmt: skip


def _session(one: Known, meeting: care.Meeting) -> str:
    when, how = one.said(meeting.last.starts_at), words.planned(meeting.last.mode, meeting.last.minutes)
    text = f"{when}: {how}."
    return _("%(what)s Its time has passed: was it held?") % {"what": text} if meeting.waits_for_word(one.now) else text


# ---------------------------------------------------------------------------------------------------- the line of time


def _drawn(one: Known) -> pictures.Drawn | None:
    """The picture, once there is something to draw."""
    courses = [
        pictures.Course(ref, [(point.at, point.value) for point in points], scores.band(ref, points))
        for ref, points in scores.shown(one.series)
    ]
    marks = list(_marks(one))
    if not courses and not marks:
        return None
    start = min([one.way.opened_at if one.way else one.person.made_at, *(mark.at for mark in marks)])
    return pictures.line_of_time(courses, marks, start=start, now=one.now, weeks=WEEKS, invented=False)


def _marks(one: Known) -> Iterator[pictures.Mark]:
    yield from _lesson_marks(one)
    for row in one.contacts:
        if row.mode != "message":
            yield pictures.Mark("contact", row.at, words.contact(row), open=row.outcome != "reached")
    for line in one.talk.lines if one.talk else ():
        yield pictures.Mark("message", line.sent_at, _("A message") if line.from_patient else _("An answer"),
                            open=not line.from_patient)  # fmt: skip
    for meeting in one.sessions:
        if meeting.state is not SessionState.CANCELLED:
            yield pictures.Mark("session", meeting.last.starts_at, words.met(meeting.last),
                                open=meeting.state is not SessionState.HELD)  # fmt: skip
    for row in one.flares:
        yield pictures.Mark("flare", row.began_at, _("A flare"), until=min(row.ended_at or row.ends_at, one.now))
    for row in one.alerts:
        yield pictures.Mark("alert", row.alert.raised_at, words.headline(row), open=row.state.stage is not Stage.CLOSED)
    for flagged in one.flags:
        yield pictures.Mark("alert", flagged.flag.raised_at, words.flag_name(flagged.flag.kind),
                            open=flagged.support.stage is not SupportStage.SETTLED)  # fmt: skip


def _lesson_marks(one: Known) -> Iterator[pictures.Mark]:
    if one.stands is None:
        return
    done, begun = one.stands.progress.completed, one.stands.progress.started
    for number, state in enumerate(one.stands.states, start=1):
        lesson = state.lesson
        if lesson.id in done:
            label = _("%(what)s: done") % {"what": lesson.title}
            yield pictures.Mark("lesson", one.on_day(done[lesson.id]), label, short=str(number))
        elif lesson.id in begun:
            label = _("%(what)s: begun") % {"what": lesson.title}
            yield pictures.Mark("lesson", one.on_day(begun[lesson.id]), label, open=True, short=str(number))


def _events(one: Known) -> Iterable[Event]:
    """The story in words."""
    for row in one.alerts:
        url = reverse("therapist:alert", args=[row.alert.pk])
        yield Event(row.alert.raised_at, "alert", words.headline(row), url=url)
        for step in row.steps:
            if step.kind == "closed":
                yield Event(step.at, "closed", _("The alert was closed"), url=url)
    for row in one.contacts:
        yield Event(row.at, "contact", words.contact(row), row.note)
    mine = {(row.at, row.by) for row in one.contacts}  # a call from the list that she made herself is a contact already
    for row in one.rescues:
        if (row.at, row.by) not in mine:
            yield Event(row.at, "contact", words.rescue(row), row.note)
    for harm in one.harms:
        if not harm.in_error:
            yield Event(harm.harm.at, "harm", words.harm(harm.harm), harm.harm.note, _harms_of(one))
    for meeting in one.sessions:
        yield Event(meeting.last.at, "session", words.session(meeting, one.said(meeting.last.starts_at)))
    for flagged in one.flags:
        yield from _flag_events(one, flagged)
    for sent in one.asked:
        if sent.submitted_at:
            yield Event(sent.submitted_at, "answer", _("%(what)s: sent") % {"what": scores.name_of(sent)})
    for mark in _lesson_marks(one):
        yield Event(mark.at, "lesson", mark.label)
    for row in one.flares:
        yield Event(row.began_at, "flare", _("A flare began"))
    for line in one.talk.lines if one.talk else ():
        text = _("A message from them") if line.from_patient else _("A message from %(who)s") % {"who": line.author}
        yield Event(line.sent_at, "message", text, url=reverse("therapist:thread", args=[one.person.pk]))
    for row in one.hands:
        yield Event(row.since, "hand", _("%(who)s answers for this person") % {"who": row.clinician.name})
    if one.way is not None:
        yield Event(one.way.opened_at, "step", _("Came to the service"))


def _harms_of(one: Known) -> str:
    return reverse("therapist:harms", args=[one.person.pk])


def _flag_events(one: Known, flagged: care.Flagged) -> Iterable[Event]:
    url = reverse("therapist:support", args=[one.person.pk, flagged.flag.pk])
    headline = words.flag_name(flagged.flag.kind)
    yield Event(flagged.flag.raised_at, "flag", headline, url=url)
    for step in flagged.steps:
        yield Event(step.at, "support", words.supported(step), step.note, url)
