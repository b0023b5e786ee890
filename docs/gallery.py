"""Write docs/reference/gallery.md and its pictures again: one of each kind, from real data wherever there are any."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from accord.science.analyses import AnalysisResult, analyse
from accord.science.analyses.pooling import PooledStudies, PoolPlan, pool_studies
from accord.science.analyses.result import Picture
from accord.science.analyses.review_pictures import bubbles, by_year, forest, left_out, small_studies
from accord.science.analyses.studies import read_studies
from accord.science.cohort import Cohort
from accord.science.cohort.mapping import map_files
from accord.science.estimates.health_economics import CostEffectiveness, cost_effectiveness
from accord.science.estimates.mediation.indirect import mediate
from accord.science.estimates.moderation import moderation
from accord.science.estimates.prediction import Prediction, cross_validate
from accord.science.estimates.proportions import proportion
from accord.science.estimates.time_to_event import survival, survival_curves
from accord.science.figures import (
    BarRow,
    Bars,
    Calibration,
    CalibrationBin,
    Caterpillar,
    Effect,
    Figure,
    Forest,
    Happening,
    Outcome,
    OverviewColumn,
    OverviewDot,
    PersonTimeline,
    Prisma,
    Reason,
    Sparkline,
    SynchronyOverview,
)
from accord.science.figures.drawing import standalone
from accord.science.power import PowerAt, PowerCurve
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate
from accord.science.synthesis import Pooled, leave_one_out, shrunken_effects

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
STUDIES = EXAMPLES / "evidence"
PAGE, IMAGES = DOCS / "reference/gallery.md", DOCS / "images/gallery"

ASHAR = "[Ashar et al. 2022](../../examples/ashar2022/README.md), 151 people, CC0"
GOLDSTEIN = "[antidepressant trial](../../examples/antidepressant/README.md), 172 people, Apache-2.0"
EVIDENCE = "../../examples/evidence/README.md"
GANDY = f"23 rows on pain interference of [Gandy et al. 2022]({EVIDENCE}) (those up to the letter M; not all of them)"
METAPSY = f"the most precise somatic outcome of 21 [trials in fibromyalgia]({EVIDENCE}); Metapsy, ODC-BY 1.0"
INVENTED = "**invented**: no real data of this kind are in the repository"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the gallery: its file's name, what it is for, where the data are from, who draws it."""

    name: str
    use: str
    data: str
    draw: Callable[[], Figure]


# --- trials -------------------------------------------------------------------------------------------------------


@cache
def cohort(name: str, file: str) -> Cohort:
    folder = EXAMPLES / name
    return map_files(folder / "mapping.yaml", [folder / file]).cohort


def ashar_cohort() -> Cohort:
    return cohort("ashar2022", "ashar2022_outcomes_demographics.csv")


@cache
def ashar() -> AnalysisResult:
    return analyse(load_protocol(str(EXAMPLES / "ashar2022/protocol.yaml")), ashar_cohort())


@cache
def antidepressant() -> AnalysisResult:
    people = cohort("antidepressant", "rbmi_antidepressant.csv")
    return analyse(load_protocol(str(EXAMPLES / "antidepressant/protocol.yaml")), people)


def picture(result: AnalysisResult, name: str) -> Figure:
    return next(block.picture for block in result.blocks() if isinstance(block, Picture) and block.id == name)


def pain_free() -> pl.DataFrame:
    """Of each randomised person: arm, average pain before, and whether pain was 0 or 1 of 10 after treatment."""
    file = EXAMPLES / "ashar2022/ashar2022_outcomes_demographics.csv"
    rows = pl.read_csv(file, null_values=["NaN", "<undefined>"], infer_schema_length=None)
    randomised = rows.filter(pl.col("group").is_not_null() & (pl.col("is_patient") == 1))
    before = randomised.filter(pl.col("time") == 1).select("id", "group", before="pain_avg")
    after = randomised.filter(pl.col("time") == 2).select("id", after="pain_avg")
    return before.join(after, on="id", how="left").with_columns(free=(pl.col("after") <= 1).cast(pl.Float64))


def shares() -> Bars:
    arms = {1: "Pain reprocessing therapy", 2: "Open-label placebo", 3: "Usual care"}
    rows = []
    for code, label in arms.items():
        arm = pain_free().filter(pl.col("group") == code)
        share = proportion(int(arm["free"].fill_null(0).sum()), arm.height)
        rows.append(BarRow(label, share.value, share.ci_low, share.ci_high, n=arm.height))
    said = "; ".join(f"{row.label} {row.value:.0%}" for row in rows)
    return Bars(
        "Pain-free or nearly so after treatment", f"{said}. Who did not answer counts as not pain-free.", rows,
        "share with pain 0 or 1 of 10", percent=True,
    )  # fmt: skip


@cache
def predicted() -> Prediction:
    people = pain_free()
    arm = np.array([f"arm {code}" for code in people["group"].to_list()])
    before, free = people["before"].to_numpy(), people["free"].to_numpy()
    return cross_validate(free, {"arm": arm, "before": before}, bins=4)


def worth_acting_on() -> Figure:
    decision = predicted().decision
    assert decision is not None
    return decision.plot(title="Pain-free after treatment: is the prediction worth acting on?")


def by_pain_before() -> Figure:
    """Pain reprocessing against the other arms, in points of pain, by pain before."""
    people = pain_free()
    found = moderation(
        (people["before"] - people["after"]).cast(pl.Float64).to_numpy(), (people["group"] == 1).cast(pl.Float64),
        people["before"].cast(pl.Float64),
    )  # fmt: skip
    return found.plot(title="Pain reprocessing v. the others, by pain before", moderator="pain before, 0 to 10",
                      effect="difference in improvement, points")  # fmt: skip


@cache
def priced() -> CostEffectiveness:
    random = np.random.default_rng(1)
    arm = np.repeat([0.0, 1.0], 150)
    cost = 900 + 350 * arm + random.gamma(2, 300, 300)
    return cost_effectiveness(cost, 0.60 + 0.03 * arm + random.normal(0, 0.09, 300), arm, draws=2000)


def calibrated() -> Calibration:
    found = predicted()
    bins = [
        CalibrationBin(b.predicted, b.observed.value, b.observed.ci_low, b.observed.ci_high, b.observed.n)
        for b in found.bins
    ]
    known = found.predictions[np.isfinite(found.predictions)]
    counts, _ = np.histogram(known, bins=20, range=(0, 1))
    return Calibration(
        "Pain-free after treatment: predicted and observed", f"{found.summary()} {found.how}.", "pain 0 or 1 of 10",
        bins, [int(n) for n in counts], note=f"{found.n} people from their arm and their pain before; {found.how}.",
    )  # fmt: skip


# --- studies ------------------------------------------------------------------------------------------------------


@cache
def interference() -> PooledStudies:
    studies = read_studies(
        STUDIES / "gandy2022_forest_interference.csv", measure="GEN_SE",
        columns={"yi": "g", "sei": "se", "label": "study"},
    )  # fmt: skip
    return pool_studies(studies, PoolPlan(test="knha"))


def pooled_interference() -> Pooled:
    pooled = interference().pooled
    assert isinstance(pooled, Pooled)
    return pooled


def with_measure(figure: Forest, measure: str) -> Forest:
    return replace(figure, measure=measure, left="favours control", right="favours programme")


def prediction() -> Forest:
    figure = replace(forest(interference()), title="Internet programmes and pain interference")
    return with_measure(figure, "Hedges g after treatment")


def grown() -> Forest:
    figure = by_year(interference())
    assert figure is not None
    return with_measure(replace(figure, title="The pool as it grew, year by year"), "pooled Hedges g")


def each_left_out() -> Forest:
    figure = left_out(leave_one_out(pooled_interference()), interference())
    return with_measure(replace(figure, title="The pool without each study"), "pooled Hedges g without the study")


@cache
def somatic(by: str | None = None, mods: tuple[str, ...] = ()) -> PooledStudies:
    """Of each trial the most precise somatic outcome after treatment, by group or against moderators."""
    words = {"wl": "waiting list", "tau": "usual care", "att plac": "placebo", "psy plac": "placebo"}
    coded = pl.read_csv(STUDIES / "fibromyalgia_psychotherapy_smd.csv")
    after = coded.filter((pl.col("outcome_domain") == "som") & (pl.col("time") == "post"))
    kept = after.sort("study", "vi").unique("study", keep="first", maintain_order=True)
    columns = [
        pl.col("study").str.replace_all(r"\s+", " "), "yi", "vi", pl.col("n_sessions_arm1").alias("sessions"),
        pl.col("condition_arm2").replace(words).alias("control"),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "somatic.csv"
        kept.select(columns).write_csv(file)
        studies = read_studies(file, measure="GEN", columns={"yi": "yi", "vi": "vi", "label": "study"})
        return pool_studies(studies, PoolPlan(test="knha", by=by, mods=mods))


def by_control() -> Forest:
    title = "Psychotherapy for fibromyalgia, by what it was compared with"
    figure = replace(forest(somatic(by="control")), title=title, measure="Hedges g, somatic outcome after treatment")
    return replace(figure, left="favours control", right="favours therapy")


def funnel_plot() -> Figure:
    figure = small_studies(somatic())
    return replace(figure, title="Psychotherapy for fibromyalgia: small studies", measure="Hedges g, somatic outcome")


def against_sessions() -> Figure:
    _, figure = next(iter(bubbles(somatic(mods=("sessions",)))))
    return replace(figure, title="Psychotherapy for fibromyalgia, by number of sessions", measure="Hedges g, somatic")


def drawn_together() -> Caterpillar:
    pooled = pooled_interference()
    found = shrunken_effects(pooled).table().sort("estimate").iter_rows(named=True)
    effects = [Effect(row["study"], row["estimate"], row["low"], row["high"]) for row in found]
    return Caterpillar(
        "True effects of the programmes, as far as one can tell", f"{pooled.k} studies, each drawn towards the mean.",
        effects, "Hedges g, drawn towards the mean", left="", right="", reference=pooled.estimate,
        caution="Drawn towards the mean, the more so the smaller the study. Programmes were not assigned at random.",
    )  # fmt: skip


# --- invented, because nothing real is at hand --------------------------------------------------------------------


def stages() -> Figure:
    protocol = load_protocol("routine-care")
    return picture(analyse(protocol, simulate(protocol, n=300, seed=1)), "funnel")


def search() -> Prisma:
    return Prisma(
        "From the search to the studies", "640 records identified, 23 studies included.",
        identified=[Reason("PubMed", 400), Reason("PsycINFO", 240)], removed=[Reason("duplicates", 150)],
        excluded=[Reason("other condition", 250), Reason("not a trial", 120)], not_retrieved=[Reason("no answer", 5)],
        excluded_reports=[Reason("no control group", 60), Reason("no outcome of interest", 29)], reports=26,
        studies=23, invented=True,
    )  # fmt: skip


@cache
def session() -> AnalysisResult:
    """Two invented hearts, the second of which follows the first by a second and a half."""
    from accord.science.analyses.attunement_bodies import Together
    from accord.science.analyses.attunement_pair import pair_report
    from accord.science.signals import Phase
    from accord.science.synchrony import synchrony

    rng = np.random.default_rng(4)
    smooth = np.hanning(25) / np.hanning(25).sum()
    shared, one, other = (np.convolve(rng.standard_normal(2500), smooth, "same") for _ in range(3))
    first, second = 74 + 20 * (shared + one)[6:2406], 68 + 20 * (shared + other)[:2400]
    first[900:980] = np.nan
    times = np.arange(2400) / 4
    phases = (Phase("baseline", 0.0, 120.0), Phase("session", 120.0, 480.0), Phase("recovery", 480.0, 600.0))
    usable = float(np.isfinite(first).mean())
    both = Together("heart-rate", "1/min", 4.0, times, first, second, usable, phases=phases)
    return pair_report(synchrony(first, second, rate_hz=4, who=("patient", "therapist")), both, invented=True)


def together(name: str) -> Figure:
    return replace(picture(session(), name), invented=True)


def overview() -> SynchronyOverview:
    rng = np.random.default_rng(5)
    columns = []
    for label in ("session 2", "session 5", "session 9", "session 12"):
        effects = rng.normal(0.8, 1.3, size=40)
        dots = [OverviewDot(f"pair {k}", float(v), v > 1.96) for k, v in enumerate(effects)]
        half = 1.96 * float(effects.std(ddof=1)) / 40**0.5
        columns.append(OverviewColumn(label, dots, float(effects.mean()), float(effects.mean()) - half,
                                      float(effects.mean()) + half, left_out=3))  # fmt: skip
    return SynchronyOverview(
        "Every session of every pair", "Four sessions of forty pairs, in standard deviations of chance.", columns,
        invented=True,
    )  # fmt: skip


def along_two_paths() -> Figure:
    """Change from before to after of pain intensity along fear of movement and worry: at the same time, so a picture
    of arithmetic and no proof of an order."""
    file = EXAMPLES / "ashar2022/ashar2022_outcomes_demographics.csv"
    people = pl.read_csv(file, null_values=["NaN", "<undefined>"], infer_schema_length=None)
    people = people.filter((pl.col("is_patient") == 1) & pl.col("group").is_not_null())
    measures = ("pain_avg", "tsk11", "pcs")
    before, after = (people.filter(pl.col("time") == t).select("id", "group", *measures) for t in (1, 2))
    both = before.join(after, on="id", suffix="_after")
    change = {name: (both[f"{name}_after"].cast(float) - both[name].cast(float)).to_numpy() for name in measures}
    found = mediate(
        (both["group"] == 1).cast(float).to_numpy(), {"Fear of movement": change["tsk11"], "Worry": change["pcs"]},
        change["pain_avg"], draws=2000,
    )  # fmt: skip
    picture = found.plot(title="Pain reprocessing, what changed along, and pain", outcome="Pain")
    return replace(picture, labels={"treatment": "Pain reprocessing v. the others", "outcome": "Pain"})


def who_stayed() -> Figure:
    """Weeks until somebody's last visit: visit 7 is week 6, who came to it stayed."""
    file = EXAMPLES / "antidepressant/rbmi_antidepressant.csv"
    rows = pl.read_csv(file, null_values="NA", infer_schema_length=None).filter(pl.col("CHANGE").is_not_null())
    weeks = pl.col("VISIT").cast(pl.Int64).replace_strict({4: 1, 5: 2, 6: 4, 7: 6})
    last = rows.group_by("PATIENT", "THERAPY").agg(week=weeks.max()).sort("PATIENT")
    arms = {
        name: survival(of["week"].to_numpy(), (of["week"] < 6).cast(float).to_numpy())
        for name, of in (
            (str(key[0]).capitalize(), part) for key, part in last.group_by("THERAPY", maintain_order=True)
        )
    }
    return replace(survival_curves(dict(sorted(arms.items()))), time="weeks until the last visit")


def how_many() -> Figure:
    """Simulated studies of the trial with brain retraining, judged by its own analysis (accord power mair)."""
    shares = ((40, 171), (60, 300), (80, 366), (100, 394), (120, 399))
    points = [PowerAt(n, 400, found) for n, found in shares]
    curve = PowerCurve("contrast", "a difference", points, "400 studies a size", comparison=True)
    return curve.plot(planned=41)


def one_person() -> PersonTimeline:
    interference = [(0, 6.0), (7, 6.2), (14, 5.6), (21, None), (28, 5.1), (35, 4.3)]
    outcomes = [
        Outcome("Pain interference", interference, 0, 10, band=(5.4, 6.6)),
        Outcome("Mood (PHQ-9)", [(0, 12), (28, 9)], 0, 27, digits=0),
        Outcome("Confidence", [(0, 22), (28, 31)], 0, 60, "up", digits=0),
    ]
    happenings = [
        *(Happening("lesson", day, f"Lesson {n} done", short=str(n)) for n, day in enumerate((4, 13, 30), 1)),
        Happening("lesson", 34, "Lesson 4 begun", open=True, short="4"), Happening("contact", 3, "Phone, reached"),
        Happening("contact", 17, "Phone, not reached", open=True), Happening("message", 10, "A message"),
        Happening("session", 24, "Held, phone"), Happening("session", 42, "Planned", open=True),
        Happening("flare", 19, "A flare", until=22),
    ]  # fmt: skip
    return PersonTimeline(
        "Five weeks of one person", "Pain interference fell from 6.0 to 4.3, outside the ordinary variation.",
        0, 56, 36, outcomes, happenings, [(7 * k, f"week {k}") for k in range(9)], "weeks from the start",
        "the person's own ordinary variation", invented=True,
    )  # fmt: skip


def few_values() -> Sparkline:
    one = one_person().outcomes[0]
    return Sparkline(one.label, "From 6.0 to 4.3.", one.points, one.low, one.high, band=one.band, invented=True)


GALLERY = (
    Shown("forest", "What each study found, the mean, and where a new study would lie", GANDY, prediction),
    Shown("forest-subgroups", "Groups of studies, each with its mean", METAPSY, by_control),
    Shown("contour-funnel", "Whether small studies tell another story, with the regions of p", METAPSY, funnel_plot),
    Shown("cumulative", "How the mean settled as studies came in", GANDY, grown),
    Shown("leave-one-out", "What the mean would be without each study", GANDY, each_left_out),
    Shown("bubble", "Effects against a moderator", METAPSY, against_sessions),
    Shown("caterpillar", "Effects of units in order, drawn towards the mean", GANDY, drawn_together),
    Shown("prisma", "How a review came to its studies", INVENTED, search),
    Shown("consort", "Who came, who left where and why", ASHAR, lambda: picture(ashar(), "flow")),
    Shown("trajectories", "Means over time by arm", GOLDSTEIN, lambda: picture(antidepressant(), "curves")),
    Shown("forest-contrasts", "Arms compared on several outcomes", ASHAR,
          lambda: picture(ashar(), "contrasts_secondary")),
    Shown("missing", "Which values are there", GOLDSTEIN, lambda: picture(antidepressant(), "missing")),
    Shown("survival", "Who stayed for how long", GOLDSTEIN, who_stayed),
    Shown("bars", "A share or an amount in each group", ASHAR, shares),
    Shown("calibration", "Whether a prediction holds", ASHAR, calibrated),
    Shown("decision", "Whether a prediction is worth acting on", ASHAR, worth_acting_on),
    Shown("varying", "How a difference varies with something known before", ASHAR, by_pain_before),
    Shown("cost-plane", "Difference in cost and effect, with its uncertainty", INVENTED,
          lambda: priced().plot(invented=True)),
    Shown("acceptability", "How sure it is to be worth each price", INVENTED, lambda: priced().curve(invented=True)),
    Shown("mechanism", "What stands between treatment and outcome", ASHAR, along_two_paths),
    Shown("power", "How often a study of each size would find it", INVENTED, how_many),
    Shown("courses", "A signal of two people in one session", INVENTED, lambda: together("courses")),
    Shown("lag-map", "When two signals went together, and at which lag", INVENTED, lambda: together("map")),
    Shown("lead", "Which of two signals comes first", INVENTED, lambda: together("lead")),
    Shown("surrogates", "A pair against what chance gives", INVENTED, lambda: together("surrogates")),
    Shown("overview", "Every session of a study against chance", INVENTED, overview),
    Shown("person", "One person: what she answered, and what happened meanwhile", INVENTED, one_person),
    Shown("sparkline", "One scale of one person, for a list", INVENTED, few_values),
    Shown("funnel-bars", "How far people came in a service", INVENTED, stages),
)  # fmt: skip


def page() -> str:
    lines = [
        "# Gallery", "",
        "Every kind of picture, written by `python docs/gallery.py` from the data named under it. Each is a dataclass",
        "of `accord.science.figures` ([what each takes](figures.md)) with `.svg()` and `.table()`. What is invented",
        "says so.",
    ]  # fmt: skip
    for shown in GALLERY:
        figure = shown.draw()
        lines += ["", f"## {figure.title}", "", f"{shown.use}: `{type(figure).__name__}`. Data: {shown.data}.", ""]
        lines += [f"![{figure.title}. {_alt(figure)}](../images/gallery/{shown.name}.svg)"]
    return "\n".join(lines) + "\n"


def _alt(figure: Figure) -> str:
    """The description, as far as it may stand in the square brackets of Markdown."""
    return " ".join(figure.description.replace("[", "(").replace("]", ")").split())


def pictures() -> Iterator[tuple[str, str]]:
    """File names and contents."""
    for shown in GALLERY:
        yield f"{shown.name}.svg", standalone(shown.draw().svg(ident=shown.name))


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, svg in pictures():
        (IMAGES / name).write_text(svg, encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"docs/reference/gallery.md with {len(GALLERY)} pictures\n")


if __name__ == "__main__":
    main()
