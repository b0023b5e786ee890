"""E5: every scale in an endpoint, rule or share is asked then, of whom it needs; and change has a baseline."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context, Path_

BASELINE = "baseline"


def check_asked(context: Context) -> Iterator[Finding]:
    yield from _baseline_exists(context)
    yield from _at_the_time(context)
    yield from _change_has_a_start(context)
    yield from _lists_are_asked(context)
    yield from _biomarkers(context)
    yield from _attunement_is_recorded(context)


def _baseline_exists(context: Context) -> Iterator[Finding]:
    if BASELINE not in context.protocol.schedule:
        cure = "Name the first time-point baseline; changes are counted from it."
        yield context.finding("The schedule has no time-point 'baseline'.", "schedule", cure=cure, rule="E5")


def _at_the_time(context: Context) -> Iterator[Finding]:
    for path, ref, at, informant in context.endpoint_uses:
        instrument = ref.split(".")[0]
        if at not in context.occasions or context.instrument(instrument) is None:
            continue
        who = context.informants(instrument, at)
        if not who or (informant and informant not in who):
            of_whom = f" of the {informant}" if informant else ""
            cure = f"Add {instrument} to {at}, or name a time-point that asks it: {_times(context, instrument)}."
            yield context.finding(f"{ref} is used at {at}, but {instrument} is not asked{of_whom} then.", *path,
                                  cure=cure, rule="E5")  # fmt: skip


def _times(context: Context, instrument: str) -> str:
    return ", ".join(occasion.name for occasion in context.asked_when(instrument)) or "none does"


def _change_has_a_start(context: Context) -> Iterator[Finding]:
    """Outcomes judged by their change need an earlier value; process measures start when treatment does."""
    responder = context.protocol.endpoints.responder
    judged: list[tuple[Path_, str, str]] = [(path, endpoint.scale, endpoint.at) for path, endpoint in context.judged]
    judged += [(("endpoints", "responder"), responder.scale, responder.at)] if responder else []
    for path, scale, at in judged:
        instrument = scale.split(".")[0]
        if context.informants(instrument, at) and not context.informants(instrument, BASELINE):
            what = f"{scale} is judged by its change, but {instrument} is not asked at baseline."
            yield context.finding(what, *path, cure=f"Add {instrument} to baseline.", rule="E5")


def _lists_are_asked(context: Context) -> Iterator[Finding]:
    ends = context.protocol.endpoints
    wanted: list[tuple[Path_, str]] = [(("endpoints", "satisfaction"), ends.satisfaction or "")]
    wanted += [(("endpoints", "harms"), harm) for harm in ends.harms if context.instrument(harm)]
    if ends.costs:
        wanted += [(("endpoints", "costs", "instruments"), name) for name in ends.costs.instruments]
        wanted += [(("endpoints", "costs", "utility"), (ends.costs.utility or "").split(".")[0])]
    for path, name in wanted:
        if name and context.instrument(name) and not context.asked_when(name):
            yield context.finding(f"{name} is never asked.", *path, cure=f"Add {name} to a time-point.", rule="E5")


def _biomarkers(context: Context) -> Iterator[Finding]:
    for name, marker in context.protocol.endpoints.biomarkers.items():
        for at in marker.at:
            occasion = context.occasions.get(at)
            if occasion and name not in occasion.laboratory:
                what = f"{name} is analysed at {at}, but its blood is not drawn then."
                cure = f"Add {name} to laboratory of {at}."
                yield context.finding(what, "endpoints", "biomarkers", name, "at", cure=cure, rule="E5")


def _attunement_is_recorded(context: Context) -> Iterator[Finding]:
    recordings = context.protocol.recordings
    for name, association in context.protocol.endpoints.associations.items():
        prefix, _, signal = association.predictor.partition(":")
        if prefix != "synchrony":
            if "." not in association.predictor:
                cure = "Write <instrument>.<scale> or synchrony:<signal>."
                yield context.finding(f"'{association.predictor}' is neither a scale nor synchrony.", "endpoints",
                                      "associations", name, "predictor", cure=cure, rule="E5")  # fmt: skip
            continue
        missing = [at for at in association.predictor_at if not recordings or at not in recordings.at]
        if not recordings or signal not in recordings.signals or missing:
            when = f" at {', '.join(missing)}" if missing else ""
            what = f"The synchrony of {signal or 'nothing'} is used, but not recorded{when}."
            cure = "Add the signal and the time-points to recordings."
            yield context.finding(what, "endpoints", "associations", name, "predictor", cure=cure, rule="E5")
