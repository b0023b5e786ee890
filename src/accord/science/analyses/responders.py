"""Shares of people who improved: reliably, by at least so many per cent, and the number needed to treat (C20, C21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accord.science.analyses.contrasts import in_contrast
from accord.science.analyses.models import cluster_labels, contrast_weights
from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import Outcome
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.study import Mask, Study
from accord.science.analyses.wording import interval
from accord.science.errors import AccordError, NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.clustered_proportion import clustered_proportion
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.nnt import number_needed_to_treat
from accord.science.estimates.reliable_change import Group, Kind, Reliability, reliable_change
from accord.science.estimates.responders import (
    Missing,
    Responders,
    has_room,
    important_change,
    percent_improved,
    responders,
)
from accord.science.instruments.model import Retest

DEFAULT_PERCENT = 30.0


@dataclass(frozen=True)
class Yardstick:
    """How much change of one person counts on a scale: a published reliability, or a convention with its name."""

    reliability: Reliability | None
    points: float | None
    words: str


def yardstick(study: Study, outcome: Outcome) -> Yardstick | None:
    """The scale's reliability where the instrument has it; else a convention of the protocol or the instrument."""
    change = _change_facts(study, outcome.ref)
    retest: Retest | None = getattr(change, "retest", None)
    if retest is not None:
        return Yardstick(_reliability(study, outcome, retest), None, "reliable change")
    rule = study.protocol.safety.deterioration
    if rule is not None and outcome.ref in rule.threshold:
        words = rule.convention.get(outcome.ref, "threshold of this protocol")
        return Yardstick(None, rule.threshold[outcome.ref], f"convention: {words}")
    for threshold in getattr(change, "conventions", ()):
        if threshold.unit == "points":
            return Yardstick(None, threshold.value, f"convention: {threshold.name or threshold.source}")
    return None


def _reliability(study: Study, outcome: Outcome, retest: Retest) -> Reliability:
    """The published r with its SD; where the source gives none, with the SD of this cohort at baseline, and said."""
    sd, source = retest.sd, retest.source
    if sd is None:
        baseline = study.values(outcome, outcome.baseline)[study.analysed(outcome)]
        known = baseline[np.isfinite(baseline)]
        sd = float(known.std(ddof=1)) if len(known) > 1 else None
        source = f"{source}; SD of this cohort at baseline"
    kind: Kind = "internal consistency" if retest.type == "alpha" else "test-retest"
    return Reliability(retest.r, kind, sd, source, retest.interval, retest.population)


def _change_facts(study: Study, ref: str) -> object | None:
    if ref in study.cohort.manifest.scales:
        return None
    from accord.science.instruments import load_instrument

    instrument, _, scale = ref.partition(".")
    try:
        return load_instrument(instrument, site=study.cohort.site).scales[scale].change
    except (AccordError, KeyError):
        return None


# --- the numbers --------------------------------------------------------------------------------------------------


def arms_or_all(study: Study) -> tuple[str | None, ...]:
    """In a comparison each arm; without one everybody, and each arm where there are several."""
    if study.plan.comparison:
        return study.arms
    return (None, *study.arms) if len(study.arms) > 1 else (None,)


def rows_of(study: Study, outcome: Outcome, at: str, arm: str | None) -> Mask:
    rows = study.analysed(outcome) & study.due(at)
    return rows if arm is None else rows & (study.arm == arm)


def _values(study: Study, outcome: Outcome, at: str, arm: str | None) -> tuple[np.ndarray, np.ndarray]:
    rows = rows_of(study, outcome, at, arm)
    return study.values(outcome, outcome.baseline)[rows], study.values(outcome, at)[rows]


def over_clusters(study: Study, rows: Mask, flags: np.ndarray, found: Estimate) -> Estimate:
    """The same share with limits over the protocol's clusters. `flags` (people of `rows`): 1, 0, NaN not counted."""
    labels = cluster_labels(study, rows)
    known = np.isfinite(flags)
    if labels is None or found.value is None or not known.any():
        return found
    share, _, note = clustered_proportion(flags[known], labels[known])
    level = study.protocol.analysis.cluster
    return found.renamed(
        ci_low=share.ci_low, ci_high=share.ci_high, method=f"{found.method}; Wilson interval over {level}s",
        note=f"{found.note} {note}".strip(),
    )  # fmt: skip


def _flags(study: Study, outcome: Outcome, at: str, arm: str | None) -> np.ndarray:
    """1 at least so many per cent better, 0 not, NaN without both values or with a baseline of zero."""
    before, after = _values(study, outcome, at, arm)
    better = percent_improved(before, after, zero=outcome.facts.zero, sign=outcome.facts.sign)
    return np.where(np.isfinite(better), better >= percent_of(study, outcome) - 1e-9, np.nan)


def percent_of(study: Study, outcome: Outcome) -> float:
    rule = study.protocol.endpoints.responder
    return float(rule.improved_by.rstrip("%")) if rule and rule.scale == outcome.ref else DEFAULT_PERCENT


def improved_by(
    study: Study, outcome: Outcome, at: str, arm: str | None, missing: Missing = "left out"
) -> Responders:  # fmt: skip
    """Raises NotEstimable for a scale without a true zero, or without values."""
    before, after = _values(study, outcome, at, arm)
    facts = outcome.facts
    return responders(
        before, after, sign=facts.sign, zero=facts.zero, limits=(facts.minimum, facts.maximum),
        percent=percent_of(study, outcome), missing=missing,
    )  # fmt: skip


def _label(study: Study, outcome: Outcome, at: str, arm: str | None, what: str) -> str:
    where = f", {study.arm_label(arm)}" if arm else ""
    return f"{outcome.facts.label}, {study.when(at)}{where}: {what}"


def responder_estimates(study: Study, outcome: Outcome) -> Iterator[Estimate]:
    """Share at least so many per cent better, among all with a distance at baseline and an outcome."""
    what = f"at least {percent_of(study, outcome):g} % better"
    for at in outcome.at:
        for arm in arms_or_all(study):
            label = _label(study, outcome, at, arm, what)
            try:
                found = improved_by(study, outcome, at, arm)
            except NotEstimable as error:
                name = ids.responders(outcome.ref, at, arm)
                yield Estimate(id=name, label=label, value=None, scale=outcome.ref, note=error.finding.what)
                continue
            share = found.estimate(ids.responders(outcome.ref, at, arm), label, scale=outcome.ref, unit="share")
            flags = _flags(study, outcome, at, arm)
            yield over_clusters(study, rows_of(study, outcome, at, arm), flags, share)
            with_room = found.estimate(
                f"responders_with_room.{outcome.ref}.{at}" + (f".{arm}" if arm else ""),
                f"{label}, among those with room to improve", among="room", scale=outcome.ref, unit="share",
            )  # fmt: skip
            before, _ = _values(study, outcome, at, arm)
            room = has_room(before, sign=outcome.facts.sign, limits=(outcome.facts.minimum, outcome.facts.maximum))
            yield over_clusters(study, rows_of(study, outcome, at, arm), np.where(room, flags, np.nan), with_room)


def reliable_estimates(study: Study, outcome: Outcome) -> Iterator[Estimate]:
    """Shares reliably improved and reliably worse (or beyond a convention, named so)."""
    measure = yardstick(study, outcome)
    if measure is None:
        return
    for at in outcome.at:
        for arm in arms_or_all(study):
            names = ids.reliably_improved(outcome.ref, at, arm), ids.reliably_worse(outcome.ref, at, arm)
            labels = [_label(study, outcome, at, arm, w) for w in ("reliably improved", "reliably worse")]
            try:
                for estimate, flags in _two_shares(study, measure, outcome, at, arm, names, labels):
                    yield over_clusters(study, rows_of(study, outcome, at, arm), flags, estimate)
            except NotEstimable as error:
                for name, label in zip(names, labels, strict=True):
                    yield Estimate(id=name, label=label, value=None, scale=outcome.ref, note=error.finding.what)


def _two_shares(
    study: Study, measure: Yardstick, outcome: Outcome, at: str, arm: str | None, names: tuple[str, str],
    labels: list[str],
) -> Iterator[tuple[Estimate, np.ndarray]]:  # fmt: skip
    """Improved and worse, each with who is in it."""
    before, after = _values(study, outcome, at, arm)
    facts, limits = outcome.facts, (outcome.facts.minimum, outcome.facts.maximum)
    change = facts.sign * (after - before)
    if measure.reliability is not None:
        found = reliable_change(before, after, measure.reliability, sign=facts.sign, scale=facts.label)
        groups: tuple[tuple[Group, ...], ...] = (("recovered", "improved"), ("deteriorated",))
        for name, label, chosen in zip(names, labels, groups, strict=True):
            flags = np.where(np.isfinite(change), np.isin(found.groups, chosen), np.nan)
            yield found.estimate(name, label, *chosen, scale=facts.ref, unit="share"), flags
        return
    amount = float(measure.points or 0)
    for name, label, turn in zip(names, labels, (1, -1), strict=True):
        shares = important_change(before, after, sign=turn * facts.sign, amount=amount, limits=limits)
        label = label.replace("reliably ", f"by {amount:g} {facts.unit} or more ")
        estimate = shares.estimate(name, label, scale=facts.ref, unit="share")
        flags = np.where(np.isfinite(change), turn * change >= amount - 1e-9, np.nan)
        yield estimate.renamed(method=f"change of {amount:g} {facts.unit} or more; {measure.words}"), flags


def needed_to_treat(study: Study) -> Estimate | None:
    """NNT of the protocol's responder rule: who lacks the outcome is left out, and beside it counted as no response."""
    rule = study.protocol.endpoints.responder
    outcome = study.plan.outcome(rule.scale) if rule else None
    if rule is None or outcome is None or rule.contrast is None or "nnt" not in rule.report:
        return None
    named = study.protocol.endpoints.contrasts[rule.contrast]
    by = f"{percent_of(study, outcome):g} % better"
    label = f"Number needed to treat: {named.label}, {by} on {outcome.facts.label}"
    empty = Estimate(id=f"nnt.{rule.scale}.{rule.at}.{rule.contrast}", label=label, value=None, scale=rule.scale)
    try:
        first, second = _sides(study, outcome, rule.at, rule.contrast)
        texts = []
        for missing in ("left out", "counted as no response"):
            counts = [_count(study, outcome, rule.at, rows, missing) for rows in (first, second)]
            needed = number_needed_to_treat(
                counts[0], counts[1], responder=f"responder: at least {by}",
                time_point=study.when(rule.at), missing=missing,
            )  # fmt: skip
            texts.append(needed.text)
            if missing == "left out":
                main = needed.estimate(empty.id, label, scale=rule.scale)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return main.renamed(note=" ".join(texts))


def _sides(study: Study, outcome: Outcome, at: str, name: str) -> tuple[Mask, Mask]:
    named = study.protocol.endpoints.contrasts[name]
    weights = contrast_weights(study, named)
    rows = in_contrast(study, study.analysed(outcome), named) & study.due(at)
    first = np.array([weights.get(str(arm), 0.0) > 0 for arm in study.arm])
    return rows & first, rows & ~first


def _count(study: Study, outcome: Outcome, at: str, rows: Mask, missing: str) -> tuple[int, int]:
    facts = outcome.facts
    found = responders(
        study.values(outcome, outcome.baseline)[rows], study.values(outcome, at)[rows], sign=facts.sign,
        zero=facts.zero, limits=(facts.minimum, facts.maximum), percent=percent_of(study, outcome),
        missing=missing,  # type: ignore[arg-type]
    )  # fmt: skip
    return found.among_all.events, found.among_all.n


# --- the section --------------------------------------------------------------------------------------------------


def responders_part(study: Study) -> Part:
    """Two tables: reliable change, and at least so many per cent; the NNT where the protocol asks for it."""
    shares = [e for outcome in study.plan.outcomes for e in responder_estimates(study, outcome)]
    reliable = [e for outcome in study.plan.outcomes for e in reliable_estimates(study, outcome)]
    needed = needed_to_treat(study)
    blocks: list[Block | None] = [
        Text("Each share counts people with both values; who lacks one of them is named as missing and not counted."),
        _reliable_table(study, reliable), _yardsticks(study, reliable), _without_yardstick(study),
        _share_table(study, shares),
        Estimates("Number needed to treat", (needed,), needed.note, digits=1) if needed else None,
    ]  # fmt: skip
    if not shares and not reliable:
        return Part()
    extra = (needed,) if needed else ()
    return part("responders", "How many people improved, and how many got worse", blocks, (*shares, *reliable, *extra))


def _lines(study: Study) -> Iterator[tuple[Outcome, str, str | None]]:
    return ((o, at, arm) for o in study.plan.outcomes for at in o.at for arm in arms_or_all(study))


def _about(study: Study, outcome: Outcome, at: str, arm: str | None) -> tuple[Cell, ...]:
    several = len(arms_or_all(study)) > 1
    arms = (study.arm_label(arm) if arm else "everybody",) if several else ()
    return (outcome.facts.label, study.label(at), *arms)


def _heads(study: Study, *rest: str) -> tuple[str, ...]:
    return ("Outcome", "At", *(("Arm",) if len(arms_or_all(study)) > 1 else ()), *rest)


def _reliable_table(study: Study, estimates: list[Estimate]) -> Table | None:
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    for outcome, at, arm in _lines(study):
        better = by_id.get(ids.reliably_improved(outcome.ref, at, arm))
        worse = by_id.get(ids.reliably_worse(outcome.ref, at, arm))
        if better and worse:
            numbers = (better.n, better.missing, share_words(better), share_words(worse))
            rows.append((*_about(study, outcome, at, arm), *numbers))
    columns = _heads(study, "n", "Missing", "Improved, % [95 %]", "Worse, % [95 %]")
    note = "By how much counts, and from where that is known, stands in the next table."
    return (
        Table("reliable_change", "Reliable improvement and deterioration", columns, tuple(rows), note) if rows else None
    )


def _yardsticks(study: Study, estimates: list[Estimate]) -> Table | None:
    """Once a scale: how much change of one person counts, and how that is known."""
    rows: list[tuple[Cell, ...]] = []
    for outcome in study.plan.outcomes:
        used = next((e for e in estimates if e.scale == outcome.ref and e.method), None)
        if used:
            rows.append((outcome.facts.label, used.method.partition("; Wilson interval over")[0]))
    return Table("yardsticks", "How much counts", ("Outcome", "Yardstick"), tuple(rows)) if rows else None


def _share_table(study: Study, estimates: list[Estimate]) -> Table | None:
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    for outcome, at, arm in _lines(study):
        name = ids.responders(outcome.ref, at, arm)
        share, room = by_id.get(name), by_id.get(name.replace("responders.", "responders_with_room.", 1))
        if share is None:
            continue
        before, _ = _values(study, outcome, at, arm)
        zeros = int((before == outcome.facts.zero).sum()) if outcome.facts.zero is not None else None
        said = share_words(share) if share.value is not None else share.note
        rows.append((
            *_about(study, outcome, at, arm), f"{percent_of(study, outcome):g} %", share.n, share.missing, zeros, said,
            room.n if room else None, share_words(room) if room else None,
        ))  # fmt: skip
    columns = _heads(study, "At least", "n", "Missing", "Baseline zero", "Of all, % [95 %]", "n with room",
                     "Of those with room, %")  # fmt: skip
    note = (
        "Per cent of the distance from the scale's true zero at baseline; a baseline of zero has none and is not "
        "counted. Room to improve: a baseline at least a fifth of the scale away from its best value. Wilson "
        "intervals, over therapists or groups where the protocol names them."
    )
    return Table("responders", "At least so many per cent better", columns, tuple(rows), note) if rows else None


def share_words(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    scaled = estimate.renamed(
        value=100 * estimate.value, ci_low=100 * (estimate.ci_low or 0), ci_high=100 * (estimate.ci_high or 0)
    )
    return interval(scaled, 0)


def _without_yardstick(study: Study) -> Block | None:
    lacking = [o.facts.label for o in study.plan.outcomes if yardstick(study, o) is None]
    if not lacking:
        return None
    return Caution(
        f"Reliable change cannot be computed for {', '.join(lacking)}: no reliability with its SD and source is known "
        "to us, and there is no convention."
    )
