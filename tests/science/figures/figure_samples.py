"""One ordinary picture of each kind, and nasty ones: long labels, one row, forty rows, NaN, intervals of no width."""

from __future__ import annotations

import math
from dataclasses import replace

from accord.science.figures import (
    LANES,
    Arm,
    BarRow,
    Bars,
    Bubble,
    Bubbles,
    Calibration,
    CalibrationBin,
    Caterpillar,
    ContourFunnel,
    Course,
    Courses,
    Effect,
    Figure,
    Flow,
    Forest,
    ForestRow,
    FunnelBars,
    FunnelPoint,
    FunnelStage,
    Happening,
    LagMap,
    LagPoint,
    LagProfile,
    LinePoint,
    MissingPattern,
    Outcome,
    OverviewColumn,
    OverviewDot,
    Panel,
    Pattern,
    PersonTimeline,
    Phase,
    Prisma,
    Published,
    Reading,
    Reason,
    Sparkline,
    Stage,
    Step,
    SurrogateBars,
    SurvivalCurve,
    SurvivalCurves,
    SynchronyOverview,
    Threshold,
    TimePoint,
    Trajectories,
    Trajectory,
)
from accord.science.figures.acceptability_curve import AcceptabilityCurve
from accord.science.figures.cost_plane import CostPlane
from accord.science.figures.decision_curve import DecisionCurve, DecisionPoint
from accord.science.figures.varying_effect import VaryingEffect

LONG = (
    "A label of many words that no column of a picture is wide enough for, Donaudampfschifffahrtsgesellschaftskapitän"
)
HOSTILE = '<script>alert("1")</script> & "quotes" \x00\x07'
NAN = float("nan")


def forest() -> Forest:
    outcomes = [
        ("Pain interference", 0.58, 0.55),
        ("Depression", 0.52, 0.50),
        ("Anxiety", 0.41, 0.39),
        ("Pain intensity", 0.36, 0.41),
        ("Confidence in doing things despite pain", 0.49, 0.46),
        ("Worry", 0.60, 0.56),
    ]
    rows = [
        ForestRow(
            label,
            value,
            value - 0.08,
            value + 0.08,
            n=1189 - 10 * k,
            published=Published(other, comparable=None, source="an abstract"),
        )
        for k, (label, value, other) in enumerate(outcomes)
    ]
    return Forest(
        "How much changed",
        "Six outcomes, all towards better by 0.36 to 0.60 baseline standard deviations.",
        rows,
        measure="Hedges g within, baseline to post; better is to the right in every row",
        ours="this cohort, MMRM",
        published="published (Dear 2023)",
    )


def pooled() -> Forest:
    def row(label: str, value: float, half: float, weight: float, n: int) -> ForestRow:
        return ForestRow(label, value, value - half, value + half, n=n, weight=weight)

    rows = [
        ForestRow("Guided", kind="heading"),
        row("First trial 2011", 0.62, 0.35, 0.14, 54),
        row("Second trial 2013", 0.31, 0.22, 0.26, 128),
        ForestRow("Guided, pooled", 0.45, 0.21, 0.69, kind="summary"),
        ForestRow("Unguided", kind="heading"),
        row("Third trial 2015", 0.12, 0.18, 0.34, 211),
        row("Fourth trial 2019", -0.05, 0.90, 0.26, 12),
        ForestRow("All, pooled", 0.28, 0.11, 0.45, kind="summary", note="I² 41 %, prediction from −0.21 to 0.77"),
    ]
    return Forest(
        "Trials",
        "Four trials and their pools.",
        rows,
        measure="Hedges g",
        left="favours control",
        right="favours treatment",
    )


def odds() -> Forest:
    rows = [
        ForestRow("Age, per 10 years", 1.12, 1.02, 1.24, n=1367),
        ForestRow("Woman", 1.31, 0.98, 1.75, n=1367),
        ForestRow("Pain for more than five years", 0.82, 0.6, 1.1, n=1340),
        ForestRow("Never", NAN, NAN, NAN, n=0),
        ForestRow("Separated by a rare answer", 6.0, 0.02, 900.0, n=7),
    ]
    return Forest(
        "Who starts",
        "Odds ratios of starting.",
        rows,
        measure="odds ratio, log scale",
        left="starts less",
        right="starts more",
        reference=1.0,
        log=True,
    )


def trajectories(panels: int = 6, arms: int = 1) -> Trajectories:
    points = [TimePoint("baseline", 0), TimePoint("week 4", 28), TimePoint("post", 56), TimePoint("follow-up", 147)]
    names = ("Brain retraining", "Relaxation", "Waiting list", "Usual care", "Fifth")[:arms]

    def readings(k: int, arm: int, up: bool) -> list[Reading]:
        start, fall = 12.0 + k, (1.5 + arm) * (-1 if up else 1)
        means = [start, start - fall, start - 1.6 * fall, start - 1.4 * fall]
        return [
            Reading(p.label, m, m - 0.6, m + 0.6, n=300 - 20 * i)
            for i, (p, m) in enumerate(zip(points, means, strict=True))
        ]

    scales = [
        ("Pain interference", "down"),
        ("Depression", "down"),
        ("Anxiety", "down"),
        ("Pain intensity", "down"),
        ("Confidence in doing things despite pain", "up"),
        ("Worry about pain", "down"),
    ]
    drawn = [
        Panel(
            title,
            [Trajectory(n, readings(k, a, way == "up")) for a, n in enumerate(names)],
            better=way,
            minimum=0,
            maximum=27,
            thresholds=[Threshold(10.0, "cut-off 10")] if k == 1 else [],
        )
        for k, (title, way) in enumerate(scales[:panels])
    ]
    return Trajectories("Outcomes over time", "All six fell, most of it by week 4.", points, drawn)


def flow(arms: int = 2) -> Flow:
    trunk = [
        Stage(
            "Assessed for eligibility",
            312,
            [Reason("did not meet the criteria", 61), Reason("declined", 30), Reason("other reasons", 9)],
            "Excluded",
        ),
        Stage("Randomised", 212),
    ]
    one = [
        Stage("Allocated", 106, [Reason("did not begin", 8)], "Did not begin"),
        Stage(
            "Followed up at post", 91, [Reason("no answer after three reminders", 11), Reason("withdrew", 4)], "Lost"
        ),
        Stage("Analysed", 106),
    ]
    names = [
        "Brain retraining with mindfulness",
        "Relaxation, attention-matched",
        "Waiting list",
        "Usual care",
        "E",
        "F",
        "G",
    ]
    return Flow("Who took part", "312 assessed, 212 randomised.", trunk, [Arm(name, one) for name in names[:arms]])


def funnel() -> FunnelBars:
    stages = [
        FunnelStage("Referred", 1642, definition="a referral or self-referral was received"),
        FunnelStage(
            "Eligible",
            1460,
            0.889,
            "of those referred",
            "met all criteria of the protocol",
            [Reason("in acute risk", 12), Reason("under 18", 31), Reason("treatment elsewhere", 139)],
        ),
        FunnelStage(
            "Enrolled",
            1367,
            0.936,
            "of those eligible",
            "consented and answered the first questionnaire",
            [Reason("declined", 60), Reason("no answer", 33)],
        ),
        FunnelStage(
            "Started", 1189, 0.87, "of those enrolled", "opened the first lesson", [Reason("never opened", 178)]
        ),
        FunnelStage("Most of it", 892, 0.75, "of those who started", "four of five lessons"),
        FunnelStage("All of it", 749, 0.63, "of those who started", "five of five lessons"),
        FunnelStage("Followed up", 801, 0.674, "of those who started", "answered three months after the end"),
    ]
    return FunnelBars("Who went how far", "1,642 referred, 1,189 started, 749 finished.", stages)


def missing(time_points: int = 4) -> MissingPattern:
    names = ["baseline", "week 4", "post", "follow-up", *(f"session {k}" for k in range(1, 20))][:time_points]
    patterns = [
        Pattern([i < time_points - k or (k == 2 and i == time_points - 1) for i in range(time_points)], 700 // (k + 1))
        for k in range(min(time_points, 9))
    ]
    return MissingPattern("Who answered when", "Most answered all.", names, patterns, what="pain interference")


def calibration() -> Calibration:
    bins = [
        CalibrationBin(p, p + d, p + d - 0.07, p + d + 0.07, n)
        for p, d, n in [(0.22, 0.05, 90), (0.41, -0.02, 180), (0.58, 0.03, 260), (0.7, -0.01, 300), (0.83, -0.05, 190)]
    ]
    spread = [0, 5, 12, 30, 55, 70, 90, 120, 140, 150, 160, 150, 120, 100, 80, 60, 40, 20, 8, 2]
    note = "10-fold cross-validated: AUC 0.63 [0.59, 0.67], slope 0.91 [0.70, 1.12], intercept 0.02. n 1,189."
    return Calibration("Can completion be predicted?", "A little.", "completes the course", bins, spread, note)


def bars() -> Bars:
    rows = [
        BarRow("Asynchronous", 42, 40, 44, n=1189, group="Therapist minutes"),
        BarRow("Telephone", 31, 28.5, 33.6, n=1189, group="Therapist minutes"),
        BarRow("Video", 4.2, 3.1, 5.4, n=1189, note="offered at one site", group="Therapist minutes"),
        BarRow("All modes", 77, 73, 81, n=1189, group="In all"),
    ]
    return Bars("Therapist time", "77 minutes a person.", rows, measure="minutes per started person")


def shares() -> Bars:
    rows = [BarRow("Very satisfied", 0.45, 0.42, 0.48, n=801), BarRow("Satisfied", 0.37, 0.34, 0.41, n=801)]
    return Bars("Satisfaction", "Most were.", rows, measure="share of those who answered", percent=True, maximum=1.0)


def caterpillar(n: int = 25) -> Caterpillar:
    effects = [
        Effect(f"T{k + 1}", (k - n / 2) / n * 0.4, (k - n / 2) / n * 0.4 - 0.2, (k - n / 2) / n * 0.4 + 0.2, 10 + k)
        for k in range(n)
    ]
    return Caterpillar("Therapists", "A narrow spread.", effects, measure="shrunken effect in baseline SDs")


def funnel_plot() -> ContourFunnel:
    points = [FunnelPoint(f"Study {k}", 0.3 + 0.03 * (k % 7 - 2), 0.07 + 0.012 * k) for k in range(20)]
    added = [FunnelPoint(f"filled {k}", -0.1 * k, 0.2 + 0.03 * k, filled=True) for k in range(3)]
    return ContourFunnel("Small and large studies", "Two lack.", [*points, *added], "Hedges g", centre=0.27)


def bubbles() -> Bubbles:
    studies = [Bubble(f"Study {k}", 1975.0 + k, 0.1 * (k % 5), (k + 1) / 210) for k in range(20)]
    fitted = [LinePoint(1975.0 + k, 0.2 + 0.01 * k, 0.1, 0.4 + 0.01 * k) for k in range(20)]
    return Bubbles("Effect by year", "It rises.", studies, fitted, moderator="year", measure="log risk ratio")


def prisma(reason: str = "no control group") -> Prisma:
    return Prisma(
        "From the search to the studies",
        "750 records identified, 23 studies included.",
        identified=[Reason("PubMed", 400), Reason("PsycINFO", 350)],
        studies=23,
        removed=[Reason("duplicates", 150)],
        excluded=[Reason("not a trial", 480)],
        not_retrieved=[Reason("no answer of the authors", 5)],
        excluded_reports=[Reason("other condition", 60), Reason(reason, 29)],
        reports=26,
    )


def courses() -> Courses:
    times = [k / 2 for k in range(1800)]
    patient = [None if 400 < t < 440 else 72 + 6 * math.sin(t / 90) for t in times]
    therapist = [64 + 4 * math.sin((t - 3) / 90) for t in times]
    parts = [Phase("baseline", 0, 120), Phase("session", 120, 780), Phase("recovery", 780, 900)]
    both = [Course("patient", patient), Course("therapist", therapist)]
    return Courses("Both hearts", "They settle.", times, both, "beats per minute", parts, [(400, 440)])


def survival_curves() -> SurvivalCurves:
    first = [Step(k, 1 - k / 200, 0.95 - k / 190, 1 - k / 240, 90 - k // 2) for k in range(10, 90, 7)]
    second = [Step(k, 1 - k / 400, 0.97 - k / 380, 1 - k / 480, 88 - k // 4) for k in range(5, 90, 11)]
    both = [SurvivalCurve("brain retraining", first, 92, 100.0), SurvivalCurve("relaxation", second, 88, 100.0)]
    return SurvivalCurves("Who stayed", "More stayed with relaxation.", both)


def lag_map() -> LagMap:
    lags = [k / 4 for k in range(-20, 21)]
    middles = [15.0 + 10 * k for k in range(85)]
    rows = [[0.5 * math.sin(t / 90) / (1 + (lag - 1.5) ** 2) for lag in lags] for t in middles]
    return LagMap("When together", "After two minutes.", middles, lags, rows, "patient", "therapist", "Fisher z")


def lag_profile() -> LagProfile:
    points = [LagPoint(k / 4, 0.2 / (1 + (k / 4 - 1.5) ** 2), -0.06, 0.06) for k in range(-20, 21)]
    said = "The patient comes first by 1.5 s (95 % 0.9 to 2.1)."
    return LagProfile("Who first", "The patient.", points, "patient", "therapist", "Fisher z", 1.5, 0.9, 2.1, said)


def surrogate_bars() -> SurrogateBars:
    chance = [0.02 + 0.06 * math.sin(k) for k in range(500)]
    return SurrogateBars(
        "By chance", "Above all.", 0.21, chance, "Fisher z", "segments in another order", "Trend stays."
    )


def sparkline() -> Sparkline:
    points = [(0, 6.0), (7, 6.2), (14, None), (21, 7.0), (28, 7.8)]
    return Sparkline("Pain interference", "It rose from 6.0 to 7.8.", points, 0, 10, "down", (5.2, 6.8))


def person_timeline() -> PersonTimeline:
    outcomes = [
        Outcome(
            "Pain interference", [(0, 6.0), (12, 6.2), (19, None), (26, 7.0), (33, 7.8)], 0, 10, "down", (5.2, 6.8)
        ),
        Outcome("Mood (PHQ-9)", [(0, 11), (26, 13), (33, 15)], 0, 27, digits=0),
        Outcome("Confidence", [(0, 22), (26, 21), (33, 19)], 0, 60, "up", (18, 27), 0, "10 items"),
    ]
    happenings = [
        Happening("lesson", 2, "Lesson 1 done", short="1"),
        Happening("lesson", 12, "Lesson 2 begun", open=True, short="2"),
        Happening("contact", 5, "Phone, reached"), Happening("message", 20, "She wrote"),
        Happening("session", 36, "Planned", open=True), Happening("flare", 22, "A flare", until=24),
        Happening("alert", 33, "Worse on two occasions"),
    ]  # fmt: skip
    weeks = [(7 * k, f"week {k}") for k in range(9)]
    return PersonTimeline("Eight weeks", "It rose.", 0, 56, 34, outcomes, happenings, weeks, "weeks from the start")


def overview(people: int = 41, sessions: int = 4) -> SynchronyOverview:
    columns = [
        OverviewColumn(
            f"Session {s}",
            [OverviewDot(f"p{k}", 3 * math.sin(k * (s + 1)), 3 * math.sin(k * (s + 1)) > 1.7) for k in range(people)],
            0.2, -0.2, 0.6, left_out=s,
        )
        for s in range(sessions)
    ]  # fmt: skip
    return SynchronyOverview("The study", "Four sessions.", columns, note="Pseudo-pairs.")


ORDINARY: dict[str, Figure] = {
    "courses": courses(),
    "survival_curves": survival_curves(),
    "lag_map": lag_map(),
    "lag_profile": lag_profile(),
    "surrogate_bars": surrogate_bars(),
    "overview": overview(),
    "sparkline": sparkline(),
    "person_timeline": person_timeline(),
    "forest": forest(),
    "pooled": pooled(),
    "odds": odds(),
    "trajectories": trajectories(),
    "two_arms": trajectories(2, 2),
    "one_panel": trajectories(1, 3),
    "flow": flow(),
    "flow_4": flow(4),
    "flow_0": flow(0),
    "funnel": funnel(),
    "missing": missing(),
    "missing_14": missing(14),
    "calibration": calibration(),
    "bars": bars(),
    "shares": shares(),
    "caterpillar": caterpillar(),
    "funnel_plot": funnel_plot(),
    "bubbles": bubbles(),
    "prisma": prisma(),
}


def _nasty() -> dict[str, Figure]:
    long_row = ForestRow(LONG, 0.1, 0.1, 0.1, n=3, published=Published(-4.0, comparable=True, source=LONG), note=LONG)
    return {
        "sparkline_empty": Sparkline(LONG, LONG, [(0, None)], 0, 0, "up"),
        "sparkline_one": Sparkline(HOSTILE, LONG, [(3, NAN), (4, 123456.7)], 0, 10, band=(-5, 50)),
        "person_timeline_empty": PersonTimeline(LONG, LONG, 0, 0, 0, []),
        "person_timeline_crowded": PersonTimeline(
            HOSTILE,
            HOSTILE,
            0,
            400,
            500,
            [
                Outcome(LONG, [(day, (day * 7) % 11) for day in range(0, 400, 3)], 0, 10, "up", (4, 4), 2, LONG),
                Outcome(HOSTILE, [(5, None), (6, NAN)], 0, 1000),
                Outcome("", [(-40, 3), (900, 99)], 0, 10),
            ],
            [Happening(kind, day, LONG, day + 9, bool(day % 2), "10") for kind in LANES for day in range(0, 500, 4)],
            [(day, "week of months") for day in range(0, 400, 7)],
            LONG,
            LONG,
        ),
        "survival_none": SurvivalCurves("S", "s", []),
        "survival_odd": SurvivalCurves(
            LONG, LONG, [SurvivalCurve(HOSTILE, [Step(1, NAN), Step(2, 0.0, 0.0, 0.0, 1)], 3, NAN)]
        ),
        "survival_nobody_left": SurvivalCurves("S", "s", [SurvivalCurve("a", [], 12_345, 80.0)]),
        "courses_long": Courses(LONG, LONG, [0.0, 1.0], [Course(LONG, [1.0, None])], LONG, [Phase(LONG, 0, 1)]),
        "courses_nan": Courses("C", "c", [0.0, 1.0], [Course("a", [NAN, NAN])], "u", [Phase("p", 5, 5)], [(0, 0)]),
        "courses_none": Courses("C", "c", [], [], "u"),
        "lag_map_nan": LagMap("L", "l", [1.0, 2.0], [-1.0, 0.0, 1.0], [[NAN] * 3, [None] * 3], "a", "b", "z"),
        "lag_map_one": LagMap(LONG, LONG, [1.0], [0.0], [[-0.5]], LONG, LONG, LONG),
        "lag_profile_long": replace(lag_profile(), first=LONG, second=LONG, measure=LONG, verdict=LONG),
        "lag_profile_nan": LagProfile("L", "l", [LagPoint(-1, NAN), LagPoint(1, None)], "a", "b", "z", peak=1.0),
        "surrogates_one": SurrogateBars("S", "s", 1e6, [0.0], LONG, LONG, LONG),
        "surrogates_nan": SurrogateBars("S", "s", 0.5, [NAN, 1.0, 1.0], "z", "k"),
        "surrogates_none": SurrogateBars("S", "s", 0.5, [], "z", "k"),
        "overview_many": overview(300, 12),
        "overview_none": SynchronyOverview("O", "o", []),
        "overview_long": SynchronyOverview(
            LONG, LONG, [OverviewColumn(LONG, [OverviewDot("p", 9.0, True)])], LONG, LONG
        ),
        "forest_long": replace(
            forest(), rows=[long_row, *forest().rows], left=LONG, right=LONG, measure=LONG, published=LONG, ours=LONG
        ),
        "forest_one": replace(forest(), rows=forest().rows[:1]),
        "forest_none": replace(forest(), rows=[]),
        "forest_nan": replace(forest(), rows=[ForestRow("None"), ForestRow("NaN", NAN, NAN, NAN, n=0)]),
        "forest_flat": replace(forest(), rows=[ForestRow("At the reference", 0.0, 0.0, 0.0)]),
        "forest_infinite": replace(forest(), rows=[ForestRow("Open", 1.0, float("-inf"), float("inf"))]),
        "forest_40": replace(forest(), rows=[ForestRow(f"Row {k}", k / 10, k / 10 - 1, k / 10 + 1) for k in range(40)]),
        "forest_huge": replace(forest(), rows=[ForestRow("Large", 123456789.0, 1e8, 1.5e8), ForestRow("Small", 1e-7)]),
        "forest_risk": replace(pooled(), rows=[replace(row, risk="some concerns") for row in pooled().rows]),
        "forest_risk_long": replace(forest(), rows=[replace(row, risk=LONG, published=None) for row in forest().rows]),
        "forest_prediction": replace(
            forest(), rows=[*forest().rows, ForestRow("prediction interval", 0.2, -9.0, 9.0, kind="prediction")]
        ),
        "funnel_plot_long": ContourFunnel(LONG, LONG, [FunnelPoint(LONG, 3.0, 0.1)], LONG, centre=NAN),
        "funnel_plot_nan": ContourFunnel("F", "f", [FunnelPoint("x", NAN, 1.0), FunnelPoint("y", 1.0, 0.0)], "g"),
        "funnel_plot_none": ContourFunnel("F", "f", [], "g"),
        "funnel_plot_huge": ContourFunnel("F", "f", [FunnelPoint("x", 1e8, 1e7), FunnelPoint("y", -1.0, 1e-7)], "g"),
        "bubbles_long": Bubbles(LONG, LONG, [Bubble(LONG, 1.0, 1.0, 1.0)], [], LONG, f"{LONG} g"),
        "bubbles_nan": Bubbles("B", "b", [Bubble("x", NAN, 1.0, NAN)], [LinePoint(1.0, NAN, 0.0, 1.0)] * 2, "m", "g"),
        "bubbles_none": Bubbles("B", "b", [], [], "m", "g"),
        "bubbles_cut": replace(bubbles(), line=[LinePoint(1970.0, 0.1, -90.0, 90.0), LinePoint(2000.0, 9.0, 8.0, 9.5)]),
        "odds_zero": replace(odds(), rows=[ForestRow("Zero", 0.0, 0.0, 1.0), ForestRow("One", 1.0, 1.0, 1.0)]),
        "trajectories_5": trajectories(6, 5),
        "trajectories_long": replace(
            trajectories(3, 2),
            time_points=[replace(p, label=p.label) for p in trajectories().time_points],
            panels=[
                replace(
                    p,
                    title=LONG,
                    note=LONG,
                    thresholds=[Threshold(10, LONG), Threshold(10.1, "near"), Threshold(10.2, "nearer")],
                )
                for p in trajectories(3, 2).panels
            ],
        ),
        "trajectories_many": many_visits(),
        "trajectories_gap": replace(
            trajectories(1),
            panels=[Panel("Empty", [Trajectory("a", [Reading("baseline", None), Reading("post", NAN, NAN, NAN)])])],
        ),
        "trajectories_single": Trajectories(
            "One", "One point.", [TimePoint("now", 5)], [Panel("S", [Trajectory("a", [Reading("now", 3.0, 3.0, 3.0)])])]
        ),
        "trajectories_none": Trajectories("None", "Nothing.", [], []),
        "flow_7": flow(7),
        "prisma_long": prisma(LONG),
        "prisma_empty": Prisma("Nothing", "Nothing.", [], 0),
        "flow_long": Flow(
            LONG,
            LONG,
            [Stage(LONG, 5, [Reason(LONG, 2)], LONG)] * 2,
            [Arm(LONG, [Stage(LONG, 1, [Reason(LONG, 1)])] * 2), Arm("b", [])],
        ),
        "flow_empty": Flow("Nobody", "Nobody.", []),
        "funnel_long": FunnelBars("F", "f", [FunnelStage(LONG, 10**9, 1.0, LONG, LONG, [Reason(LONG, 5)] * 3)] * 2),
        "funnel_zero": FunnelBars("F", "f", [FunnelStage("Referred", 0), FunnelStage("Started", 0, None, "of none")]),
        "missing_23": missing(23),
        "missing_long": MissingPattern("M", "m", [LONG, "b"], [Pattern([True, False], 3)]),
        "missing_many": MissingPattern(
            "M", "m", list("abcdef"), [Pattern([bool(k >> i & 1) for i in range(6)], k + 1) for k in range(64)]
        ),
        "missing_none": MissingPattern("M", "m", ["a"], []),
        "calibration_low": Calibration("C", "c", LONG, [CalibrationBin(0.02, 0.0, 0.0, 0.0, 1)], [5, 0, 0, 0], LONG),
        "calibration_nan": Calibration("C", "c", "x", [CalibrationBin(NAN, NAN)]),
        "bars_long": Bars(
            "B",
            "b",
            [BarRow(LONG, 1.0, None, None, None, LONG, LONG), BarRow("x", None), BarRow("y", NAN)],
            measure=LONG,
        ),
        "bars_zero": Bars("B", "b", [BarRow("zero", 0.0, 0.0, 0.0)], measure="minutes"),
        "bars_40": Bars(
            "B", "b", [BarRow(f"Row {k}", float(k), k - 1.0, k + 1.0, 10**k) for k in range(40)], measure="m"
        ),
        "caterpillar_40": caterpillar(40),
        "caterpillar_300": caterpillar(300),
        "caterpillar_1": caterpillar(1),
        "caterpillar_long": Caterpillar("C", "c", [Effect(LONG, 0.0, 0.0, 0.0)], measure=LONG, left=LONG, right=LONG),
        "hostile": Forest(HOSTILE, HOSTILE, [ForestRow(HOSTILE, 1.0, 0.0, 2.0, note=HOSTILE)], measure=HOSTILE),
    }


def many_visits() -> Trajectories:
    points = [TimePoint(f"session {k}", 7.0 * k) for k in range(1, 15)]
    readings = [Reading(p.label, 10.0 - k / 3, 9.0 - k / 3, 11.0 - k / 3) for k, p in enumerate(points)]
    return Trajectories("Sessions", "Fourteen.", points, [Panel("S", [Trajectory("all", readings)])] * 2)


NASTY = _nasty()
CURVES = {
    "cost_plane": CostPlane(
        "Difference in cost and effect",
        "More of both.",
        [(0.01 * k - 0.1, 40.0 * (k % 7) - 60) for k in range(40)],
        (0.05, 60.0),
        "difference in QALY",
        "difference in cost, EUR",
        {"north-east": 0.6, "south-east": 0.2, "south-west": 0.1, "north-west": 0.1},
    ),
    "cost_plane_long": CostPlane(LONG, LONG, [(1.0, 1e9)], (1.0, 1e9), LONG, LONG, {"north-east": 1.0}),
    "cost_plane_nan": CostPlane("C", "c", [(NAN, 1.0)], (NAN, NAN), "e", "c", {"north-east": NAN}),
    "cost_plane_none": CostPlane("C", "c", [], (0.0, 0.0), "e", "c"),
    "acceptability": AcceptabilityCurve(
        "How sure", "Surer at a higher price.", [(1000.0 * k, k / 40) for k in range(31)], "price of one QALY, EUR"
    ),
    "acceptability_long": AcceptabilityCurve(LONG, LONG, [(0.0, 0.0), (1e6, 1.0)], LONG),
    "acceptability_nan": AcceptabilityCurve("A", "a", [(NAN, 0.5), (1.0, NAN)], "p"),
    "acceptability_none": AcceptabilityCurve("A", "a", [], "p"),
    "decision": DecisionCurve(
        "Is it worth acting on",
        "A little.",
        [DecisionPoint(k / 50, 0.3 * (1 - k / 30), 0.3 - 0.7 * (k / 50) / (1 - k / 50)) for k in range(1, 40)],
        "calling",
    ),
    "decision_long": DecisionCurve(LONG, LONG, [DecisionPoint(0.1, 0.1, 0.1), DecisionPoint(0.9, -9e9, -9e9)], LONG),
    "decision_nan": DecisionCurve("D", "d", [DecisionPoint(NAN, NAN, 1.0)]),
    "decision_none": DecisionCurve("D", "d", []),
    "varying": VaryingEffect(
        "Effect by age",
        "It rises.",
        [LinePoint(20.0 + k, 0.1 * k - 2, 0.1 * k - 4, 0.1 * k) for k in range(50)],
        "age, years",
        "difference in points",
        [(60.0, 69.0)],
        "n = 200.",
    ),
    "varying_long": VaryingEffect(LONG, LONG, [LinePoint(0.0, 1.0, 0.0, 2.0)] * 2, LONG, f"{LONG}, g", [], LONG),
    "varying_nan": VaryingEffect("V", "v", [LinePoint(NAN, 1.0, 0.0, 2.0)], "m", "e", [(NAN, NAN)]),
    "varying_none": VaryingEffect("V", "v", [], "m", "e"),
}

ALL = {**ORDINARY, **NASTY, **CURVES}
