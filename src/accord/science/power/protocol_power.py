"""Power of a protocol: its invented cohorts, judged by its own analysis, thousands of times.

Every replicate is a whole study of n enrolled people (drop-out, skipped items, clusters, allocation as the protocol
says) and goes through the very analysis that will judge the real one. Replicates draw from streams of their own: the
same seed gives the same power, however many processes or machines share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from accord.science.analyses import analyse
from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.power.closed_forms import power_of_one_mean, power_of_two_means
from accord.science.power.curve import PowerAt, PowerCurve
from accord.science.protocols import Protocol
from accord.science.protocols.model import Contrast
from accord.science.simulation import simulate
from accord.science.simulation.design import design_of
from accord.science.simulation.truth import true_values

TARGETS = ("primary", "process", "mechanism")
MOST_REPLICATES = 1_000_000
_BATCH = 20
_READ = ("participants", "events", "allocation", "scores", "lessons", "groups", "synchrony")

Judged = dict[str, tuple[float, float, float] | None]  # id -> (value, low, high); None: could not be estimated


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be found: an estimate, in words; `margin` where it must stay above minus the margin (in SDs)."""

    id: str
    what: str
    unit: str
    within: str = ""  # the id whose interval is held against the margin
    margin: float | None = None
    both_sides: bool = False

    def found(self, judged: Judged) -> bool:
        """Zero left out; or, with a margin, the interval inside it."""
        held = judged.get(self.within or self.id)
        if held is None:
            return False
        _, low, high = held
        if self.margin is None:
            return low * high > 0
        return low > -self.margin and (not self.both_sides or high < self.margin)


def protocol_power(
    protocol: Protocol,
    sizes: Iterable[int],
    *,
    replicates: int = 1000,
    target: str = "primary",
    effect: float = 1.0,
    seed: int = 1,
    executor: Executor | None = None,
    site: Path | None = None,
    said: Callable[[int, int], None] = lambda done, of: None,
) -> list[PowerCurve]:
    """One curve for each thing of `target` that the protocol names, over `sizes` (enrolled people).

    `effect` multiplies every change and association that the protocol's `simulate:` assumes; 0 gives the rate of false
    findings. `executor` is any of `concurrent.futures` (a Dask client's among them). `said` hears how many replicates
    are done. Raises BadInput for sizes or replicates that make no sense, a protocol without `simulate:`, or one that
    names nothing of `target`.
    """
    wanted_sizes = sorted(set(sizes))
    _check(wanted_sizes, replicates, target, effect)
    scaled = scaled_effects(protocol, effect)
    targets = targets_of(protocol, target)
    truth = true_values(design_of(scaled, site=site))
    tasks = [
        (scaled, n, tuple(_seed(seed, n, r) for r in range(start, min(start + _BATCH, replicates))), target, site)
        for n in wanted_sizes
        for start in range(0, replicates, _BATCH)
    ]
    held: dict[int, list[Judged]] = {n: [] for n in wanted_sizes}
    done = 0
    for n, judged in _run(tasks, executor):
        held[n] += judged
        done += len(judged)
        said(done, replicates * len(wanted_sizes))
    return [_curve(protocol, one, held, truth.get(one.id), effect, replicates, seed) for one in targets]


def judge_batch(task: tuple[Protocol, int, Sequence[int], str, Path | None]) -> tuple[int, list[Judged]]:
    """A batch of replicates of one size; at the top of a module, so that any executor can send it."""
    protocol, n, seeds, target, site = task
    return n, [judge_one(protocol, n, seed, target, site) for seed in seeds]


def judge_one(protocol: Protocol, n: int, seed: int, target: str, site: Path | None = None) -> Judged:
    """One invented study and what its analysis says."""
    try:
        cohort = simulate(protocol, n=n, seed=seed, truth=False, tables=_READ, site=site)
        estimates = analyse(protocol, cohort, only={target}, seed=seed % 1000 + 1).estimates
    except NotEstimable:
        return {}
    return {one.id: _interval(one) for one in estimates}


def targets_of(protocol: Protocol, target: str) -> list[Target]:
    """What the protocol's primary endpoint, associations or mechanism name."""
    ends = protocol.endpoints
    found: list[Target] = []
    if target == "primary":
        scale, at = ends.primary.scale, ends.primary.at
        words = f"{scale} at {at.replace('_', ' ')}"
        if ends.primary.contrasts:
            found = [_contrast(scale, at, name, ends.contrasts[name], words) for name in ends.primary.contrasts]
        else:
            found = [Target(ids.change(scale, at), f"a change of {words} from baseline", "points")]
    elif target == "process":
        for name, clause in ends.associations.items():
            for part in clause.parts:
                words = f"{clause.predictor} ({clause.informant}) going with {clause.outcome}, {part} people"
                found.append(Target(ids.association(name, part), words, "SD per SD"))
    elif ends.mechanism is not None:
        words = "a path" if ends.mechanism.model == "parallel-paths" else "change going along"
        found = [Target(f"mechanism.{ref}", f"{words}: {ref}", "SD") for ref in ends.mechanism.mediators]
    if not found:
        raise BadInput(f"The protocol '{protocol.slug}' names no {target}.", cure="Ask for the primary endpoint.")
    return found


def _contrast(scale: str, at: str, name: str, named: Contrast, words: str) -> Target:
    own = ids.contrast(scale, at, name)
    if named.margin is None or named.aim == "superiority":
        return Target(own, f"a difference in {words}: {named.label}", "points")
    equal = named.aim == "equivalence"
    what = f"{named.aim} within {named.margin:g} SD in {words}: {named.label}"
    return Target(own, what, "points", ids.contrast_g(scale, at, name), named.margin, equal)


def scaled_effects(protocol: Protocol, effect: float) -> Protocol:
    """The protocol with every assumed change and association multiplied."""
    if protocol.simulate is None:
        raise BadInput(
            f"The protocol '{protocol.slug}' does not say what to assume.", cure="Add a simulate: block to it."
        )
    if effect == 1:
        return protocol
    scales = {
        ref: scale.model_copy(update={"change": {at: _times(value, effect) for at, value in scale.change.items()}})
        for ref, scale in protocol.simulate.scales.items()
    }
    associations = {
        name: one.model_copy(update={"within": one.within * effect, "between": one.between * effect})
        for name, one in protocol.simulate.associations.items()
    }
    assumed = protocol.simulate.model_copy(update={"scales": scales, "associations": associations})
    return protocol.model_copy(update={"simulate": assumed})


def _times(value: Any, effect: float) -> Any:
    return {arm: one * effect for arm, one in value.items()} if isinstance(value, dict) else value * effect


def _check(sizes: list[int], replicates: int, target: str, effect: float) -> None:
    if not sizes or sizes[0] < 4:
        raise BadInput(
            f"A study of {sizes[0] if sizes else 'no'} people has no power to speak of.",
            cure="Give sizes of at least 4.",
        )
    if not 1 <= replicates <= MOST_REPLICATES:
        raise BadInput(
            f"{replicates:,} replicates.", cure=f"Give 1 to {MOST_REPLICATES:,}; 1,000 are sure to 3 points."
        )
    if target not in TARGETS:
        raise BadInput(f"There is nothing called {target!r} to be found.", cure=f"Use one of: {', '.join(TARGETS)}.")
    if not 0 <= effect <= 10:
        raise BadInput(f"An effect of {effect:g} times the assumed one.", cure="Give 0 (none) to 10.")


def _seed(seed: int, n: int, replicate: int) -> int:
    return int(np.random.SeedSequence((seed, n, replicate)).generate_state(1)[0] >> 1)


def _run(tasks: list[Any], executor: Executor | None) -> Iterator[tuple[int, list[Judged]]]:
    """In the order of the tasks, so that sums do not depend on who was first."""
    if executor is None:
        yield from map(judge_batch, tasks)
        return
    for future in [executor.submit(judge_batch, task) for task in tasks]:
        yield future.result()


def _interval(one: Estimate) -> tuple[float, float, float] | None:
    if one.value is None or one.ci_low is None or one.ci_high is None:
        return None
    return one.value, one.ci_low, one.ci_high


def _curve(
    protocol: Protocol, target: Target, held: dict[int, list[Judged]], truth: float | None, effect: float,
    replicates: int, seed: int,
) -> PowerCurve:  # fmt: skip
    method = f"{replicates:,} simulated studies a size, each judged by the protocol's own analysis, seed {seed}"
    formula = [_formula(protocol, target, n, effect) for n in held] if target.margin is None else []
    times = "" if effect == 1 else f"{effect:g} times "
    assumed = f"{times}what the protocol's simulate: block assumes"
    return PowerCurve(
        target.id, target.what, [_point(n, target, judged, truth) for n, judged in held.items()], method,
        comparison=bool(protocol.endpoints.primary.contrasts), unit=target.unit,
        formula=formula if any(value is not None for value in formula) else (), invented_effect=assumed,
    )  # fmt: skip


def _point(n: int, target: Target, judged: list[Judged], truth: float | None) -> PowerAt:
    held = [one for each in judged if (one := each.get(target.id)) is not None]
    covered = None if truth is None else sum(low <= truth <= high for _, low, high in held)
    return PowerAt(
        n, len(judged), sum(target.found(each) for each in judged), len(judged) - len(held),
        float(np.mean([value for value, _, _ in held])) if held else None,
        float(np.median([(high - low) / 2 for _, low, high in held])) if held else None, truth, covered,
    )  # fmt: skip


def _formula(protocol: Protocol, target: Target, n: int, effect: float) -> float | None:
    """The closed form for a change or for two arms of equal size; None where no simple one holds."""
    ends, assumed = protocol.endpoints, protocol.simulate
    scale = assumed.scales.get(ends.primary.scale) if assumed else None
    if assumed is None or scale is None or target.id.split(".")[0] not in ("change", "contrast"):
        return None
    change, r = scale.change.get(ends.primary.at), assumed.correlation["occasions"]
    stay = 1 - assumed.attrition.get(ends.primary.at, 0.0)
    cluster = assumed.clusters.get(protocol.analysis.cluster) if protocol.analysis.cluster else None
    size = 1.0 if cluster is None else cluster.size or n / (cluster.count or n)
    share = cluster.share if cluster else 0.0
    try:
        if isinstance(change, float | int):
            d, units = change * effect / float(np.sqrt(2 - 2 * r)), n / size if cluster else None
            return power_of_one_mean(n * stay, d, cluster_size=size * stay, cluster_share=share, clusters=units)
        if change is None or not target.id.startswith("contrast."):
            return None
        named = ends.contrasts[target.id.rsplit(".", 1)[-1]]
        if named.arms is None or len(protocol.arms) != len(named.arms):
            return None
        d = (change.get(named.arms[0], 0.0) - change.get(named.arms[1], 0.0)) * effect
        half = n * stay / 2
        return power_of_two_means(
            half, half, d, baseline_correlation=r, cluster_size=max(size, 1.0), cluster_share=share
        )
    except NotEstimable:
        return None
