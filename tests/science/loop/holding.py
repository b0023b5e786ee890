"""The loop, many times: simulate, analyse, and look whether each interval holds the truth that was put in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accord.science.analyses import analyse
from accord.science.estimates import ids
from accord.science.protocols import Protocol
from accord.science.protocols.model import Endpoint
from accord.science.simulation import simulate

LEVEL = 0.95


@dataclass
class Record:
    """What 200 analyses said of one number: its intervals and values, the truth, and how often it was refused."""

    truth: float
    unit: float  # what 1 SD is, in the estimate's own unit; 0 for a share
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def n(self) -> int:
        return len(self.values)

    def held(self, moved: float = 0.0) -> int:
        """Intervals that hold the truth, when it is moved by so many SDs."""
        truth = self.truth + moved * self.unit
        return sum(low <= truth <= high for low, high in zip(self.lows, self.highs, strict=True))

    def above(self, moved: float = 0.0) -> int:
        """Estimates above the truth, when it is moved by so many SDs."""
        return sum(value > self.truth + moved * self.unit for value in self.values)


def targets(protocol: Protocol) -> dict[str, str]:
    """The primary, one secondary and (where there are therapists or groups) one cluster effect, by their ids."""
    found = {
        "primary": _of(protocol.endpoints.primary),
        "secondary": _of(protocol.endpoints.secondary[0]),
    }
    for clause in protocol.endpoints.variance[:1]:
        found["cluster"] = ids.share(clause.levels[0], clause.scale, clause.at, clause.arm)
    return found


def _of(endpoint: Endpoint) -> str:
    if endpoint.contrasts:
        return ids.contrast(endpoint.scale, endpoint.at, endpoint.contrasts[0])
    return ids.change(endpoint.scale, endpoint.at)


def run(protocol: Protocol, n: int, seeds: Iterable[int]) -> dict[str, Record]:
    """Simulate and analyse once for every seed; a record for each target."""
    wanted = targets(protocol)
    records: dict[str, Record] = {}
    for seed in seeds:
        cohort = simulate(protocol, n=n, seed=seed)
        found = {estimate.id: estimate for estimate in analyse(protocol, cohort, only=set(wanted)).estimates}
        for role, name in wanted.items():
            record = records.setdefault(role, Record(cohort.truth[name], _unit(name, cohort.truth)))
            estimate = found[name]
            if estimate.value is None or estimate.ci_low is None or estimate.ci_high is None:
                record.refused += 1
                continue
            record.values.append(estimate.value)
            record.lows.append(estimate.ci_low)
            record.highs.append(estimate.ci_high)
    return records


def _unit(name: str, truth: dict[str, float]) -> float:
    """One baseline SD in points: the truth in points over the truth in SDs (of the change, where a contrast is 0)."""
    kind, _, rest = name.partition(".")
    if kind == "icc":
        return 0.0
    scale = ".".join(rest.split(".")[:3])
    return truth[f"change.{scale}"] / truth[f"g.{scale}"]


def merged(parts: Iterable[dict[str, Record]]) -> dict[str, Record]:
    """Records of several runs as one."""
    whole: dict[str, Record] = {}
    for part in parts:
        for role, record in part.items():
            into = whole.setdefault(role, Record(record.truth, record.unit))
            into.lows += record.lows
            into.highs += record.highs
            into.values += record.values
            into.refused += record.refused
    return whole


def limits(n: int, chance: float, *, beyond: float = 0.01) -> tuple[int, int]:
    """The central binomial interval: counts of n outside it come up in less than `beyond` of runs."""
    from scipy.stats import binom

    return int(binom.ppf(beyond / 2, n, chance)), int(binom.ppf(1 - beyond / 2, n, chance))
