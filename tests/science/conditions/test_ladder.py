"""The safety ladder: the whole truth table of C2, spot rows by hand, and what its loader refuses.

The expected tier is worked out by a rule of this test's own (`expected`), written from C1 to C3 and E38 and not from
the file; missing is None, `none` a first time.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.definitions import find_content
from accord.science.errors import BadContent, BadInput, NotFound
from accord.science.protocols.ladder import ladder_names, load_ladder, tier_of

LADDER = load_ladder("service-default@2")
NAMES = ["none", "r1", "r2", "r3"]
PACKAGED = find_content("ladders", "*.yaml", "service-default").read_text(encoding="utf-8")

FOLLOW_UPS = {  # plan, attempt in the last year, safe today (0 yes, 1 not sure, 2 no)
    "yes": (1, 1, 2),
    "no": (0, 0, 0),
    "unanswered": (None, None, None),
}


def facts(item, previous="none", follow_ups=(0, 0, 0), **more):
    plan, attempt, safe = follow_ups
    record = {
        "safety_check.item_1": item, "safety_check.item_2": plan, "safety_check.item_3": attempt,
        "safety_check.item_4": safe, "previous.safety_check.item_1": None if previous == "none" else previous,
    }  # fmt: skip
    return record | more


def expected(item, previous, follow_ups, last_tier, total):
    """(tier, unknown, clock), by the words of the rules. Tiers are counted 0 to 3."""
    plan, attempt, safe = follow_ups
    if item:  # a left-out follow-up counts as yes, but only after a thought was reported
        plan, attempt, safe = (
            1 if plan is None else plan,
            1 if attempt is None else attempt,
            2 if safe is None else safe,
        )
    unsafe, cleared = bool(safe), (plan, attempt, safe) == (0, 0, 0)
    height = 0
    if item == 1:
        height = 1 if previous in (1, 2, 3) else 2  # seen before, or new to us
    elif item in (2, 3):
        height = 2
    if plan:
        height = max(height, 2)
    if unsafe or (item == 3 and not cleared):
        height = 3
    if height and attempt:
        height = min(3, height + 1)
    unknown = item is None and height < 3
    clock = height
    if unknown:
        clock = max(height, 2 if last_tier >= 2 or (total or 0) >= 15 or attempt else 1)
    return NAMES[height] if height else ("unknown" if unknown else "none"), unknown, NAMES[clock] if clock else None


@pytest.mark.parametrize("follow_ups", FOLLOW_UPS)
@pytest.mark.parametrize("item", [None, 0, 1, 2, 3])
def test_the_truth_table_of_c2(item, follow_ups):
    for previous, last_tier, total in itertools.product(
        ["none", None, 0, 1, 2, 3], [0, 1, 2, 3], [None, 0, 14, 15, 27]
    ):
        answers = FOLLOW_UPS[follow_ups]
        outcome = tier_of(LADDER, facts(item, previous, answers, last_tier=last_tier, **{"phq_9.total": total}))
        wanted = expected(item, previous, answers, last_tier, total)
        assert (outcome.tier, outcome.unknown, outcome.clock) == wanted, (item, previous, follow_ups, last_tier, total)
        assert bool(outcome.reasons) == (wanted[0] != "none")


def test_every_single_follow_up_answer_as_well():
    for item, previous, plan, attempt, safe in itertools.product(
        [None, 0, 1, 2, 3], ["none", 0, 1, 3], [None, 0, 1], [None, 0, 1], [None, 0, 1, 2]
    ):
        outcome = tier_of(LADDER, facts(item, previous, (plan, attempt, safe)))
        wanted = expected(item, previous, (plan, attempt, safe), 0, None)
        assert (outcome.tier, outcome.unknown, outcome.clock) == wanted, (item, previous, plan, attempt, safe)


@pytest.mark.parametrize(
    ("record", "tier", "clock"),
    [
        # Written out by hand from C2, C3 and E38.
        (facts(0, 0), "none", None),
        (facts(1, 1), "r1", "r1"),  # now and then, as before, all three follow-ups reassuring
        (facts(1, 0), "r2", "r2"),  # new onset, 0 to 1
        (facts(1, "none"), "r2", "r2"),  # a first answer of 1 is new to us
        (facts(2, 2), "r2", "r2"),
        (facts(3, 3), "r2", "r2"),  # 3, and the follow-ups say otherwise
        (facts(3, 3, (None, None, None)), "r3", "r3"),  # who closes the tab is the one to worry about
        (facts(3, 3, (0, 0, None), follow_up_minutes=2), "r3", "r3"),  # 3 is r3 until they say otherwise
        (facts(1, 1, (None, None, None), follow_up_minutes=2), "r1", "r1"),  # still answering
        (facts(1, 1, (None, None, None), follow_up_minutes=10), "r3", "r3"),  # ten minutes: they count as yes
        (facts(1, 1, (1, 0, 0)), "r2", "r2"),  # a plan
        (facts(1, 1, (0, 1, 0)), "r2", "r2"),  # an attempt in the last year lifts r1 by one
        (facts(2, 2, (0, 1, 0)), "r3", "r3"),  # and r2 by one
        (facts(1, 1, (0, 0, 1)), "r3", "r3"),  # not sure counts as no
        (facts(None), "unknown", "r1"),  # left out: asked again, then r1's clock
        (facts(None, last_tier=2), "unknown", "r2"),
        (facts(None, last_tier=1), "unknown", "r1"),
        (facts(None, **{"phq_9.total": 15}), "unknown", "r2"),
        (facts(None, **{"phq_9.total": 14}), "unknown", "r1"),
        (facts(None, 3, (None, None, 2)), "r3", "r3"),  # not safe today needs no first answer
        (facts(0, help_now=True), "r3", "r3"),
        # Item 9 of an officially worded PHQ-9 feeds the same ladder; the higher tier counts.
        (facts(0, 0, **{"phq_9.asked": True, "phq_9.item_9": 2, "phq_9.total": 9}), "r2", "r2"),
        (facts(0, 0, (None,) * 3, **{"phq_9.asked": True, "phq_9.item_9": 3, "follow_up_minutes": 1}), "r3", "r3"),
        (facts(0, 0, **{"phq_9.asked": True, "phq_9.item_9": None}), "unknown", "r1"),  # item 9: not answered
        (facts(0, 0, **{"phq_9.asked": True, "phq_9.item_9": None, "phq_9.total": 16}), "unknown", "r2"),
        (facts(1, 1, **{"phq_9.asked": True, "phq_9.item_9": None, "phq_9.total": 16}), "r1", "r2"),
        (facts(1, 1, **{"phq_9.asked": True, "phq_9.item_9": 1}), "r1", "r1"),  # the thought is known already
        (facts(0, 0, **{"phq_9.item_9": 3}), "none", None),  # not the official wording: does not feed the ladder
        # Nothing was asked, only time has passed.
        (facts(None, **{"safety_check.asked": False}), "none", None),
        (facts(None, **{"safety_check.asked": False}, last_tier=2, days_overdue=2), "r2", "r2"),
        (facts(None, **{"safety_check.asked": False}, last_tier=1, days_overdue=6), "none", None),
    ],
)
def test_rows_by_hand(record, tier, clock):
    outcome = tier_of(LADDER, record)
    assert (outcome.tier, outcome.clock) == (tier, clock)


def test_reasons_are_sentences_with_the_highest_rule_first():
    outcome = tier_of(LADDER, facts(2, 0, (0, 1, 2)))
    assert outcome.rules == ("r3.unsafe", "r2.new", "r2.often", "r1.thoughts")
    assert outcome.reasons[0] == "Safety today was answered with no or not sure, or left open."
    assert outcome.reasons[-1] == "There was an attempt in the last year, or that question was left open."


@pytest.mark.parametrize(
    ("track", "record", "tier", "clock"),
    [
        ("health", {"red_flags.asked": True, "red_flags.any": True}, "d2", "d2"),
        ("health", {"red_flags.asked": True, "red_flags.any": False}, "none", None),
        ("health", {"red_flags.asked": True}, "unknown", "d2"),
        ("health", {}, "none", None),
        ("change", {"deterioration": True}, "d1", "d1"),
        ("silence", {"days_overdue": 7}, "i1", "i1"),
        ("silence", {"days_overdue": 14}, "i2", "i2"),
        ("silence", {"days_overdue": 6}, "none", None),
    ],
)
def test_the_other_tracks(track, record, tier, clock):
    outcome = tier_of(LADDER, record, track=track)
    assert (outcome.tier, outcome.clock) == (tier, clock)


answers = st.sampled_from([None, 0, 1, 2, 3])
yes_no, truth = st.sampled_from([None, 0, 1]), st.sampled_from([None, False, True])
STRATEGIES = {
    "safety_check.item_1": answers, "safety_check.item_2": yes_no, "safety_check.item_3": yes_no,
    "safety_check.item_4": st.sampled_from([None, 0, 1, 2]), "previous.safety_check.item_1": answers,
    "phq_9.asked": truth, "phq_9.item_9": answers, "previous.phq_9.item_9": answers,
    "phq_9.total": st.sampled_from([None, 0, 14, 15, 20, 27]), "last_tier": answers, "help_now": truth,
    "follow_up_minutes": st.sampled_from([None, 0, 9, 10]),
}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(STRATEGIES))
def test_a_worse_answer_never_leads_to_a_slower_clock(record):
    """Whatever is known or missing: raising the first answer by one never lowers the tier or slows the clock."""
    height = {None: 0, "none": 0, "unknown": 0, "r1": 1, "r2": 2, "r3": 3}
    before = record["safety_check.item_1"]
    if before is None or before == 3:
        record["safety_check.item_1"] = before = 2
    low, high = tier_of(LADDER, record), tier_of(LADDER, record | {"safety_check.item_1": before + 1})
    assert height[high.tier] >= height[low.tier]
    assert height[high.clock] >= height[low.clock]


def test_what_a_protocol_must_ask_for_the_risk_track():
    reads = LADDER.reads("risk")
    assert {f"safety_check.item_{n}" for n in (1, 2, 3, 4)} <= set(reads)
    assert "red_flags.any" not in reads
    assert "thoughts" not in reads


def test_drafts_count_after_thirty_minutes_for_r2_and_ten_for_r3():
    assert LADDER.tiers["r2"].clock.draft_minutes == 30
    assert LADDER.tiers["r3"].clock.draft_minutes == 10


def test_it_is_a_proposal_until_a_clinician_signs_it():
    assert LADDER.status == "proposal"
    assert LADDER.signed is None
    assert "service-default" in ladder_names()


# --- what the loader refuses ------------------------------------------------------------------------------------


def changed(tmp_path, old, new):
    assert old in PACKAGED
    (tmp_path / "ladders").mkdir()
    (tmp_path / "ladders" / "service-default.yaml").write_text(PACKAGED.replace(old, new, 1), encoding="utf-8")
    return tmp_path


R1_RULE = "thoughts: {rule: thoughts, because: Thoughts of death or of harming yourself were reported.}"


def line_of(text):
    return next(number for number, line in enumerate(PACKAGED.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "expected", "at"),
    [
        ("rule: often,", "rule: ofte,", "There is no field 'ofte' here; did you mean often?", "rule: often,"),
        ("phq_9.total >= 20", "phq_9.total >= 28", "never 28", "phq_9.total >= 20"),
        ('default: 0, label: "the last', 'label: "the last', "last_tier has no default", "the last known"),
        ('default: 0, label: "the answer', 'label: "the answer', "[C1]", "the answer the time before"),
        ("  health: {ask_again", "  other: {ask_again", "'health' does not say", "unknown:"),
        ("clock: d2, because: A q", "clock: r2, because: A q", "is no tier of health", "clock: d2, because: A q"),
        ("[safety-help-box]", "[safety-help]", "There is no text 'safety-help'", "[safety-help-box]"),
        ("status: proposal", "status: signed", "do not agree", "status: proposal"),
        (R1_RULE, "{}", "at least 1 item", "    rules:"),
        ("terms:", "termes:", "termes", "terms:"),
        ("waited: follow_up_", "waited: previous_", "no field 'previous_minutes'", "waited:"),
        ("lift:\n  risk:", "lift:\n  rusk:", "There is no track 'rusk' to lift", "risk: {rule: attempt"),
    ],
)
def test_a_broken_ladder_is_refused_with_file_line_and_cure(tmp_path, old, new, expected, at):
    with pytest.raises(BadContent) as caught:
        load_ladder(site=changed(tmp_path, old, new))
    finding = next(finding for finding in caught.value.findings if expected in str(finding))
    assert finding.where.file == "service-default.yaml"
    assert finding.where.line == line_of(at)


def test_a_site_signs_its_own(tmp_path):
    site = changed(
        tmp_path,
        "status: proposal\nsigned: null",
        "status: signed\nsigned: {by: Dr A. Example, role: psychiatrist, date: 2026-01-05}",
    )
    assert load_ladder(site=site).signed.role == "psychiatrist"


def test_another_version_or_name_is_refused():
    with pytest.raises(BadInput, match="service-default@2 is there"):
        load_ladder("service-default@1")
    with pytest.raises(NotFound, match="service-default"):
        load_ladder("service-defualt")
