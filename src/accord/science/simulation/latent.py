"""The normal values behind the scores: how severe everybody is, in every construct, at every occasion.

z is standard normal in the population; higher is worse. With ρ the correlation between occasions and ς that between
scales,

    first occasion      z₀ = √ρ B + √(1 - ρ) E
    outcome, later      z  = ρ z₀ + √(1 - ρ²) r - (associations) - (predictors of improvement)
    process measure     z  = -(√ρ A + √(1 - ρ) a)

r is the part of the outcome that the baseline does not tell. Its variance is shared out: the `share` of each level of
clusters, what associations and predictors take, and the person's own rest, part of which (κ) stays with her over
occasions so that any two occasions correlate by ρ. What an arm does is no part of z: it moves the score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.simulation.design import SYNCHRONY, Construct, Design, Link

Array = NDArray[Any]
# Constants of the simulator (docs/explanation/simulation.md).
WITH_TOTAL = 0.8  # how a subscale goes with its total
SMALLEST_REST = 0.05
SYNCHRONY_LOADING = 0.5  # synchrony goes half as much with the ratings as these with each other
THERAPIST_IN = {"therapist": 0.20, "observer": 0.30}  # share of a rating that is the therapist's, whoever the patient
THERAPIST_ELSE = 0.05
GROUP_IN = {"member": 0.15, "leader": 0.15}  # share of a rating that is the group's
SHARED_BY_GROUP = ("leader", "observer")  # one rating of a meeting holds for all its members


class Noise:
    """Standard normal numbers from a generator; with `sign` -1 the mirror image of what the same seed gives."""

    def __init__(self, rng: np.random.Generator, sign: int = 1) -> None:
        self.rng, self.sign = rng, sign

    def __call__(self, *size: int) -> Array:
        values: Array = self.rng.standard_normal(size)
        return values if self.sign > 0 else np.negative(values, out=values)


@dataclass
class Clusters:
    """For each level: which cluster each person is in (-1: none), and the effects, clusters by constructs."""

    member: dict[str, Array]
    effects: dict[str, Array]
    process: dict[str, Array] = field(default_factory=dict)

    def parts(self, level: str) -> tuple[Array, Array, Array]:
        """Persons who are in a cluster of the level, and the effects they share, on outcomes and on processes."""
        inside = self.member[level] >= 0
        place = self.member[level]
        return inside, self.effects[level][place], self.process[level][place]


def cluster_effects(design: Design, count: int, noise: Noise) -> tuple[Array, Array]:
    """Effects of `count` clusters: on outcomes (they correlate like scales do), and on process measures."""
    return _mixed(noise(count, 1), noise(count, len(design.constructs)), _between_scales(design)), noise(
        count, len(design.constructs)
    )


def severities(design: Design, clusters: Clusters, known: Mapping[str, Array], noise: Noise) -> Array:
    """z, people by cells. `known` holds standard normal background variables that predict improvement."""
    n = len(clusters.member["therapist"])
    rho, varsigma = design.simulate.correlation.get("occasions", 0.6), _between_scales(design)
    constructs, cells = len(design.constructs), len(design.cells)
    c, o = design.of_construct, design.of_occasion
    trait = _mixed(noise(n, 1), _children(design, noise(n, constructs)), varsigma)
    own = _mixed(noise(n, len(design.occasions))[:, o], _children_of_cells(design, noise(n, cells)), varsigma)
    stays = _mixed(noise(n, 1), _children(design, noise(n, constructs)), varsigma)
    stable, passing = _processes(design, clusters, noise)
    first = np.array([cell.first for cell in design.cells])
    is_process = np.array([design.constructs[i].role == "process" for i in c])
    z = np.empty((n, cells))
    z[:, first] = math.sqrt(rho) * trait[:, c[first]] + math.sqrt(1 - rho) * own[:, first]
    later = np.flatnonzero(~first & ~is_process)
    z[:, later] = _later(design, clusters, z, own, stays, later, rho)
    z[:, later] -= _linked(design, clusters, stable, passing, later, rho)
    z[:, later] -= _predicted(design, known, z)[:, None]
    column = np.flatnonzero(is_process)
    if len(column):
        z[:, column] = -(math.sqrt(rho) * stable[:, c[column]] + math.sqrt(1 - rho) * passing[:, column])
    return z


def _between_scales(design: Design) -> float:
    return design.simulate.correlation.get("scales", 0.4)


def _mixed(common: Array, own: Array, correlation: float) -> Array:
    """√r · common + √(1 - r) · own, in the memory of `own`."""
    own *= math.sqrt(1 - correlation)
    own += math.sqrt(correlation) * common
    return own


def _children(design: Design, own: Array) -> Array:
    """Let the columns of subscales go with those of their totals."""
    for place, construct in enumerate(design.constructs):
        if construct.parent >= 0:
            own[:, place] = _mixed(own[:, construct.parent], own[:, place], WITH_TOTAL**2)
    return own


def _children_of_cells(design: Design, own: Array) -> Array:
    for place, cell in enumerate(design.cells):
        parent = design.constructs[cell.construct].parent
        above = design.cell(parent, cell.occasion) if parent >= 0 else None
        if above is not None:
            own[:, place] = _mixed(own[:, above], own[:, place], WITH_TOTAL**2)
    return own


# --- outcomes after the first occasion --------------------------------------------------------------------------------


def _later(design: Design, clusters: Clusters, z: Array, own: Array, stays: Array, later: Array, rho: float) -> Array:
    """ρ z₀ + √(1 - ρ²) r for the cells `later`."""
    c = design.of_construct[later]
    begin = np.array([design.cells_of(construct)[0] for construct in c], dtype=np.intp)
    shared = np.zeros((len(z), len(design.constructs)))
    taken = np.zeros((len(z), 1))
    for level, cluster in design.simulate.clusters.items():
        if cluster.share and level in clusters.effects:
            inside, effects, _ = clusters.parts(level)
            shared += math.sqrt(cluster.share) * np.where(inside[:, None], effects, 0.0)
            taken += np.where(inside, cluster.share, 0.0)[:, None]
    rest = np.maximum(1 - taken - _variance_linked(design, clusters, later, rho) / (1 - rho**2), SMALLEST_REST)
    keeps = np.clip((rho / (1 + rho) - taken) / rest, 0.0, 1.0)
    r = np.sqrt(rest) * (np.sqrt(keeps) * stays[:, c] + np.sqrt(1 - keeps) * own[:, later])
    r += shared[:, c]
    r *= math.sqrt(1 - rho**2)
    r += rho * z[:, begin]
    return r


def _active(design: Design, link: Link, place: int) -> tuple[float, float, int]:
    """Strengths of a link at a cell: of the stable part, of the passing part, and the latter's occasion.

    The stable part counts at every occasion of the outcome after the predictor's first; the passing part of an occasion
    only at the outcome that follows it.
    """
    cell = design.cells[place]
    if cell.construct != link.outcome or cell.occasion <= link.at[0]:
        return 0.0, 0.0, -1
    if len(link.later) == len(link.at) > 1 and cell.occasion in link.later:
        return link.between, link.within, link.at[link.later.index(cell.occasion)]
    return link.between, 0.0, -1


def _present(design: Design, clusters: Clusters, link: Link) -> Array:
    """Who has the predictor at all: ratings of a group are for its members."""
    informant = design.constructs[link.predictor].informant
    if informant in ("member", "leader"):
        return clusters.member["group"] >= 0
    return np.ones(len(clusters.member["group"]), dtype=bool)


def _linked(design: Design, clusters: Clusters, stable: Array, passing: Array, later: Array, rho: float) -> Array:
    """What process measures do to each later cell: SDs of improvement."""
    moved = np.zeros((len(stable), len(later)))
    for link in design.links:
        here = _present(design, clusters, link)
        for column, place in enumerate(later):
            between, within, at = _active(design, link, place)
            if between:
                moved[:, column] += between * math.sqrt(rho) * here * stable[:, link.predictor]
            source = design.cell(link.predictor, at) if within else None
            if source is not None:
                moved[:, column] += within * math.sqrt(1 - rho) * here * passing[:, source]
    return moved


def _variance_linked(design: Design, clusters: Clusters, later: Array, rho: float) -> Array:
    """Variance that associations and predictors of improvement put into each later cell, by person and cell."""
    in_group = clusters.member["group"] >= 0
    loads = {link.predictor: _loading(design, design.constructs[link.predictor]) for link in design.links}
    variance = np.zeros((2, len(later)))
    for there in (0, 1):
        links = [link for link in design.links if there or not _of_group(design, link)]
        for column, place in enumerate(later):
            parts = [(link.predictor, *_active(design, link, place)) for link in links]
            for p, between, within, at in parts:
                for q, between_too, within_too, at_too in parts:
                    goes = 1.0 if p == q else loads[p] * loads[q]
                    variance[there, column] += rho * between * between_too * goes
                    variance[there, column] += (1 - rho) * within * within_too * goes * (at == at_too)
    improvement = design.simulate.predictors.get("improvement", {})
    variance += sum(strength**2 for strength in improvement.values())
    return np.where(in_group[:, None], variance[1], variance[0])


def _of_group(design: Design, link: Link) -> bool:
    return design.constructs[link.predictor].informant in ("member", "leader")


def _predicted(design: Design, known: Mapping[str, Array], z: Array) -> Array:
    """Improvement that background and baseline foretell, in SDs."""
    foretold = np.zeros(len(z))
    for name, strength in design.simulate.predictors.get("improvement", {}).items():
        value = predictor_values(design, name, known, z)
        if value is not None:
            foretold += strength * value
    return foretold


def predictor_values(design: Design, name: str, known: Mapping[str, Array], z: Array) -> Array | None:
    """A predictor in SDs, in the direction of its raw values: a background variable, or a scale when first asked."""
    if name in known:
        return known[name]
    construct = design.construct(name, "patient")
    if construct is None:
        return None
    place = design.cells_of(construct)[0]
    value: Array = design.sign[place] * z[:, place]
    return value


# --- process measures -------------------------------------------------------------------------------------------------


def _loading(design: Design, construct: Construct) -> float:
    agree = design.simulate.raters_agree
    return math.sqrt(agree) * (SYNCHRONY_LOADING if construct.ref.startswith(SYNCHRONY) else 1.0)


def _processes(design: Design, clusters: Clusters, noise: Noise) -> tuple[Array, Array]:
    """The stable part A (people by constructs) and the passing part a (people by cells) of process measures."""
    n = len(clusters.member["therapist"])
    if not any(one.role == "process" for one in design.constructs):
        return np.zeros((n, 0)), np.zeros((n, 0))
    load = np.array([_loading(design, one) for one in design.constructs])
    c, o = design.of_construct, design.of_occasion
    stable = noise(n, 1) * load + noise(n, len(design.constructs)) * np.sqrt(1 - load**2)
    passing = noise(n, len(design.occasions))[:, o] * load[c] + noise(n, len(c)) * np.sqrt(1 - load[c] ** 2)
    for level, shares, otherwise in (("therapist", THERAPIST_IN, THERAPIST_ELSE), ("group", GROUP_IN, 0.0)):
        if level in clusters.process:
            inside, _, effects = clusters.parts(level)
            share = np.where(inside[:, None], [shares.get(one.informant, otherwise) for one in design.constructs], 0.0)
            stable = np.sqrt(1 - share) * stable + np.sqrt(share) * effects
    alike = _representative(clusters.member["group"])
    for place, one in enumerate(design.constructs):
        if one.informant in SHARED_BY_GROUP:
            stable[:, place] = stable[alike, place]
            cells = np.array(design.cells_of(place), dtype=np.intp)
            passing[:, cells] = passing[np.ix_(alike, cells)]
    return stable, passing


def _representative(group: Array) -> Array:
    """For each person the first member of her group; herself without one."""
    itself = np.arange(len(group))
    if not (group >= 0).any():
        return itself
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    return np.where(group >= 0, first[inverse], itself)
