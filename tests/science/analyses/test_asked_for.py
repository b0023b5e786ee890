"""Sections that a protocol asks for: weekly lines, single people, who stayed, counts, guesses, bands, gates."""

import json
import math

import numpy as np
import polars as pl
import pytest
from made_up import made_up

from accord.science.analyses import analyse
from accord.science.analyses.margins import aimed_p
from accord.science.analyses.study import make_study
from accord.science.cohort import Cohort
from accord.science.estimates.blinding_index import blinding_index
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.individual_change import individual_change
from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.estimates.time_to_event import cox, survival
from accord.science.protocols import load_protocol
from accord.science.protocols.model import Contrast, Protocol

ALSO = [
    "individual-change",
    "regression-to-the-mean",
    "expected-course",
    "logistic-mixed",
    "time-to-drop-out",
    "counts",
]


def changed(slug, **analysis):
    """A protocol with another analysis clause, and nothing else changed."""
    data = json.loads(load_protocol(slug).model_dump_json(exclude_none=True))
    ends = analysis.pop("endpoints", {})
    data["analysis"] |= analysis
    data["endpoints"] |= ends
    return Protocol.model_validate(data)


def with_more(cohort, *, weeks=7, leave=0.3, seed=3):
    """A weekly diary that improves by .1 a week, people who leave, adverse events, guesses of two arms."""
    rng = np.random.default_rng(seed)
    people = cohort.table("participants")["participant"].to_list()
    n = len(people)
    own, slope = rng.normal(6, 1, n), rng.normal(-0.1, 0.05, n)
    diary = [pl.DataFrame({
        "participant": people, "informant": "patient", "instrument": "diary", "scale": "pain",
        "time_point": f"weekly_{k + 1}", "day": 7 * k + 10,
        "value": (own + slope * k + rng.normal(0, 0.5, n)).clip(0, 10).round(3), "wording": "invented",
    }) for k in range(weeks)]  # fmt: skip
    arms = cohort.table("allocation") if "allocation" in cohort.names else None
    if arms is not None and arms["arm"].n_unique() == 2:
        right = rng.random(n) < 0.8
        place = np.array([1 if a == "mair" else 2 for a in arms["arm"]])
        diary.append(pl.DataFrame({
            "participant": people, "informant": "patient", "instrument": "arm_guess", "scale": "guess",
            "time_point": "post", "day": 60, "value": np.where(right, place, 3 - place).astype(float),
            "wording": "invented",
        }))  # fmt: skip
    gone = rng.random(n) < leave
    left = pl.DataFrame({"participant": np.array(people)[gone], "kind": "withdrawal",
                         "day": rng.integers(5, 80, int(gone.sum())),
                         "reason": pl.Series([None] * int(gone.sum()), dtype=pl.String)})  # fmt: skip
    harm = pl.DataFrame({"participant": np.repeat(people, rng.poisson(0.5, n)), "kind": "adverse_event"})
    harm = harm.with_columns(day=pl.lit(9), reason=pl.lit(None, dtype=pl.String))
    tables = {name: cohort.table(name) for name in cohort.names}
    tables["scores"] = pl.concat([tables["scores"].select(diary[0].columns), *diary], how="vertical_relaxed")
    columns = ["participant", "kind", "day", "reason"]
    tables["events"] = pl.concat([tables["events"].select(columns), left.select(columns), harm.select(columns)],
                                 how="vertical_relaxed")  # fmt: skip
    return Cohort(cohort.manifest, tables)


@pytest.fixture(scope="module")
def routine():
    protocol = changed("routine-care", also=ALSO, endpoints={
        "courses": [{"scale": "diary.pain", "over": "weekly", "model": "linear-mixed-slopes"}]})  # fmt: skip
    cohort = with_more(made_up("routine-care", n=300))
    return protocol, cohort, analyse(protocol, cohort)


@pytest.fixture(scope="module")
def trial():
    protocol = changed("mair", also=["individual-change", "time-to-drop-out", "counts", "blinding"])
    cohort = with_more(made_up("mair", n=160))
    return protocol, cohort, analyse(protocol, cohort)


def test_nothing_is_told_that_is_not_asked_for():
    protocol = changed("routine-care", also=[], endpoints={"courses": []})
    ids = {s.id for s in analyse(protocol, with_more(made_up("routine-care", n=60))).sections}
    assert not ids & {"individual", "expected", "courses", "leaving", "clustered_shares", "counts", "blinding"}


def test_all_is_told_that_is_asked_for(routine, trial):
    ids = {s.id for s in routine[2].sections}
    assert {"individual", "expected", "courses", "leaving", "clustered_shares", "counts"} <= ids
    assert {"individual", "leaving", "counts", "blinding"} <= {s.id for s in trial[2].sections}


def test_the_weekly_line_is_the_mixed_model(routine):
    _, cohort, result = routine
    found = result.estimate("slope.diary.pain.weekly")
    rows = cohort.table("scores").filter(pl.col("instrument") == "diary")
    week = rows["time_point"].str.strip_prefix("weekly_").cast(pl.Float64).to_numpy() - 1
    therapist = dict(cohort.table("participants").select("participant", "therapist").iter_rows())
    who = rows["participant"].to_numpy()
    model = linear_mixed(
        rows["value"].to_numpy(),
        {"people": Factor(who, {"week": week}),
         "therapist": Factor([therapist[p] for p in who], {"week": week}, correlated=False)},
        fixed={"week": week},
    )  # fmt: skip
    expected = model.coefficient("week")
    assert found.value == pytest.approx(-expected.value, rel=1e-6)
    assert (found.ci_low, found.ci_high) == pytest.approx((-expected.ci_high, -expected.ci_low), rel=1e-5)
    assert found.ci_low < 0.1 < found.ci_high
    said = " ".join(t for b in result.section("courses").blocks for t in b.texts())
    assert "Single people's lines are not shown" in said


def test_a_weekly_line_by_arm_has_contrasts():
    protocol = changed("guided-icbt", also=[], endpoints={
        "courses": [{"scale": "diary.pain", "over": "weekly", "model": "linear-mixed-slopes"}]})  # fmt: skip
    result = analyse(protocol, with_more(made_up("guided-icbt", n=240)))
    slopes = {e.id: e for e in result.estimates if e.id.startswith("slope.")}
    assert len(slopes) == 8
    difference = result.estimate("slope_contrast.diary.pain.weekly.longer")
    one, other = (slopes[f"slope.diary.pain.weekly.{a}"].value for a in ("mixed_full_long", "mixed_full"))
    assert difference.value == pytest.approx(one - other)


def test_single_people_by_four_rules(routine):
    protocol, cohort, result = routine
    study = make_study(protocol, cohort)
    outcome = study.plan.primary
    rows = study.analysed(outcome) & study.due("post")
    before, after = (study.values(outcome, at)[rows] for at in ("baseline", "post"))
    everybody = study.values(outcome, "baseline")[study.analysed(outcome)]
    everybody = everybody[np.isfinite(everybody)]
    by_hand = individual_change(before, after, reliability=0.76, sign=-1, method="edwards-nunnally",
                                mean=everybody.mean(), sd=everybody.std(ddof=1))  # fmt: skip
    found = result.estimate("individual.edwards-nunnally.improved.bpi_interference.total.post")
    assert found.value == by_hand.counts["improved"] / found.n
    assert found.n == sum(by_hand.counts.values())


def test_the_gain_of_the_worst_stands_beside_what_error_makes(routine):
    table = next(t for t in routine[2].tables() if t.id == "towards_the_mean")
    halves = [row for row in table.rows if row[2] == "worse half"]
    quarters = [row for row in table.rows if row[2] == "worst quarter"]
    assert halves
    assert all(float(q[-1]) > float(h[-1]) > 0 for h, q in zip(halves, quarters, strict=True))


def test_who_stayed(trial):
    _, cohort, result = trial
    everybody = cohort.table("participants").join(cohort.table("allocation"), on="participant")
    events, scores = cohort.table("events"), cohort.table("scores")
    left = events.filter(kind="withdrawal").group_by("participant").agg(left=pl.col("day").min())
    seen = pl.concat([
        scores.select("participant", pl.col("day").cast(pl.Int64)),
        events.filter(pl.col("kind") != "withdrawal").select("participant", pl.col("day").cast(pl.Int64)),
        *(cohort.table(t).select("participant", pl.col("day").cast(pl.Int64)) for t in ("sessions", "contacts")),
    ]).group_by("participant").agg(last=pl.col("day").max())  # fmt: skip
    rows = everybody.join(left, on="participant", how="left").join(seen, on="participant", how="left")
    day = rows.select(pl.coalesce("left", "last")).to_series().to_numpy().astype(float)
    gone = rows["left"].is_not_null().to_numpy()
    curve = survival(day, gone)
    found = result.estimate("stay.post")
    until = int(found.label.split("day ")[1])
    assert found.value == pytest.approx(curve.stay[curve.time <= until][-1])
    ratio = result.estimate("hazard_ratio.leaving.mair")
    model = cox(day, gone, {"mair": (rows["arm"] == "mair").to_numpy().astype(float)})
    assert ratio.value == pytest.approx(math.exp(model.coefficient("mair").value), rel=1e-8)
    assert next(b for b in result.section("leaving").blocks if getattr(b, "id", "") == "leaving")


def test_counts_are_means_per_person(trial):
    _, cohort, result = trial
    events = cohort.table("events").filter(kind="adverse_event")
    found = result.estimate("mean_count.adverse_events")
    assert found.value == pytest.approx(len(events) / 160, rel=1e-6)
    assert found.ci_low < 0.5 < found.ci_high
    assert result.estimate("rate_ratio.adverse_events.mair").value > 0


def test_guesses_are_the_index(trial):
    _, cohort, result = trial
    arm = dict(cohort.table("allocation").select("participant", "arm").iter_rows())
    rows = cohort.table("scores").filter(instrument="arm_guess")
    words = {1.0: "mair", 2.0: "relaxation"}
    index = blinding_index([arm[p] for p in rows["participant"]], [words[v] for v in rows["value"]])
    found = result.estimate("blinding.patient.post.mair")
    assert found.value == pytest.approx(index.bang["mair"].value)
    assert result.estimate("blinding.patient.post").value == pytest.approx(index.james)
    table = next(t for t in result.tables() if t.id == "guesses_patient_post")
    assert {row[-1] for row in table.rows} == {"more right than by chance"}


def test_few_people_get_no_bands_and_one_cluster_no_share():
    protocol = changed("routine-care", also=["expected-course", "logistic-mixed"])
    result = analyse(protocol, made_up("routine-care", n=60))
    said = " ".join(t for b in result.section("expected").blocks for t in b.texts())
    assert "200" in said
    latent = result.estimate("icc_latent.therapist.bpi_interference.total.post")
    assert latent.value is None
    assert "20 are needed" in latent.note


@pytest.mark.parametrize("method", ["serial-gatekeeping", "parallel-gatekeeping", "fixed-sequence", "fallback"])
def test_families_in_their_order(method):
    protocol = changed("mair", multiplicity={"families": ["primary", "key", "secondary"], "method": method})
    result = analyse(protocol, made_up("mair", n=160, effect=1.0))
    table = next(t for t in result.tables() if t.id == "contrasts")
    place = table.columns.index("p adjusted")
    assert all(row[place] is not None for row in table.rows)
    said = " ".join(t for b in result.section("contrasts").blocks for t in b.texts())
    assert "primary, key and secondary families" in said


def test_the_p_of_a_margin_goes_with_its_interval():
    named = Contrast(label="x", arms=("a", "b"), aim="non-inferiority", margin=0.25)
    points = Estimate("a", "a", 0.0, -1, 1, 0.5, 40, 0.99)
    touching = Estimate("b", "b", 0.05, -0.25, 0.35, 0.15, 40, 0.7)
    assert aimed_p(named, points, touching) == pytest.approx(0.05, abs=1e-9)
    assert aimed_p(Contrast(label="x", arms=("a", "b")), points, touching) == 0.99
    same = Contrast(label="x", arms=("a", "b"), aim="equivalence", margin=0.35)
    assert aimed_p(same, points, touching) == pytest.approx(0.05, abs=1e-9)
    assert aimed_p(named, points, Estimate("b", "b", None)) is None
