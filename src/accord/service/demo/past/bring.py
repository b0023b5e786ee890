"""Bringing the past in: the simulation's people, row by row as the rooms keep them, in one step.

The rooms' own actions would take hours for a past of this size, so this package alone writes into their tables
(docs/adr/0016); a test holds what it writes against what the actions write.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from accord.science.protocols.occasions import occasions
from accord.service.access.table import SERVICE
from accord.service.audit.actions import Beginning, begin_streams
from accord.service.care.queries import calendar_for
from accord.service.demo.actions import note_past
from accord.service.demo.past.asked import write_askings
from accord.service.demo.past.colleagues import DUTY, OFFICE, write_colleagues
from accord.service.demo.past.histories import History, histories, therapists
from accord.service.demo.past.incidents import write_incidents
from accord.service.demo.past.keys import Keys, chance
from accord.service.demo.past.life import Life, Scene
from accord.service.demo.past.office import write_person
from accord.service.demo.past.store import Store
from accord.service.demo.past.treatment import write_treatment
from accord.service.library import queries as library
from accord.service.people.models import Clinic

PROTOCOL, PROGRAMME, CONSENT = "routine-care", "living-with-pain", "consent-care"
LONGEST = 200  # days from enrolment to the end of the follow-up: who came before that has finished
YEAR = 365.25


def bring_past(
    *, clinic: Clinic, now: datetime, people: int = 1367, years: float = 5, seed: int = 1, answers: bool = False,
    ended: int = LONGEST,
) -> int:  # fmt: skip
    """Bring in everybody who was referred in `years` years while `people` were enrolled; how many came.

    The last of them enrolled `ended` days ago: with the default all have finished, and nothing of theirs falls due;
    with 0 the newest are under way, and what has not come yet is not there. `answers` adds an answer to every question
    (fifty for each asking). Done once: a second call brings nobody. Everything or nothing. Raises NotAllowed outside a
    demonstration.
    """
    with transaction.atomic():
        facts: dict[str, object] = {"people": people, "years": years, "seed": seed, "ended": ended}
        if not people or not note_past(facts=facts, now=now):
            return 0
        last = now.date() - timedelta(days=ended)
        first = last - timedelta(days=round(years * YEAR))
        scene = _scene(clinic, now, people, seed, answers, first, last)
        came = 0
        for some in histories(scene.protocol, people=people, seed=seed):
            lives = [Life.of(scene, one, _place(one, first, last, seed)) for one in some]
            begun = [_write(one) for one in lives if one.came <= now]
            begin_streams(begun, action="bring_in", resource="person", by=None, role=SERVICE.main_role(), now=now)
            scene.store.flush()
            came += len(begun)
        scene.store.flush(all_of_it=True)
        return came


def _scene(clinic: Clinic, now: datetime, people: int, seed: int, answers: bool, first: date, last: date) -> Scene:
    protocol_snapshot, programme_snapshot = library.protocol_snapshot(PROTOCOL), library.programme_snapshot(PROGRAMME)
    protocol, programme = library.protocol(protocol_snapshot), library.programme(programme_snapshot)
    ladder_snapshot = library.ladder_snapshot(protocol.safety.ladder)
    store, keys, zone = Store(now), Keys(seed), clinic.zone()
    opened = datetime.combine(first - timedelta(days=60), datetime.min.time(), zone)
    closed = datetime.combine(last + timedelta(days=LONGEST), datetime.min.time(), zone)
    team = write_colleagues(
        therapists(protocol, people=people, seed=seed), clinic=clinic, protocol=PROTOCOL, store=store, keys=keys,
        seed=seed, since=opened, until=closed, now=now,
    )  # fmt: skip
    return Scene(
        clinic=clinic, calendar=calendar_for(clinic), protocol=protocol, programme=programme,
        ladder=library.ladder(ladder_snapshot),
        snapshots={
            "protocol": protocol_snapshot, "ladder": ladder_snapshot, "programme": programme_snapshot,
            "consent": library.latest("text", CONSENT, "en"),
        },
        occasions={one.name: one for one in occasions(protocol)},
        parts={one.id: len(text.parts) if (text := programme.text(one.id)) else 1 for one in programme.lessons},
        therapists=team, on_duty=team[DUTY], coordinator=team[OFFICE], store=store, keys=keys, seed=seed, now=now,
        answers=answers,
    )  # fmt: skip


def _place(one: History, first: date, last: date, seed: int) -> date:
    """Her day 0: the service grew from year to year, and takes people on working days."""
    drawn = chance(seed, one.participant, "day")
    day = first + timedelta(days=int((last - first).days * drawn.random() ** 0.8))
    return day - timedelta(days=max(0, day.weekday() - 4))


def _write(one: Life) -> Beginning:
    begun = write_person(one)
    write_askings(one)
    write_treatment(one)
    write_incidents(one)
    return begun
