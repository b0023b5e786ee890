"""Run every check over one protocol file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accord.science.definitions import Document
from accord.science.errors import BadContent, Finding
from accord.science.protocols.burden import Sitting, counter, sittings
from accord.science.protocols.check.anchors import check_anchors
from accord.science.protocols.check.asked import check_asked
from accord.science.protocols.check.burden import check_burden, check_minimum
from accord.science.protocols.check.clauses import check_marks
from accord.science.protocols.check.comparisons import check_comparisons
from accord.science.protocols.check.conditions import check_conditions
from accord.science.protocols.check.content import check_content
from accord.science.protocols.check.context import Context
from accord.science.protocols.check.endpoints import check_endpoints, check_promises
from accord.science.protocols.check.false_alarms import FalseAlarms, check_deterioration, false_alarms
from accord.science.protocols.check.kinds import check_kind
from accord.science.protocols.check.names import check_names
from accord.science.protocols.check.plans import check_plans
from accord.science.protocols.check.safety import check_safety
from accord.science.protocols.check.simulate import check_simulate
from accord.science.protocols.check.visibility import check_visibility
from accord.science.protocols.model import Protocol

CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    check_names, check_kind, check_anchors, check_asked, check_visibility, check_comparisons, check_endpoints,
    check_plans, check_conditions, check_marks, check_simulate,
)  # fmt: skip
# What only holds where somebody is asked something; a retrospective protocol judges answers that were given before.
DELIVERY: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    check_content, check_safety, check_deterioration, check_promises, check_minimum, check_burden,
)  # fmt: skip


@dataclass(frozen=True)
class CheckReport:
    """What the check found, and what it computed on the way: burden by occasion, expected false alarms."""

    findings: tuple[Finding, ...]
    protocol: Protocol | None = None
    burden: tuple[tuple[str, Sitting], ...] = ()
    alarms: FalseAlarms | None = None

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.warning]


def check_protocol(document: Document, *, site: Path | None = None) -> list[Finding]:
    """Everything wrong with a protocol file, each finding with its line, cure and rule; warnings stop nothing.

    A file of another shape gives the findings of the shape only. Nothing here raises for bad content.
    """
    return list(inspect_protocol(document, site=site).findings)


def inspect_protocol(document: Document, *, site: Path | None = None) -> CheckReport:
    """The findings, the burden of every time-point and the false-alarm rate."""
    try:
        protocol = document.validated(Protocol)
    except BadContent as error:
        return CheckReport(tuple(error.findings))
    context = Context(document, protocol, site)
    checks = CHECKS if context.retrospective else (*CHECKS, *DELIVERY)
    findings = dict.fromkeys(finding for check in checks for finding in check(context))
    count = counter(site)
    burden = [
        (occasion.time_point, sitting)
        for occasion in context.all_occasions
        if occasion.name in (occasion.time_point, f"{occasion.time_point}_1")
        for sitting in sittings(protocol, occasion, count=count)
    ]
    return CheckReport(tuple(findings), protocol, tuple(burden), false_alarms(context))
