"""What happens to enrolled people: who starts, when everything is due, who leaves, who answers, what they complete."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.protocols.model import Arm
from accord.science.simulation.chance import happens
from accord.science.simulation.design import Design
from accord.science.simulation.latent import predictor_values
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream

Array = NDArray[Any]
NEVER = -100_000  # a day that does not come
# Constants of the simulator (docs/explanation/simulation.md).
MISSED_CHECK_INS = 0.10  # of monitoring occasions, beside who has left
WAIT_TO_ALLOCATION = (0, 3)  # days
WAIT_TO_START = (2, 12)
WAIT_FOR_GROUP = (3, 24)
DAYS_BETWEEN_SESSIONS = 7
IN_SESSIONS = ("session:", "treatment-start")


@dataclass
class Course:
    """One chunk's course. `due`, `day` and `gone` are people by occasions; `left` is the day of leaving."""

    started: Array
    allocated_day: Array
    start_day: Array
    every: Array  # days between sessions, by person
    sessions: Array  # planned sessions, by person
    due: Array
    day: Array
    gone: Array
    left: Array
    answered: Array  # people by cells


def start_course(design: Design, people: People, z: Array, seed: int) -> Course:
    """Who starts, and when everything falls due; nobody has left yet."""
    rng = stream(seed, "days", chunk=people.chunk)
    started = _starts(design, people, z, rng)
    baseline = _baseline_day(design, people.n, rng)
    allocated = np.maximum(baseline, 0) + rng.integers(*WAIT_TO_ALLOCATION, size=people.n)
    arms = list(design.protocol.arms.values())
    wait = rng.integers(*WAIT_TO_START, size=people.n)
    in_group = people.group >= 0
    wait = np.where(in_group, rng.integers(*WAIT_FOR_GROUP, size=people.n), wait)
    course = Course(
        started=started, allocated_day=allocated, start_day=np.where(started | in_group, allocated + wait, NEVER),
        every=np.array([arm.contact.every_days or DAYS_BETWEEN_SESSIONS for arm in arms])[people.arm],
        sessions=np.array([_sessions(arm) for arm in arms])[people.arm],
        due=np.zeros((people.n, len(design.occasions)), bool), day=np.full((people.n, len(design.occasions)), NEVER),
        gone=np.zeros((people.n, len(design.occasions)), bool), left=np.full(people.n, -NEVER),
        answered=np.zeros((people.n, 0), bool),
    )  # fmt: skip
    for o, occasion in enumerate(design.occasions):
        reached, anchor = _anchor(occasion.anchor, course, people)
        allowed = np.array([arm in occasion.arms for arm in design.arms])[people.arm]
        course.due[:, o] = reached & allowed
        inside = rng.integers(occasion.window.first, occasion.window.last + 1, size=people.n)
        inside = baseline if occasion.name == "baseline" and occasion.anchor == "enrolment" else inside
        course.day[:, o] = np.where(course.due[:, o], anchor + inside, NEVER)
    return course


def _sessions(arm: Arm) -> int:
    return (arm.contact.sessions or 0) if treats(arm) else 0


def treats(arm: Arm) -> bool:
    """Whether the arm is treated by the study within its time: contacts, or a programme on one's own."""
    return arm.role not in ("waiting-list", "usual-care") and (arm.contact.mode != "none" or arm.programme is not None)


def _starts(design: Design, people: People, z: Array, rng: np.random.Generator) -> Array:
    can = np.array([treats(arm) for arm in design.protocol.arms.values()])[people.arm]
    share = 1 - design.simulate.funnel.get("never_start", 0.0)
    lean, spread = leaning(design, people.normals, z, "start")
    return happens(share, lean, spread, rng.random(people.n)) & can


def leaning(design: Design, known: Mapping[str, Array], z: Array, what: str) -> tuple[Array, float]:
    """Log odds that predictors add for each person, and their SD over people."""
    lean, variance, scales = np.zeros(len(z)), 0.0, []
    for name, strength in design.simulate.predictors.get(what, {}).items():  # type: ignore[call-overload]
        value = predictor_values(design, name, known, z)
        if value is None:
            continue
        lean += strength * value
        variance += strength**2
        if name not in known:
            sign = -1 if (construct := design.construct(name, "patient")) is not None and (
                design.constructs[construct].shape.sign > 0) else 1  # fmt: skip
            scales.append(sign * strength)
    correlation = design.simulate.correlation.get("scales", 0.4)
    variance += correlation * (sum(scales) ** 2 - sum(strength**2 for strength in scales))
    return lean, math.sqrt(max(variance, 0.0))


def _baseline_day(design: Design, n: int, rng: np.random.Generator) -> Array:
    point = design.occasion("baseline")
    if point is None or design.occasions[point].anchor != "enrolment":
        return np.zeros(n, int)
    window = design.occasions[point].window
    return rng.integers(window.first, window.last + 1, size=n)


def _anchor(anchor: str, course: Course, people: People) -> tuple[Array, Array]:
    """Who reaches an anchor, and on which day."""
    everybody = np.ones(people.n, bool)
    if anchor in ("enrolment", "calendar"):
        return everybody, np.zeros(people.n, int)
    if anchor == "referral":
        return everybody, np.full(people.n, -14)
    if anchor == "allocation":
        return everybody, course.allocated_day
    if anchor.startswith("session:"):
        number = int(anchor.removeprefix("session:"))
        return course.started & (course.sessions >= number), course.start_day + (number - 1) * course.every
    if anchor == "treatment-start":
        return course.started, course.start_day
    begin = np.where(course.start_day == NEVER, course.allocated_day + WAIT_FOR_GROUP[1], course.start_day)
    last = np.maximum(course.sessions - 1, 0) * course.every
    return everybody, begin + (last if anchor == "group-end" else 0)


# --- leaving and answering --------------------------------------------------------------------------------------------


def leave(design: Design, people: People, course: Course, scores: Array, valid: Array, seed: int) -> None:
    """Who leaves before which time-point, and which cells are answered. Fills `gone`, `left` and `answered`.

    At each time-point of `simulate.attrition`, of who is still there a share leaves that brings the missing to what the
    protocol states; more or fewer of who has improved, by `attrition_by_change` (log odds for one SD of the improvement
    that was last *observed*, from which its expectation is taken). Nothing that was not observed plays a part.
    """
    rng = stream(seed, "leaving", chunk=people.chunk)
    listed = [o for o, occasion in enumerate(design.occasions) if _attrition(design, occasion.name) is not None]
    there, lost = np.ones(people.n, bool), 0.0
    before = np.where(course.started, course.start_day + 1, np.maximum(course.allocated_day, 0))
    for o in listed:
        share = max(_attrition(design, design.occasions[o].name) or 0.0, lost)
        change, spread = _seen(design, people, course, scores, valid & ~course.gone[:, design.of_occasion], o)
        strength = design.simulate.attrition_by_change
        leaves = happens((share - lost) / (1 - lost) if lost < 1 else 1.0, strength * change, abs(strength) * spread,
                         rng.random(people.n))  # fmt: skip
        leaves &= there & course.due[:, o]
        fraction = rng.random(people.n)
        day = before + fraction * np.maximum(course.day[:, o] - before, 1)
        course.left = np.where(leaves, day.astype(int), course.left)
        there &= ~leaves
        course.gone[:, o:] |= leaves[:, None]
        before = np.where(course.due[:, o], np.maximum(course.day[:, o], before), before)
        lost = share
    for o, occasion in enumerate(design.occasions):
        if o not in listed:
            course.gone[:, o] = course.day[:, o] >= course.left
            if occasion.monitoring:
                course.gone[:, o] |= rng.random(people.n) < MISSED_CHECK_INS
    here = course.due & ~course.gone
    course.answered = here[:, design.of_occasion] & valid
    for place, cell in enumerate(design.cells):
        course.answered[:, place] &= _asked(design.constructs[cell.construct].informant, people)


def _attrition(design: Design, name: str) -> float | None:
    return design.simulate.attrition.get(name)


def _seen(
    design: Design, people: People, course: Course, scores: Array, there: Array, occasion: int
) -> tuple[Array, float]:
    """The improvement last observed before an occasion, in SDs, less what was expected; and its SD. 0 where none."""
    change = np.zeros(people.n)
    watched = design.watched
    if watched is None:
        return change, 0.0
    cells = design.cells_of(watched)
    sd = design.constructs[watched].marginal.baseline_sd
    sign = -design.sign[cells[0]]
    rho, seen = design.simulate.correlation.get("occasions", 0.6), False
    for place in cells[1:]:
        o = design.cells[place].occasion
        if o >= occasion:
            break
        known = there[:, place] & there[:, cells[0]] & course.due[:, o]
        expected = sign * design.shift[people.arm, place]
        improved = sign * (scores[:, place] - scores[:, cells[0]]) / sd - expected
        change = np.where(known, improved, change)
        seen = True
    return change, math.sqrt(2 * (1 - rho)) if seen else 0.0


def _asked(informant: str, people: People) -> Array:
    """Of whom an informant is asked: members and leaders of groups, therapists of who has one."""
    if informant in ("member", "leader"):
        return people.group >= 0
    if informant in ("therapist", "observer"):
        return people.therapist >= 0
    return np.ones(people.n, bool)


def skipped(design: Design, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Items answered and whether a score results, people by cells: every item is left out by chance."""
    share = design.simulate.skipped_items
    answered = np.empty((n, len(design.cells)), np.int32)
    valid = np.empty((n, len(design.cells)), bool)
    for place, cell in enumerate(design.cells):
        shape = design.constructs[cell.construct].shape
        answered[:, place] = 0
        valid[:, place] = shape.scorable
        for of, needed in shape.blocks:
            given = of - rng.binomial(of, share, size=n) if share else np.full(n, of)
            answered[:, place] += given
            valid[:, place] &= given >= needed
    return answered, valid


def prorated(design: Design, scores: Array, answered: Array) -> None:
    """A sum carried by the answered items can only take the values that these give. In place."""
    for place, cell in enumerate(design.cells):
        shape = design.constructs[cell.construct].shape
        if not shape.prorated:
            continue
        given = answered[:, place]
        some = (given < shape.of) & (given > 0)
        part = given[some] / shape.of
        above = (scores[some, place] - shape.minimum) * part
        scores[some, place] = np.clip(np.rint(above / shape.step) * shape.step / part, 0, None) + shape.minimum
