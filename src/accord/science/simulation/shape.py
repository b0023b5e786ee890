"""What values a scale can take: its ends, its steps, its direction, and how many items must be answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accord.science.instruments import Instrument, Scale, load_instrument

_FINEST = 0.1  # of an answer on a line
_MOST_LEVELS = 2000


@dataclass(frozen=True, slots=True)
class Shape:
    """A scale as the simulator sees it: `minimum + step·k` for k = 0 … `levels` - 1; `sign` +1 where higher is better.

    `blocks` are the (items asked, items needed) that must each be met for a score: one for a plain scale, one for each
    part of a scale made of scales. `prorated` says that a sum is carried by the answered items. `parts` names scales of
    the same instrument that add up to this one. `scorable` is False where the score needs a table that is not there.
    """

    ref: str
    minimum: float
    step: float
    levels: int
    sign: int
    zero: float | None
    blocks: tuple[tuple[int, int], ...]
    prorated: bool
    scorable: bool
    method: str
    parts: tuple[str, ...] = ()

    @property
    def of(self) -> int:
        return sum(of for of, _ in self.blocks)

    @property
    def maximum(self) -> float:
        return self.minimum + self.step * (self.levels - 1)


@lru_cache(maxsize=1024)
def shapes(instrument_id: str, site: Path | None) -> dict[str, Shape]:
    """The shapes of all scales of an instrument, in its order. NotFound for an unknown instrument."""
    instrument = load_instrument(instrument_id, site=site)
    return {scale.id: _shape(instrument, scale) for scale in instrument.scales.values()}


def _shape(instrument: Instrument, scale: Scale) -> Shape:
    step = max(_step(instrument, scale), scale.span / _MOST_LEVELS)
    return Shape(
        ref=scale.ref, minimum=scale.minimum, step=step, levels=round(scale.span / step) + 1, sign=scale.sign,
        zero=scale.zero, blocks=_blocks(instrument, scale),
        prorated=scale.method == "sum" and scale.missing.kind != "none",
        scorable=not (scale.method == "lookup" and not (scale.table and scale.table.values)), method=scale.method,
        parts=_parts(instrument, scale),
    )  # fmt: skip


def _blocks(instrument: Instrument, scale: Scale) -> tuple[tuple[int, int], ...]:
    if scale.scales and scale.missing.kind == "none":
        return tuple(block for name in scale.scales for block in _blocks(instrument, instrument.scales[name]))
    of = len(scale.items) or 1
    return ((of, max(1, min(of, _needed(instrument, scale, of)))),)


def _needed(instrument: Instrument, scale: Scale, of: int) -> int:
    """Items needed; a rule over the whole questionnaire is taken to the scale's own items in proportion."""
    if scale.missing.over == "scale":
        return scale.missing.needed(of)
    whole = len(instrument.items)
    return of - (whole - scale.missing.needed(whole)) * of // whole


def _parts(instrument: Instrument, scale: Scale) -> tuple[str, ...]:
    """Scales that add up to this one: those it is the sum of, or subscales that share out its items."""
    if scale.method == "sum_of_scales" and not scale.turned and _plain(scale):
        return scale.scales
    if scale.method != "sum" or not _plain(scale):
        return ()
    left, parts = set(scale.items), []
    for other in instrument.scales.values():
        inside = other is not scale and other.method == "sum" and _plain(other) and set(other.items) <= left
        same_way = set(other.reversed_items) == set(scale.reversed_items) & set(other.items)
        if inside and same_way and other.direction == scale.direction:
            left -= set(other.items)
            parts.append(other.id)
    return tuple(parts) if parts and not left else ()


def _plain(scale: Scale) -> bool:
    return (scale.subtract, scale.multiply, scale.divide) == (0, 1, 1)


def _step(instrument: Instrument, scale: Scale) -> float:
    """The smallest difference between two scores when everything is answered."""
    if scale.scales:
        parts = [_step(instrument, instrument.scales[name]) for name in scale.scales]
        step = min(parts) / (len(parts) if scale.method == "mean_of_scales" else 1)
    elif scale.method in ("lookup", "criteria", "profile"):
        step = scale.span / _MOST_LEVELS if scale.method == "lookup" else 1.0
    else:
        whole = all(instrument.item(item).whole for item in scale.items)
        step = 1.0 if whole else _FINEST
        step = step / len(scale.items) if scale.method == "mean" else step
    return step * scale.multiply / scale.divide
