"""The report of one pair in one session: both courses, when they went together, who came first, against chance."""

from __future__ import annotations

from accord.science.analyses.attunement_bodies import Together
from accord.science.analyses.attunement_pictures import (
    courses_picture,
    lead_picture,
    map_picture,
    reading,
    signal_words,
    surrogates_picture,
    values_words,
)
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import AnalysisResult, Block, Caution, Cell, Table, Text
from accord.science.analyses.wording import number, p_value, percent
from accord.science.synchrony import SURROGATES, Synchrony
from accord.science.synchrony.result import Part as Stretch


def pair_report(found: Synchrony, both: Together, *, invented: bool = False) -> AnalysisResult:
    """What `accord synchrony --out` writes; formats what was found and computes nothing."""
    signal = signal_words(both.signal)
    parts = [_courses(found, both, signal, invented), _chance(found, both, invented), _lead(found, invented),
             _parts(found), _how(found, both)]  # fmt: skip
    minutes = number(both.seconds / 60, 1)
    return AnalysisResult(
        title=f"Synchrony of {signal}: {found.who[0]} and {found.who[1]}",
        eyebrow=f"One session · {minutes} minutes · {found.label}", protocol="", protocol_version=0, protocol_hash="",
        origin="simulated" if invented else "real", lead=(reading(found, both.signal), values_words(found)),
        sections=tuple(one.section for one in parts if one.section is not None),
        notes=(*found.notes, *both.notes, "Not a medical device; not reviewed for clinical use."),
        facts={"index": found.label, "surrogates": found.n_surrogates, "seed": found.seed,
               "usable": percent(both.usable)},
    )  # fmt: skip


def _courses(found: Synchrony, both: Together, signal: str, invented: bool) -> Part:
    courses = dict(zip(found.who, (both.first, both.second), strict=True))
    figure = courses_picture(both.times, courses, signal=signal, unit=both.unit, phases=both.phases, invented=invented)
    note = f"{percent(both.usable)} of the time is usable in both."
    return part("courses", "What was recorded", [drawn("courses", figure, note), _windows(found, both)])


def _windows(found: Synchrony, both: Together) -> Table | None:
    if not both.windows:
        return None
    reasons = [name for name in both.windows[0] if any(counts[name] for counts in both.windows)]
    rows: list[tuple[Cell, ...]] = []
    for who, counts in zip(found.who, both.windows, strict=True):
        row: list[Cell] = [who]
        row += [counts[name] for name in reasons]
        rows.append(tuple(row))
    words = "Usable, or left out for the reason named; of a window left out nothing is used."
    return Table("quality", "Windows of 10 seconds", ("Who", *map(spoken, reasons)), tuple(rows), words)


def _chance(found: Synchrony, both: Together, invented: bool) -> Part:
    figure = surrogates_picture(found, invented=invented)
    kind = SURROGATES.get(found.surrogate)
    blocks: list[Block | None] = [
        Text(reading(found, both.signal)), drawn("surrogates", figure) if figure else None,
        Caution(kind.caution) if kind and kind.caution else None,
    ]  # fmt: skip
    return part("chance", "Against chance", blocks)


def _lead(found: Synchrony, invented: bool) -> Part:
    grid, profile = map_picture(found, invented=invented), lead_picture(found, invented=invented)
    if grid is None and profile is None:
        return Part()
    blocks: list[Block | None] = [
        drawn("map", grid) if grid else None, drawn("lead", profile) if profile else None,
    ]  # fmt: skip
    return part("lead", "When, and who came first", blocks)


def _parts(found: Synchrony) -> Part:
    rows: list[tuple[Cell, ...]] = [_row(one.name, one) for one in found.parts]
    if found.convergence.synchrony is not None:
        rows.append(_row("change in ten minutes", found.convergence))
    columns = ("Part", "From, s", "To, s", "Windows", "Synchrony", "By chance", "SD of chance", "p")
    note = "Several parts are several looks: a single small p among them says little."
    odd, even = found.odd, found.even
    halves = f"Odd stretches {number(odd, 3)}, even stretches {number(even, 3)}." if odd is not None else ""
    blocks: list[Block | None] = [Table("parts", "Parts of the session", columns, tuple(rows), note, digits=3)]
    return part("parts", "Parts of the session", [*blocks, Text(halves) if halves else None]) if rows else Part()


def _row(name: str, one: Stretch) -> tuple[Cell, ...]:
    return (name, round(one.start_s), round(one.end_s), one.n_windows, one.synchrony, one.surrogate_mean,
            number(one.effect_size) if one.effect_size is not None else None, p_value(one.p))  # fmt: skip


def _how(found: Synchrony, both: Together) -> Part:
    rows: list[tuple[Cell, ...]] = [("index", found.label), ("grid, Hz", number(both.rate_hz, 2))]
    for name in ("window", "step", "max_lag"):
        rows.append((spoken(name), f"{getattr(found.settings, name):g} s"))
    rows += [("trend taken out", "yes" if found.detrended else "no"), ("surrogates", found.n_surrogates),
             ("seed", found.seed)]  # fmt: skip
    if both.clock is not None:
        apart = "not known" if both.clock_s is None else number(both.clock_s, 3)
        rows += [("clocks", both.clock.method), ("clocks may be apart by, s", apart),
                 ("arrival jitter, s", number(both.clock.jitter_s, 3))]  # fmt: skip
        drift = both.clock.drift_ppm
        rows += [("drift, millionths", number(drift, 1))] if drift is not None else []
    return part("how", "How it was measured", [Table("settings", "Settings", ("What", "Value"), tuple(rows))])
