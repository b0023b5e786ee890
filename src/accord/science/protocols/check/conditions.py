"""E10: every rule of a protocol can be read, and reads facts that exist."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.conditions import Field, check
from accord.science.errors import Finding
from accord.science.protocols.check.context import Context, Key
from accord.science.protocols.check.near import near
from accord.science.protocols.facts import fact_fields

HELP = "See docs/reference/conditions.md and, for the facts, docs/reference/protocols.md."


def check_conditions(context: Context) -> Iterator[Finding]:
    protocol, facts = context.protocol, fact_fields(context.protocol)
    rules: list[tuple[tuple[Key, ...], str]] = [
        (("stages", name, "rule"), stage.rule) for name, stage in protocol.stages.items()
    ]
    rules += [(("analysis", "populations", name), rule) for name, rule in protocol.analysis.populations.items()]
    for path, rule in rules:
        yield from _problems(context, rule, facts, path)
    yield from _stages_follow(context)


def _problems(context: Context, rule: str, fields: dict[str, Field], path: tuple[Key, ...]) -> Iterator[Finding]:
    for problem in check(rule, fields):
        yield context.finding(f"'{rule:.60}': {problem}", *path, cure=HELP, rule="E10")


def _stages_follow(context: Context) -> Iterator[Finding]:
    """The denominator of a stage stands before it, so that the funnel only narrows."""
    names = list(context.protocol.stages)
    for index, (name, stage) in enumerate(context.protocol.stages.items()):
        if stage.of is not None and stage.of not in names[:index]:
            what = f"{name} is a share of '{stage.of}', which is no earlier stage."
            yield context.finding(what, "stages", name, "of", cure=near(stage.of, names[:index]), rule="C39")
    benchmark = context.protocol.analysis.benchmark
    for number, share in enumerate(benchmark.funnel if benchmark else []):
        for key, stage_name in (("stage", share.stage), ("of", share.of)):
            if stage_name is not None and stage_name not in names:
                yield context.finding(f"There is no stage '{stage_name}'.", "analysis", "benchmark", "funnel", number,
                                      key, cure=near(stage_name, names), rule="C39")  # fmt: skip
