"""Every name a protocol uses exists: instruments, scales, time-points, arms, contrasts, biomarkers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from accord.science.errors import Finding
from accord.science.instruments import instrument_ids
from accord.science.protocols.check.context import Context, Key
from accord.science.protocols.check.near import near
from accord.science.protocols.model import INFORMANTS, Asked

HARMS = ("adverse_events", "deterioration")  # and any instrument


def check_names(context: Context) -> Iterator[Finding]:
    yield from _schedule(context)
    yield from _scales(context)
    yield from _time_points(context)
    yield from _arms(context)
    yield from _contrasts(context)
    yield from _instrument_lists(context)


def _unknown(context: Context, kind: str, name: str, known: Collection[str], *path: Key) -> Iterator[Finding]:
    if name in known:
        return
    if context.retrospective and kind in ("instrument", "measure"):
        what = f"There is no instrument '{name}' here, so the data have to bring it."
        cure = "Let the mapping declare its scales inline: name, range, direction, source."
        yield context.finding(what, "schedule", cure=cure, rule="E8", warning=True)
    else:
        yield context.finding(f"There is no {kind} '{name}'.", *path, cure=near(name, known), rule="E5")


def _schedule(context: Context) -> Iterator[Finding]:
    protocol, known = context.protocol, instrument_ids(site=context.site)
    lists: list[tuple[tuple[Key, ...], Asked]] = [(("always",), protocol.always)]
    for name, point in protocol.schedule.items():
        lists.append((("schedule", name), point))
        if point.plus:
            lists.append((("schedule", name, "plus"), point.plus))
        if point.same_as:
            yield from _unknown(context, "time-point", point.same_as, protocol.schedule, "schedule", name, "same_as")
        for arm in point.arms:
            yield from _unknown(context, "arm", arm, protocol.arms, "schedule", name, "arms")
        for left_out in point.without:
            known_here = [*known, *protocol.endpoints.biomarkers]
            yield from _unknown(context, "instrument", left_out, known_here, "schedule", name, "without")
    for path, asked in lists:
        for who in INFORMANTS:
            for instrument in getattr(asked, who):
                yield from _unknown(context, "instrument", instrument, known, *path, who)
                yield from _answerable(context, instrument, who, *path, who)
        for marker in asked.laboratory:
            yield from _unknown(context, "biomarker", marker, protocol.endpoints.biomarkers, *path, "laboratory")


def _answerable(context: Context, name: str, who: str, *path: Key) -> Iterator[Finding]:
    """A member of a group is a patient; a record is filled in from the files, whatever its questions."""
    instrument = context.instrument(name)
    if instrument is None or who == "record":
        return
    allowed = {*instrument.informants, *(("member",) if "patient" in instrument.informants else ())}
    if who not in allowed:
        cure = f"Ask {' or '.join(sorted(allowed))}, or name another form."
        yield context.finding(f"{name} is not answered by a {who}.", *path, cure=cure, rule="E5")


def _scales(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    used: list[tuple[tuple[Key, ...], str]] = [(path, ref) for path, ref, _, _ in context.endpoint_uses]
    if protocol.safety.deterioration:
        used += [(("safety", "deterioration", "scales"), ref) for ref in protocol.safety.deterioration.scales]
    if protocol.simulate:
        used += [(("simulate", "scales", ref), ref) for ref in protocol.simulate.scales]
    if protocol.analysis.benchmark:
        outcomes = enumerate(protocol.analysis.benchmark.outcomes)
        used += [(("analysis", "benchmark", "outcomes", index), outcome.scale) for index, outcome in outcomes]
    if protocol.endpoints.costs and protocol.endpoints.costs.utility:
        used.append((("endpoints", "costs", "utility"), protocol.endpoints.costs.utility))
    for path, ref in used:
        yield from check_scale(context, ref, *path)


def check_scale(context: Context, ref: str, *path: Key) -> Iterator[Finding]:
    """The scale exists; else the nearest of its instrument, or the nearest instrument."""
    name, _, scale = ref.partition(".")
    instrument = context.instrument(name)
    if instrument is None:
        yield from _unknown(context, "instrument", name, instrument_ids(site=context.site), *path)
    elif scale not in instrument.scales:
        cure = near(scale, instrument.scales, empty=f"it is not scored: {instrument.not_scored}")
        yield context.finding(f"{name} has no scale '{scale}'.", *path, cure=cure, rule="E5")


def _time_points(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    used: list[tuple[tuple[Key, ...], str]] = [(path, at) for path, _, at, _ in context.endpoint_uses]
    if protocol.recordings:
        used += [(("recordings", "at"), at) for at in protocol.recordings.at]
        used += [(("recordings", "profile_at"), at) for at in [protocol.recordings.profile_at] if at]
    for name, association in protocol.endpoints.associations.items():
        if association.predictor.startswith("synchrony:"):
            used += [(("endpoints", "associations", name, "predictor_at"), at) for at in association.predictor_at]
    for name, marker in protocol.endpoints.biomarkers.items():
        used += [(("endpoints", "biomarkers", name, "at"), at) for at in marker.at]
    for name, arm in protocol.arms.items():
        if arm.waiting_list:
            used.append((("arms", name, "waiting_list", "until"), arm.waiting_list.until))
    for path, at in used:
        yield from _unknown(context, "time-point", at, context.occasions, *path)


def _arms(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    for index, share in enumerate(protocol.endpoints.variance):
        if share.arm:
            yield from _unknown(context, "arm", share.arm, protocol.arms, "endpoints", "variance", index)
    known = [*protocol.endpoints.biomarkers, *instrument_ids(site=context.site)]
    group = protocol.population.reference_group
    for name in group.measured if group else []:
        yield from _unknown(context, "measure", name, known, "population", "reference_group", "measured")


def _contrasts(context: Context) -> Iterator[Finding]:
    ends = context.protocol.endpoints
    named: list[tuple[tuple[Key, ...], str]] = [(("endpoints", "primary"), name) for name in ends.primary.contrasts]
    for part in ("key", "secondary"):
        for index, endpoint in enumerate(getattr(ends, part)):
            named += [(("endpoints", part, index), name) for name in endpoint.contrasts]
    for key, clause in (("responder", ends.responder), ("mechanism", ends.mechanism)):
        if clause and clause.contrast:
            named.append((("endpoints", key, "contrast"), clause.contrast))
    for path, name in named:
        yield from _unknown(context, "contrast", name, ends.contrasts, *path)


def _instrument_lists(context: Context) -> Iterator[Finding]:
    protocol, known = context.protocol, instrument_ids(site=context.site)
    for name in protocol.minimum:
        yield from _unknown(context, "instrument", name, known, "minimum")
    for name, point in protocol.schedule.items():
        for instrument in point.minimum:
            yield from _unknown(context, "instrument", instrument, known, "schedule", name, "minimum")
    if protocol.endpoints.satisfaction:
        yield from _unknown(context, "instrument", protocol.endpoints.satisfaction, known, "endpoints", "satisfaction")
    for harm in protocol.endpoints.harms:
        yield from _unknown(context, "harm", harm, [*HARMS, *known], "endpoints", "harms")
    for instrument in protocol.endpoints.costs.instruments if protocol.endpoints.costs else []:
        yield from _unknown(context, "instrument", instrument, known, "endpoints", "costs", "instruments")
