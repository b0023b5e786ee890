"""The pieces of an analysis one by one: facts of people, plan, contrasts and margins, process and outcome, words."""

import numpy as np
import polars as pl
import pytest
from made_up import made_up

from accord.science.analyses.change import changes
from accord.science.analyses.contrasts import Compared
from accord.science.analyses.margins import margin_verdict
from accord.science.analyses.models import sides
from accord.science.analyses.multiplicity import with_multiplicity
from accord.science.analyses.people import read_people
from accord.science.analyses.plan import Target, spoken
from accord.science.analyses.process import association_estimates, slopes, stacked
from accord.science.analyses.result import AnalysisResult, Section, Text
from accord.science.analyses.study import make_study
from accord.science.analyses.wording import interval, listed, number, p_value, percent, refuse_claims
from accord.science.cohort import Cohort, Manifest
from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate
from accord.science.protocols import load_protocol
from accord.science.protocols.model import Contrast

ROUTINE = load_protocol("routine-care")


def cohort_of(**tables) -> Cohort:
    return Cohort(Manifest(origin="real", title="by hand"), {name: pl.DataFrame(rows) for name, rows in tables.items()})


# --- people -------------------------------------------------------------------------------------------------------

PEOPLE = {"participant": ["a", "b", "c", "d"], "role": ["patient"] * 3 + ["reference"]}


def test_facts_are_counted_and_the_reference_group_is_apart():
    people = read_people(cohort_of(
        participants=PEOPLE,
        events={"participant": ["a", "a", "b", "c"], "kind": ["screening", "enrolment", "ineligible", "enrolment"],
                "day": [-7, 0, -3, 0]},
        lessons={"participant": ["a", "a", "c"], "lesson": ["l1", "l2", "l1"], "opened_day": [2, 9, None],
                 "completed_day": [6, None, None]},
        contacts={"participant": ["a", "a"], "mode": ["asynchronous", "synchronous"], "minutes": [10.0, 5.0],
                  "day": [1, 2]},
    ), ROUTINE)  # fmt: skip
    assert people.reference == 1
    rows = {row["participant"]: row for row in people.frame.to_dicts()}
    assert (rows["a"]["lessons_opened"], rows["a"]["lessons_completed"], rows["c"]["lessons_opened"]) == (2, 1, 0)
    assert (rows["a"]["started"], rows["c"]["started"]) == (True, False)
    assert (rows["a"]["eligible"], rows["b"]["eligible"], rows["c"]["eligible"]) == (True, False, True)
    assert (rows["a"]["enrolled"], rows["b"]["enrolled"]) == (True, False)
    assert (rows["a"]["minutes"], rows["a"]["minutes_asynchronous"], rows["c"]["minutes"]) == (15, 10, 0)
    assert rows["a"]["days_to_start"] == 2
    assert rows["a"]["lessons_total"] == 2


def test_a_fact_without_its_table_is_unknown():
    people = read_people(cohort_of(participants=PEOPLE), ROUTINE)
    met, unknown = people.flag("lessons_opened >= 1")
    assert (met.tolist(), unknown) == ([False] * 3, 3)
    assert people.flag("enrolled")[0].all()


def test_the_only_arm_is_everybody_s_and_a_trial_guesses_none():
    assert set(read_people(cohort_of(participants=PEOPLE), ROUTINE).arm.tolist()) == {"programme"}
    assert set(read_people(cohort_of(participants=PEOPLE), load_protocol("mair")).arm.tolist()) == {None}


def test_the_format_tells_the_arm_where_each_has_one():
    grouped = PEOPLE | {"group": ["g1", None, None, None]}
    arms = read_people(cohort_of(participants=grouped), load_protocol("therapist-factors")).arm
    assert arms.tolist() == ["group", "individual", "individual"]


def test_a_column_named_like_a_fact_is_not_taken_for_it():
    people = read_people(cohort_of(participants=PEOPLE | {"lost": ["x"] * 4}), ROUTINE)
    assert people.frame["lost"].null_count() == 3


# --- plan ---------------------------------------------------------------------------------------------------------


def test_baseline_occasions_and_roles():
    plan = make_study(ROUTINE, made_up("routine-care", n=30)).plan
    pain = plan.primary
    assert (pain.ref, pain.informant, pain.baseline) == ("bpi_interference.total", "patient", "baseline")
    assert pain.later == ("mid", "post", "follow_up")
    assert pain.at == ("post", "follow_up")
    assert [target.role for target in pain.targets] == ["primary", "key"]
    assert [outcome.role for outcome in plan.outcomes[1:]] == ["secondary"] * 5


def test_what_hangs_on_the_start_comes_due_only_for_who_began():
    cohort = made_up("routine-care", n=30)
    began = cohort.table("lessons").filter(pl.col("participant") < "p00020")
    events = cohort.table("events").filter(pl.col("kind") != "start")
    study = make_study(ROUTINE, Cohort(cohort.manifest, dict(cohort.tables) | {
        "lessons": began, "events": events, "sessions": cohort.table("sessions").head(0)}))  # fmt: skip
    assert int(study.due("post").sum()) == 20
    assert int(study.due("baseline").sum()) == 30
    assert int(study.analysed(study.plan.primary).sum()) == 20


# --- contrasts ----------------------------------------------------------------------------------------------------


def estimate(value, low, high):
    return Estimate(id="x", label="x", value=value, ci_low=low, ci_high=high)


@pytest.mark.parametrize(("aim", "low", "high", "verdict"), [
    ("superiority", 0.1, 0.5, "first better"),
    ("superiority", -0.5, -0.1, "second better"),
    ("superiority", -0.1, 0.5, "a difference is not shown"),
    ("non-inferiority", -0.2, 0.4, "non-inferior within 0.25 SD"),
    ("non-inferiority", -0.2, -0.1, "non-inferior within 0.25 SD"),
    ("non-inferiority", -0.3, 0.4, "non-inferiority within 0.25 SD is not shown"),
    ("non-inferiority", -0.5, -0.1, "non-inferiority within 0.25 SD is not shown; the first is worse"),
    ("equivalence", -0.2, 0.2, "equivalent within 0.25 SD (95 % interval)"),
    ("equivalence", -0.2, 0.3, "equivalence within 0.25 SD is not shown"),
    ("equivalence", -0.3, 0.2, "equivalence within 0.25 SD is not shown"),
])  # fmt: skip
def test_margins_are_judged_by_the_interval(aim, low, high, verdict):
    named = Contrast(label="x", arms=("a", "b"), aim=aim, margin=None if aim == "superiority" else 0.25)
    found = estimate((low + high) / 2, low, high)
    assert margin_verdict(named, found, found) == verdict
    assert "equal" not in verdict.replace("equivalen", "")


def test_a_contrast_that_cannot_be_had_is_no_equality():
    named = Contrast(label="x", arms=("a", "b"), aim="equivalence", margin=0.25)
    assert margin_verdict(named, estimate(None, None, None), estimate(None, None, None)) == "not estimable"


def test_levels_of_a_factor_weigh_their_arms_alike():
    study = make_study(load_protocol("guided-icbt"), made_up("guided-icbt", n=64))
    first, second = sides(study, study.protocol.endpoints.contrasts["now_later"])
    assert sum(first.values()) == pytest.approx(1)
    assert len(set(first.values())) == 1
    assert second == {"waiting_list": 1.0}


# --- process and outcome --------------------------------------------------------------------------------------------


def test_within_and_between_against_least_squares_written_out():
    """Two occasions of eight people by hand: y − y₀ on y₀, occasion, x − x̄ and x̄ by numpy, slopes times SD of x over SD
    of y at their first occasions."""
    study = make_study(load_protocol("integro"), made_up("integro", n=60, missing=0.1))
    name, clause = "alliance_patient", study.protocol.endpoints.associations["alliance_patient"]
    data = stacked(study, name, clause)
    known = np.isfinite(data.x) & np.isfinite(data.y) & np.isfinite(data.y0)
    mean = np.array([data.x[known & (data.people == p)].mean() if (known & (data.people == p)).any() else np.nan
                     for p in range(60)])[data.people]  # fmt: skip
    design = np.column_stack([
        np.ones(known.sum()), (data.x - mean)[known], mean[known], data.y0[known],
        *[(data.occasion == k)[known] for k in (1, 2)],
    ]).astype(float)  # fmt: skip
    b = np.linalg.lstsq(design, (data.y - data.y0)[known], rcond=None)[0]
    found = slopes(study, data)
    sd_x = np.nanstd(study.scores.at("wai_sr.total", "patient", "session_2"), ddof=1)
    sd_y = np.nanstd(study.scores.at("nrs_pain.total", "patient", "session_5"), ddof=1)
    assert found.parts["within0"].value == pytest.approx(b[1] * sd_x / sd_y)
    assert found.parts["between0"].value == pytest.approx(b[2] * sd_x / sd_y)
    assert found.rows == known.sum()


def test_the_outcome_is_turned_so_that_higher_is_better():
    """Pain is worse when higher: alliance that goes with less pain later has a positive slope."""
    cohort = made_up("integro", n=200, missing=0.0)
    scores = cohort.table("scores")
    alliance = scores.filter((pl.col("instrument") == "wai_sr") & (pl.col("time_point") == "session_2"))
    high = alliance.select("participant", lift=(pl.col("value") - pl.col("value").mean()) / pl.col("value").std())
    so_far = pl.col("time_point").replace_strict({"session_5": 1, "session_9": 2, "session_12": 3}, default=0)
    less_pain = pl.when(pl.col("instrument") == "nrs_pain").then(2 * so_far * pl.col("lift")).otherwise(0)
    moved = scores.join(high, on="participant", how="left").with_columns(value=pl.col("value") - less_pain).drop("lift")
    study = make_study(load_protocol("integro"), Cohort(cohort.manifest, dict(cohort.tables) | {"scores": moved}))
    clause = study.protocol.endpoints.associations["alliance_patient"]
    found = {e.id.rpartition(".")[2]: e for e in association_estimates(study, "alliance_patient", clause)}
    assert found["between"].ci_low > 0
    assert set(found) == {"within", "between", "reverse_within", "reverse_between"}


def test_an_association_without_its_measure_says_so():
    cohort = made_up("integro", n=40)
    less = cohort.table("scores").filter(pl.col("instrument") != "wai_sr")
    study = make_study(load_protocol("integro"), Cohort(cohort.manifest, dict(cohort.tables) | {"scores": less}))
    clause = study.protocol.endpoints.associations["alliance_patient"]
    found = list(association_estimates(study, "alliance_patient", clause))
    assert found
    assert all(e.value is None and "wai_sr.total" in e.note for e in found)


def test_the_named_index_of_synchrony_is_read_by_session_or_time_point():
    cohort = made_up("integro", n=40, missing=0.0)
    rng = np.random.default_rng(2)
    methods = ("windowed_cross_correlation", "other")
    rows = [(f"p{k:05d}", f"session_{s}", "heart_rate", method, float(rng.normal()))
            for k in range(40) for s in (2, 5, 9, 12) for method in methods]  # fmt: skip
    table = pl.DataFrame(rows, schema=["participant", "session", "signal", "method", "value"], orient="row")
    study = make_study(load_protocol("integro"), Cohort(cohort.manifest, dict(cohort.tables) | {"synchrony": table}))
    data = stacked(study, "attunement", study.protocol.endpoints.associations["attunement"])
    wanted = table.filter((pl.col("session") == "session_2") & (pl.col("method") != "other"))["value"].to_numpy()
    assert data.x[:40].tolist() == pytest.approx(wanted.tolist())


# --- words --------------------------------------------------------------------------------------------------------


def said(*texts, section="change", title="A study"):
    blocks = tuple(Text(text) for text in texts)
    return AnalysisResult(
        title=title, eyebrow="", protocol="x", protocol_version=1, protocol_hash="", origin="real",
        sections=(Section(section, "Heading", blocks),),
    )  # fmt: skip


@pytest.mark.parametrize("text", [
    "Alliance mediates the change.", "The effect of treatment was large.", "Effects of the programme", "Its efficacy",
    "a mediator of change", "better outcomes caused by therapy",
])  # fmt: skip
def test_claims_are_refused(text):
    with pytest.raises(BadInput, match="may not say"):
        refuse_claims(said(text))
    with pytest.raises(BadInput, match="may not say"):
        refuse_claims(said(title=text))


@pytest.mark.parametrize(
    "text", ["Pain self-efficacy", "side effects were asked", "immediate help", "an effective dose"]
)
def test_ordinary_words_pass(text):
    refuse_claims(said(text))


def test_sources_and_names_of_scales_are_quoted():
    refuse_claims(said("How therapist effects of alliance mediate outcomes. J Pain", section="sources"))
    refuse_claims(said("Effects of any cause (neq_20.effects)"), quoted=["Effects of any cause"])
    with pytest.raises(BadInput, match="may not say"):
        refuse_claims(said("Effects of any cause are an effect of treatment"), quoted=["Effects of any cause"])


def test_numbers_in_words():
    assert number(-0.456) == "−0.46"
    assert number(None) == number(float("nan")) == "–"
    assert interval(estimate(0.5, 0.1, 0.9)) == "0.50 [0.10, 0.90]"
    assert interval(estimate(0.5, None, None)) == "0.50"
    assert (percent(0.634), percent(1, 3), percent(1, 0)) == ("63 %", "33 %", "–")
    assert (p_value(0.0004), p_value(0.0404), p_value(1.0), p_value(None)) == ("<.001", ".040", "1.000", "–")
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed("abc")) == ("", "a", "a and b", "a, b and c")


def test_a_verdict_yields_to_the_adjustment_for_several():
    """Holm over three p values of .02, .04 and .5: .06, .08 and .5, so nothing in this family is shown any more."""
    study = make_study(load_protocol("mair"), made_up("mair", n=40))
    found = changes(study, study.plan.outcomes[1])
    target = Target("secondary", "post", ("mair_relaxation",))
    made = [Compared(found, target, "mair_relaxation", estimate(1, low, 2).renamed(p=p), estimate(1, low, 2), verdict=v)
            for p, low, v in ((0.02, 0.1, "first better"), (0.04, 0.01, "first better"),
                              (0.5, -1, "a difference is not shown"))]  # fmt: skip
    adjusted = with_multiplicity(study, made)
    assert [one.adjusted for one in adjusted] == pytest.approx([0.06, 0.08, 0.5])
    assert [one.verdict for one in adjusted] == ["first better, not after Holm"] * 2 + ["a difference is not shown"]


def test_other_families_are_left_as_they_are():
    study = make_study(load_protocol("mair"), made_up("mair", n=40))
    found = changes(study, study.plan.outcomes[0])
    alone = Compared(found, Target("primary", "post", ()), "mair_relaxation", estimate(1, 0.1, 2).renamed(p=0.03),
                     estimate(1, 0.1, 2), verdict="first better")  # fmt: skip
    assert with_multiplicity(study, [alone]) == [alone]


@pytest.mark.parametrize(
    ("code", "words"),
    [("urgent-help-came", "urgent help came"), ("follow_up", "follow up"), ("30-39", "30-39"), ("en-GB", "en-GB"),
     ("-1", "-1"), ("other", "other")],
)  # fmt: skip
def test_a_code_is_said_in_words_and_a_range_stays_one(code, words):
    assert spoken(code) == words
