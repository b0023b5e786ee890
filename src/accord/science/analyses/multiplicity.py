"""Several tests together: adjusted p values within a family, or over families in the protocol's order (C27)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from accord.science.analyses.contrasts import Compared
from accord.science.analyses.plan import endpoints
from accord.science.analyses.study import Study
from accord.science.estimates.gatekeeping import (
    Graph,
    fallback,
    fixed_sequence,
    graph_adjusted_p,
    parallel_gatekeeping,
    serial_gatekeeping,
)
from accord.science.estimates.multiplicity import Method, adjusted_p
from accord.science.protocols.judging import SIMPLE, Multiplicity

_METHODS: dict[str, Method] = {"holm": "holm", "hochberg": "hochberg", "fdr": "benjamini-hochberg"}
NAMES = {
    "holm": "Holm", "hochberg": "Hochberg", "fdr": "the false discovery rate", "fixed-sequence": "the fixed sequence",
    "fallback": "the fallback order", "serial-gatekeeping": "serial gatekeeping",
    "parallel-gatekeeping": "parallel gatekeeping", "graph": "the graph of the protocol",
}  # fmt: skip


def with_multiplicity(study: Study, compared: list[Compared]) -> list[Compared]:
    """Adjusted p values within the families that the protocol names; p is that of each contrast's own aim."""
    rule = study.protocol.analysis.multiplicity
    if rule is None or rule.method == "none" or not any(c.target.role in rule.covers for c in compared):
        return compared
    family = [k for k, one in enumerate(compared) if one.target.role in rule.covers]
    if rule.method in SIMPLE:
        p = np.array([_or_nan(compared[k].p) for k in family], dtype=float)
        found = dict(zip(family, adjusted_p(p, _METHODS[rule.method]).tolist(), strict=True))
    else:
        adjusted = _in_order(study, rule, {compared[k].test: _or_nan(compared[k].p) for k in family})
        found = {k: adjusted[compared[k].test] for k in family if compared[k].test in adjusted}
    for k, value in found.items():
        if np.isfinite(value):
            compared[k] = _judged(compared[k], float(value), NAMES[rule.method])
    return compared


def _judged(one: Compared, value: float, method: str) -> Compared:
    shown = one.p is not None and one.p < 0.05 and not one.verdict.startswith("not ")
    rest = f", not after {method}" if shown and value >= 0.05 else ""
    return replace(one, adjusted=value, verdict=one.verdict + rest)


def _or_nan(p: float | None) -> float:
    return float("nan") if p is None else p


def _in_order(study: Study, rule: Multiplicity, p: dict[str, float]) -> dict[str, float]:
    """Adjusted p of each test. A test of the protocol that this cohort cannot tell has none and shuts its gate."""
    families = [list(tests_of(study, role)) for role in rule.covers]
    tests = [name for names in families for name in names]
    values = [np.array([p.get(name, np.nan) for name in names]) for names in families]
    if rule.method == "serial-gatekeeping":
        adjusted = np.concatenate(serial_gatekeeping(values))
    else:
        adjusted = graph_adjusted_p(np.concatenate(values), _graph(rule, tests, [len(names) for names in families]))
    return dict(zip(tests, adjusted.tolist(), strict=True))


def _graph(rule: Multiplicity, tests: list[str], sizes: list[int]) -> Graph:
    if rule.method == "fixed-sequence":
        return fixed_sequence(len(tests))
    if rule.method == "parallel-gatekeeping":
        return parallel_gatekeeping(sizes)
    shares = [rule.weights.get(name, 0.0) for name in tests] if rule.weights else [1 / len(tests)] * len(tests)
    if rule.method == "fallback":
        return fallback(shares)
    arrows = [[rule.arrows.get(one, {}).get(other, 0.0) for other in tests] for one in tests]
    return Graph(np.array(shares, float), np.array(arrows, float))


def tests_of(study: Study, role: str) -> Iterable[str]:
    """The tests of a family in the order of the file."""
    for own, endpoint in endpoints(study.protocol):
        if own == role:
            yield from (f"{endpoint.scale}.{endpoint.at}.{name}" for name in endpoint.contrasts)
