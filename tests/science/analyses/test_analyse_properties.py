"""What must hold for any cohort: signs, swapped arms, absent tables, withdrawals, hardly anybody, nobody at all."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up import SCALES, made_up

from accord.science.analyses import Caution, analyse
from accord.science.cohort import Cohort
from accord.science.errors import BadInput
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate

FIVE = list(SCALES)


def changed(cohort: Cohort, **tables) -> Cohort:
    """The same cohort with some tables replaced, or taken away (None)."""
    kept = {name: frame for name, frame in cohort.tables.items() if name not in tables}
    return Cohort(cohort.manifest, kept | {k: v for k, v in tables.items() if v is not None}, cohort.truth)


def scores(cohort: Cohort) -> pl.DataFrame:
    return cohort.table("scores")


def judged(slug, cohort, **options):
    return analyse(load_protocol(slug), cohort, **options)


# --- direction ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", FIVE)
def test_improvement_is_positive_whichever_way_the_scale_runs(slug):
    """The made-up people of the first arm improve by a whole SD on every scale, on those where higher is worse too."""
    result = judged(slug, made_up(slug, n=200, effect=1.5, missing=0.0))
    first = next(iter(load_protocol(slug).arms))
    compares = load_protocol(slug).analysis.words == "comparison"
    changes = [e for e in result.estimates if e.id.startswith("g.") and (e.id.endswith(first) or not compares)]
    assert {e.scale for e in changes} >= set(SCALES[slug][:3])
    assert all(e.value > 0 for e in changes)
    if compares:
        return
    forests = [
        b.picture for b in result.blocks() if getattr(b, "id", "").startswith("change_") and hasattr(b, "picture")
    ]
    assert forests
    assert all(row.value > 0 for f in forests for row in f.rows if row.value is not None)


def test_getting_worse_is_negative():
    result = judged("routine-care", made_up("routine-care", n=200, effect=-1.0))
    assert all(e.value < 0 for e in result.estimates if e.id.startswith("change."))
    assert "worse by" in result.lead[2]
    assert "−" not in result.lead[2].split("points")[0]  # worse by so much, not worse by minus so much


def test_swapping_the_arms_turns_the_contrast():
    cohort = made_up("mair", n=96)
    arms = cohort.table("allocation")
    swapped = arms.with_columns(arm=pl.col("arm").replace({"mair": "relaxation", "relaxation": "mair"}))
    one = judged("mair", cohort).estimate("contrast.fiq.total.post.mair_relaxation")
    other = judged("mair", changed(cohort, allocation=swapped)).estimate(one.id)
    assert other.value == pytest.approx(-one.value, rel=1e-6)
    assert (other.ci_low, other.ci_high) == pytest.approx((-one.ci_high, -one.ci_low), rel=1e-6)
    assert other.p == pytest.approx(one.p, rel=1e-6)


def test_the_order_of_people_does_not_matter():
    cohort = made_up("routine-care", n=60)
    tables = {name: cohort.table(name).sample(fraction=1, shuffle=True, seed=3) for name in cohort.names}
    one, other = (judged("routine-care", c, only={"primary"}) for c in (cohort, Cohort(cohort.manifest, tables)))
    for first, second in zip(one.estimates, other.estimates, strict=True):
        assert first.value == pytest.approx(second.value, rel=1e-7)


def test_a_scale_in_other_units_gives_the_same_standardised_change():
    cohort = made_up("routine-care", n=80)
    doubled = scores(cohort).with_columns(
        value=pl.when(pl.col("instrument") == "pseq").then(pl.col("value") / 2 + 3).otherwise("value")
    )
    one, other = (
        judged("routine-care", c).estimate("g.pseq.total.post") for c in (cohort, changed(cohort, scores=doubled))
    )
    assert one.value == pytest.approx(other.value, rel=1e-6)


# --- absence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "section"), [("contacts", "minutes"), ("lessons", "predictors")])
def test_a_missing_table_takes_its_section_only(table, section):
    cohort = made_up("routine-care", n=80)
    whole, less = judged("routine-care", cohort), judged("routine-care", changed(cohort, **{table: None}))
    gone = {s.id for s in whole.sections} - {s.id for s in less.sections}
    assert gone <= {section}
    assert less.estimate("change.bpi_interference.total.post").value is not None
    if table == "contacts":
        assert gone == {"minutes"}


def test_without_lessons_the_funnel_says_what_cannot_be_told():
    cohort = made_up("routine-care", n=60)
    section = judged("routine-care", changed(cohort, lessons=None)).section("funnel")
    assert any(isinstance(b, Caution) and "cannot be told" in b.text for b in section.blocks)


def test_without_events_everybody_in_the_file_was_enrolled():
    cohort = made_up("integro", n=48)
    result = judged("integro", changed(cohort, events=None))
    assert result.facts["analysed"] == 48
    assert "no record of events" in " ".join(t for b in result.section("harms").blocks for t in b.texts())


def test_an_outcome_that_nobody_answered_is_listed_not_fatal():
    cohort = made_up("routine-care", n=60)
    result = judged("routine-care", changed(cohort, scores=scores(cohort).filter(pl.col("instrument") != "phq_9")))
    absent = next(table for table in result.tables() if table.id == "absent")
    assert ("Depression", "not in this cohort") in absent.rows
    assert result.estimate("change.gad_7.total.post").value is not None


def test_scales_beyond_the_protocol_are_named_and_not_estimated():
    cohort = made_up("routine-care", n=40)
    extra = scores(cohort).filter(pl.col("instrument") == "gad_7").with_columns(instrument=pl.lit("isi"))
    result = judged("routine-care", changed(cohort, scores=pl.concat([scores(cohort), extra])))
    also = next(table for table in result.tables() if table.id == "also_measured")
    assert any("isi.total" in row[0] for row in also.rows)
    assert not any(e.scale == "isi.total" for e in result.estimates)


@pytest.mark.parametrize("slug", FIVE)
def test_all_missing_at_post_still_gives_a_report(slug):
    cohort = made_up(slug, n=48)
    result = judged(slug, changed(cohort, scores=scores(cohort).filter(pl.col("time_point") != "post")))
    assert {"people", "sources"} <= {s.id for s in result.sections}
    assert all(e.value is None for e in result.estimates if e.id.startswith("change.") and ".post" in e.id)


def test_only_baselines_give_a_report_without_change():
    cohort = made_up("routine-care", n=30)
    result = judged("routine-care", changed(cohort, scores=scores(cohort).filter(pl.col("time_point") == "baseline")))
    texts = [text for block in result.section("change").blocks for text in block.texts()]
    assert any("no change to report" in text for text in texts)


@pytest.mark.parametrize("slug", FIVE)
@pytest.mark.parametrize("people", [1, 2, 3, 7])
def test_hardly_anybody(slug, people):
    """No number is made up, no traceback comes up."""
    cohort = made_up(slug, n=48, missing=0.0)
    few = cohort.table("participants").head(people)
    kept = {
        name: cohort.table(name).join(few.select("participant"), on="participant", how="semi")
        for name in cohort.names
        if "participant" in cohort.table(name).columns
    }
    result = judged(slug, changed(cohort, **kept))
    assert result.facts["people"] == people
    for estimate in result.estimates:
        assert estimate.value is not None or estimate.note, estimate.id
    if people == 1:
        assert not [e.id for e in result.estimates if e.p is not None]


def test_who_withdrew_stays_in_the_analysis_and_in_the_flow():
    cohort = made_up("integro", n=48, missing=0.0)
    lost = [f"p{k:05d}" for k in range(10)]
    left = pl.DataFrame({"participant": lost, "kind": "withdrawal", "day": 40, "reason": "no_time"}).cast(
        {"day": pl.Int32}
    )
    late = scores(cohort).filter(~(pl.col("participant").is_in(lost) & (pl.col("time_point") == "post")))
    events = pl.concat([cohort.table("events"), left], how="diagonal_relaxed")
    result = judged("integro", changed(cohort, events=events, scores=late))
    change = result.estimate("change.fiqr.total.post")
    assert (change.n, change.missing) == (38, 10)
    flow = next(b for b in result.section("flow").blocks if hasattr(b, "picture")).picture
    assert [(r.label, r.n) for stage in flow.trunk for r in stage.lost] == [("withdrew: no time", 10)]
    assert flow.trunk[-1].n == 48


# --- a cohort that is not of this protocol --------------------------------------------------------------------------


def test_no_table_of_scores():
    with pytest.raises(BadInput, match="no table of scores"):
        judged("routine-care", changed(made_up("routine-care", n=20), scores=None))


def test_nobody():
    cohort = made_up("routine-care", n=20)
    with pytest.raises(BadInput, match="holds no people"):
        judged("routine-care", changed(cohort, participants=cohort.table("participants").head(0)))


def test_arms_of_another_trial():
    with pytest.raises(BadInput, match=r"async_core.*async_full.*") as error:
        judged("mair", made_up("guided-icbt", n=40))
    assert "mair, relaxation" in str(error.value)


def test_outcomes_of_another_study():
    with pytest.raises(BadInput, match="None of the outcomes") as error:
        judged("integro", changed(made_up("mair", n=40), scores=scores(made_up("mair", n=40)).filter(
            pl.col("instrument") == "hads")))  # fmt: skip
    assert "hads.anxiety" in str(error.value)


def test_nothing_at_baseline():
    cohort = made_up("routine-care", n=30)
    with pytest.raises(BadInput, match="no baseline scores") as error:
        judged("routine-care", changed(cohort, scores=scores(cohort).filter(pl.col("time_point") == "post")))
    assert "post" in str(error.value)


def test_a_cohort_of_another_text_of_the_protocol_is_analysed_and_said():
    cohort = made_up("routine-care", n=40, protocol_hash="a" * 64, protocol_version=0)
    result = judged("routine-care", cohort, protocol_hash="b" * 64)
    said = " ".join(text for block in result.section("sources").blocks for text in block.texts())
    assert "The text of the protocol has changed since this cohort was made (version 0 then, 1 now)" in said


def test_a_cohort_of_another_protocol_is_analysed_and_said():
    cohort = made_up("routine-care", n=40)
    other = Cohort(cohort.manifest.model_copy(update={"protocol": "elsewhere"}), cohort.tables)
    said = " ".join(t for b in judged("routine-care", other).section("sources").blocks for t in b.texts())
    assert "made for the protocol 'elsewhere'" in said


def test_a_real_cohort_carries_no_stamp():
    cohort = made_up("routine-care", n=40)
    real = Cohort(cohort.manifest.model_copy(update={"origin": "real"}), cohort.tables)
    result = judged("routine-care", real)
    assert not result.invented
    assert "nvented" not in " ".join(result.lead)
    assert result.section("put_in") is None


# --- clusters -----------------------------------------------------------------------------------------------------


def test_the_more_people_share_a_therapist_s_luck_the_wider_the_interval():
    cohort = made_up("therapist-factors", n=200, missing=0.0)
    luck = dict(zip(sorted(set(cohort.table("participants")["therapist"])), np.random.default_rng(1).normal(0, 2, 99),
                    strict=False))  # fmt: skip
    who = cohort.table("participants").select("participant", shift=pl.col("therapist").replace_strict(luck))
    shifted = (
        scores(cohort).join(who, on="participant")
        .with_columns(value=pl.col("value") + pl.when(pl.col("time_point") == "post").then("shift").otherwise(0))
        .drop("shift")
    )  # fmt: skip
    one, other = (judged("therapist-factors", c, only={"primary"}).estimates[0] for c in (
        cohort, changed(cohort, scores=shifted)))  # fmt: skip
    assert other.se > 2 * one.se
    assert "therapists by jackknife" in other.method


def test_few_groups_fall_down_the_ladder_and_say_why():
    """C24: 40 people in four groups: the first rung is left for CR2, in words."""
    result = judged("mair", made_up("mair", n=32))
    found = result.estimate("contrast.fiq.total.post.mair_relaxation")
    assert "CR2" in found.method
    assert found.note.startswith("Mixed model for repeated measures, one baseline mean for all arms was left: 4 groups")


def test_one_group_an_arm_cannot_be_told_from_it():
    cohort = made_up("mair", n=32)
    people = cohort.table("participants")
    merged = people.with_columns(group=pl.col("group").str.slice(0, 2))
    result = judged("mair", changed(cohort, participants=merged, groups=None))
    found = result.estimate("contrast.fiq.total.post.mair_relaxation")
    assert "classical" in found.method
    assert "cannot be told apart" in found.note


def test_no_share_of_variance_from_few_therapists():
    result = judged("integro", made_up("integro", n=48))
    share = result.estimate("icc.therapist.fiqr.total.post")
    assert share.value is None
    assert "20 are needed" in share.note
    section = result.section("variance")
    assert not [b for b in section.blocks if hasattr(b, "picture")]
    assert any(getattr(b, "id", "").startswith("assumed_shares") for b in section.blocks)


def test_the_ten_times_claim_stands_beside_what_chance_makes():
    result = judged("therapist-factors", made_up("therapist-factors", n=400, missing=0.0))
    said = " ".join(t for b in result.section("variance").blocks for t in b.texts())
    assert "ten times" in said
    assert "did not differ at all" in said
    assert "not assigned to therapists" in said


def test_dose_is_never_offered_as_a_cause():
    said = " ".join(t for b in judged("routine-care", made_up("routine-care", n=60)).section("minutes").blocks
                    for t in b.texts())  # fmt: skip
    assert "say nothing on what minutes do" in said


def test_an_outcome_is_not_changed_by_its_analysis():
    cohort = made_up("routine-care", n=40)
    before = scores(cohort).clone()
    judged("routine-care", cohort)
    assert scores(cohort).equals(before)
    assert replace(cohort) == cohort


def test_a_covariance_that_is_singular_to_rounding_is_left_and_not_a_traceback():
    """Found by drawing tiny cohorts: eleven people of this seed gave a matrix with a root but no inverse."""
    protocol = load_protocol("therapist-factors")
    result = analyse(protocol, simulate(protocol, n=11, seed=4, truth=False))
    assert result.estimates
