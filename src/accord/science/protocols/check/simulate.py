"""The `simulate:` block can be drawn: every scale analysed, within its range, at times and in arms that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context, Key
from accord.science.protocols.check.near import near
from accord.science.protocols.model import SimulatedScale

FUNNEL = ("ineligible", "declines", "never_start", "most", "all")
RULE = "simulate"


def check_simulate(context: Context) -> Iterator[Finding]:
    if context.protocol.simulate is None:
        return
    for ref, scale in context.protocol.simulate.scales.items():
        yield from _in_range(context, ref, scale)
        yield from _changes(context, ref, scale.change, ("simulate", "scales", ref))
    yield from _complete(context)
    yield from _names(context)
    yield from _attrition(context)
    yield from _numbers(context)


def _in_range(context: Context, ref: str, scale: SimulatedScale) -> Iterator[Finding]:
    found, here = context.scale(ref), ("simulate", "scales", ref)
    if found is None:
        return
    if not found.minimum < scale.mean < found.maximum:
        what = f"The mean {scale.mean:g} of {ref} lies outside {found.minimum:g} to {found.maximum:g}."
        yield context.finding(what, *here, "mean", cure="Take a mean within the range.", rule=RULE)
    if scale.sd > found.span / 2:
        what = f"The SD {scale.sd:g} of {ref} is impossible on {found.minimum:g} to {found.maximum:g}."
        yield context.finding(what, *here, "sd", cure=f"At most {found.span / 2:g}.", rule=RULE)
    for at, change in scale.change.items():
        for value in change.values() if isinstance(change, dict) else [change]:
            later = scale.mean + found.sign * value * scale.sd
            if found.minimum < scale.mean < found.maximum and not found.minimum < later < found.maximum:
                what = f"{ref} would have the mean {later:.1f} at {at}, outside {found.minimum:g} to {found.maximum:g}."
                yield context.finding(what, *here, "change", at, cure="Take a smaller change.", rule=RULE)


def _changes(
    context: Context, name: str, changes: Mapping[str, float | dict[str, float]], here: tuple[Key, ...]
) -> Iterator[Finding]:
    arms = list(context.protocol.arms)
    for at, change in changes.items():
        occasion = context.occasions.get(at)
        if occasion is None:
            yield context.finding(f"There is no time-point '{at}'.", *here, "change", at,
                                  cure=near(at, context.occasions), rule=RULE)  # fmt: skip
            continue
        if "." in name and not context.informants(name.split(".")[0], at):
            cure = f"Remove it, or ask {name.split('.')[0]} then."
            yield context.finding(f"{name} changes at {at}, but is not asked then.", *here, "change", at, cure=cure,
                                  rule=RULE)  # fmt: skip
        if not isinstance(change, dict):
            continue
        for arm in change:
            if arm not in arms:
                yield context.finding(f"There is no arm '{arm}'.", *here, "change", at, cure=near(arm, arms), rule=RULE)
        if missing := [arm for arm in occasion.arms if arm not in change]:
            cure = "Give every arm its change."
            yield context.finding(f"{name} at {at} says nothing of {', '.join(missing)}.", *here, "change", at,
                                  cure=cure, rule=RULE)  # fmt: skip


def _complete(context: Context) -> Iterator[Finding]:
    """Every scale judged is drawn, with its change at each time it is judged after it was first asked."""
    simulate = context.protocol.simulate
    wanted = {(ref, at): path for path, ref, at, _ in reversed(context.endpoint_uses)}
    for (ref, at), path in wanted.items():
        scale = simulate.scales.get(ref) if simulate else None
        asked = context.asked_when(ref.split(".")[0])
        if context.scale(ref) is None or not asked:
            continue
        if scale is None:
            cure = f"Add {ref}: {{mean: …, sd: …, change: {{{at}: …}}}} to simulate.scales."
            yield context.finding(f"{ref} is judged, but not simulated.", *path, cure=cure, rule=RULE)
        elif at not in scale.change and at != asked[0].name and at in context.occasions:
            yield context.finding(f"{ref} is judged at {at}, but simulate says no change then.", "simulate", "scales",
                                  ref, cure=f"Add {at}: to change (0 for none).", rule=RULE)  # fmt: skip


def _names(context: Context) -> Iterator[Finding]:
    protocol, simulate = context.protocol, context.protocol.simulate
    if simulate is None:
        return
    lists: list[tuple[str, Collection[str], Collection[str]]] = [
        ("associations", simulate.associations, protocol.endpoints.associations),
        ("biomarkers", simulate.biomarkers, protocol.endpoints.biomarkers),
        ("attrition", simulate.attrition, context.occasions),
        ("funnel", simulate.funnel, FUNNEL),
    ]
    for key, used, known in lists:
        for name in [name for name in used if name not in known]:
            what = f"simulate.{key} names '{name}', which does not exist."
            yield context.finding(what, "simulate", key, name, cure=near(name, known), rule=RULE)
    for name in [name for name in protocol.endpoints.associations if name not in simulate.associations]:
        what = f"The association {name} is analysed, but not simulated."
        yield context.finding(what, "endpoints", "associations", name, cure="Add it to simulate.", rule=RULE)
    for name, marker in simulate.biomarkers.items():
        yield from _changes(context, name, marker.change, ("simulate", "biomarkers", name))
    for part, predictors in simulate.predictors.items():
        known = protocol.analysis.predictors.get(part, [])
        for name in [name for name in predictors if name not in known]:
            what = f"'{name}' predicts {part} in simulate, but is no predictor of the analysis."
            yield context.finding(what, "simulate", "predictors", part, name, cure=near(name, known), rule=RULE)


def _attrition(context: Context) -> Iterator[Finding]:
    """Shares of those who started: from one time-point to the next nobody comes back."""
    simulate = context.protocol.simulate
    given = [(at, share) for at, share in simulate.attrition.items() if at in context.occasions] if simulate else []
    for (one, before), (other, after) in pairwise(given):
        if context.before(one, other) and after < before:
            what = f"Attrition falls from {before:g} at {one} to {after:g} at {other}."
            cure = "Give the share gone by then, of all who started."
            yield context.finding(what, "simulate", "attrition", other, cure=cure, rule=RULE)


def _numbers(context: Context) -> Iterator[Finding]:
    simulate = context.protocol.simulate
    if simulate is None:
        return
    for key, value in simulate.correlation.items():
        if not 0 <= value < 1:
            yield context.finding(f"The correlation of {key} is {value:g}.", "simulate", "correlation", key,
                                  cure="It lies from 0 to below 1.", rule=RULE)  # fmt: skip
    for level, cluster in simulate.clusters.items():
        if cluster.share > 0 and cluster.count is None and cluster.size is None:
            yield context.finding(f"Nothing says how many there are of each {level}.", "simulate", "clusters", level,
                                  cure="Add count: or size:.", rule=RULE)  # fmt: skip
    if simulate.funnel.get("most", 1.0) < simulate.funnel.get("all", 0.0):
        yield context.finding("More people complete all than most.", "simulate", "funnel", "most",
                              cure="most: is at least all:.", rule=RULE)  # fmt: skip
    if sum(simulate.satisfaction.values()) > 1:
        yield context.finding("The shares of satisfaction exceed 1.", "simulate", "satisfaction",
                              cure="They are shares of one question's answers.", rule=RULE)  # fmt: skip
