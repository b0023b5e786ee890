"""The complete population: everybody answers everything, in every arm, from a seed that is always the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.protocols.model import Contrast, Endpoint, Protocol
from accord.science.simulation.answers import score_cells
from accord.science.simulation.background import background_of
from accord.science.simulation.chance import happens
from accord.science.simulation.course import leaning, treats
from accord.science.simulation.design import Design, make_design
from accord.science.simulation.improved import improved_counts
from accord.science.simulation.latent import Clusters, Noise, cluster_effects, severities

Array = NDArray[Any]
SEED = 20_230_917
BATCHES, THERAPISTS, EACH, GROUP, SITE = 5, 1_000, 20, 10, 80
EVERYBODY = None  # the key of what is counted over all arms


@dataclass
class Counted:
    """Sums over people for whom a cell is due: of their improvement, and of who improved how (kind -> people, of)."""

    improvement: float = 0.0
    people: float = 0.0
    shares: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))

    @property
    def mean(self) -> float:
        return self.improvement / self.people


@dataclass
class Population:
    """`own` holds everybody's scores in her own arm, people by cells; `counted` what each arm would bring everybody.

    `started` is who would start when treated; `kept` single columns of single arms that the variance shares need.
    """

    design: Design
    own: Array
    started: Array
    arm: Array
    counted: dict[tuple[str | None, int], Counted]
    kept: dict[tuple[str, int], Array]

    def __len__(self) -> int:
        return len(self.started)

    @property
    def therapist(self) -> Array:
        return np.arange(len(self)) // EACH

    @property
    def group(self) -> Array:
        return np.arange(len(self)) // GROUP

    def due(self, occasion: int) -> Array:
        """For whom a time-point comes due, whatever the arm."""
        return self.started if after_start(self.design, occasion) else np.ones(len(self), bool)

    def arms_at(self, occasion: int) -> list[str]:
        """Arms in which the occasion comes due for somebody."""
        arms = self.design.occasions[occasion].arms
        late = after_start(self.design, occasion)
        return [arm for arm in self.design.arms if arm in arms and (not late or treats(self.design.protocol.arms[arm]))]


def after_start(design: Design, occasion: int) -> bool:
    """Whether an occasion hangs on the person's treatment having started."""
    anchor = design.occasions[occasion].anchor
    return anchor == "treatment-start" or anchor.startswith("session:")


def make_population(protocol: Protocol, design: Design) -> Population:
    """200,000 people in ten batches, five of them mirror images of the others."""
    small = make_design(protocol, site=design.site, only=frozenset(_scales(protocol, design)))
    parts = [_batch(small, number, sign) for number in range(BATCHES) for sign in (1, -1)]
    counted: dict[tuple[str | None, int], Counted] = defaultdict(Counted)
    for part in parts:
        for key, one in part.counted.items():
            counted[key].improvement += one.improvement
            counted[key].people += one.people
            for kind, (people, of) in one.shares.items():
                counted[key].shares[kind][0] += people
                counted[key].shares[kind][1] += of
    return Population(
        small, np.concatenate([part.own for part in parts]), np.concatenate([part.started for part in parts]),
        np.concatenate([part.arm for part in parts]), dict(counted),
        {key: np.concatenate([part.kept[key] for part in parts]) for key in parts[0].kept},
    )  # fmt: skip


def _scales(protocol: Protocol, design: Design) -> set[str]:
    """Scales that any truth needs."""
    ends = protocol.endpoints
    scales = {endpoint.scale for endpoint in endpoints(protocol)}
    scales |= {one.outcome for one in ends.associations.values()} | {
        one.predictor for one in ends.associations.values()
    }
    scales |= {one.scale for one in ends.courses}
    scales |= {one.scale for one in ends.variance} | ({ends.responder.scale} if ends.responder else set())
    for predictors in design.simulate.predictors.values():
        scales |= {name for name in predictors if "." in name}
    if design.watched is not None:
        scales.add(design.constructs[design.watched].ref)
    return scales & {construct.ref for construct in design.constructs}


def endpoints(protocol: Protocol) -> list[Endpoint]:
    """All endpoints, the primary first."""
    return [protocol.endpoints.primary, *protocol.endpoints.key, *protocol.endpoints.secondary]


def outcomes(design: Design) -> list[int]:
    """Constructs that endpoints name, once each: as the patient answers, else the first informant."""
    refs = dict.fromkeys(endpoint.scale for endpoint in endpoints(design.protocol))
    found = [design.construct(ref, "patient") for ref in refs]
    return [place for place in found if place is not None and design.constructs[place].shape.sign]


def followed(design: Design) -> list[int]:
    """These and what is asked as a weekly course."""
    courses = [design.construct(one.scale, one.informant) for one in design.protocol.endpoints.courses]
    return list(dict.fromkeys([*outcomes(design), *(place for place in courses if place is not None)]))


def sides(protocol: Protocol, contrast: Contrast) -> tuple[list[str], list[str]]:
    """The arms of both sides; a level of a factor is carried by several."""
    if contrast.arms:
        return [contrast.arms[0]], [contrast.arms[1]]
    levels = contrast.levels or ("", "")
    first, second = ([name for name, arm in protocol.arms.items() if arm.levels.get(contrast.factor or "") == level]
                     for level in levels)  # fmt: skip
    return first, second


def _batch(design: Design, number: int, sign: int) -> Population:
    """20,000 people; the same numbers with the other sign give their mirror images."""
    size = THERAPISTS * EACH
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(number,))))
    uniform, shares = rng.random(size), rng.random(size)
    known = {
        variable.name: sign * rng.standard_normal(size)
        for variable in background_of(design.protocol, site=design.site).asked
    }
    state = rng.bit_generator.state
    z: dict[bool, Array] = {}
    for grouped in sorted({arm.format == "group" for arm in design.protocol.arms.values()}):
        rng.bit_generator.state = state
        z[grouped] = _severities(design, Noise(rng, sign), known, grouped)
    lean, spread = leaning(design, known, next(iter(z.values())), "start")
    started = happens(1 - design.simulate.funnel.get("never_start", 0.0), lean, spread, uniform)
    batch = Population(design, np.empty((size, len(design.cells))), started, _own_arm(design, shares), {}, {})
    for place, (name, arm) in enumerate(design.protocol.arms.items()):
        scores = score_cells(design, z[arm.format == "group"], design.shift[[place]])
        mine = batch.arm == place
        batch.own[mine] = scores[mine]
        _count(batch, name, scores)
        _keep(batch, name, scores)
    _count(batch, EVERYBODY, batch.own)
    return batch


def _severities(design: Design, noise: Noise, known: dict[str, Array], grouped: bool) -> Array:
    people = np.arange(THERAPISTS * EACH)
    member = {"therapist": people // EACH, "group": people // GROUP if grouped else np.full(len(people), -1),
              "site": people // SITE}  # fmt: skip
    effects, process = {}, {}
    for level, each in (("therapist", EACH), ("group", GROUP), ("site", SITE)):
        effects[level], process[level] = cluster_effects(design, len(people) // each, noise)
    return severities(design, Clusters(member, effects, process), known, noise)


def _own_arm(design: Design, uniform: Array) -> Array:
    allocation = design.protocol.allocation
    weights = np.array([allocation.ratio.get(arm, 0) if allocation else 1 for arm in design.arms], float)
    return np.searchsorted(np.cumsum(weights / weights.sum())[:-1], uniform)


def _count(batch: Population, arm: str | None, scores: Array) -> None:
    """Improvement at every later cell of every endpoint's scale, and of every course."""
    design = batch.design
    for construct in followed(design):
        first, *later = design.cells_of(construct)
        for cell in later:
            occasion = design.cells[cell].occasion
            arms = batch.arms_at(occasion)
            due = batch.due(occasion)
            if arm is EVERYBODY:
                due = due & np.isin(batch.arm, [design.arms.index(name) for name in arms])
            elif arm not in arms:
                continue
            before, after = scores[due, first], scores[due, cell]
            counts = improved_counts(design, construct, before, after)
            one = Counted(float(design.constructs[construct].shape.sign * (after - before).sum()), float(due.sum()))
            one.shares.update({kind: list(count) for kind, count in counts.items()})
            batch.counted[arm, cell] = one


def _keep(batch: Population, arm: str, scores: Array) -> None:
    design = batch.design
    for clause in design.protocol.endpoints.variance:
        place, occasion = design.construct(clause.scale, "patient"), design.occasion(clause.at)
        cell = design.cell(place, occasion) if place is not None and occasion is not None else None
        if clause.arm == arm and place is not None and cell is not None:
            batch.kept[arm, cell] = scores[:, cell].copy()
            batch.kept[arm, design.cells_of(place)[0]] = scores[:, design.cells_of(place)[0]].copy()
