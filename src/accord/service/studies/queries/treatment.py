"""What was delivered: lessons, sessions and meetings of groups, contacts with their minutes, groups, therapists."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from accord.service.care.queries import bulk as care
from accord.service.library.queries import programme
from accord.service.people.queries import bulk as people
from accord.service.programmes.queries import bulk as programmes
from accord.service.studies.queries.cast import Cast
from accord.service.studies.queries.ways import Ways

Row = dict[str, Any]
BEGUN = "begun"
CHANNELS = {"message": "message", "phone": "phone", "video": "video", "in-person": "in_person", "group": "group"}
ENDED = {"held": "attended", "missed": "missed", "cancelled": "cancelled"}


# ---------------------------------------------------------------------------------------------------- lessons


@lru_cache(maxsize=32)
def _lessons(snapshot: uuid.UUID) -> tuple[tuple[str, frozenset[str]], ...]:
    """The lessons of a programme in order, each with the practices that it is the first to teach."""
    seen: set[str] = set()
    found = []
    for lesson in programme(snapshot).lessons:
        found.append((lesson.id, frozenset(lesson.practices) - seen))
        seen |= set(lesson.practices)
    return tuple(found)


def lessons(ways: Ways) -> Iterator[Row]:
    """One row for each lesson that somebody's programme offers, opened or not. Practice she told us of, by consent."""
    courses = programmes.courses(ways.episodes, ways.now)
    marked: dict[tuple[uuid.UUID, str, str], int] = {}
    by_course = {row.course: ways.by_episode[row.episode] for row in courses}
    for mark in programmes.marks(by_course, ways.now):
        marked.setdefault((mark.course, mark.lesson, mark.kind), by_course[mark.course].count.day(mark.at))
    told = programmes.practice_minutes([one for one, row in by_course.items() if row.told], ways.now)
    for course in courses:
        row, minutes = by_course[course.course], told.get(course.course, {})
        for place, (lesson, practices) in enumerate(_lessons(course.snapshot)):
            done = marked.get((course.course, lesson, "done"))
            opened = marked.get((course.course, lesson, BEGUN), done)
            yield {
                "participant": row.name, "lesson": lesson, "number": place + 1, "opened_day": opened,
                "completed_day": done,
                "practice_minutes": float(sum(minutes.get(one, 0) for one in practices)) if row.told else None,
            }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- meetings


@dataclass(frozen=True)
class Meetings:
    """The meetings of a chunk, and what each held session is called in the table of contacts."""

    rows: list[Row]
    names: dict[uuid.UUID, str]


def meetings(ways: Ways, cast: Cast) -> Meetings:
    """Sessions with one person that were held, missed or cancelled; and who came to the meetings of her group."""
    rows: list[Row] = []
    names: dict[uuid.UUID, str] = {}
    for one in care.sessions(ways.episodes, ways.now):
        way = ways.by_episode[one.episode]
        names[one.session] = name = f"session_{one.number}"
        rows.append({
            "participant": way.name, "session": name, "number": one.number, "therapist": cast.therapist(one.by),
            "day": way.count.day(one.starts_at), "state": ENDED[one.kind],
        })  # fmt: skip
    leads = {row.group: row.leaders for row in cast.group_rows}
    for came in care.attendance(ways.episodes, ways.now):
        if came.group not in cast.groups:
            continue
        way, group = ways.by_episode[came.episode], cast.groups[came.group]
        rows.append({
            "participant": way.name, "session": f"{group}_meeting_{came.number}", "number": came.number,
            "therapist": cast.therapist(next(iter(leads[came.group]), None)), "group": group,
            "day": way.count.day(came.starts_at), "state": "attended" if came.attended else "missed",
        })  # fmt: skip
    return Meetings(rows, names)


def contacts(ways: Ways, cast: Cast, names: dict[uuid.UUID, str]) -> Iterator[Row]:
    """Every contact once: a message is asynchronous, whatever is spoken is synchronous (C31)."""
    for one in care.contacts(ways.people, ways.now):
        way = ways.at(one.person, one.at, one.episode)
        if way is None:
            continue
        yield {
            "participant": way.name, "therapist": cast.therapist(one.by), "day": way.count.day(one.at),
            "mode": "asynchronous" if one.mode == "message" else "synchronous", "channel": CHANNELS.get(one.mode),
            "minutes": float(one.minutes), "session": names.get(one.session) if one.session else None,
        }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- the others


def groups(cast: Cast) -> Iterator[Row]:
    """One row for each group. Which arm a group is follows from the only arm that meets in groups, if there is one."""
    arms = [name for name, arm in cast.protocol.arms.items() if arm.format == "group"]
    for row in cast.group_rows:
        leaders = [cast.therapist(one) for one in row.leaders[:2]]
        yield {
            "group": cast.groups[row.group], "arm": arms[0] if len(arms) == 1 else None, "site": cast.sites[row.clinic],
            "therapist": leaders[0] if leaders else None, "second_therapist": leaders[1] if len(leaders) > 1 else None,
            "size": row.members or None, "open": row.open,
        }  # fmt: skip


def therapists(cast: Cast, clinic_ids: Sequence[uuid.UUID]) -> Iterator[Row]:
    """Load and cover of everybody who may answer for people; nothing that rates anybody (C13)."""
    seen: set[str] = set()
    for one in people.clinicians_at(clinic_ids, cast.now):
        name = cast.therapist(one.person)
        if name is None or name in seen:  # of who works at two clinics the first is told
            continue
        seen.add(name)
        yield {
            "therapist": name, "site": cast.sites[one.clinic], "places": one.places, "people_now": one.people_now,
            "away": one.away, "covered": one.covered if one.away else None,
        }  # fmt: skip


def starts(rows: Sequence[Row], met: Sequence[Row], by_name: dict[str, uuid.UUID]) -> dict[uuid.UUID, int]:
    """The day on which each began: the first lesson she opened, or the first meeting she came to."""
    found: dict[uuid.UUID, int] = {}
    days = [(row["participant"], row["opened_day"]) for row in rows if row["opened_day"] is not None]
    days += [(row["participant"], row["day"]) for row in met if row["state"] == "attended"]
    for name, day in days:
        episode = by_name[name]
        found[episode] = min(day, found.get(episode, day))
    return found
