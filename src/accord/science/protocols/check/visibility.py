"""C8 and C14: private ratings stay private, above all where they are what the study is about."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context

KINDS = {"alliance": ("alliance",), "cohesion": ("climate", "cohesion")}  # words of an instrument's construct


def check_visibility(context: Context) -> Iterator[Finding]:
    yield from _said(context)
    yield from _kept_private(context)


def _kind(context: Context, name: str) -> str | None:
    instrument = context.instrument(name)
    if name.startswith("synchrony:"):
        return "attunement"
    words = instrument.construct.lower() if instrument else ""
    return next((kind for kind, parts in KINDS.items() if any(part in words for part in parts)), None)


def _said(context: Context) -> Iterator[Finding]:
    visibility = context.protocol.visibility
    asked = {name for occasion in context.all_occasions for names in occasion.asked.values() for name in names}
    kinds = {kind for name in asked if (kind := _kind(context, name))}
    if context.protocol.recordings:
        kinds.add("attunement")
    for kind in sorted(kinds):
        if getattr(visibility, kind) is None:
            what = f"{kind.capitalize()} is measured, but nothing says who sees it."
            yield context.finding(what, "visibility", cure=f"Add {kind}: to visibility.", rule="C8")


def _kept_private(context: Context) -> Iterator[Finding]:
    ends, visibility = context.protocol.endpoints, context.protocol.visibility
    predictors = [association.predictor for association in ends.associations.values()]
    predictors += ends.mechanism.mediators if ends.mechanism else []
    kinds = {kind for ref in predictors if (kind := _kind(context, ref if ":" in ref else ref.split(".")[0]))}
    alliance, cohesion, attunement = visibility.alliance, visibility.cohesion, visibility.attunement
    open_ = []
    if "alliance" in kinds and alliance and (alliance.therapist_sees, alliance.rupture_prompt) != ("never", "off"):
        open_.append(("alliance", "therapist_sees: never and rupture_prompt: off"))
    if "cohesion" in kinds and cohesion and cohesion.leader_sees != "never":
        open_.append(("cohesion", "leader_sees: never"))
    if "attunement" in kinds and attunement and "with-consent" in (attunement.therapist_sees, attunement.patient_sees):
        open_.append(("attunement", "never or after-episode"))
    for kind, cure in open_:
        what = f"{kind.capitalize()} is a predictor or mediator here; showing it changes what is studied."
        yield context.finding(what, "visibility", kind, cure=f"Take {cure}.", rule="C8", warning=True)
