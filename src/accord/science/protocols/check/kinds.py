"""E6, C17, C39: what each kind of protocol must and may not say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context, Key

CARE = ("referral", "stages", "letters", "discharge", "onward")
TOO_MUCH = re.compile(
    r"\b(mediat\w+|effects? of|efficac\w+|effective\w*|causes?|caused by|works? (better|best))\b", re.I
)


def check_kind(context: Context) -> Iterator[Finding]:
    yield from _allocation(context)
    yield from _number_of_arms(context)
    yield from _care_pathway(context)
    yield from _no_comparison(context)
    yield from _words(context)
    yield from _size(context)


def _allocation(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    if protocol.kind == "randomised" and protocol.allocation is None:
        yield context.finding("A randomised protocol does not say how arms are given.", "kind",
                              cure="Add allocation:.", rule="E6")  # fmt: skip
    if protocol.kind != "randomised" and protocol.allocation is not None:
        yield context.finding(f"A protocol of kind {protocol.kind} allocates nobody.", "allocation",
                              cure="Remove allocation:, or take kind: randomised.", rule="E6")  # fmt: skip


def _number_of_arms(context: Context) -> Iterator[Finding]:
    kind, arms = context.protocol.kind, len(context.protocol.arms)
    if kind == "single-arm" and arms > 1:
        yield context.finding(f"A single-arm protocol has {arms} arms.", "arms", cure="Keep one.", rule="E6")
    if kind == "randomised" and arms < 2:
        yield context.finding("A randomised protocol has one arm.", "arms", cure="Add what it is compared with.",
                              rule="E6")  # fmt: skip


def _care_pathway(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    for clause in CARE if protocol.kind == "routine-care" else ():
        if not getattr(protocol, clause):
            what = f"Routine care says nothing about {clause}."
            yield context.finding(what, "kind", cure=f"Add {clause}:.", rule="C39")


def _no_comparison(context: Context) -> Iterator[Finding]:
    protocol, ends = context.protocol, context.protocol.endpoints
    if protocol.kind == "randomised":
        if protocol.analysis.words != "comparison":
            yield context.finding("A randomised protocol compares.", "analysis", "words", cure="words: comparison.",
                                  rule="C17")  # fmt: skip
        return
    found: list[tuple[tuple[Key, ...], str]] = []
    if protocol.analysis.words != "no-comparison":
        found.append((("analysis", "words"), "words: comparison"))
    if ends.contrasts:
        found.append((("endpoints", "contrasts"), "a contrast"))
    if ends.responder and "nnt" in ends.responder.report:
        found.append((("endpoints", "responder", "report"), "a number needed to treat"))
    if ends.mechanism and ends.mechanism.model != "pre-post":
        found.append((("endpoints", "mechanism", "model"), "mediation"))
    for path, thing in found:
        what = f"Without allocation there is no comparison, so {thing} would claim too much."
        yield context.finding(what, *path, cure="Report change and associations.", rule="C17")


def _words(context: Context) -> Iterator[Finding]:
    """Titles, summaries and labels of a protocol without comparison claim no more than it can show."""
    protocol = context.protocol
    if protocol.kind == "randomised":
        return
    texts: list[tuple[tuple[Key, ...], str]] = [(("title",), protocol.title), (("summary",), protocol.summary)]
    texts += [(("arms", name, "label"), arm.label) for name, arm in protocol.arms.items()]
    texts += [(("stages", name, "label"), stage.label) for name, stage in protocol.stages.items()]
    for path, text in texts:
        if match := TOO_MUCH.search(text):
            what = f"'{match.group()}' claims what a protocol without comparison cannot show."
            yield context.finding(what, *path, cure="Say change, goes with, predicts.", rule="C17")


def _size(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    if protocol.sample_size.n != protocol.population.target:
        what = f"The sample size is {protocol.sample_size.n}, but {protocol.population.target} are to be enrolled."
        yield context.finding(what, "sample_size", "n", cure="Use one number.", rule="E6")
    if protocol.status == "signed" and not (protocol.ethics and protocol.registration):
        what = "A signed protocol names its ethics approval and its registration."
        yield context.finding(what, "status", cure="Add ethics: and registration:, or take status: draft.", rule="E6")
