"""Enrolled people: who they are, which arm they are in, who treats them and with whom."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.allocation import Draw, allocate_all, allocate_batch, new_secret
from accord.science.protocols.model import Allocation
from accord.science.simulation.background import Background, background_of
from accord.science.simulation.cast import Cast, group_size
from accord.science.simulation.design import Design
from accord.science.simulation.latent import Clusters, Noise, cluster_effects
from accord.science.simulation.streams import stream

Array = NDArray[Any]


@dataclass
class Groups:
    """Groups of one chunk, numbered from 0."""

    arm: Array
    therapist: Array

    def __len__(self) -> int:
        return len(self.arm)


@dataclass
class People:
    """One chunk of enrolled people, in the order of enrolment."""

    n: int
    chunk: int
    background: Background
    normals: dict[str, Array]  # background variables as standard normal numbers
    arm: Array
    draws: list[Draw]  # empty when nobody was allocated at random
    batch: Array  # -1 outside batches
    therapist: Array
    group: Array
    site: Array
    groups: Groups
    clusters: Clusters = field(default_factory=lambda: Clusters({}, {}))

    def column(self, name: str) -> pl.Series:
        return self.background.enrolled[name].drawn(self.normals[name])


def enrol(design: Design, cast: Cast, n: int, seed: int, chunk: int, *, concealed: bool = True) -> People:
    """`n` people with arms, therapists, groups and sites. Not `concealed`: arms by the ratio alone (for the truth)."""
    rng = stream(seed, "people", chunk=chunk)
    allocation = design.protocol.allocation
    factors = [*allocation.strata, *allocation.minimise_over] if allocation else []
    background = background_of(
        design.protocol, extra=[name for name in factors if name not in ("site", "therapist")], site=design.site
    )
    normals = {variable.name: rng.standard_normal(n) for variable in background.asked}
    site = rng.integers(cast.sites, size=n)
    nobody = np.full(n, -1)
    people = People(n, chunk, background, normals, nobody.copy(), [], nobody.copy(), nobody.copy(), nobody.copy(), site,
                    Groups(np.zeros(0, int), np.zeros(0, int)))  # fmt: skip
    if allocation and concealed:
        _allocate(design, people, allocation, _levels(people, factors), seed)
    elif allocation:
        share = np.array([allocation.ratio.get(arm, 0) for arm in design.arms], float)
        people.arm = rng.choice(len(design.arms), size=n, p=share / share.sum())
    else:
        people.arm = rng.integers(len(design.arms), size=n) if len(design.arms) > 1 else np.zeros(n, int)
    _treat(design, cast, people, rng)
    people.clusters = _clusters(design, cast, people, seed)
    return people


def _levels(people: People, factors: Sequence[str]) -> list[dict[str, str]]:
    """The levels that allocation looks at; a number is above its middle or not."""
    columns: dict[str, list[str]] = {}
    for name in factors:
        if name == "site":
            columns[name] = [f"s{number + 1}" for number in people.site]
        elif name in people.normals and people.background.enrolled[name].numeric:
            columns[name] = np.where(people.normals[name] > 0, "above", "below").tolist()
        elif name in people.normals:
            columns[name] = people.column(name).cast(pl.String).to_list()
    if not columns:
        return [{}] * people.n
    return [dict(zip(columns, levels, strict=True)) for levels in zip(*columns.values(), strict=True)]


def _allocate(design: Design, people: People, clause: Allocation, levels: list[dict[str, str]], seed: int) -> None:
    """Arms by `science/allocation`; each chunk has a secret of its own, as if it were a list of its own."""
    secret = new_secret(clause, entropy=hashlib.sha512(f"simulated/{seed}/{people.chunk}".encode()).digest())
    place = {name: number for number, name in enumerate(design.arms)}
    if clause.in_batches_of == "two-groups":
        count = max(1, round(people.n / (len(clause.ratio) * group_size(design))))
        if people.n // count < len(clause.ratio):
            count = 1
        people.batch = np.arange(people.n) * count // people.n
        for number in range(count):
            members = np.flatnonzero(people.batch == number)
            pool = [levels[member] for member in members]
            people.draws += _batch(clause, secret, str(number + 1), pool)
    else:
        people.draws = allocate_all(clause, secret=secret, people=levels)
    people.arm = np.array([place[draw.arm] for draw in people.draws])


def _batch(clause: Allocation, secret: Any, name: str, pool: list[dict[str, str]]) -> list[Draw]:
    if len(pool) < len(clause.ratio):  # fewer people than arms in the whole cohort: one by one
        return allocate_all(clause, secret=secret, people=pool)
    return allocate_batch(clause, secret=secret, batch=name, people=pool)


def _treat(design: Design, cast: Cast, people: People, rng: np.random.Generator) -> None:
    """Therapists for who has one alone, then groups with their leaders."""
    arms = list(design.protocol.arms.values())
    format_of = np.array([arm.format for arm in arms])[people.arm]
    contact = np.array([arm.contact.mode != "none" for arm in arms])[people.arm]
    drawn = np.searchsorted(np.cumsum(cast.load)[:-1], rng.random(people.n))
    if cast.sites > 1 and cast.therapists >= cast.sites:  # somebody of the person's own clinic
        drawn = np.minimum(drawn // cast.sites, cast.therapists // cast.sites - 1) * cast.sites + people.site
    people.therapist = np.where(contact, drawn, -1)
    grouped = format_of == "group"
    if grouped.any():
        by_leader = design.protocol.kind != "randomised"
        people.groups, people.group = (_by_leader if by_leader else _in_turn)(design, cast, people, grouped)
        people.therapist = np.where(grouped, people.groups.therapist[people.group], people.therapist)


def _by_leader(design: Design, cast: Cast, people: People, grouped: Array) -> tuple[Groups, Array]:
    """Each therapist's people fill one group after the other."""
    group = np.full(people.n, -1)
    arm: list[int] = []
    leader: list[int] = []
    size = group_size(design)
    key = people.arm * cast.therapists + people.therapist
    for value in np.unique(key[grouped]):
        members = np.flatnonzero(grouped & (key == value))
        count = max(1, round(len(members) / size))
        group[members] = len(arm) + np.arange(len(members)) * count // len(members)
        arm += [int(value) // cast.therapists] * count
        leader += [int(value) % cast.therapists] * count
    return Groups(np.array(arm), np.array(leader)), group


def _in_turn(design: Design, cast: Cast, people: People, grouped: Array) -> tuple[Groups, Array]:
    """Groups fill in the order of allocation, batch by batch; leaders take turns, so that each leads in every arm."""
    group = np.full(people.n, -1)
    arm: list[int] = []
    leader: list[int] = []
    size = group_size(design)
    for batch in np.unique(people.batch):
        for number in range(len(design.arms)):
            members = np.flatnonzero(grouped & (people.batch == batch) & (people.arm == number))
            if not len(members):
                continue
            count = max(1, round(len(members) / size))
            group[members] = len(arm) + np.arange(len(members)) * count // len(members)
            for place in range(count):
                arm.append(number)
                leader.append((number + place + max(int(batch), 0)) % cast.therapists)
    return Groups(np.array(arm), np.array(leader)), group


def _clusters(design: Design, cast: Cast, people: People, seed: int) -> Clusters:
    noise = Noise(stream(seed, "clusters", chunk=people.chunk))
    effects, process = dict(cast.effects), dict(cast.process)
    effects["group"], process["group"] = cluster_effects(design, max(len(people.groups), 1), noise)
    member = {"therapist": people.therapist, "group": people.group, "site": people.site}
    return Clusters(member, effects, process)
