"""The report of a study's attunement: against chance, session by session, and what it goes together with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from accord.science.analyses.attunement import AttunementPlan, Measured
from accord.science.analyses.attunement_links import of_the_protocol, ratings, same_session
from accord.science.analyses.attunement_pictures import CLOSENESS
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import AnalysisResult, Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.study import make_study
from accord.science.analyses.wording import (
    INVENTED,
    NO_COMPARISON,
    counted,
    interval,
    listed,
    number,
    p_value,
    percent,
    refuse_claims,
)
from accord.science.cohort import Cohort
from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.estimate import Estimate
from accord.science.figures import Forest, ForestRow, OverviewColumn, OverviewDot, SynchronyOverview
from accord.science.protocols import Protocol
from accord.science.synchrony import METHODS, SURROGATES
from accord.science.synchrony.reliability import odd_even_reliability

LEVEL = 0.05  # of a two-sided test: half of it lies above
DETECTABLE = 2.8  # (1.96 + 0.84) standard errors: found with a power of 80 %
_SHOWN = 200  # sessions listed in the report; all of them are in the table of the cohort


@dataclass(frozen=True, slots=True)
class StudyFound:
    """What `accord attunement` has: the cohort with its new table, and what became of each recorded session."""

    cohort: Cohort
    measured: tuple[Measured, ...]
    plan: AttunementPlan
    method: str
    put_in: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # invented: key -> coupling, lag in seconds

    @property
    def used(self) -> list[Measured]:
        return [one for one in self.measured if one.row is not None]

    @property
    def left_out(self) -> list[Measured]:
        return [one for one in self.measured if one.row is None]

    @property
    def by_chance(self) -> float:
        """The share of sessions without any coupling that lie above chance."""
        return LEVEL if self.plan.absolute or METHODS[self.plan.method].one_sided else LEVEL / 2

    @property
    def signals(self) -> list[str]:
        return list(dict.fromkeys(one.meeting.signal for one in self.measured))


def attunement_report(found: StudyFound, protocol: Protocol | None, *, protocol_hash: str = "") -> AnalysisResult:
    """The report. Without a protocol it has no outcomes to lay beside, and says so.

    The primary index is the protocol's (C25); every other signal stands under it as what was also measured, and no p of
    it is to be picked out. Refuses to say that attunement brings anything about (C17).
    """
    primary = _primary(found, protocol)
    parts = [_against_chance(found, primary), *_also(found, primary), _linked(found, protocol, primary), _lost(found),
             _put_in(found), _how(found)]  # fmt: skip
    estimates: dict[str, Estimate] = {}
    for one in parts:
        for estimate in one.estimates:
            estimates.setdefault(estimate.id, estimate)
    manifest = found.cohort.manifest
    result = AnalysisResult(
        title=f"Attunement: {protocol.title if protocol else manifest.title}", eyebrow=_eyebrow(found),
        protocol=protocol.slug if protocol else "", protocol_version=protocol.version if protocol else 0,
        protocol_hash=protocol_hash, origin=found.cohort.origin, seed=manifest.seed, lead=lead(found, primary),
        sections=tuple(one.section for one in parts if one.section is not None), estimates=tuple(estimates.values()),
        notes=(
            "Intervals are 95 %. p values against surrogates are two-sided unless the index is one-sided, and never "
            "below 1 / (surrogates + 1).",
            "Not a medical device; not reviewed for clinical use.",
        ),
        facts=_facts(found, primary),
    )  # fmt: skip
    refuse_claims(result, quoted=[manifest.title, *([protocol.title] if protocol else [])])
    return result


def _primary(found: StudyFound, protocol: Protocol | None) -> str:
    """The signal of the protocol's primary index where it was recorded; else the first that was."""
    named = protocol.recordings.primary_index.partition(":")[0] if protocol and protocol.recordings else ""
    return named if named in found.signals else found.signals[0]


def _eyebrow(found: StudyFound) -> str:
    people = len({one.meeting.participant for one in found.measured})
    sessions = len({(one.meeting.participant, one.meeting.session) for one in found.measured})
    signals = counted(len(found.signals), "signal")
    return f"{counted(people, 'pair')} · {counted(sessions, 'recorded session')} · {signals} · {spoken(found.method)}"


def _facts(found: StudyFound, primary: str) -> dict[str, Cell]:
    plan = found.plan
    return {
        "cohort": found.cohort.manifest.title, "primary signal": primary, "index": found.method,
        "surrogates": plan.surrogates, "rate, Hz": plan.rate_hz, "seed of the surrogates": plan.seed,
        "sessions measured": len(found.used), "left out": len(found.left_out),
    }  # fmt: skip


def above_words(signal: str) -> str:
    """What may be said of two bodies that move together (C25)."""
    return f"their {spoken(signal)} moved together more than chance; {CLOSENESS}"


def lead(found: StudyFound, primary: str | None = None) -> tuple[str, ...]:
    """What is read first; `primary` None: the first signal."""
    primary = primary or found.signals[0]
    said = [INVENTED] if found.cohort.manifest.invented else []
    used = [one for one in found.used if one.meeting.signal == primary]
    above = [one for one in used if _above(one)]
    if not used:
        return (*said, f"No session with {spoken(primary)} of both could be measured.")
    expected = number(found.by_chance * len(used), 1)
    return (
        *said, NO_COMPARISON,
        f"In {len(above)} of {counted(len(used), 'session')} {above_words(primary)}. "
        f"By chance alone {expected} would have been.",
    )  # fmt: skip


def _above(one: Measured) -> bool:
    """More than chance, not less: p at the level and on the upper side."""
    row = one.row or {}
    p, effect = row.get("p"), row.get("effect_size")
    return p is not None and effect is not None and p <= LEVEL and effect > 0


def _below(one: Measured) -> bool:
    row = one.row or {}
    p, effect = row.get("p"), row.get("effect_size")
    return p is not None and effect is not None and p <= LEVEL and effect < 0


# --- against chance -------------------------------------------------------------------------------------------------


def _against_chance(found: StudyFound, signal: str) -> Part:
    used = [one for one in found.used if one.meeting.signal == signal]
    if not used:
        return Part()
    mean = _mean_effect(used, signal)
    estimates = [one for one in (mean, _share(used, signal), _reliability(used, signal)) if one is not None]
    kinds = list(dict.fromkeys(str(one.row["surrogate"]) for one in used if one.row))
    blocks: list[Block | None] = [
        Text(
            f"For each session the {spoken(signal)} of patient and therapist was compared window by window, and the "
            f"same was done with surrogates: {listed(SURROGATES[kind].label for kind in kinds)}. A value of 2 lies two "
            "standard deviations above what these gave."
        ),
        Caution(f"Where it lies above chance, {above_words(signal)}."),
        *(Caution(SURROGATES[kind].caution) for kind in kinds if SURROGATES[kind].caution),
        drawn("overview", _overview(found, signal, used), _overview_note(used)),
        Estimates("Over all sessions", tuple(estimates)) if estimates else None,
        _sessions_table(used, signal),
    ]  # fmt: skip
    said = f"On average {interval(mean)} standard deviations of chance." if mean and mean.value is not None else ""
    return part("chance", f"Against chance: {spoken(signal)}", blocks, estimates, [said] if said else [])


def _mean_effect(used: Sequence[Measured], signal: str) -> Estimate | None:
    """Mean over sessions, with errors by pair."""
    rows = [(one.meeting.participant, one.row["effect_size"]) for one in used if one.row and _known(one)]
    id = f"attunement.{signal}.mean"
    label = f"Mean {spoken(signal)} synchrony, in standard deviations of chance"
    people = len({person for person, _ in rows})
    try:
        fit = cluster_robust([v for _, v in rows], [p for p, _ in rows], fixed={})
        found = fit.coefficient("intercept")
    except NotEstimable as error:
        return Estimate(id, label, None, n=people, note=error.finding.what)
    return found.estimate(
        id, label, n=people, unit="SD of chance", method=f"{fit.method}, by pair; {fit.rows} sessions"
    )


def _known(one: Measured) -> bool:
    return one.row is not None and one.row.get("effect_size") is not None


def _share(used: Sequence[Measured], signal: str) -> Estimate | None:
    """How far pairs differ from each other beyond their own sessions: the share of variance between pairs."""
    from accord.science.estimates.mixed_model import mixed_model
    from accord.science.estimates.variance_share import variance_share

    rows = [(one.meeting.participant, float(one.row["value"])) for one in used if one.row]
    id, label = (
        f"attunement.{signal}.between_pairs",
        f"Share of the variance of {spoken(signal)} synchrony between pairs",
    )
    people = len({person for person, _ in rows})
    if people < 10 or len(rows) < people + 10:
        return None
    try:
        model = mixed_model([v for _, v in rows], {"pair": [p for p, _ in rows]}, fixed={})
        return variance_share(model, "pair").estimate(id, label)
    except NotEstimable as error:
        return Estimate(id, label, None, n=people, note=error.finding.what)


def _reliability(used: Sequence[Measured], signal: str) -> Estimate | None:
    """How well one session's index repeats itself within the session."""
    label = f"Odd-even reliability of {spoken(signal)} synchrony"
    try:
        return odd_even_reliability(used).renamed(id=f"attunement.{signal}.reliability", label=label)
    except NotEstimable:
        return None


def _overview(found: StudyFound, signal: str, used: Sequence[Measured]) -> SynchronyOverview:
    labels = {occasion: spoken(occasion) for occasion in _occasions(found, signal)}
    columns = []
    for occasion, label in labels.items():
        here = [one for one in used if one.meeting.at == occasion and _known(one)]
        lost = sum(one.meeting.at == occasion and one.meeting.signal == signal for one in found.left_out)
        dots = [OverviewDot(one.meeting.participant, float(one.row["effect_size"]), _above(one)) for one in here
                if one.row]  # fmt: skip
        columns.append(OverviewColumn(label, dots, *_mean_of(dots), left_out=lost))
    above, expected = sum(_above(one) for one in used), number(found.by_chance * len(used), 1)
    return SynchronyOverview(
        f"Every session of every pair: {spoken(signal)}",
        f"{above} of {counted(len(used), 'session')} lie above chance, {expected} would by chance.",
        columns, share_by_chance=found.by_chance, invented=found.cohort.manifest.invented,
    )  # fmt: skip


def _occasions(found: StudyFound, signal: str) -> list[str]:
    """In the order of their days, else of their names."""
    days: dict[str, list[int]] = {}
    for one in found.measured:
        if one.meeting.signal == signal:
            days.setdefault(one.meeting.at, []).append(one.meeting.day if one.meeting.day is not None else 10**9)
    return sorted(days, key=lambda at: (float(np.median(days[at])), at))


def _mean_of(dots: Sequence[OverviewDot]) -> tuple[float | None, float | None, float | None]:
    from accord.science.estimates.mean import mean

    if len(dots) < 3:
        return None, None, None
    try:
        found, _ = mean([dot.effect for dot in dots])
    except NotEstimable:
        return None, None, None
    return found.value, found.ci_low, found.ci_high


def _overview_note(used: Sequence[Measured]) -> str:
    drawn = sorted({int(one.row["surrogates"]) for one in used if one.row})
    numbers = f"{drawn[0]}" if len(drawn) == 1 else f"{drawn[0]} to {drawn[-1]}"
    return f"{counted(len(used), 'session')}, {numbers} surrogates each."


def _sessions_table(used: Sequence[Measured], signal: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in used[:_SHOWN]:
        r = one.row or {}
        rows.append((
            one.meeting.participant, spoken(one.meeting.at), r["value"], r["surrogate_mean"], r["effect_size"],
            p_value(r["p"]), r["peak_lag_s"], r["leader"], r["windows"], percent(r["quality"]),
        ))  # fmt: skip
    columns = ("Pair", "Session", "Synchrony", "By chance", "SD of chance", "p", "Lag, s", "First", "Windows", "Usable")
    more = f" The first {_SHOWN} of {len(used)}; all are in the cohort." if len(used) > _SHOWN else ""
    note = f"A positive lag: the therapist follows. Nobody is named first unless the interval excludes zero.{more}"
    return Table(f"sessions_{signal}", f"Session by session: {spoken(signal)}", columns, tuple(rows), note)


def _also(found: StudyFound, primary: str) -> list[Part]:
    """Other signals in one table: looked at, never picked from."""
    rows: list[tuple[Cell, ...]] = []
    estimates = []
    for signal in found.signals:
        used = [one for one in found.used if one.meeting.signal == signal]
        if signal == primary or not used:
            continue
        mean = _mean_effect(used, signal)
        estimates += [mean] if mean else []
        rows.append((
            spoken(signal), len(used), sum(map(_above, used)), sum(map(_below, used)),
            number(found.by_chance * len(used), 1),
            interval(mean) if mean else None,
        ))  # fmt: skip
    if not rows:
        return []
    columns = ("Signal", "Sessions", "Above", "Below", "Either by chance", "Mean, SD of chance [95 %]")
    words = (
        f"The index named beforehand is that of {spoken(primary)}. The others were measured too; who looks at several "
        "signals finds one of them above chance more easily, so that none of these is to be picked out afterwards."
    )
    return [
        part("also", "Also measured", [Text(words), Table("also", "Other signals", columns, tuple(rows))], estimates)
    ]


# --- linked ---------------------------------------------------------------------------------------------------------


def _linked(found: StudyFound, protocol: Protocol | None, signal: str) -> Part:
    heading = "What attunement goes together with"
    if protocol is None:
        return part(
            "linked", heading, [Caution("No protocol was given, so that there is no outcome to lay beside it.")]
        )
    try:
        study = make_study(protocol, found.cohort)
    except BadInput as error:
        return part("linked", heading, [Caution(f"Nothing can be laid beside it: {error.finding.what}")])
    sessions = tuple(_occasions(found, signal))
    together = [e for rating in ratings(study, sessions) for e in same_session(study, signal, rating)]
    later = list(of_the_protocol(study, signal))
    if not together and not later:
        return part("linked", heading, [Caution("The protocol names nothing that attunement is looked at with.")])
    forward = [e for e in later if ".reverse_" not in e.id]
    back = [e for e in later if ".reverse_" in e.id]
    blocks: list[Block | None] = [
        Text(
            "Between people: whether pairs that are more attuned than others also rate their alliance higher, or "
            "whether those patients change more. Within people: the same for the sessions of one pair against its own "
            "average. Slopes are standard deviations per standard deviation."
        ),
        Caution(
            "These are associations. Who feels better may attune more easily, a good conversation may bring both "
            f"about, and talking, breathing or moving may drive the signals. {NO_COMPARISON}"
        ),
        drawn("associations", _forest([*together, *forward], found)),
        _links_table("alliance", "The alliance of the same session", together),
        _links_table("later", "Later change, and the reverse path", [*forward, *back]),
        Text(
            f"The last column is the slope that a study of this size and scatter finds with a power of 80 % (two-sided "
            f"{percent(LEVEL)}). Smaller slopes are missed more often; not found is not absent. Synchrony is measured "
            "with error, which makes every slope smaller than that of the attunement behind it."
        ),
    ]  # fmt: skip
    return part("linked", heading, blocks, [*together, *later])


def _forest(estimates: Sequence[Estimate], found: StudyFound) -> Forest:
    rows: list[ForestRow] = []
    path = ""
    for e in estimates:
        if e.value is None:
            continue
        name, _, part_ = e.label.partition(": ")
        if name != path:
            rows.append(ForestRow(name, kind="heading"))
            path = name
        rows.append(ForestRow(part_, e.value, e.ci_low, e.ci_high, n=e.n))
    return Forest(
        "Process and outcome", "Slopes of attunement with their 95 % intervals; zero is no association.", rows,
        measure="standard deviations per standard deviation", left="goes with lower", right="goes with higher",
        invented=found.cohort.manifest.invented,
    )  # fmt: skip


def _links_table(id: str, title: str, estimates: Sequence[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        path, _, part_ = e.label.partition(": ")
        found = DETECTABLE * e.se if e.se is not None else None
        rows.append((path, part_, e.n, interval(e) if e.value is not None else e.note, p_value(e.p), found))
    methods = "; ".join(dict.fromkeys(e.method for e in estimates if e.method))
    columns = ("Path", "Part", "n", "Slope [95 %]", "p", "Found from")
    return Table(id, title, columns, tuple(rows), f"n counts people. {methods}.") if rows else None


# --- what was left out, and how -------------------------------------------------------------------------------------


def _lost(found: StudyFound) -> Part:
    if not found.left_out:
        return Part()
    rows = tuple(
        (one.meeting.participant, spoken(one.meeting.session), spoken(one.meeting.signal), one.problem, one.cure)
        for one in found.left_out[:_SHOWN]
    )
    words = f"{len(found.left_out)} of {len(found.measured)} could not be measured; all others were."
    columns = ("Pair", "Session", "Signal", "What was found", "What to do")
    return part("left_out", "What was left out", [Text(words), Table("left_out", "Left out, and why", columns, rows)])


def _put_in(found: StudyFound) -> Part:
    """Of invented recordings: whether what was put in came back."""
    rows: list[tuple[Cell, ...]] = []
    for signal in found.signals:
        known = [(one.row, *found.put_in[one.meeting.key]) for one in found.used
                 if one.row and one.meeting.signal == signal and one.meeting.key in found.put_in]  # fmt: skip
        if len(known) < 3:
            continue
        values = np.array([[float(row["value"]), coupling] for row, coupling, _ in known])
        r = float(np.corrcoef(values.T)[0, 1])
        wrong = [abs(row["peak_lag_s"] - lag) for row, _, lag in known if row["leader"] != "none"]
        middle = float(np.median(wrong)) if wrong else None
        rows.append((spoken(signal), len(known), r, len(wrong), middle))
    if not rows:
        return Part()
    words = (
        "The simulator put a known share of common variance into each session, and let the therapist follow by a known "
        "lag. How measured synchrony goes with that share says how well it is measured: as any error, what is lacking "
        "to 1 weakens all associations above."
    )
    columns = ("Signal", "Sessions", "Correlation with what was put in", "With a leader", "Lag wrong by, s (median)")
    return part("put_in", "What was put in", [Text(words), Table("put_in", "Put in and found", columns, tuple(rows))])


def _how(found: StudyFound) -> Part:
    plan, way = found.plan, METHODS[found.plan.method]
    settings = {**way.defaults, **{k: v for k, v in (("window", plan.window), ("step", plan.step),
                                                     ("max_lag", plan.max_lag)) if v is not None}}  # fmt: skip
    rows: list[tuple[Cell, ...]] = [("index", way.label), ("grid, Hz", number(plan.rate_hz, 2))]
    rows += [(spoken(name), f"{value:g}") for name, value in settings.items()]
    rows += [("trend slower than", "four windows is taken out"), ("surrogates", plan.surrogates), ("seed", plan.seed)]
    words = (
        "Recordings of one session are brought to one clock and one grid; where either body is missing or not usable, "
        "nothing is compared. The trend of each course is taken out by itself. Surrogates are other sessions where "
        "there are enough of them, because these keep what all sessions have in common."
    )
    return part(
        "how", "How it was measured", [Text(words), Table("settings", "Settings", ("What", "Value"), tuple(rows))]
    )
