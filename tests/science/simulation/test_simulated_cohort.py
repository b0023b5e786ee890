"""A simulated cohort: the same seed gives the same bytes, and what comes out is what the protocol promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from accord.science.cohort import Cohort, check_cohort, read_cohort, write_cohort
from accord.science.errors import BadContent, BadInput
from accord.science.protocols import Protocol, load_protocol, occasions
from accord.science.protocols.model import SimulatedCluster, SimulatedScale
from accord.science.simulation import CHUNK, simulate, simulate_chunks
from accord.science.simulation import simulate as simulate_function
from accord.science.simulation.shape import shapes

FIVE = ("routine-care", "integro", "guided-icbt", "mair", "therapist-factors")
MANY = 6000


@cache
def cohort(name: str, n: int, seed: int = 1) -> Cohort:
    return simulate(load_protocol(name), n=n, seed=seed, truth=False)


def own(name: str) -> Cohort:
    return cohort(name, load_protocol(name).sample_size.n)


def changed(name: str, **simulate_block: Any) -> Protocol:
    protocol = load_protocol(name)
    assert protocol.simulate is not None
    return protocol.model_copy(update={"simulate": protocol.simulate.model_copy(update=simulate_block)})


def wide(found: Cohort, ref: str, informant: str = "patient") -> pl.DataFrame:
    """One row a person, one column a time-point."""
    instrument, scale = ref.split(".")
    rows = found.table("scores").filter(
        (pl.col("instrument") == instrument) & (pl.col("scale") == scale) & (pl.col("informant") == informant)
    )
    return rows.pivot(on="time_point", index="participant", values="value")


# --- the same again -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIVE)
def test_the_same_seed_gives_the_same_bytes_and_passes_the_check(name: str, tmp_path: Path) -> None:
    protocol = load_protocol(name)
    for folder in ("first", "second"):
        write_cohort(simulate(protocol, n=60, seed=11, truth=False), tmp_path / folder)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in ("first", "second"))
    assert first == second
    assert [str(finding) for finding in check_cohort(tmp_path / "first")] == []
    other = simulate(protocol, n=60, seed=12, truth=False)
    assert not other.table("scores").equals(read_cohort(tmp_path / "first").table("scores"))


def test_chunks_are_the_cohort_whatever_order_they_are_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys.modules["accord.science.simulation.simulate"], "CHUNK", 80)
    protocol = load_protocol("mair")
    whole = simulate_function(protocol, n=200, seed=5, truth=False)
    chunks = list(simulate_chunks(protocol, n=200, seed=5))
    assert len(chunks) == 3
    for name in whole.names:
        joined = pl.concat([chunk[name] for chunk in chunks if name in chunk])
        assert joined.equals(whole.tables[name]), name
    (alone,) = simulate_chunks(protocol, n=200, seed=5, first=1, last=2)
    assert alone["scores"].equals(chunks[1]["scores"])
    allocation = whole.table("allocation")
    assert sorted(allocation["sequence"].to_list()) == list(range(1, 201))
    assert whole.table("participants")["participant"].is_unique().all()
    assert whole.table("groups")["group"].is_unique().all()


def test_chunks_are_of_a_size_that_fits_in_memory() -> None:
    assert CHUNK == 20_000
    tables = next(simulate_chunks(load_protocol("routine-care"), n=40_000, seed=1))
    assert sum(frame.estimated_size() for frame in tables.values()) < 500_000_000


def test_it_says_that_it_is_invented() -> None:
    found = own("mair")
    assert found.origin == "simulated"
    assert found.manifest.invented
    assert "invented" in found.manifest.title.lower()
    assert found.manifest.made_on is None
    assert found.table("scores")["wording"].unique().to_list() == ["invented"]


# --- who the people are -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIVE)
def test_n_counts_the_enrolled_and_more_are_referred_with_reasons(name: str) -> None:
    found, protocol = own(name), load_protocol(name)
    events = found.table("events")
    enrolled = events.filter(pl.col("kind") == "enrolment")["participant"]
    assert len(enrolled) == enrolled.n_unique() == protocol.sample_size.n
    people = found.table("participants").filter(pl.col("role") == "patient")
    assert people.height > protocol.sample_size.n
    turned = events.filter(pl.col("kind") == "ineligible")
    assert set(turned["reason"]) <= {criterion.ask for criterion in protocol.population.eligible_if}
    assert not set(turned["participant"]) & set(enrolled)
    declined = events.filter((pl.col("kind") == "withdrawal") & (pl.col("reason") == "declined"))
    assert people.height == protocol.sample_size.n + turned["participant"].n_unique() + declined.height


def test_who_is_enrolled_meets_the_rules_and_who_is_refused_does_not() -> None:
    found = cohort("mair", 300)
    people = found.table("participants").filter(pl.col("role") == "patient")
    inside = people.filter(pl.col("participant").is_in(found.table("allocation")["participant"].implode()))
    assert inside["age"].is_between(18, 65).all()
    assert inside["gender"].unique().to_list() == ["woman"]
    turned = found.table("events").filter(pl.col("kind") == "ineligible").join(people, on="participant")
    assert (turned.filter(pl.col("reason") == "gender")["gender"] != "woman").all()
    assert not turned.filter(pl.col("reason") == "age")["age"].is_between(18, 65).any()
    assert {"gender", "age"} <= set(turned["reason"])


def test_background_answers_are_those_that_the_questions_allow() -> None:
    from accord.science.programmes import load_questions

    questions = load_questions()
    people = own("routine-care").table("participants")
    for name in load_protocol("routine-care").population.background:
        question, column = questions[name], people[name].drop_nulls()
        if question.kind == "number":
            assert column.is_between(question.low, question.high).all()
        else:
            assert set(column) <= set(question.options)


# --- arms, groups, therapists -------------------------------------------------------------------------------------


def test_groups_are_filled_by_batches_and_each_has_its_size() -> None:
    found = own("mair")
    groups, people = found.table("groups"), found.table("participants")
    size = load_protocol("mair").arms["mair"].group_size
    assert size is not None
    assert groups["size"].is_between(size.smallest, size.largest).all()
    counted = people.drop_nulls("group").group_by("group").len().join(groups, on="group")
    assert (counted["len"] == counted["size"]).all()
    arms = found.table("allocation").join(people, on="participant").join(groups, on="group", suffix="_group")
    assert (arms["arm"] == arms["arm_group"]).all()
    assert groups.group_by("therapist").agg(pl.col("arm").n_unique())["arm"].max() == 2  # nobody leads one arm only


def test_a_trial_has_its_ratio_and_its_strata() -> None:
    protocol = load_protocol("guided-icbt")
    allocation = cohort("guided-icbt", 800).table("allocation")
    assert protocol.allocation is not None
    counts = dict(allocation.group_by("arm").len().iter_rows())
    assert set(counts) == set(protocol.allocation.ratio)
    assert max(counts.values()) - min(counts.values()) < 30
    assert allocation["stratum"].n_unique() > 1


@pytest.mark.parametrize("name", ["routine-care", "therapist-factors"])
def test_therapists_are_as_many_as_the_protocol_says(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.simulate is not None
    found = own(name)
    assert found.table("therapists").height == protocol.simulate.clusters["therapist"].count
    assert found.table("participants")["therapist"].drop_nulls().n_unique() == found.table("therapists").height


def test_a_therapists_rating_of_a_group_holds_for_all_its_members() -> None:
    found = own("mair")
    leader = found.table("scores").filter((pl.col("informant") == "leader") & pl.col("value").is_not_null())
    rated = leader.join(found.table("participants").select("participant", "group"), on="participant")
    spread = rated.group_by("group", "time_point", "scale").agg(pl.col("value").n_unique())
    assert (spread["value"] == 1).all()
    assert rated["value"].n_unique() > 5


# --- scores -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIVE)
def test_every_scale_that_is_asked_is_there_inside_its_range_and_on_its_steps(name: str) -> None:
    protocol, found = load_protocol(name), own(name)
    scores = found.table("scores")
    asked = {
        (who, instrument) for one in occasions(protocol) for who, names in one.asked.items() for instrument in names
    }
    there = set(scores.select("informant", "instrument").unique().iter_rows())
    assert there == asked
    whole = scores.filter((pl.col("answered") == pl.col("of")) & pl.col("value").is_not_null())
    for (instrument, scale), rows in whole.group_by("instrument", "scale"):
        one = shapes(str(instrument), None)[str(scale)]
        value = rows["value"].to_numpy()
        assert value.min() >= one.minimum - 1e-9
        assert value.max() <= one.maximum + 1e-9
        if one.method in ("sum", "single", "mean") and one.step <= 1:
            steps = (value - one.minimum) / one.step
            assert np.abs(steps - np.rint(steps)).max() < 1e-6, f"{instrument}.{scale}"


@pytest.mark.parametrize(("name", "instrument"), [("integro", "fiqr"), ("routine-care", "pcs"), ("integro", "wai_sr"),
                                                  ("mair", "fiq"), ("mair", "hads")])  # fmt: skip
def test_subscales_add_up_to_their_total(name: str, instrument: str) -> None:
    scores = own(name).table("scores")
    rows = scores.filter((pl.col("instrument") == instrument) & (pl.col("answered") == pl.col("of")))
    table = rows.pivot(on="scale", index=["participant", "time_point", "informant"], values="value").drop_nulls()
    parts = shapes(instrument, None)["total"].parts
    assert table.height > 30
    assert parts
    assert np.abs(table["total"].to_numpy() - table.select(parts).to_numpy().sum(axis=1)).max() < 1e-6


def test_baselines_have_the_means_the_spread_and_the_correlations_of_the_protocol() -> None:
    protocol = load_protocol("routine-care")
    assert protocol.simulate is not None
    found = cohort("routine-care", MANY)
    columns = {}
    at_both_ends = {ref: said for ref, said in protocol.simulate.scales.items() if ref != "diary.pain"}
    for ref, said in at_both_ends.items():
        values = wide(found, ref).select("participant", "baseline", "post").drop_nulls()
        baseline = values["baseline"].to_numpy()
        assert abs(baseline.mean() - said.mean) < 4.5 * said.sd / np.sqrt(len(baseline)) + 0.03 * said.sd
        assert baseline.std() == pytest.approx(said.sd, rel=0.05)
        columns[ref] = values.rename({"baseline": ref})
    pair = columns["phq_9.total"].join(columns["gad_7.total"], on="participant")
    between_scales = np.corrcoef(pair["phq_9.total"], pair["gad_7.total"])[0, 1]
    assert between_scales == pytest.approx(protocol.simulate.correlation["scales"], abs=0.06)
    pain = columns["bpi_interference.total"]
    over_time = np.corrcoef(pain["bpi_interference.total"], pain["post"])[0, 1]
    assert over_time == pytest.approx(protocol.simulate.correlation["occasions"], abs=0.06)
    opposite = columns["pseq.total"].join(columns["phq_9.total"], on="participant")
    assert np.corrcoef(opposite["pseq.total"], opposite["phq_9.total"])[0, 1] < -0.3


def test_both_sides_of_the_alliance_agree_as_far_as_the_protocol_says() -> None:
    protocol = load_protocol("integro")
    assert protocol.simulate is not None
    found = cohort("integro", 3000)
    patient, therapist = wide(found, "wai_sr.total"), wide(found, "wai_s_t.total", "therapist")
    both = patient.join(therapist, on="participant", suffix="_t").select("session_2", "session_2_t").drop_nulls()
    agree = np.corrcoef(both["session_2"], both["session_2_t"])[0, 1]
    assert 0.5 * protocol.simulate.raters_agree < agree < 1.1 * protocol.simulate.raters_agree


# --- leaving, skipping --------------------------------------------------------------------------------------------


def test_as_many_are_missing_as_the_protocol_says() -> None:
    protocol = load_protocol("routine-care")
    assert protocol.simulate is not None
    found = cohort("routine-care", MANY)
    started = found.table("events").filter(pl.col("kind") == "start")["participant"]
    table = wide(found, "safety_check.total").filter(pl.col("participant").is_in(started.implode()))
    for point, share in protocol.simulate.attrition.items():
        missing = 1 - table[point].is_not_null().sum() / len(started)
        assert missing == pytest.approx(share, abs=0.025), point


def test_leaving_depends_on_the_change_that_was_seen_and_on_nothing_unseen() -> None:
    """Among equals in what was seen (baseline and half way), who leaves would have been like who stays."""
    from accord.science.simulation.cast import make_cast
    from accord.science.simulation.chunk import make_chunk
    from accord.science.simulation.design import make_design

    design = make_design(changed("routine-care", attrition_by_change=-1.2, skipped_items=0.0))
    chunk = make_chunk(design, make_cast(design, 12_000, 1), 12_000, 1, 0)
    place = design.construct("bpi_interference.total", "patient")
    assert place is not None
    first, mid, post = design.cells_of(place)[:3]
    o = design.cells[post].occasion
    due = chunk.course.due[:, o] & chunk.course.answered[:, mid]
    gone = chunk.course.gone[due, o].astype(float)
    before, then, later = (chunk.scores[due, cell] for cell in (first, mid, post))
    seen = before - then
    assert gone.mean() > 0.05
    assert seen[gone == 1].mean() < seen[gone == 0].mean() - 0.4  # who improved less leaves more
    X = np.column_stack([np.ones(len(gone)), before, then, gone])
    beta, *_ = np.linalg.lstsq(X, later, rcond=None)
    error = later - X @ beta
    se = np.sqrt(error.var() * np.linalg.inv(X.T @ X)[3, 3])
    assert abs(beta[3]) < 3.5 * se


def test_skipped_answers_follow_the_missing_rule() -> None:
    found = simulate(changed("routine-care", skipped_items=0.12), n=800, seed=2, truth=False)
    rows = found.table("scores").filter((pl.col("instrument") == "phq_9") & (pl.col("answered") > 0))
    scorable, not_scorable = (rows.filter(pl.col("value").is_not_null() == there) for there in (True, False))
    assert (scorable["answered"] >= 7).all()  # Kroenke: at most two of nine missing
    assert (not_scorable["answered"] < 7).all()
    assert not_scorable.height > 20
    some = scorable.filter(pl.col("answered") == 8)
    sums = some["value"].to_numpy() * 8 / 9
    assert np.abs(sums - np.rint(sums)).max() < 1e-6  # eight answers, prorated to nine
    assert (rows["valid"] == rows["value"].is_not_null()).all()


# --- what is delivered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["integro", "mair", "therapist-factors"])
def test_a_held_session_is_exactly_one_contact(name: str) -> None:
    found = own(name)
    held = found.table("sessions").filter(pl.col("state") == "attended").select("participant", "session")
    contacts = found.table("contacts").select("participant", "session")
    assert held.sort(held.columns).equals(contacts.sort(contacts.columns))
    rated = found.table("scores").filter(pl.col("session").is_not_null() & pl.col("value").is_not_null())
    assert rated.join(held, on=["participant", "session"], how="anti").is_empty()


def test_minutes_stand_by_mode_as_the_protocol_says() -> None:
    protocol = load_protocol("routine-care")
    assert protocol.simulate is not None
    found = cohort("routine-care", MANY)
    started = found.table("events").filter(pl.col("kind") == "start").height
    for mode, said in protocol.simulate.minutes.items():
        minutes = found.table("contacts").filter(pl.col("mode") == mode)["minutes"]
        assert minutes.sum() / started == pytest.approx(said.mean, abs=4 * said.sd / np.sqrt(started))
        assert minutes.min() >= 0


def test_lessons_follow_the_funnel() -> None:
    protocol = load_protocol("routine-care")
    assert protocol.simulate is not None
    found = cohort("routine-care", MANY)
    started = found.table("events").filter(pl.col("kind") == "start").height
    done = found.table("lessons").group_by("participant").agg(done=pl.col("completed_day").count())
    assert started / MANY == pytest.approx(1 - protocol.simulate.funnel["never_start"], abs=0.02)
    assert done.height == started
    assert (done["done"] >= 4).sum() / started == pytest.approx(protocol.simulate.funnel["most"], abs=0.025)
    assert (done["done"] >= 5).sum() / started == pytest.approx(protocol.simulate.funnel["all"], abs=0.025)


def test_days_follow_each_other() -> None:
    """Referral, enrolment, start; nothing of the programme before the start, nothing after somebody has left."""
    found = own("routine-care")
    events = found.table("events")
    first = {kind: events.filter(pl.col("kind") == kind).select("participant", day=pl.col("day").alias(kind))
             for kind in ("start", "referral")}  # fmt: skip
    left = (
        events.filter(pl.col("kind").is_in(["withdrawal", "lost"]))
        .group_by("participant")
        .agg(left=pl.col("day").min())
    )
    enrolled = events.filter(pl.col("kind") == "enrolment").select("participant")
    assert (enrolled.join(first["referral"], on="participant")["day"] < 0).all()
    for name, column in (("lessons", "opened_day"), ("contacts", "day")):
        rows = found.table(name).join(first["start"], on="participant").join(left, on="participant", how="left")
        assert rows.height == found.table(name).height
        assert (rows[column] >= rows["day" if column != "day" else "day_right"]).all()
        gone = rows.filter(pl.col("left").is_not_null())
        assert gone.height > 100
        assert (gone[column] <= gone["left"]).mean() > 0.97  # a lesson a day is the fastest pace


def test_a_waiting_list_gets_nothing_of_the_programme_and_is_asked_all_the_same() -> None:
    found = cohort("guided-icbt", 800)
    waiting = found.table("allocation").filter(pl.col("arm") == "waiting_list")["participant"].implode()
    for name in ("contacts", "lessons", "sessions"):
        assert found.table(name).filter(pl.col("participant").is_in(waiting)).is_empty()
    asked = found.table("scores").filter(pl.col("participant").is_in(waiting) & pl.col("value").is_not_null())
    assert {"baseline", "post", "month_12"} <= set(asked["time_point"])
    assert "week_3" not in set(asked["time_point"])  # asked in treated arms only
    assert "safety_check" in set(asked["instrument"])


# --- bodies -------------------------------------------------------------------------------------------------------


def test_markers_are_logarithmic_with_a_limit_a_batch_and_a_reference_group() -> None:
    protocol = load_protocol("mair")
    assert protocol.simulate is not None
    found = cohort("mair", 1200)
    rows = found.table("measurements")
    for name, said in protocol.simulate.biomarkers.items():
        clause = protocol.endpoints.biomarkers[name]
        here = rows.filter((pl.col("measure") == name) & (pl.col("time_point") == "baseline"))
        below = here.filter(pl.col("below_limit"))
        assert below["value"].null_count() == below.height
        known = here.filter(~pl.col("below_limit"))["value"]
        assert (known >= clause.detection_limit).all()
        assert known.log().median() == pytest.approx(np.log(said.geometric_mean), abs=0.2 * said.log_sd)
    assert rows["batch"].null_count() == 0
    group = protocol.population.reference_group
    assert group is not None
    reference = found.table("participants").filter(pl.col("role") == "reference")
    assert reference.height == group.size
    assert reference.join(rows, on="participant", how="semi").height == group.size
    assert reference.join(found.table("scores"), on="participant", how="semi").is_empty()


def test_synchrony_needs_both_bodies_recorded_well_enough() -> None:
    found, protocol = cohort("integro", 200), load_protocol("integro")
    assert protocol.recordings is not None
    recordings, synchrony = found.table("recordings"), found.table("synchrony")
    assert set(recordings["who"]) == {"patient", "therapist"}
    assert set(recordings["signal"]) == set(protocol.recordings.signals)
    session = recordings.filter(pl.col("phase") == "session")
    worst = session.group_by("participant", "session", "signal").agg(pl.col("usable").min())
    joined = synchrony.join(worst, on=["participant", "session", "signal"])
    assert joined.height == synchrony.height < worst.height
    assert (joined["usable"] >= 0.499).all()
    assert set(synchrony["leader"]) == {"none"}


def test_costs_are_counted_and_not_priced() -> None:
    found = cohort("guided-icbt", 800)
    costs, scores = found.table("costs"), found.table("scores")
    assert costs["amount"].null_count() == costs.height
    counted = scores.filter((pl.col("instrument") == "resource_use") & pl.col("value").is_not_null())
    assert costs.height == counted.height
    assert costs["quantity"].sum() == counted["value"].sum()


# --- bad input ----------------------------------------------------------------------------------------------------


def _without_block() -> Protocol:
    return load_protocol("mair").model_copy(update={"simulate": None})


def _misspelt(**block: Any) -> Callable[[], object]:
    return lambda: simulate(changed("mair", **block), n=10, seed=1)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda: simulate(_without_block(), n=10, seed=1), "simulate:"),
        (lambda: simulate(load_protocol("mair"), n=0, seed=1), "at least 1"),
        (lambda: simulate(load_protocol("mair"), n=-3, seed=1), "at least 1"),
        (lambda: simulate(load_protocol("mair"), n=10**12, seed=1), "several cohorts"),
        (lambda: simulate(load_protocol("mair"), n=10, seed=-1), "negative"),
    ],
)
def test_what_cannot_be_simulated_says_why_and_what_to_do(spoil: Callable[[], object], says: str) -> None:
    with pytest.raises(BadInput) as error:
        spoil()
    assert says in str(error.value)


def test_a_misspelt_block_is_named_line_by_line() -> None:
    protocol = load_protocol("mair")
    assert protocol.simulate is not None
    said = protocol.simulate.scales["fiq.total"]
    wrong = SimulatedScale(mean=60, sd=14, change={"pots": 1.0, "post": {"b": 1.0}})
    with pytest.raises(BadContent) as error:
        _misspelt(
            scales={
                "fiq.totall": said,
                "fiq.total": wrong,
            },
            attrition={"pots": 0.1},
        )()
    found = " ".join(str(finding) for finding in error.value.findings)
    for word in ("fiq.totall", "Asked are: fiq.", "time-point pots", "arm b", "attrition"):
        assert word in found


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"scales": {"fiq.total": SimulatedScale(mean=120, sd=14)}}, "not inside the scale (0 to 100)"),
        ({"scales": {"hads.anxiety": SimulatedScale(mean=10, sd=30)}}, "SD 30"),
        ({"funnel": {"ineligible": 1.0}}, "nobody would ever be enrolled"),
        ({"clusters": {"group": SimulatedCluster(share=0.95)}}, "differences between people"),
    ],
)
def test_numbers_that_no_cohort_can_have_are_refused(block: dict[str, Any], says: str) -> None:
    with pytest.raises(BadContent) as error:
        _misspelt(**block)()
    assert says in str(error.value)


def test_whoever_all_leave_or_skip_everything_still_makes_a_cohort(tmp_path: Path) -> None:
    nobody = changed("mair", attrition=dict.fromkeys(("session_2", "post", "follow_up"), 1.0), skipped_items=1.0)
    write_cohort(simulate(nobody, n=30, seed=1, truth=False), tmp_path / "empty")
    assert [str(finding) for finding in check_cohort(tmp_path / "empty")] == []
    assert read_cohort(tmp_path / "empty").table("scores")["value"].drop_nulls().is_empty()


@pytest.mark.parametrize("name", FIVE)
def test_one_person_is_a_cohort_too(name: str, tmp_path: Path) -> None:
    write_cohort(simulate(load_protocol(name), n=1, seed=3, truth=False), tmp_path / "one")
    assert [str(finding) for finding in check_cohort(tmp_path / "one")] == []
