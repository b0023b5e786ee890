"""The page of numbers, part by part, in the order in which a manager asks. It lays out what was counted, no more."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.science.estimates.estimate import Estimate
from accord.science.reports.cells import amount, fitting_digits, unit_words
from accord.service.studies.rules.reviews import Before, compared, family

_FIELDS = {one.name for one in fields(Estimate)}
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a manager: which families of numbers answer it, and what is said while there are none."""

    id: str
    heading: Text
    families: tuple[str, ...]
    lead: Text
    missing: Text
    sections: tuple[str, ...] = ()  # whose cautions belong here
    pictures: tuple[str, ...] = ()


PARTS = (
    Part(
        "came", gettext_lazy("Who came, and how far"), ("reached", "funnel", "stage_wait"),
        gettext_lazy("Each stage counts people of the stage that it is a share of. What a stage is stands beside it."),
        gettext_lazy("How many were referred, began and finished, once somebody has come."), ("funnel",), ("funnel",),
    ),
    Part(
        "waits", gettext_lazy("Who waits, and how long"), ("wait", "acknowledged"),
        gettext_lazy("Counting those who still wait: half have arrived after the median, nine of ten after the other."),
        gettext_lazy("How long people wait from referral to each step, once somebody has been referred."),
        ("waits",), ("waits",),
    ),
    Part(
        "outcomes", gettext_lazy("What changed for them"),
        ("change", "g", "g_completers", "percent", "reliably_improved", "reliably_worse", "responders", "satisfaction"),
        gettext_lazy("More than zero is better, whichever way a questionnaire runs."),
        gettext_lazy(
            "How people changed, once some have answered before and after. The first answers are due about nine weeks "
            "after the first person begins."
        ),
        ("change", "responders", "satisfaction"), ("change_",),
    ),
    Part(
        "benchmark", gettext_lazy("Beside the published figures"), (), "",
        gettext_lazy("What was published elsewhere, once there is something of ours to lay beside it."),
        ("benchmark",), ("benchmark",),
    ),
    Part(
        "minutes", gettext_lazy("Minutes, and the promise of an answer"), ("minutes", "replies"),
        gettext_lazy("Minutes of a therapist for each person who began; answers within the promised hours."),
        gettext_lazy("Minutes by mode of contact, and how often the promise of an answer was kept."),
        ("minutes", "replies"), ("minutes",),
    ),
    Part(
        "alerts", gettext_lazy("Alerts"), ("alerts", "alerts_open", "alerts_closed"),
        gettext_lazy("How old the open ones are, and how often the promised hours were kept."),
        gettext_lazy("Alerts by age and tier, once one was raised."), ("alerts",), ("alerts",),
    ),
    Part(
        "harms", gettext_lazy("Unwanted effects"), ("harms", "harm_events"), "",
        gettext_lazy("Unwanted effects by how severe they were, once one was written down."), ("harms",),
    ),
    Part(
        "complaints", gettext_lazy("Complaints"), ("complaints",), "",
        gettext_lazy("Complaints by what they were about and how long they took."), ("complaints",),
    ),
    Part(
        "rescues", gettext_lazy("Start-and-stay: what helped people to begin and to stay"), ("rescue",),
        gettext_lazy("Nobody was chosen by lot, so a difference need not come from what was done."),
        gettext_lazy("What was done for people who had not begun or had gone quiet, and how many came back."),
        ("rescues",),
    ),
    Part(
        "equity", gettext_lazy("Is it the same for everybody"), ("equity",),
        gettext_lazy("Only groups of ten people or more are shown."),
        gettext_lazy("Who began, finished and improved by age, gender and language, once groups reach ten people."),
        ("equity",),
    ),
    Part(
        "load", gettext_lazy("Load and cover of colleagues"), ("cover", "load"),
        gettext_lazy("How many people each colleague answers for, and who stands in while somebody is away."),
        gettext_lazy("How many people each therapist answers for."), ("load",), ("load",),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """One number as the page prints it: `data` is the whole value, `words` what is read."""

    id: str
    label: str
    data: str
    words: str
    interval: str
    unit: str
    n: int | None
    missing: int | None
    note: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of the funnel."""

    label: str
    rule: str
    people: Number | None
    share: Number | None
    wait: Number | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row of the outcomes: one scale at one time-point."""

    label: str
    all: Number | None
    completers: Number | None
    percent: Number | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A part with what was counted for it."""

    part: Part
    numbers: list[Number]
    cautions: list[str]
    pictures: list[dict[str, Any]]
    stages: list[Stage] = field(default_factory=list)
    outcomes: list[tuple[str, list[Outcome]]] = field(default_factory=list)
    published: dict[str, Any] | None = None

    def every(self) -> list[Number]:
        """Each number of the part once, in the order of the page."""
        rows = [one for stage in self.stages for one in (stage.people, stage.share, stage.wait)]
        rows += [one for _at, table in self.outcomes for row in table for one in (row.all, row.completers, row.percent)]
        return [*(one for one in rows if one), *self.numbers]

    @property
    def empty(self) -> bool:
        return not (self.numbers or self.stages or self.outcomes or self.published)


@dataclass(frozen=True)
class Page:
    """Lays a kept result out. `earlier` is that of a month before, `names` pseudonym -> colleague."""

    result: Mapping[str, Any]
    stages: Mapping[str, Any] = field(default_factory=dict)  # of the protocol's version
    earlier: Mapping[str, Any] | None = None
    earlier_at: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def parts(self) -> Iterator[Shown]:
        for part in PARTS:
            yield self._part(part)

    def _part(self, part: Part) -> Shown:
        found = {one["id"]: one for one in self.result["estimates"] if family(one["id"]) in part.families}
        stages = self._stages(found) if part.id == "came" else []
        outcomes = self._outcomes(found) if part.id == "outcomes" else []
        published = self._published() if part.id == "benchmark" else None
        shown = Shown(part, [], self._cautions(part), self._pictures(part), stages, outcomes, published)
        laid = {one.id for one in shown.every()}
        rest = [self.number(one) for key, one in found.items() if key not in laid and not self._again(key, laid)]
        return replace(shown, numbers=rest)

    def _again(self, key: str, laid: set[str]) -> bool:
        """The same change in points of its scale: it stands on the page of its definition."""
        return family(key) == "change" and f"g.{key.partition('.')[2]}" in laid

    def number(self, one: Mapping[str, Any]) -> Number:
        estimate = as_estimate(one)
        digits = 2 if estimate.unit == "share" else fitting_digits(estimate)
        name = self.names.get(one["id"].partition(".")[2]) if family(one["id"]) == "load" else None
        return Number(
            id=estimate.id, label=name or estimate.label,
            data="" if estimate.value is None else repr(estimate.value),
            words=amount(estimate.value, estimate.unit, digits), interval=_interval(estimate, digits),
            unit=unit_words(estimate), n=estimate.n, missing=estimate.missing, note=estimate.note,
            before=self._before(one, digits),
        )  # fmt: skip

    def _before(self, one: Mapping[str, Any], digits: int) -> str:
        then = compared(one, self._then.get(one["id"])) if self.earlier else None
        return _compared(then, one.get("unit") or "", digits) if then else ""

    @cached_property
    def _then(self) -> dict[str, Any]:
        return {one["id"]: one for one in (self.earlier or {}).get("estimates", ())}

    def _stages(self, found: Mapping[str, Mapping[str, Any]]) -> list[Stage]:
        def one(kind: str, name: str) -> Number | None:
            row = found.get(f"{kind}.{name}")
            return self.number(row) if row else None

        rows = [
            Stage(stage.label, stage.rule, one("reached", name), one("funnel", name), one("stage_wait", name))
            for name, stage in self.stages.items()
        ]
        return [row for row in rows if row.people or row.share]

    def _outcomes(self, found: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Outcome]]]:
        """Scales by time-point: everybody by the model, completers beside, per cent of the mean before."""
        tables: dict[str, list[Outcome]] = {}
        for key in found:
            kind, _dot, which = key.partition(".")
            scale, _dot, at = which.rpartition(".")
            if kind != "g" or at not in self.result["times"]:
                continue  # of one arm, or of no time-point: stands among the others
            others = [found.get(f"{other}.{scale}.{at}") for other in ("g", "g_completers", "percent")]
            row = Outcome(
                found[key]["label"].partition(":")[0], *(self.number(other) if other else None for other in others)
            )
            tables.setdefault(at, []).append(row)
        return [(self.result["times"][at], rows) for at, rows in tables.items()]

    def _cautions(self, part: Part) -> list[str]:
        blocks = [b for s in self.result["sections"] if s["id"] in part.sections for b in s["blocks"]]
        said = [block["text"] for block in blocks if block["kind"] == "caution"]
        return list(dict.fromkeys(said))

    def _pictures(self, part: Part) -> list[dict[str, Any]]:
        if not part.pictures:
            return []
        return [
            {"id": key, **{name: picture[name] for name in ("title", "description", "note")}}
            for key, picture in self.result["pictures"].items() if key.startswith(part.pictures)
        ]  # fmt: skip

    def _published(self) -> dict[str, Any] | None:
        """The published figures, as the protocol quotes them; ours stand beside, each with its own id."""
        tables = {
            block["id"]: block for section in self.result["sections"] if section["id"] == "benchmark"
            for block in section["blocks"] if block["kind"] == "table"
        }  # fmt: skip
        shown = tables.get("benchmark")
        if shown is None:
            return None
        place = {name: number for number, name in enumerate(shown["columns"])}
        known = shown["columns"][place["Published n"] + 1 :]
        rows = []
        for row in shown["rows"]:
            own = next((one for one in self.result["estimates"] if _is_of(one, row[0])), None)
            rows.append({
                "label": row[0], "ours": self.number(own) if own else None, "theirs": row[place["Published g, turned"]],
                "printed": row[place["As printed"]], "n": row[place["Published n"]],
                "known": [(name, row[place[name]]) for name in known],
            })  # fmt: skip
        return {"rows": rows, "note": shown["note"]}


def _is_of(one: Mapping[str, Any], label: str) -> bool:
    return family(one["id"]) == "g" and one["label"].partition(":")[0] == label


def as_estimate(one: Mapping[str, Any]) -> Estimate:
    return Estimate(**{name: value for name, value in one.items() if name in _FIELDS})


def _interval(estimate: Estimate, digits: int) -> str:
    if estimate.ci_low is None or estimate.ci_high is None:
        return ""
    low, high = (amount(end, estimate.unit, digits) for end in (estimate.ci_low, estimate.ci_high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _compared(then: Before, unit: str, digits: int) -> str:
    words = {"same": _("%(value)s, about the same"), "higher": _("%(value)s, higher now"),
             "lower": _("%(value)s, lower now")}[then.word]  # fmt: skip
    return words % {"value": amount(then.value, unit, digits)}


def colleagues(result: Mapping[str, Any]) -> list[str]:
    """The pseudonyms of therapists whose load is counted."""
    return [one["id"].partition(".")[2] for one in result["estimates"] if family(one["id"]) == "load"]


def named(behind: Mapping[str, uuid.UUID], staff: Mapping[uuid.UUID, str]) -> dict[str, str]:
    """pseudonym -> name, of those colleagues whose names she may see."""
    return {value: staff[person] for value, person in behind.items() if person in staff}
