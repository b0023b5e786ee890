"""C18, C20, C22, C24, C28: endpoints that can be judged as promised."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context

ENOUGH_THERAPISTS = 20  # C18: below it no share of variance is estimated
OTHER_TREATMENT = ("medicines", "other_treatment")


def check_endpoints(context: Context) -> Iterator[Finding]:
    yield from _mechanism(context)
    yield from _associations(context)
    yield from _judged_twice(context)
    yield from _fallback(context)
    yield from _percentages(context)
    yield from _directions(context)
    yield from _shares(context)


def check_promises(context: Context) -> Iterator[Finding]:
    """What must be promised before the data are in."""
    yield from _sealed(context)
    yield from _other_treatment(context)


def _mechanism(context: Context) -> Iterator[Finding]:
    mechanism, here = context.protocol.endpoints.mechanism, ("endpoints", "mechanism")
    if mechanism is None:
        return
    if mechanism.model == "pre-post":
        for ref in (*mechanism.mediators, mechanism.outcome):
            name = ref.split(".")[0]
            missing = [at for at in ("baseline", mechanism.outcome_at) if not context.informants(name, at)]
            if context.instrument(name) and missing:
                what = f"Pre-post mediation needs {ref} at both ends; it is not asked at {', '.join(missing)}."
                yield context.finding(what, *here, cure=f"Add {name} there, or leave it out.", rule="C17")
        return
    if mechanism.contrast is None:
        cure = "Name the contrast whose difference is to be explained."
        yield context.finding("The mechanism has no contrast.", *here, cure=cure, rule="C24")
    if context.before(mechanism.mediators_at, mechanism.outcome_at) is False:
        what = f"The mediators ({mechanism.mediators_at}) are not measured before the outcome ({mechanism.outcome_at})."
        yield context.finding(what, *here, cure="Take a later outcome_at or an earlier mediators_at.", rule="C24")


def _associations(context: Context) -> Iterator[Finding]:
    for name, association in context.protocol.endpoints.associations.items():
        here = ("endpoints", "associations", name)
        earlier, later = association.predictor_at, association.outcome_at
        if not earlier or not later or (len(later) > 1 and len(later) != len(earlier)):
            cure = "Give one outcome_at, or one for each predictor_at."
            yield context.finding(f"{name} does not say which outcome follows which predictor.", *here, cure=cure,
                                  rule="C24")  # fmt: skip
            continue
        for one, other in zip(earlier, later if len(later) > 1 else later * len(earlier), strict=True):
            if context.before(one, other) is False:
                what = f"The predictor ({one}) is not measured before the outcome ({other})."
                yield context.finding(what, *here, cure="The predictor comes first.", rule="C24")
        if "within" in association.parts and len(later) < 2:
            what = f"{name} asks for the part within people, but has one outcome a person."
            yield context.finding(what, *here, cure="Repeat the outcome, or take parts: [between].", rule="C17")
        if "within" in association.parts and not association.reverse:
            what = f"{name} leaves out the reverse path: improvement may lift what is taken for its predictor."
            yield context.finding(what, *here, cure="reverse: true", rule="C17")


def _judged_twice(context: Context) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for path, endpoint in context.judged:
        for contrast in endpoint.contrasts or [""]:
            promise = (endpoint.scale, endpoint.at, contrast)
            if promise in seen:
                what = f"{endpoint.scale} at {endpoint.at}{f' ({contrast})' if contrast else ''} is promised twice."
                yield context.finding(what, *path, cure="Keep its highest role.", rule="C24")
            seen.add(promise)


def _fallback(context: Context) -> Iterator[Finding]:
    """An unstructured model with random groups rarely fits a few groups: say what comes next before unblinding."""
    protocol = context.protocol
    groups = any(arm.format == "group" for arm in protocol.arms.values())
    if protocol.kind == "randomised" and groups and len(protocol.analysis.models) < 2:
        cure = "Add the ladder, for example [constrained-mmrm, ancova-cluster-cr2, ancova-fixed]."
        yield context.finding("Groups, and no model to fall back on.", "analysis", "models", cure=cure, rule="C24")


def _sealed(context: Context) -> Iterator[Finding]:
    if context.protocol.kind == "randomised" and context.protocol.analysis.seal_before is None:
        what = "Nothing says before what the analysis plan is sealed."
        yield context.finding(what, "analysis", cure="Add seal_before: first unblinding.", rule="C24")


def _percentages(context: Context) -> Iterator[Finding]:
    responder = context.protocol.endpoints.responder
    scale = context.scale(responder.scale) if responder else None
    if responder and scale and scale.zero is None:
        what = f"{responder.scale} has no true zero, so {responder.improved_by} of it means nothing."
        yield context.finding(what, "endpoints", "responder", cure="Take a scale with zero:.", rule="C20")
    if responder and "nnt" in responder.report and responder.contrast is None:
        yield context.finding("A number needed to treat needs a contrast.", "endpoints", "responder",
                              cure="Add contrast:.", rule="C21")  # fmt: skip


def _directions(context: Context) -> Iterator[Finding]:
    for path, ref, _, _ in context.endpoint_uses:
        scale = context.scale(ref)
        if scale and scale.direction == "none" and path[1] in ("primary", "key", "secondary", "responder"):
            what = f"{ref} has no direction, so nothing says what an improvement would be."
            yield context.finding(what, *path, cure="Judge another scale; this one can be a covariate.", rule="C19")


def _shares(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    clusters = protocol.simulate.clusters if protocol.simulate else {}
    for index, share in enumerate(protocol.endpoints.variance):
        cluster = clusters.get("therapist")
        count = cluster.count if cluster else None
        if "therapist" in share.levels and count is not None and count < ENOUGH_THERAPISTS:
            what = f"{count} therapists are expected; below {ENOUGH_THERAPISTS} the report refuses a share of variance."
            cure = "It then shows a range over assumed shares; keep the clause if that is wanted."
            yield context.finding(what, "endpoints", "variance", index, cure=cure, rule="C18", warning=True)


def _other_treatment(context: Context) -> Iterator[Finding]:
    """What else people take and do is recorded at baseline and where the primary endpoint is judged."""
    primary = context.protocol.endpoints.primary.at
    for at in dict.fromkeys(("baseline", primary)):
        occasion = context.occasions.get(at)
        asked = {name for names in occasion.asked.values() for name in names} if occasion else set(OTHER_TREATMENT)
        missing = [name for name in OTHER_TREATMENT if name not in asked]
        if context.protocol.kind == "randomised" and occasion and missing:
            what = f"{' and '.join(missing)} not recorded at {at}: they change outcomes too."
            yield context.finding(what, "schedule", occasion.time_point, cure=f"Add record: [{', '.join(missing)}].",
                                  rule="C28")  # fmt: skip
