"""What an analysis must know of a scale: range, direction, true zero. Inline scales first, then the instruments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accord.science.cohort.manifest import Direction, InlineScale, Manifest
from accord.science.errors import NotFound

SIGNS: dict[Direction, int] = {"higher_better": 1, "higher_worse": -1, "none": 0}


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """A scale of a cohort. Improvement is `sign * (later - baseline)`, positive = better (C19).

    `zero` is the score that means "none of it"; None: percentages are refused (C20). `invented` is True when the
    cohort is simulated (C12), `inline` when the manifest declares the scale rather than an instrument file.
    """

    ref: str
    label: str
    patient_name: str
    minimum: float
    maximum: float
    direction: Direction
    zero: float | None
    sign: int
    source: str
    invented: bool = False
    inline: bool = False
    unit: str = "points"


def inline_facts(ref: str, scale: InlineScale, *, invented: bool) -> ScaleFacts:
    return ScaleFacts(
        ref=ref, label=scale.name, patient_name=scale.patient_name or scale.name, minimum=scale.minimum,
        maximum=scale.maximum, direction=scale.direction, zero=scale.zero, sign=SIGNS[scale.direction],
        source=scale.source, invented=invented, inline=True, unit=scale.unit,
    )  # fmt: skip


def instrument_facts(ref: str, *, invented: bool, site: Path | None) -> ScaleFacts:
    """The facts of `<instrument>.<scale>` from the instrument files; NotFound with the nearest names."""
    from accord.science.instruments import load_instrument

    instrument_id, _, scale_id = ref.partition(".")
    instrument = load_instrument(instrument_id.removeprefix("demo_"), site=site)
    scale = instrument.scales.get(scale_id)
    if scale is None:
        names = ", ".join(f"{instrument.id}.{name}" for name in instrument.scales)
        raise NotFound(f"There is no scale called '{ref}'.", cure=f"There are: {names or 'none'}.")
    return ScaleFacts(
        ref=ref, label=scale.name, patient_name=scale.patient_name, minimum=scale.minimum, maximum=scale.maximum,
        direction=scale.direction, zero=scale.zero, sign=scale.sign, source="; ".join(instrument.references[:1]),
        invented=invented, unit=scale.unit,
    )  # fmt: skip


def scale_facts(ref: str, manifest: Manifest, *, site: Path | None = None) -> ScaleFacts:
    """The facts of a scale reference: the manifest's own declaration wins over the instrument file."""
    if inline := manifest.scales.get(ref):
        return inline_facts(ref, inline, invented=manifest.invented)
    return instrument_facts(ref, invented=manifest.invented, site=site)
