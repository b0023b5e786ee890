"""The block `simulate:` of a protocol: is it there, and does everything in it fit the rest of the protocol?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from accord.science.errors import BadContent, BadInput, Finding
from accord.science.protocols import Occasion, Protocol
from accord.science.protocols.model import Informant, Simulate, SimulatedScale
from accord.science.simulation.marginal import fitted
from accord.science.simulation.shape import Shape, shapes

NEAR = 0.02  # of an SD: mean and SD of the score must come out as stated
MOST_BETWEEN = 0.9  # of the variance of the change, over all levels


def simulate_block(protocol: Protocol) -> Simulate:
    """The block, or BadInput when the protocol does not say how an invented cohort behaves."""
    if protocol.simulate is None:
        raise BadInput(
            f"The protocol {protocol.slug} has no block `simulate:`, so nothing says how an invented cohort behaves.",
            cure="Add it (docs/reference/protocols.md), or simulate one of the protocols that have it.",
        )
    return protocol.simulate


def asked_of(occasion: Occasion) -> Iterator[tuple[Informant, str]]:
    """Informant and instrument, one by one."""
    for informant, instruments in occasion.asked.items():
        for instrument in instruments:
            yield informant, instrument


def refuse_misfits(protocol: Protocol, block: Simulate, asked: list[Occasion], site: Path | None) -> None:
    """Raises BadContent with every finding: names that nothing else knows, numbers that no cohort can have."""
    known = {shape.ref: shape for one in asked for _, name in asked_of(one) for shape in shapes(name, site).values()}
    points = {occasion.name for occasion in asked} | {occasion.time_point for occasion in asked}
    findings = [finding for ref, said in block.scales.items() for finding in _scale(ref, said, known)]
    findings += [finding for ref, said in block.scales.items() for finding in _changes(protocol, ref, said, points)]
    findings += [Finding(f"simulate.attrition: there is no time-point {point}.") for point in block.attrition
                 if point not in points]  # fmt: skip
    findings += _shares(block)
    if findings:
        raise BadContent(f"{protocol.slug} cannot be simulated:", findings)


def _scale(ref: str, said: SimulatedScale, known: dict[str, Shape]) -> Iterator[Finding]:
    if ref not in known:
        yield Finding(f"simulate.scales: {ref} is asked at no time-point.", cure=_there(ref, known))
        return
    shape = known[ref]
    name = f"simulate.scales.{ref}"
    if not shape.minimum < said.mean < shape.maximum:
        ends = f"{shape.minimum:g} to {shape.maximum:g}"
        yield Finding(f"{name}: a mean of {said.mean:g} is not inside the scale ({ends}).", cure="Mend the mean.")
        return
    got = fitted(shape, said.mean, said.sd, said.skew)
    if abs(got.baseline_mean - said.mean) > NEAR * said.sd or abs(got.baseline_sd - said.sd) > NEAR * said.sd:
        steps = f"{shape.minimum:g} to {shape.maximum:g} in steps of {shape.step:.3g}"
        nearest = f"nearest are {got.baseline_mean:.3g} and {got.baseline_sd:.3g}"
        what = f"{name}: no scores from {steps} were found with mean {said.mean:g} and SD {said.sd:g}; {nearest}."
        yield Finding(what, cure="Take another SD or mean, or no skew.")


def _changes(protocol: Protocol, ref: str, said: SimulatedScale, points: set[str]) -> Iterator[Finding]:
    for point, value in said.change.items():
        if point not in points:
            yield Finding(f"simulate.scales.{ref}.change: there is no time-point {point}.")
        for arm in value if isinstance(value, dict) else {}:
            if arm not in protocol.arms:
                arms = f"Arms: {', '.join(protocol.arms)}."
                yield Finding(f"simulate.scales.{ref}.change.{point}: there is no arm {arm}.", cure=arms)


def _shares(block: Simulate) -> Iterator[Finding]:
    for name in ("ineligible", "declines"):
        if block.funnel.get(name, 0.0) >= 1:
            yield Finding(f"simulate.funnel.{name}: nobody would ever be enrolled.", cure="Give a share below 1.")
    between = sum(cluster.share for cluster in block.clusters.values())
    if between > MOST_BETWEEN:
        what = f"simulate.clusters: shares of {between:g} leave too little for differences between people."
        yield Finding(what, cure=f"Let them sum to at most {MOST_BETWEEN}.")


def _there(ref: str, known: dict[str, Shape]) -> str:
    same = sorted(one for one in known if one.split(".")[0] == ref.split(".")[0])
    return f"Asked are: {', '.join(same)}." if same else "Ask the instrument in the schedule, or remove the scale here."
