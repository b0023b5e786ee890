"""From severities to scores: every cell of the design, as it would be answered by everybody."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.simulation.design import Design

Array = NDArray[Any]
CHANGE_IN_IMPRESSION = 0.7  # how the impression of change goes with the change of the watched scale
_EFFECTS = ("neq_20.effects_treatment", "neq_20.effects_other", "neq_20.effects")
_IMPACTS = {"neq_20.impact_treatment": "neq_20.effects_treatment", "neq_20.impact_other": "neq_20.effects_other"}


def score_cells(design: Design, z: Array, shift: Array) -> Array:
    """Scores, people by cells. `z` are severities, `shift` what each person's arm adds (people or 1, by cells)."""
    u = design.sign * z
    u += shift
    _impressions(design, z, u, shift)
    scores = np.empty_like(u)
    for c, construct in enumerate(design.constructs):
        cells = design.cells_of(c)
        scores[:, cells] = construct.marginal.scores(u[:, cells])
    _add_up(design, scores)
    _unwanted_effects(design, scores)
    _profiles(design, u, scores)
    return scores


def _impressions(design: Design, z: Array, u: Array, shift: Array) -> None:
    """The impression of change looks at the change of the watched scale from its first occasion until then."""
    watched = design.watched
    for place, cell in enumerate(design.cells):
        if not design.constructs[cell.construct].ref.startswith("pgic.") or watched is None:
            continue
        now, begin = design.cell(watched, cell.occasion), design.cells_of(watched)[0]
        if now is None or now == begin:
            continue
        worse = z[:, now] - z[:, begin] + design.sign[now] * np.broadcast_to(shift, u.shape)[:, now]
        worse = (worse - worse.mean()) / max(float(worse.std()), 1e-9)
        u[:, place] = CHANGE_IN_IMPRESSION * worse + np.sqrt(1 - CHANGE_IN_IMPRESSION**2) * z[:, place]


def _add_up(design: Design, scores: Array) -> None:
    """Subscales that share out a total add up to it; a total that nothing describes is the sum of its parts."""
    for place, cell in enumerate(design.cells):
        construct = design.constructs[cell.construct]
        if not construct.shape.parts:
            continue
        instrument = construct.ref.split(".")[0]
        parts = [design.construct(f"{instrument}.{name}", construct.informant) for name in construct.shape.parts]
        cells = [design.cell(part, cell.occasion) for part in parts if part is not None]
        there = [one for one in cells if one is not None]
        if len(there) < len(construct.shape.parts):
            continue
        if construct.ref in design.simulate.scales:
            _share_out(design, scores, place, there)
        scores[:, place] = scores[:, there].sum(axis=1)


def _share_out(design: Design, scores: Array, total: int, parts: list[int]) -> None:
    """Move the parts, each by its room, until they sum to the total (to within the coarsest step)."""
    shape = [design.constructs[design.cells[part].construct].shape for part in parts]
    left = scores[:, total] - scores[:, parts].sum(axis=1)
    up = left > 0
    room = [np.where(up, s.maximum - scores[:, p], scores[:, p] - s.minimum) for s, p in zip(shape, parts, strict=True)]
    for i in sorted(range(len(parts)), key=lambda i: -shape[i].step):  # the finest step last: it takes the remainder
        whole = np.maximum(sum(room), 1e-9)
        move = np.rint(np.abs(left) * room[i] / whole / shape[i].step) * shape[i].step
        move = np.where(up, 1, -1) * np.minimum(move, room[i])
        scores[:, parts[i]] += move
        left = left - move
        up, room[i] = left > 0, np.zeros_like(left)
    scores[:, parts] = np.round(scores[:, parts], 9)


def _unwanted_effects(design: Design, scores: Array) -> None:
    """The count of any cause is the sum of both causes; an impact without an effect is empty."""
    for place, cell in enumerate(design.cells):
        ref = design.constructs[cell.construct].ref
        if ref == _EFFECTS[2]:
            both = [_beside(design, place, name) for name in _EFFECTS[:2]]
            scores[:, place] = sum(scores[:, one] for one in both if one is not None)
        elif ref in _IMPACTS:
            count = _beside(design, place, _IMPACTS[ref])
            if count is not None:
                scores[:, place] = np.where(scores[:, count] > 0, scores[:, place], np.nan)


def _beside(design: Design, place: int, ref: str) -> int | None:
    """The cell of another scale at the same occasion and by the same informant."""
    cell = design.cells[place]
    other = design.construct(ref, design.constructs[cell.construct].informant)
    return None if other is None else design.cell(other, cell.occasion)


def _profiles(design: Design, u: Array, scores: Array) -> None:
    """A profile is a digit a dimension (11111 … 55555), all of them leaning the same way as the person's severity."""
    for place, cell in enumerate(design.cells):
        construct = design.constructs[cell.construct]
        if construct.shape.method == "profile":
            digits = len(str(int(construct.shape.minimum)))
            spread = np.linspace(-0.8, 0.8, digits)
            levels = np.clip(np.rint(2.6 + 0.9 * (u[:, [place]] + spread)), 1, 5)
            scores[:, place] = levels @ (10.0 ** np.arange(digits)[::-1])
        elif not construct.shape.scorable:
            scores[:, place] = np.nan
