"""C16, C24, C27: what the analysis is asked for can be had: several tests in an order, weekly courses, guesses."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context
from accord.science.protocols.check.names import check_scale
from accord.science.protocols.check.near import near
from accord.science.protocols.judging import GATES, SIMPLE, Multiplicity

RULE = "C27"
_LEAST_REPEATS = 3


def check_plans(context: Context) -> Iterator[Finding]:
    yield from _multiplicity(context)
    yield from _courses(context)
    yield from _also(context)


def _multiplicity(context: Context) -> Iterator[Finding]:
    rule, here = context.protocol.analysis.multiplicity, ("analysis", "multiplicity")
    if rule is None or rule.method == "none":
        return
    if (rule.family is None) == (not rule.families):
        yield context.finding("Name one family, or several families in their order.", *here, rule=RULE,
                              cure="family: secondary, or families: [primary, key].")  # fmt: skip
        return
    if rule.method in SIMPLE and rule.families:
        cure = "Take family:, or serial-gatekeeping or parallel-gatekeeping."
        yield context.finding(f"{rule.method} is for one family.", *here, "families", cure=cure, rule=RULE)
    if rule.method in GATES and len(rule.families) < 2:
        yield context.finding("A gate stands between two families.", *here, rule=RULE,
                              cure="families: [primary, key], in their order.")  # fmt: skip
    if rule.families != sorted(set(rule.families), key=["primary", "key", "secondary"].index):
        yield context.finding("The families are not in their order, or one is named twice.", *here, "families",
                              cure="primary, key, secondary.", rule=RULE)  # fmt: skip
    yield from _graph(context, rule)


def _graph(context: Context, rule: Multiplicity) -> Iterator[Finding]:
    """Weights and arrows only where they mean something, of tests that there are, that share out one alpha."""
    here = ("analysis", "multiplicity")
    if rule.weights and rule.method not in ("fallback", "graph"):
        cure = "Remove them, or take method: fallback or graph."
        yield context.finding(f"{rule.method} has no weights.", *here, "weights", cure=cure, rule=RULE)
    if rule.arrows and rule.method != "graph":
        cure = "Remove them, or take method: graph."
        yield context.finding(f"{rule.method} has no arrows.", *here, "arrows", cure=cure, rule=RULE)
    if rule.method == "graph" and not rule.weights:
        yield context.finding("A graph needs the shares of alpha.", *here, rule=RULE,
                              cure="weights: {<scale>.<time-point>.<contrast>: 0.5, …}.")  # fmt: skip
    tests = list(_tests(context, rule))
    named = [("weights", name) for name in rule.weights]
    named += [("arrows", name) for one, to in rule.arrows.items() for name in (one, *to)]
    for key, name in dict.fromkeys(named):
        if name not in tests:
            yield context.finding(f"There is no test '{name}' in these families.", *here, key, cure=near(name, tests),
                                  rule=RULE)  # fmt: skip
    if sum(rule.weights.values()) > 1 + 1e-9:
        yield context.finding("The weights sum to more than one.", *here, "weights", cure="Share out one alpha.",
                              rule=RULE)  # fmt: skip
    for one, to in rule.arrows.items():
        if sum(to.values()) > 1 + 1e-9 or to.get(one):
            yield context.finding(f"{one} hands on more than it has, or to itself.", *here, "arrows", one,
                                  cure="Its arrows sum to one at most.", rule=RULE)  # fmt: skip


def _tests(context: Context, rule: Multiplicity) -> Iterator[str]:
    ends = context.protocol.endpoints
    of = {"primary": [ends.primary], "key": ends.key, "secondary": ends.secondary}
    for family in rule.covers:
        for endpoint in of[family]:
            yield from (f"{endpoint.scale}.{endpoint.at}.{name}" for name in endpoint.contrasts)


def _courses(context: Context) -> Iterator[Finding]:
    for index, course in enumerate(context.protocol.endpoints.courses):
        here = ("endpoints", "courses", index)
        yield from check_scale(context, course.scale, *here)
        schedule = context.protocol.schedule
        unknown = [point for point in course.points if point not in schedule]
        for point in unknown:
            yield context.finding(f"There is no time-point '{point}'.", *here, cure=near(point, schedule), rule="E5")
        if unknown:
            continue
        askings = [o for o in context.all_occasions if o.time_point in course.points]
        if len(askings) < _LEAST_REPEATS:
            what = f"{course.series} is asked {len(askings)} times: no line for each person."
            cure = f"Take a time-point with every: and times: of {_LEAST_REPEATS} or more, or a list of time-points."
            yield context.finding(what, *here, "over", cure=cure, rule="C24")
        name = course.scale.split(".")[0]
        for point in course.points:
            first = next((o for o in askings if o.time_point == point), None)
            if first is not None and course.informant not in context.informants(name, first.name):
                what = f"{name} is not asked of a {course.informant} at {point}."
                yield context.finding(what, *here, cure=f"Add {name} there.", rule="C1")


def _also(context: Context) -> Iterator[Finding]:
    protocol, here = context.protocol, ("analysis", "also")
    also = protocol.analysis.also
    if "blinding" in also and not context.asked_when("arm_guess"):
        yield context.finding("Nobody is asked to guess the arm.", *here, cure="Ask arm_guess, or leave blinding out.",
                              rule="C28")  # fmt: skip
    if "blinding" in also and len(protocol.arms) != 2:
        what = f"The index of blinding compares two arms, not {len(protocol.arms)}."
        yield context.finding(what, *here, cure="Leave blinding out.", rule=RULE)
    if "logistic-mixed" in also and (protocol.analysis.cluster is None or protocol.endpoints.responder is None):
        what = "A logistic mixed model needs a responder and a cluster."
        yield context.finding(what, *here, cure="Add endpoints.responder and analysis.cluster.", rule=RULE)
