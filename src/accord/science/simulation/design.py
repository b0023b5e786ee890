"""A protocol made ready to be simulated: every scale asked of everybody at every occasion, with its numbers.

A *construct* is one scale as one informant answers it; a *cell* is one construct at one occasion. What the protocol's
`simulate:` block says of a scale holds for all its informants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from accord.science.protocols import Occasion, Protocol, occasions
from accord.science.protocols.model import Association, Informant, Simulate, SimulatedScale
from accord.science.simulation.block import asked_of, refuse_misfits, simulate_block
from accord.science.simulation.listed import Listed, listed
from accord.science.simulation.marginal import Marginal, fitted
from accord.science.simulation.shape import Shape, shapes

Array = NDArray[Any]
Role = Literal["outcome", "process"]
PROCESS_INFORMANTS = ("therapist", "leader", "member", "observer")
SYNCHRONY = "synchrony"
# Where a scale lies when the protocol says nothing: as a share of its length from the better end, and its SD.
UNSAID_LEVEL, UNSAID_SD = 0.4, 0.18


@dataclass(frozen=True)
class Construct:
    """One scale by one informant. `parent` is the total of the same instrument that it goes with; -1 without one."""

    ref: str
    informant: Informant
    marginal: Marginal | Listed
    role: Role
    parent: int = -1

    @property
    def shape(self) -> Shape:
        return self.marginal.shape


@dataclass(frozen=True)
class Cell:
    """One construct at one occasion. `first` is the construct's first occasion."""

    construct: int
    occasion: int
    first: bool


@dataclass(frozen=True)
class Link:
    """An association of the protocol with the strengths that `simulate:` gives it, as constructs and occasions."""

    name: str
    clause: Association
    predictor: int  # construct; physiological synchrony is one of its own
    outcome: int
    at: tuple[int, ...]  # occasions of the predictor
    later: tuple[int, ...]  # occasions of the outcome: one for each, or one for all
    within: float
    between: float


@dataclass
class Design:
    """Everything that does not depend on the seed. Made once for a protocol (see `design_of`)."""

    protocol: Protocol
    simulate: Simulate
    arms: list[str]
    occasions: list[Occasion]
    constructs: list[Construct]
    cells: list[Cell]
    links: list[Link]
    site: Path | None = None
    key: str = ""  # of the protocol's content; the same for designs of the same content
    shift: Array = field(default_factory=lambda: np.zeros((0, 0)))  # (arms, cells), in normal values of the raw score

    @cached_property
    def of_construct(self) -> Array:
        return np.array([cell.construct for cell in self.cells], dtype=np.intp)

    @cached_property
    def of_occasion(self) -> Array:
        return np.array([cell.occasion for cell in self.cells], dtype=np.intp)

    @cached_property
    def sign(self) -> Array:
        """+1 where a higher score is worse or has no direction: severity in the direction of the raw score."""
        return np.array([1.0 if self.constructs[cell.construct].shape.sign <= 0 else -1.0 for cell in self.cells])

    def cell(self, construct: int, occasion: int) -> int | None:
        """The place of a cell, or None."""
        return self._places.get((construct, occasion))

    @cached_property
    def _places(self) -> dict[tuple[int, int], int]:
        return {(cell.construct, cell.occasion): place for place, cell in enumerate(self.cells)}

    def construct(self, ref: str, informant: str | None = None) -> int | None:
        """The place of a construct: this informant's, else the first of this scale."""
        found = [i for i, one in enumerate(self.constructs) if one.ref == ref]
        mine = [i for i in found if self.constructs[i].informant == informant]
        return next(iter(mine or found), None)

    def occasion(self, name: str) -> int | None:
        return next((i for i, one in enumerate(self.occasions) if one.name == name), None)

    def cells_of(self, construct: int) -> list[int]:
        """Places of a construct's cells in the order of the schedule."""
        return [place for place, cell in enumerate(self.cells) if cell.construct == construct]

    @property
    def watched(self) -> int | None:
        """The construct whose change so far drop-out looks at: the primary's, else a deterioration scale's.

        The first that is asked of a patient between the beginning and the end.
        """
        scales = [self.protocol.endpoints.primary.scale]
        if self.protocol.safety.deterioration:
            scales += self.protocol.safety.deterioration.scales
        found = [place for ref in scales if (place := self.construct(ref, "patient")) is not None]
        return next((place for place in found if len(self.cells_of(place)) > 2), found[0] if found else None)


_MADE: dict[tuple[str, Path | None], Design] = {}


def design_of(protocol: Protocol, *, site: Path | None = None) -> Design:
    """The design of a protocol, made once in a process for the same content."""
    key = hashlib.sha256(protocol.model_dump_json().encode()).hexdigest()
    if (key, site) not in _MADE:
        _MADE[key, site] = make_design(protocol, site=site)
        _MADE[key, site].key = key
    return _MADE[key, site]


def make_design(protocol: Protocol, *, site: Path | None = None, only: frozenset[str] | None = None) -> Design:
    """Resolve the protocol; `only` keeps these scales (for the truth). BadContent names what is misspelt."""
    block = simulate_block(protocol)
    asked = occasions(protocol)
    refuse_misfits(protocol, block, asked, site)
    constructs: list[Construct] = []
    cells: list[Cell] = []
    if only is not None:
        only = _closed(only, block, site)
    process = _process(protocol)
    for o, occasion in enumerate(asked):
        for informant, instrument in asked_of(occasion):
            family = shapes(instrument, site)
            wanted = family if only is None else {name: shape for name, shape in family.items() if shape.ref in only}
            cells += [Cell(c, o, first) for c, first in _places(constructs, wanted, informant, block, process)]
    if any(link.predictor.startswith(f"{SYNCHRONY}:") for link in protocol.endpoints.associations.values()):
        constructs, cells = _with_synchrony(protocol, constructs, cells, asked)
    design = Design(protocol, block, list(protocol.arms), asked, constructs, cells, [], site)
    design.links = list(_links(design))
    design.shift = _shifts(design)
    return design


def _closed(only: frozenset[str], block: Simulate, site: Path | None) -> frozenset[str]:
    """With the scales that these depend on: totals that subscales go with, parts whose steps do not fit their total."""
    more = set(only)
    for ref in only:
        instrument, _, name = ref.partition(".")
        if ":" in ref:
            continue
        family = shapes(instrument, site)
        shape = family[name]
        parent = _parent(family, block)
        if ref not in block.scales and parent:
            more.add(parent)
        coarse = any(abs(family[part].step / shape.step % 1) > 1e-9 for part in shape.parts)
        if coarse or ref not in block.scales:
            more |= {family[part].ref for part in shape.parts}
    return frozenset(more)


def _process(protocol: Protocol) -> set[str]:
    return {link.predictor for link in protocol.endpoints.associations.values()}


def _places(
    constructs: list[Construct],
    family: dict[str, Shape],
    informant: Informant,
    block: Simulate,
    process: set[str],
) -> list[tuple[int, bool]]:
    """The constructs of an instrument's scales, made when they are new, and whether they are."""
    known = {(one.ref, one.informant): place for place, one in enumerate(constructs)}
    places = []
    parent = _parent(family, block)
    order = sorted(family.values(), key=lambda shape: shape.ref != parent)  # the parent first
    for shape in order:
        place = known.get((shape.ref, informant))
        if place is None:
            role: Role = "process" if shape.ref in process or informant in PROCESS_INFORMANTS else "outcome"
            above = -1
            if parent and shape.ref != parent and shape.ref not in block.scales:
                above = next(
                    (i for i, one in enumerate(constructs) if (one.ref, one.informant) == (parent, informant)), -1
                )
            constructs.append(Construct(shape.ref, informant, _marginal(shape, block, family, parent), role, above))
            places.append((len(constructs) - 1, True))
        else:
            places.append((place, False))
    return places


def _parent(family: dict[str, Shape], block: Simulate) -> str | None:
    """The first scale of an instrument that `simulate:` describes: the others of the instrument go with it."""
    return next((shape.ref for shape in family.values() if shape.ref in block.scales), None)


def _marginal(shape: Shape, block: Simulate, family: dict[str, Shape], parent: str | None) -> Marginal | Listed:
    said = block.scales.get(shape.ref)
    if said:
        return fitted(shape, said.mean, said.sd, said.skew)
    if in_list := listed(shape, block.satisfaction):
        return in_list
    span = shape.maximum - shape.minimum
    level, sd = UNSAID_LEVEL, UNSAID_SD
    if parent:
        total = next(one for one in family.values() if one.ref == parent)
        level = (block.scales[parent].mean - total.minimum) / (total.maximum - total.minimum)
        sd = min(1.2 * block.scales[parent].sd / (total.maximum - total.minimum), 0.25)
        if shape.sign * total.sign < 0:
            level = 1 - level
    elif shape.sign > 0:
        level = 1 - level
    return fitted(shape, shape.minimum + level * span, sd * span, "none")


def _with_synchrony(
    protocol: Protocol, constructs: list[Construct], cells: list[Cell], asked: list[Occasion]
) -> tuple[list[Construct], list[Cell]]:
    """Synchrony as a construct of its own, one for each signal that an association names, on the scale of a z value."""
    at = [o for o, occasion in enumerate(asked) if protocol.recordings and occasion.name in protocol.recordings.at]
    for ref in sorted({a.predictor for a in protocol.endpoints.associations.values() if ":" in a.predictor}):
        shape = Shape(ref, -2.0, 1e-4, 40_001, 1, None, ((1, 1),), False, True, "synchrony")
        plain = Marginal(shape, SYNCHRONY_MEAN, SYNCHRONY_SD, "none", SYNCHRONY_MEAN, SYNCHRONY_SD)
        constructs = [*constructs, Construct(ref, "record", plain, "process")]
        cells = [*cells, *(Cell(len(constructs) - 1, o, o == at[0]) for o in at)]
    return constructs, cells


SYNCHRONY_MEAN, SYNCHRONY_SD = 0.14, 0.05  # of a windowed cross-correlation


def _links(design: Design) -> Iterator[Link]:
    for name, clause in design.protocol.endpoints.associations.items():
        predictor = design.construct(clause.predictor, clause.informant)
        outcome = design.construct(clause.outcome, "patient")
        at = tuple(o for point in clause.predictor_at if (o := design.occasion(point)) is not None)
        later = tuple(o for point in clause.outcome_at if (o := design.occasion(point)) is not None)
        strength = design.simulate.associations.get(name)
        if predictor is None or outcome is None or not at or not later:
            continue  # the checker of protocols says so; here there is nothing to link
        within, between = (strength.within, strength.between) if strength else (0.0, 0.0)
        yield Link(name, clause, predictor, outcome, at, later, within, between)


def _shifts(design: Design) -> Array:
    """(arms, cells): how far each arm moves the normal value of each cell, so that the score moves as was said."""
    shift = np.zeros((len(design.arms), len(design.cells)))
    for c, construct in enumerate(design.constructs):
        places = design.cells_of(c)
        said = design.simulate.scales.get(construct.ref)
        if said is None and construct.parent >= 0:
            said = design.simulate.scales.get(design.constructs[construct.parent].ref)
        if said is None or not said.change:
            continue
        wanted = np.array([[_change(said, design, place, arm) for place in places] for arm in design.arms])
        shift[:, places] = construct.marginal.shifts(wanted)
    return shift


def _change(said: SimulatedScale, design: Design, place: int, arm: str) -> float:
    """Improvement in SDs at a cell: its own time-point's, that of the time-point it repeats, else none."""
    occasion = design.occasions[design.cells[place].occasion]
    value = said.change.get(occasion.name, said.change.get(occasion.time_point, 0.0))
    return value.get(arm, 0.0) if isinstance(value, dict) else value
