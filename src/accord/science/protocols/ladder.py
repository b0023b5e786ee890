"""The safety ladder: answers -> tier, with the reasons in words (C1 to C3, C9).

The ladder is data (`content/ladders/<name>.yaml`, versioned, signed by a clinician of the site); this module loads
it, checks it and decides one record. Pure: who is told, and when, is the service's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Limited

from accord.science.conditions import Decision, Field, check, decide, names
from accord.science.definitions import Document, content_files, find_content, read_document
from accord.science.errors import BadContent, BadInput, Finding

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Part):
    """A name that rules may read. Absent without a default is unknown."""

    kind: Literal["number", "bool"]
    label: str
    low: float | None = None
    high: float | None = None
    default: bool | float | None = None


class LadderRule(_Part):
    rule: str
    because: str


class Escalation(_Part):
    after_minutes: int
    to: str


class Clock(_Part):
    """How fast a person acts, in working time; and after how many minutes an unsent draft counts (C3)."""

    acknowledge_minutes: int | None = None
    acknowledge_working_days: int | None = None
    contact: str = ""
    escalate: list[Escalation] = []
    out_of_hours: str = ""
    draft_minutes: int | None = None


class Tier(_Part):
    track: Id
    label: str
    rules: dict[Id, LadderRule] = Limited(min_length=1)
    screen: list[Slug]
    clock: Clock


class Lift(LadderRule):
    by: int = Limited(ge=1, le=3)


class Sooner(LadderRule):
    clock: Id


class Unknown(_Part):
    """What happens when the tier cannot be told: asked once more, then an alert at the clock of a tier."""

    ask_again: Slug | None
    clock: Id
    because: str
    sooner: dict[Id, Sooner] = {}


class Signature(_Part):
    by: str
    role: str
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Ladder(_Part):
    """A safety ladder; `tiers` run from the lowest to the highest within each track."""

    ladder: Slug
    version: int
    title: str
    status: Literal["proposal", "signed"]
    signed: Signature | None
    sources: list[str]
    assumed: list[str] = []
    facts: dict[FactName, Fact]
    terms: dict[Id, str] = {}
    tiers: dict[Id, Tier]
    lift: dict[Id, Lift] = {}
    unknown: dict[Id, Unknown]
    closing: str

    @property
    def name(self) -> str:
        """How a protocol names it: `service-default@2`."""
        return f"{self.ladder}@{self.version}"

    def track(self, track: str) -> list[str]:
        """The tiers of a track, from the lowest to the highest."""
        return [tier_id for tier_id, tier in self.tiers.items() if tier.track == track]

    def rules(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every condition with its place in the file."""
        yield from ((("terms", name), rule) for name, rule in self.terms.items())
        for tier_id, tier in self.tiers.items():
            yield from ((("tiers", tier_id, "rules", key, "rule"), rule.rule) for key, rule in tier.rules.items())
        yield from ((("lift", track, "rule"), lift.rule) for track, lift in self.lift.items())
        for track, unknown in self.unknown.items():
            yield from ((("unknown", track, "sooner", key, "rule"), s.rule) for key, s in unknown.sooner.items())

    def reads(self, track: str = "risk") -> list[str]:
        """The facts that the rules of a track read, directly or through terms: what must be asked or known (C1)."""
        open_names = [name for path, rule in self.rules() if self._belongs(path, track) for name in names(rule)]
        found: dict[str, None] = {}
        while open_names:
            name = open_names.pop(0)
            if name in self.terms:
                open_names += names(self.terms[name])
            else:
                found[name] = None
        return list(found)

    def _belongs(self, path: tuple[str, ...], track: str) -> bool:
        return path[0] != "terms" and (self.tiers[path[1]].track if path[0] == "tiers" else path[1]) == track


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ladder says of one record.

    `tier` is the highest tier that holds, "none", or "unknown" when no tier holds and one could not be told. `clock`
    is the tier whose clock applies (None for "none"): with an unanswered question it may be above the tier.
    """

    tier: str
    reasons: tuple[str, ...]
    clock: str | None
    unknown: bool = False
    rules: tuple[str, ...] = ()  # `tier.rule` of each rule that holds


# --- loading ----------------------------------------------------------------------------------------------------


def ladder_names(*, site: Path | None = None) -> list[str]:
    """The ladders at hand, the site's own included."""
    return list(content_files("ladders", "*.yaml", site=site))


def load_ladder(reference: str = "service-default", *, site: Path | None = None) -> Ladder:
    """The ladder `name` or `name@version`, checked. Raises NotFound, BadInput (another version) or BadContent."""
    name, _, version = reference.partition("@")
    document = read_document(find_content("ladders", "*.yaml", name, site=site))
    ladder = document.validated(Ladder)
    if version and version != str(ladder.version):
        cure = f"Name {ladder.name}, after reading what changed."
        raise BadInput(f"The ladder {reference} is asked for, but {ladder.name} is there.", cure=cure)
    if findings := check_ladder(ladder, document, site=site):
        raise BadContent(f"{document.file} cannot be used:", findings)
    return ladder


def check_ladder(ladder: Ladder, document: Document, *, site: Path | None = None) -> list[Finding]:
    """What must hold beyond the shape: rules decidable, history with a default, every track's unknown with a clock."""
    return [
        *_rule_findings(ladder, document),
        *_history_findings(ladder, document),
        *_track_findings(ladder, document),
        *_text_findings(ladder, document, site),
    ]


def fact_fields(ladder: Ladder) -> dict[str, Field]:
    """The facts as fields for `conditions.check`; a protocol's own safety rules may read them too."""
    return {name: Field(fact.kind, fact.low, fact.high) for name, fact in ladder.facts.items()}


def _rule_findings(ladder: Ladder, document: Document) -> Iterator[Finding]:
    terms: dict[str, Field] = {}
    for path, rule in ladder.rules():
        for problem in check(rule, fact_fields(ladder) | terms):
            yield document.finding(problem, *path, cure="See docs/reference/conditions.md.", rule="E10")
        if path[0] == "terms":
            terms[path[1]] = Field("bool")
    for name in sorted(set(ladder.terms) & set(ladder.facts)):
        yield document.finding(f"'{name}' is a fact and a term.", "terms", name, cure="Rename the term.")


def _history_findings(ladder: Ladder, document: Document) -> Iterator[Finding]:
    for name, fact in ladder.facts.items():
        if name.split(".")[0] in ("previous", "last_tier") and fact.default is None:
            what = f"{name} has no default, so a first answer could never be decided."
            yield document.finding(what, "facts", name, cure="Say what a first time counts as: default: 0.", rule="C1")


def _track_findings(ladder: Ladder, document: Document) -> Iterator[Finding]:
    for track in dict.fromkeys(tier.track for tier in ladder.tiers.values()):
        if track not in ladder.unknown:
            what = f"The track '{track}' does not say what an unknown answer leads to."
            yield document.finding(what, "unknown", cure=f"Add unknown: {track}: with a clock.", rule="C2")
    for track, unknown in ladder.unknown.items():
        for clock in (unknown.clock, *(sooner.clock for sooner in unknown.sooner.values())):
            if clock not in ladder.track(track):
                cure = f"Name one of its tiers: {', '.join(ladder.track(track)) or 'there is no such track'}."
                yield document.finding(f"The clock '{clock}' is no tier of {track}.", "unknown", track, cure=cure)
    for track in ladder.lift:
        if not ladder.track(track):
            yield document.finding(f"There is no track '{track}' to lift.", "lift", track, cure="Check its name.")
    if (ladder.status == "signed") != (ladder.signed is not None):
        cure = "A signed ladder has status: signed and signed: {by, role, date}."
        yield document.finding("Status and signature do not agree.", "status", cure=cure)


def _text_findings(ladder: Ladder, document: Document, site: Path | None) -> Iterator[Finding]:
    known = content_files("texts/en", "*.md", site=site)
    wanted = [(("tiers", tier_id, "screen"), text) for tier_id, tier in ladder.tiers.items() for text in tier.screen]
    wanted += [(("unknown", t, "ask_again"), u.ask_again) for t, u in ladder.unknown.items() if u.ask_again]
    for path, text in wanted:
        if text not in known:
            yield document.finding(f"There is no text '{text}'.", *path, cure=f"Write texts/en/{text}.md.")


# --- deciding ---------------------------------------------------------------------------------------------------


def tier_of(ladder: Ladder, record: Mapping[str, Any], *, track: str = "risk") -> Outcome:
    """The tier of one record of facts (flat names, absent or None = missing), with the reasons in words.

    Each rule is yes, no or unknown. The highest tier with a rule that is yes counts, lifted by one when the track's
    `lift` holds. A rule that is unknown above that tier makes the outcome unknown as well: the clock is then that of
    `unknown` (or of its `sooner` rules) if it is higher than the tier's own.
    """
    facts = _with_terms(ladder, record)
    tiers = ladder.track(track)
    decided = {(t, key): decide(rule.rule, facts) for t in tiers for key, rule in ladder.tiers[t].rules.items()}
    holding = [pair for pair, decision in decided.items() if decision is Decision.YES]
    height = max((tiers.index(tier) for tier, _ in holding), default=-1)
    lift = ladder.lift.get(track)
    lifted = height >= 0 and lift is not None and decide(lift.rule, facts) is Decision.YES
    top = min(height + (lift.by if lift and lifted else 0), len(tiers) - 1)
    unsure = any(d is Decision.UNKNOWN and tiers.index(tier) > top for (tier, _), d in decided.items())
    reasons = [ladder.tiers[tier].rules[key].because for tier, key in reversed(holding)]
    reasons += [lift.because] if lift and lifted else []
    clock = tiers[top] if top >= 0 else None
    if unsure:
        clock, why = _unknown_clock(ladder.unknown[track], facts, tiers, top)
        reasons += why
    name = tiers[top] if top >= 0 else "unknown" if unsure else "none"
    return Outcome(name, tuple(reasons), clock, unsure, tuple(f"{tier}.{key}" for tier, key in reversed(holding)))


def _with_terms(ladder: Ladder, record: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: _given(record.get(name), fact.default) for name, fact in ladder.facts.items()}
    for name, rule in ladder.terms.items():
        facts[name] = {Decision.YES: True, Decision.NO: False, Decision.UNKNOWN: None}[decide(rule, facts)]
    return facts


def _given(value: Any, default: Any) -> Any:
    return default if value is None or value != value else value


def _unknown_clock(unknown: Unknown, facts: Mapping[str, Any], tiers: list[str], top: int) -> tuple[str, list[str]]:
    reasons, height = [unknown.because], max(top, tiers.index(unknown.clock))
    for sooner in unknown.sooner.values():
        if decide(sooner.rule, facts) is Decision.YES and tiers.index(sooner.clock) >= height:
            height = tiers.index(sooner.clock)
            reasons.append(sooner.because)
    return tiers[height], reasons
