"""What was delivered: sessions, contacts with their minutes, lessons, groups, therapists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.conditions import decide_column
from accord.science.protocols.model import Arm, Channel, Protocol, SimulatedMinutes
from accord.science.protocols.timing import planned_anchors, window_on
from accord.science.simulation.cast import Cast
from accord.science.simulation.chance import happens
from accord.science.simulation.columns import days, numbers, words
from accord.science.simulation.course import DAYS_BETWEEN_SESSIONS, NEVER, Course, leaning, treats
from accord.science.simulation.design import Design
from accord.science.simulation.latent import THERAPIST_IN
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream

Array = NDArray[Any]
# Constants of the simulator (docs/explanation/simulation.md).
MOST, ALL = 0.75, 0.60  # completion, where the protocol does not say
LEAVING_COSTS = -1.5  # log odds of completing for who leaves
ATTENDED = 0.98  # at most, of sessions while somebody is there
MOVED = 0.3  # of the sessions not held as planned
PRACTICE = (1.5, 60.0)  # gamma shape and scale of minutes of practice a lesson
SESSION_CV, GROUP_CV = 0.10, 0.03  # spread of the length of sessions
PARTS = 3.0  # evenness of how minutes are spread over contacts
TRAINING, TRAINED_AFTER = ("trainee", "psychologist", "psychotherapist"), (3.0, 8.0)  # years


# --- sessions and contacts --------------------------------------------------------------------------------------------


@dataclass
class Meetings:
    """Planned meetings of a chunk, one row each, sorted by person."""

    person: Array
    number: Array
    day: Array
    attended: Array


def meets(arm: Arm) -> bool:
    """Arms whose contacts are planned meetings."""
    return treats(arm) and arm.contact.mode == "synchronous" and bool(arm.contact.sessions)


def meetings(design: Design, people: People, course: Course, seed: int) -> Meetings:
    """Who came to which session: while somebody is there, with the chance that gives the planned number of contacts."""
    rng = stream(seed, "meetings", chunk=people.chunk)
    arms = list(design.protocol.arms.values())
    planned = np.array([arm.contact.sessions or 0 if meets(arm) else 0 for arm in arms])[people.arm]
    planned = np.where(course.started, planned, 0)
    person = np.repeat(np.arange(people.n), planned)
    number = np.arange(len(person)) - np.repeat(np.cumsum(planned) - planned, planned) + 1
    day = course.start_day[person] + (number - 1) * course.every[person]
    chance = np.array(
        [attendance(design, name).chance if meets(arm) else 0.0 for name, arm in zip(design.arms, arms, strict=True)]
    )
    comes = rng.random(len(person)) < chance[people.arm][person]
    comes |= number == 1
    attended = comes & (day < course.left[person])
    for o, occasion in enumerate(design.occasions):
        if occasion.anchor.startswith("session:"):  # what was rated was held
            here = number == int(occasion.anchor.removeprefix("session:"))
            attended = np.where(here, course.due[person, o] & ~course.gone[person, o], attended)
    attended |= number == 1
    return Meetings(person, number, day, attended)


@dataclass(frozen=True)
class Attendance:
    """`chance` of coming to a session while there, and the number of sessions that makes on average."""

    chance: float
    sessions: float


def attendance(design: Design, arm: str) -> Attendance:
    """The chance for which the mean number of sessions is that of `simulate.minutes`, as far as drop-out allows.

    The first session is where somebody starts, and a session that is rated is held for whoever is still there.
    """
    plan = design.protocol.arms[arm].contact
    planned = plan.sessions or 0
    rated = {int(one.anchor.removeprefix("session:")) for one in design.occasions if one.anchor.startswith("session:")}
    stays = _staying(design, arm)
    sure = 1 + sum(stays[number - 1] for number in range(2, planned + 1) if number in rated)
    open_ = sum(stays[number - 1] for number in range(2, planned + 1) if number not in rated)
    said = design.simulate.minutes.get(plan.mode)
    chance = min(ATTENDED, max(0.0, (said.contacts - sure) / open_)) if said and open_ else ATTENDED
    return Attendance(chance, sure + chance * open_)


def _staying(design: Design, arm: str) -> list[float]:
    """The share of people who are still there at each session: the protocol's attrition, a line between its days."""
    days_of = planned_anchors(design.protocol, arm)
    known = [(days_of.get("treatment-start", 0), 0.0)]
    for occasion in design.occasions:
        window = window_on(occasion, days_of)
        if occasion.name in design.simulate.attrition and window is not None:
            known.append((window.middle, design.simulate.attrition[occasion.name]))
    known.sort()
    begin = days_of.get("treatment-start", 0)
    every = design.protocol.arms[arm].contact.every_days or DAYS_BETWEEN_SESSIONS
    day = begin + every * np.arange(design.protocol.arms[arm].contact.sessions or 0)
    lost = np.interp(day, [at for at, _ in known], [share for _, share in known])
    return (1 - lost).tolist()


def sessions_table(
    people: People, held: Meetings, ids: pl.Series, names: tuple[pl.Series, pl.Series], seed: int
) -> pl.DataFrame:
    rng = stream(seed, "sessions", chunk=people.chunk)
    moved = rng.random(len(held.person)) < MOVED
    state = np.where(held.attended, 0, np.where(moved, 1, 2))
    return pl.DataFrame({
        "participant": ids.gather(held.person), "session": words(_session_names(held), held.number - 1),
        "number": pl.Series("", held.number.astype(np.int32)), **_with(people, held.person, names),
        "day": days(held.day),
        "state": words(["attended", "moved", "missed"], state),
    })  # fmt: skip


def _session_names(held: Meetings) -> list[str | None]:
    return [f"session_{number + 1}" for number in range(int(held.number.max(initial=1)))]


def _with(people: People, person: Array, names: tuple[pl.Series, pl.Series]) -> dict[str, pl.Series]:
    therapist, group = people.therapist[person], people.group[person]
    return {
        "therapist": names[0].gather(np.where(therapist < 0, len(names[0]) - 1, therapist)),
        "group": names[1].gather(np.where(group < 0, len(names[1]) - 1, group)),
    }


@dataclass
class Contacts:
    """Contacts of a chunk, one row each."""

    person: Array
    mode: Array  # place in MODES
    channel: Array
    day: Array
    minutes: Array
    session: Array  # number, 0 without one


MODES = ("asynchronous", "synchronous", "mixed")
CHANNELS: tuple[Channel, ...] = ("message", "phone", "video", "in_person", "group")


def contacts(design: Design, people: People, course: Course, held: Meetings, seed: int) -> Contacts:
    """Every contact: a held session is exactly one; the others are spread over the treatment."""
    rng = stream(seed, "contacts", chunk=people.chunk)
    parts: list[Contacts] = []
    for number, arm in enumerate(design.protocol.arms.values()):
        here = (people.arm == number) & course.started
        for mode, said in modes_of(design, arm):
            if meets(arm):
                part = _of_sessions(people, held, here, said, attendance(design, design.arms[number]).sessions, rng)
            else:
                part = _in_between(course, arm, here, said, rng)
            part.mode[:] = MODES.index(mode)
            part.channel[:] = _channels(arm, mode, len(part.person), rng)
            parts.append(part)
    fields = [np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0)]) for name in
              ("person", "mode", "channel", "day", "minutes", "session")]  # fmt: skip
    order = np.lexsort((fields[3], fields[0]))
    return Contacts(*(one[order] for one in fields))


def modes_of(design: Design, arm: Arm) -> list[tuple[str, SimulatedMinutes]]:
    """Modes of contact that an arm has: its own; a mixed arm that the protocol splits has the parts."""
    said = design.simulate.minutes
    if not treats(arm):
        return []
    if arm.contact.mode in said:
        return [(arm.contact.mode, said[arm.contact.mode])]
    return [(mode, said[mode]) for mode in MODES if mode in said] if arm.contact.mode == "mixed" else []


def _pace(people: int, said: SimulatedMinutes, rng: np.random.Generator) -> Array:
    """How much more or less than the mean each person takes: gamma with mean 1."""
    if said.sd <= 0 or said.mean <= 0:
        return np.ones(people)
    shape = (said.mean / said.sd) ** 2
    return rng.gamma(shape, 1 / shape, size=people)


def _of_sessions(
    people: People, held: Meetings, here: Array, said: SimulatedMinutes, sessions: float, rng: np.random.Generator
) -> Contacts:
    """A contact for each held session. Alone, people take more or less time; a group's session is as long for all."""
    rows = held.attended & here[held.person]
    person, number = held.person[rows], held.number[rows]
    usual = said.mean / sessions
    alone = _pace(len(here), said, rng)[person] * rng.gamma(1 / SESSION_CV**2, SESSION_CV**2, size=len(person))
    together = people.group[person]
    length = rng.normal(1.0, GROUP_CV, size=(len(people.groups) + 1, int(held.number.max(initial=1)) + 1))
    minutes = usual * np.where(together >= 0, length[together, number], alone)
    nothing = np.zeros(len(person), int)
    return Contacts(
        person, nothing.copy(), nothing.copy(), held.day[rows], np.round(np.clip(minutes, 1, 600), 1), number
    )


def _in_between(course: Course, arm: Arm, here: Array, said: SimulatedMinutes, rng: np.random.Generator) -> Contacts:
    """Contacts without planned meetings: their number, their minutes and their days."""
    who = np.flatnonzero(here)
    total = said.mean * _pace(len(who), said, rng)
    count = 1 + rng.poisson(max(said.contacts - 1, 0), size=len(who))
    person = np.repeat(np.arange(len(who)), count)
    weight = rng.gamma(PARTS, size=len(person))
    minutes = total[person] * weight / np.bincount(person, weight, minlength=len(who))[person]
    length = (arm.contact.sessions or 8) * course.every[who]
    until = np.clip(np.minimum(length, course.left[who] - course.start_day[who]), 1, None)
    day = course.start_day[who][person] + (rng.random(len(person)) * until[person]).astype(int)
    nothing = np.zeros(len(person), int)
    return Contacts(who[person], nothing.copy(), nothing.copy(), day, np.round(minutes, 1), nothing.copy())


def _channels(arm: Arm, mode: str, n: int, rng: np.random.Generator) -> Array:
    fits = [one for one in arm.contact.channels if mode == "mixed" or (one == "message") == (mode == "asynchronous")]
    places = [CHANNELS.index(one) for one in fits or arm.contact.channels or ["message"]]
    return np.array(places)[rng.integers(len(places), size=n)]


def contacts_table(people: People, made: Contacts, ids: pl.Series, names: tuple[pl.Series, pl.Series]) -> pl.DataFrame:
    sessions = [None, *(f"session_{number + 1}" for number in range(int(made.session.max(initial=0))))]
    return pl.DataFrame({
        "participant": ids.gather(made.person), "therapist": _with(people, made.person, names)["therapist"],
        "day": days(made.day), "mode": words(MODES, made.mode), "channel": words(CHANNELS, made.channel),
        "minutes": numbers(made.minutes), "session": words(sessions, made.session),
    })  # fmt: skip


# --- lessons ----------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """How far everybody came: lessons offered, opened and completed."""

    offered: Array
    opened: Array
    completed: Array


@lru_cache(maxsize=64)
def lessons_of(programme: str, modules: tuple[str, ...], site: Path | None) -> tuple[str, ...]:
    """The ids of the lessons to be read (not sessions to be held) in these modules; all modules when none is named."""
    from accord.science.programmes import load_programme

    found = load_programme(programme, site=site)
    return tuple(one.id for one in found.lessons if one.form == "lesson" and (not modules or one.module in modules))


def _offered(design: Design, arm: Arm) -> tuple[str, ...]:
    if arm.programme is None or not treats(arm):
        return ()
    return lessons_of(arm.programme, tuple(arm.modules), design.site)


def reading(design: Design, people: People, course: Course, z: Array, seed: int) -> Reading:
    """Lessons by person. Who leaves completes less often, predictors count, the shares are the protocol's."""
    rng = stream(seed, "reading", chunk=people.chunk)
    arms = list(design.protocol.arms.values())
    offered = np.where(course.started, np.array([len(_offered(design, arm)) for arm in arms])[people.arm], 0)
    leaves = course.left != -NEVER
    lean, spread = leaning(design, people.normals, z, "completion")
    lean = lean + LEAVING_COSTS * (leaves - (leaves.mean() if len(leaves) else 0.0))
    spread = float(np.hypot(spread, LEAVING_COSTS * leaves.std())) if len(leaves) else spread
    uniform = rng.random(people.n)
    funnel = design.simulate.funnel
    everything = happens(funnel.get("all", ALL), lean, spread, uniform)
    mostly = happens(max(funnel.get("most", MOST), funnel.get("all", ALL)), lean, spread, uniform)
    needed = np.array([most_needs(design.protocol, len(_offered(design, arm))) for arm in arms])[people.arm]
    part = rng.random(people.n)
    between = needed + (part * np.maximum(offered - needed, 1)).astype(int)
    few = (part * np.maximum(needed, 1)).astype(int)
    completed = np.where(everything, offered, np.where(mostly, np.minimum(between, offered), np.minimum(few, offered)))
    opened = np.where(offered > 0, np.clip(completed + (rng.random(people.n) < 0.5), 1, np.maximum(offered, 1)), 0)
    return Reading(offered, opened, completed)


def most_needs(protocol: Protocol, total: int) -> int:
    """The fewest completed lessons that meet the protocol's rule for the stage `most`; all but one without a rule."""
    stage = protocol.stages.get("most")
    if stage is None or total == 0:
        return max(total - 1, 0)
    counts = pl.DataFrame({"lessons_completed": [float(k) for k in range(total + 1)]}).with_columns(
        lessons_opened=pl.col("lessons_completed"), lessons_total=pl.lit(float(total)), started=True
    )
    met = decide_column(stage.rule, counts).fill_null(False).to_list()
    return met.index(True) if True in met else max(total - 1, 0)


def lessons_table(
    design: Design, people: People, course: Course, read: Reading, ids: pl.Series, seed: int
) -> pl.DataFrame | None:
    """A row for every lesson opened."""
    names = [_offered(design, arm) for arm in design.protocol.arms.values()]
    longest = max(names, key=len)
    if not longest:
        return None
    rng = stream(seed, "lessons", chunk=people.chunk)
    person = np.repeat(np.arange(people.n), read.opened)
    number = np.arange(len(person)) - np.repeat(np.cumsum(read.opened) - read.opened, read.opened) + 1
    usual = course.every[person] * np.maximum(8 // max(len(longest), 1), 1)
    room = (course.left - course.start_day)[person] // read.opened[person]  # who leaves has read before
    pace = np.maximum(np.minimum(usual, room), 1)
    late = np.where((number > 1) & (pace == usual), rng.integers(0, 5, size=len(person)), 0)
    opened = course.start_day[person] + (number - 1) * pace + late
    completed = number <= read.completed[person]
    all_names = list(dict.fromkeys(name for arm in names for name in arm))
    code = np.array([[all_names.index(arm[k]) if k < len(arm) else 0 for k in range(len(longest))] for arm in names])
    taken = np.minimum(rng.integers(1, 7, size=len(person)), pace - 1)
    practice = np.round(rng.gamma(*PRACTICE, size=len(person)))
    return pl.DataFrame({
        "participant": ids.gather(person), "lesson": words(all_names, code[people.arm[person], number - 1]),
        "number": pl.Series("", number.astype(np.int32)), "opened_day": days(opened),
        "completed_day": days(opened + taken, completed),
        "practice_minutes": numbers(practice),
    })  # fmt: skip


# --- groups and therapists --------------------------------------------------------------------------------------------


def cluster_names(cast: Cast, people: People) -> tuple[pl.Series, pl.Series]:
    """Pseudonyms of therapists and groups, an empty one last (for nobody)."""
    width = len(str(cast.therapists))
    therapists = [f"t{number + 1:0{width}}" for number in range(cast.therapists)]
    groups = [f"g{people.chunk:02}{number + 1:04}" for number in range(len(people.groups))]
    return (
        pl.Series("", [*therapists, None], dtype=pl.Enum(therapists)),
        pl.Series("", [*groups, None], dtype=pl.Enum(groups)),
    )


def groups_table(design: Design, cast: Cast, people: People, names: tuple[pl.Series, pl.Series]) -> pl.DataFrame | None:
    groups = people.groups
    if not len(groups):
        return None
    second = (groups.therapist + 1) % cast.therapists
    two = "facilitator" in design.protocol.nesting and cast.therapists > 1
    return pl.DataFrame({
        "group": names[1].head(len(groups)), "arm": words(design.arms, groups.arm),
        "site": words([f"s{number + 1}" for number in range(cast.sites)], cast.site_of[groups.therapist]),
        "therapist": names[0].gather(groups.therapist),
        "second_therapist": names[0].gather(second if two else np.full(len(groups), cast.therapists)),
        "size": pl.Series("", np.bincount(people.group[people.group >= 0], minlength=len(groups)).astype(np.int32)),
        "open": pl.Series("", [False] * len(groups)),
    })  # fmt: skip


def therapists_table(design: Design, cast: Cast, names: pl.Series, seed: int) -> pl.DataFrame:
    rng = stream(seed, "therapists")
    years = np.round(rng.gamma(2.0, 5.0, size=cast.therapists), 1)
    place = design.construct("fidelity.total", "observer")
    fidelity = np.full(cast.therapists, np.nan)
    if place is not None:
        marginal = design.constructs[place].marginal
        u = np.sqrt(THERAPIST_IN["observer"]) * cast.process["therapist"][:, place]
        fidelity = marginal.scores(u + rng.standard_normal(cast.therapists) * 0.2)
    return pl.DataFrame({
        "therapist": names.head(cast.therapists),
        "site": words([f"s{number + 1}" for number in range(cast.sites)], cast.site_of),
        "experience_years": numbers(np.minimum(years, 45)),
        "training": words(TRAINING, np.searchsorted(TRAINED_AFTER, years)), "fidelity": numbers(fidelity),
    })  # fmt: skip
