"""Who treats: therapists and sites of a whole cohort, with their differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.simulation.design import Design
from accord.science.simulation.latent import Noise, cluster_effects
from accord.science.simulation.streams import stream

Array = NDArray[Any]
CASELOAD = 25  # people for one therapist, where the protocol does not say
CASELOAD_SHAPE = 6.0  # how unlike caseloads are: gamma shape
SITES_FOR_STRATA = 3
GROUP_SIZE = 9


@dataclass
class Cast:
    """Therapists and sites. `load` is each therapist's share of individual patients; effects by level."""

    therapists: int
    sites: int
    site_of: Array
    load: Array
    effects: dict[str, Array]
    process: dict[str, Array]


def make_cast(design: Design, n: int, seed: int) -> Cast:
    """The cast of a cohort of `n` enrolled people."""
    rng = stream(seed, "cast")
    therapists, sites = therapist_count(design, n), _sites(design, n)
    noise = Noise(rng)
    effects: dict[str, Array] = {}
    process: dict[str, Array] = {}
    for level, count in (("therapist", therapists), ("site", sites)):
        effects[level], process[level] = cluster_effects(design, count, noise)
    load = rng.gamma(CASELOAD_SHAPE, size=therapists)
    return Cast(therapists, sites, np.arange(therapists) % sites, load / load.sum(), effects, process)


def group_size(design: Design) -> float:
    """People in a group: what `simulate:` says, else the middle of what the arms promise."""
    said = design.simulate.clusters.get("group")
    if said and said.size:
        return said.size
    sizes = [
        (arm.group_size.smallest + arm.group_size.largest) / 2
        for arm in design.protocol.arms.values()
        if arm.group_size
    ]
    return sizes[0] if sizes else GROUP_SIZE


def therapist_count(design: Design, n: int) -> int:
    """How many therapists `n` people have."""
    said = design.simulate.clusters.get("therapist")
    if said and said.count:
        return said.count
    if said and said.size:
        return max(1, math.ceil(n / said.size))
    if all(arm.format in ("group", "none") for arm in design.protocol.arms.values()):
        return max(2, math.ceil(n / group_size(design) / 2))  # each leads two groups
    return max(1, math.ceil(n / CASELOAD))


def _sites(design: Design, n: int) -> int:
    said = design.simulate.clusters.get("site")
    allocation = design.protocol.allocation
    if said and (said.count or said.size):
        return said.count or max(1, math.ceil(n / (said.size or n)))
    stratified = allocation and "site" in (*allocation.strata, *allocation.minimise_over)
    return SITES_FOR_STRATA if stratified else 1
