"""Each rule of the checker speaks when, and only when, it is broken: one change of a good protocol at a time."""

import pytest
from tiny_protocol import put

from accord.science.definitions import find_content

RULES = [
    # --- C1, C2, C4, C9, C13: safety ---
    ("C1", "without safety_check", put("always/patient", [])),
    ("C1", "asked about safety between the assessments", put("schedule/weekly", None)),
    ("C1", "Nobody in two is asked about safety", put("schedule/weekly/arms", ["one"])),
    ("C1", "ladder 'service-default' has no version", put("safety/ladder", "service-default")),
    ("C1", "no ladder called 'nobody'", put("safety/ladder", "nobody@1")),
    ("C1", "service-default@1 is asked for", put("safety/ladder", "service-default@1")),
    ("C1", "The rule reads fiq.total, but fiq is never asked", put("safety/rules", {"own": {
        "rule": "fiq.total >= 70", "tier": "r1", "unknown": "r1"}})),
    ("C1", "The rule reads red_flags.any, but red_flags is never asked", put("safety/rules", {"own": {
        "rule": "red_flags.any", "tier": "r1", "unknown": "r1"}})),
    ("C1", "There is no field 'mood'", put("safety/rules", {"own": {
        "rule": "mood > 3", "tier": "r1", "unknown": "r1"}})),
    ("C1", "previous.pcs.total has no default", None),
    ("C2", "'r9' is no tier", None),
    ("C4", "where_you_are", put("population/ask_first", ["contact"])),
    ("C9", "signs that a doctor should see", put("population/red_flags", "none")),
    ("C13", "asked to rate without a consent", put("consent/therapist", None)),
    # --- C7, C36: burden ---
    ("C7", "lacks bpi_interference", put("minimum", ["safety_check"])),
    ("C7", "minimum set takes", put("minimum", ["bpi_interference", "safety_check", "ders"])),
    ("C36", "minutes", put("schedule/baseline/patient", [
        "bpi_interference", "phq_9", "pseq", "ders", "ffmq", "asq", "cerq", "ecr_r", "tec"])),
    # --- C8: visibility ---
    ("C8", "Alliance is measured, but nothing says who sees it", put("visibility/alliance", None)),
    ("C8", "Cohesion is measured", put("visibility/cohesion", None)),
    ("C8", "Alliance is a predictor", put("visibility/alliance/rupture_prompt", "therapist")),
    # --- C16: deterioration ---
    ("C16", "Nobody is told", put("safety/deterioration", None)),
    ("C16", "One occasion is enough", put("safety/deterioration/occasions", 1)),
    ("C16", "no published retest", put("safety/deterioration/scales", ["gcq_s.engaged"])),
    ("C16", "does not say whose", put("safety/deterioration/threshold", {"phq_9.total": 6})),
    ("C16", "not nominated", put("safety/deterioration/convention", {"pcs.total": "ours"})),
    ("C16", "of stable patients would be called worse", None),
    ("C16", "cannot come", put("safety/deterioration/occasions", 4)),
    # --- C17: words and comparisons; E6: kinds; C39: the care pathway ---
    ("E6", "does not say how arms are given", put("allocation", None)),
    ("E6", "allocates nobody", put("kind", "observational")),
    ("E6", "has 2 arms", put("kind", "single-arm")),
    ("C17", "a contrast would claim too much", put("kind", "observational")),
    ("C17", "mediation would claim too much", put("kind", "observational")),
    ("C17", "A randomised protocol compares", put("analysis/words", "no-comparison")),
    ("C17", "'Efficacy' claims", None),
    ("C39", "Routine care says nothing about referral", put("kind", "routine-care")),
    ("C39", "no earlier stage", put("stages", {"most": {"label": "Most", "rule": "started", "of": "begun",
                                                        "assumed": "all"}})),
    ("E6", "sample size is 41", put("sample_size/n", 41)),
    ("E6", "ethics approval", put("status", "signed")),
    # --- C27: several tests, courses, what else is asked for ---
    ("C27", "Name one family, or several", put("analysis/multiplicity", {"method": "holm"})),
    ("C27", "holm is for one family", put("analysis/multiplicity", {"families": ["primary", "key"], "method": "holm"})),
    ("C27", "A gate stands between two", put("analysis/multiplicity", {
        "families": ["primary"], "method": "serial-gatekeeping"})),
    ("C27", "not in their order", put("analysis/multiplicity", {
        "families": ["secondary", "primary"], "method": "parallel-gatekeeping"})),
    ("C27", "has no weights", put("analysis/multiplicity", {
        "family": "secondary", "method": "holm", "weights": {"phq_9.total.post.one_two": 1}})),
    ("C27", "has no arrows", put("analysis/multiplicity", {
        "family": "secondary", "method": "fallback", "arrows": {"phq_9.total.post.one_two": {}}})),
    ("C27", "A graph needs the shares", put("analysis/multiplicity", {"family": "secondary", "method": "graph"})),
    ("C27", "There is no test 'phq_9.total.post.three'", put("analysis/multiplicity", {
        "family": "secondary", "method": "fallback", "weights": {"phq_9.total.post.three": 1}})),
    ("C27", "sum to more than one", put("analysis/multiplicity", {
        "families": ["primary", "secondary"], "method": "fallback",
        "weights": {"phq_9.total.post.one_two": 0.7, "bpi_interference.total.post.one_two": 0.7}})),
    ("C27", "hands on more than it has", put("analysis/multiplicity", {
        "family": "secondary", "method": "graph", "weights": {"phq_9.total.post.one_two": 1},
        "arrows": {"phq_9.total.post.one_two": {"phq_9.total.post.one_two": 0.5}}})),
    ("E5", "There is no time-point 'daily'", put("endpoints/courses", [
        {"scale": "diary.pain", "over": "daily", "model": "linear-mixed-slopes", "assumed": "all"}])),
    ("C24", "no line for each person", put("endpoints/courses", [
        {"scale": "phq_9.total", "over": "post", "model": "linear-mixed-slopes", "assumed": "all"}])),
    ("C1", "pcs is not asked of a patient at weekly", put("endpoints/courses", [
        {"scale": "pcs.total", "over": "weekly", "model": "linear-mixed-slopes", "assumed": "all"}])),
    ("C28", "Nobody is asked to guess", put("analysis/also", ["blinding"])),
    ("C27", "needs a responder and a cluster", put("analysis/also", ["logistic-mixed"])),
    # --- C18, C20, C21, C24, C28 ---
    ("C18", "3 therapists are expected", None),
    ("C20", "no true zero", put("endpoints/responder", {"scale": "wai_sr.total", "at": "session_4",
                                                        "improved_by": "30%", "assumed": "all"})),
    ("C21", "number needed to treat needs a contrast", put("endpoints/responder", {
        "scale": "phq_9.total", "at": "post", "improved_by": "30%", "report": ["nnt"], "assumed": "all"})),
    ("C24", "not measured before the outcome", put("endpoints/mechanism/outcome_at", "post")),
    ("C24", "mechanism has no contrast", put("endpoints/mechanism/contrast", None)),
    ("C24", "predictor (post) is not measured before", put("endpoints/associations/alliance/predictor_at", ["post"])),
    ("C24", "which outcome follows", put("endpoints/associations/alliance/outcome_at", ["post", "follow_up"])),
    ("C24", "no model to fall back on", put("analysis/models", ["mmrm"])),
    ("C24", "sealed", put("analysis/seal_before", None)),
    ("C24", "primary endpoint compares nothing", put("endpoints/primary/contrasts", [])),
    ("C24", "promised twice", put("endpoints/secondary/0/scale", "bpi_interference.total")),
    ("C17", "part within people", put("endpoints/associations/alliance/parts", ["within"])),
    ("C17", "leaves out the reverse path", None),
    ("C28", "other_treatment not recorded at baseline", put("schedule/baseline/record", ["medicines"])),
    # --- C22, C23, C30: comparisons and allocation ---
    ("C22", "neither two arms nor two levels", put("endpoints/contrasts/one_two/factor", "mode")),
    ("C22", "There is no arm 'three'", put("endpoints/contrasts/one_two/arms", ["one", "three"])),
    ("C22", "with itself", put("endpoints/contrasts/one_two/arms", ["one", "one"])),
    ("C22", "without a margin", put("endpoints/contrasts/one_two/aim", "non-inferiority")),
    ("C22", "Superiority has no margin", put("endpoints/contrasts/one_two/margin", 0.2)),
    ("C22", "no factor 'mode'", put("arms/one/levels", {"mode": "sync"})),
    ("C22", "No arm has the level 'never'", None),
    ("C22", "reference 'later' is no level", None),
    ("C22", "compares modes of contact", None),
    ("C22", "never judged", put("endpoints/contrasts/spare", {"label": "Spare", "arms": ["two", "one"],
                                                              "assumed": "all"})),
    ("C23", "an arm, but not in the ratio", put("allocation/ratio", {"one": 1})),
    ("C23", "can be foreseen", put("allocation/in_batches_of", "one")),
    ("C23", "baselines go stale", put("schedule/baseline/repeat_if_older_than", None)),
    ("C23", "begins when its group is full", put("schedule/post/anchor", "allocation")),
    ("C30", "go together", put("allocation/method", "minimisation")),
    ("C30", "is not known before allocation", put("allocation/strata", ["pain"])),
    ("C30", "the analysis leaves it out", put("allocation/strata", ["age"])),
    ("C30", "waiting list in role or clause only", put("arms/two/role", "waiting-list")),
    # --- C35: marks ---
    ("C35", "without source or mark", put("population/assumed", None)),
    ("C35", "There is no source 'boook'", put("endpoints/primary/source", "boook")),
    ("C35", "was not read", put("sources/book/read", "not read")),
    ("C35", "stands over", put("endpoints/assumed", "all")),
    ("C35", "stands over", put("endpoints/assumed", ["covariates", "contrasts"])),
    ("C35", "does not stand in this clause", put("endpoints/assumed", ["covariate"])),
    ("C35", "cannot be assumed as a whole", put("endpoints/primary/assumed", "all")),
    ("C35", "without a source", put("sample_size/where", "page 3")),
    # --- E5: anchors, names, what is asked when ---
    ("E5", "nobody is allocated", None),
    ("E5", "no referral", put("schedule/baseline/anchor", "referral")),
    ("E5", "has 8 planned sessions", put("schedule/session_4/anchor", "session:9")),
    ("E5", "begins with session:1", put("schedule/session_4/anchor", "session:0")),
    ("E5", "is no group", put("arms/two/format", "individual")),
    ("E5", "due 7 days before its anchor", put("schedule/baseline/days", "-7..14")),
    ("E5", "repeats without saying", put("schedule/weekly/times", None)),
    ("E5", "windows of weekly overlap", put("schedule/weekly/days", "0..9")),
    ("E5", "goes in a circle", put("schedule/baseline/same_as", "post")),
    ("E1", "also a repeat of", put("schedule/weekly_3", {"anchor": "group-start", "days": 1, "patient": ["diary"],
                                                         "assumed": "all"})),
    ("E5", "The schedule has no time-point 'baseline'", None),
    ("E5", "There is no instrument 'bpi_interfrence'", put("schedule/baseline/patient/0", "bpi_interfrence")),
    ("E5", "not answered by a therapist", put("schedule/session_4/therapist", ["phq_9"])),
    ("E5", "pcs is not asked then", put("endpoints/secondary/0/scale", "pcs.total")),
    ("E5", "phq_9 has no scale 'totl'", put("endpoints/secondary/0/scale", "phq_9.totl")),
    ("E5", "There is no time-point 'pst'", put("endpoints/secondary/0/at", "pst")),
    ("E5", "There is no contrast 'two_one'", put("endpoints/secondary/0/contrasts", ["two_one"])),
    ("E5", "not asked of the observer", put("endpoints/associations/alliance/informant", "observer")),
    ("E5", "not asked at baseline", put("endpoints/secondary/0", {
        "scale": "wai_sr.total", "at": "session_4", "contrasts": ["one_two"], "assumed": "all"})),
    ("E5", "neither a scale nor synchrony", put("endpoints/associations/alliance/predictor", "warmth")),
    ("E5", "synchrony of heart_rate is used, but not recorded",
     put("endpoints/associations/alliance/predictor", "synchrony:heart_rate")),
    ("E5", "csq_8 is never asked", put("endpoints/satisfaction", "csq_8")),
    ("E5", "There is no harm 'bad_luck'", put("endpoints/harms", ["bad_luck"])),
    ("E5", "There is no biomarker 'bdnf'", put("schedule/post/laboratory", ["bdnf"])),
    ("E5", "its blood is not drawn then", None),
    ("E5", "There is no programme 'livng-with-pain'", put("arms/one/programme", "livng-with-pain")),
    ("E5", "There is no question 'shoe_size'", put("population/background", ["age", "shoe_size"])),
    ("E5", "'income' is not asked as background", put("endpoints/covariates", ["income"])),
    ("E5", "pcs is not asked at baseline", put("endpoints/covariates", ["pcs.total"])),
    # --- E10: conditions; C37: words ---
    ("E10", "character", put("analysis/populations/itt", "allocated &&")),
    ("E10", "no field 'alocated'", put("analysis/populations/itt", "alocated")),
    ("E10", "a number is needed", put("population/eligible_if/0/rule", "answer == 'old'")),
    ("C37", "does not stand on a patient's page", put("population/eligible_if/0/otherwise", "You failed the check.")),
    # --- names in every other clause ---
    ("E5", "There is no time-point 'afterwards'", None),
    ("E5", "There is no time-point 'session_9'", put("recordings", {
        "at": ["session_9"], "who": ["patient"], "signals": ["heart_rate"], "phases": ["session"], "primary_index": "x",
        "quality": "good", "consent": "physiology", "assumed": "all"})),
    ("C13", "which the therapist is not asked for", put("recordings", {
        "at": ["session_4"], "who": ["therapist"], "signals": ["heart_rate"], "phases": ["session"],
        "primary_index": "x", "quality": "good", "consent": "video", "assumed": "all"})),
    ("C8", "Attunement is measured", put("recordings", {
        "at": ["session_4"], "who": ["patient"], "signals": ["heart_rate"], "phases": ["session"], "primary_index": "x",
        "quality": "good", "consent": "physiology", "assumed": "all"})),
    ("E5", "There is no scale 'pseq.totl'", put("endpoints/covariates", ["pseq.totl"])),
    ("E5", "pcs has no scale 'totl'", put("analysis/benchmark", {"title": "A paper", "outcomes": [
        {"scale": "pcs.totl", "g": 0.5}]})),
    ("C39", "There is no stage 'ended'", put("analysis/benchmark", {"title": "A paper", "funnel": [
        {"stage": "ended", "share": 0.5}]})),
    ("E5", "There is no arm 'three'", put("endpoints/variance", [
        {"scale": "phq_9.total", "at": "post", "levels": ["group"], "arm": "three", "assumed": "all"}])),
    ("E5", "There is no arm 'three'", put("schedule/post/arms", ["three"])),
    ("E5", "There is no measure 'bdnf'", put("population/reference_group", {
        "label": "Free of pain", "size": 9, "measured": ["bdnf"]})),
    ("E5", "There is no instrument 'safety'", put("minimum", ["bpi_interference", "safety_check", "safety"])),
    ("E5", "There is no instrument 'phq'", put("schedule/post/minimum", ["safety_check", "phq"])),
    ("E5", "There is no instrument 'phq'", put("schedule/post/without", ["phq"])),
    ("E5", "There is no time-point 'bseline'", put("schedule/post/same_as", "bseline")),
    ("E5", "eq_5d_5l is never asked", put("endpoints/costs", {
        "instruments": [], "perspective": "society", "horizon_days": 365, "utility": "eq_5d_5l.index",
        "assumed": "all"})),
    ("E5", "There is no instrument 'receipts'", put("endpoints/costs", {
        "instruments": ["receipts"], "perspective": "society", "horizon_days": 365, "assumed": "all"})),
    ("E5", "guided-icbt-course has no module 'magic'", put("arms/one", {
        "label": "One", "format": "group", "programme": "guided-icbt-course", "modules": ["core", "magic"],
        "contact": {"mode": "synchronous", "sessions": 8}, "assumed": "all"})),
    ("E5", "leaves out core", put("arms/one", {
        "label": "One", "format": "group", "programme": "guided-icbt-course", "modules": ["activity"],
        "contact": {"mode": "synchronous", "sessions": 8}, "assumed": "all"})),
    ("E5", "has no length 'for_ever'", put("arms/one", {
        "label": "One", "format": "group", "programme": "guided-icbt-course", "length": "for_ever",
        "contact": {"mode": "synchronous", "sessions": 8}, "assumed": "all"})),
    ("E18", "is an outline", put("arms/one/programme", "relaxation")),
    ("C19", "eq_5d_5l.profile has no direction", None),
    ("C16", "nothing says what worse is", None),
    ("C17", "needs pcs.total at both ends", None),
    # --- simulate ---
    ("simulate", "outside 0 to 27", put("simulate/scales/phq_9.total/mean", 30)),
    ("simulate", "SD 20 of phq_9.total is impossible", put("simulate/scales/phq_9.total/sd", 20)),
    ("simulate", "would have the mean", put("simulate/scales/phq_9.total/change/post", 3)),
    ("simulate", "There is no time-point 'later'", put("simulate/scales/phq_9.total/change/later", 0.1)),
    ("simulate", "not asked then", put("simulate/scales/pseq.total/change/session_4", 0.1)),
    ("simulate", "There is no arm 'tow'", put("simulate/scales/phq_9.total/change/post", {"one": 0.1, "tow": 0.1})),
    ("simulate", "says nothing of two", put("simulate/scales/phq_9.total/change/post", {"one": 0.1})),
    ("simulate", "judged, but not simulated", put("simulate/scales/phq_9.total", None)),
    ("simulate", "says no change then", put("simulate/scales/phq_9.total/change", {"session_4": 0.1})),
    ("simulate", "simulate.funnel names 'most_of'", put("simulate/funnel", {"most_of": 0.5})),
    ("simulate", "Attrition falls", put("simulate/attrition/follow_up", 0.05)),
    ("simulate", "correlation of occasions is 1", put("simulate/correlation", {"occasions": 1.0, "scales": 0.4})),
    ("simulate", "how many there are", put("simulate/clusters/group", {"share": 0.1})),
    ("simulate", "analysed, but not simulated", put("simulate/associations", {})),
    ("simulate", "More people complete all", put("simulate/funnel", {"most": 0.5, "all": 0.6})),
    ("simulate", "exceed 1", put("simulate/satisfaction", {"satisfied": 0.7, "very_satisfied": 0.6})),
    ("simulate", "no predictor of the analysis", put("simulate/predictors", {"start": {"age": 0.1}})),
]  # fmt: skip

RULE = {"rule": "fiq.total >= 70", "tier": "r1", "unknown": "r1"}
FACTOR = {"label": "Mode", "levels": {"a": "A", "b": "B"}, "reference": "a", "assumed": "all"}
BY_LEVEL = {"label": "A v. B", "factor": "mode", "levels": ["a", "b"], "assumed": "all"}
# Rules that need more than one change.
TOGETHER = {
    "previous.pcs.total has no default": [
        put("safety/rules", {"own": RULE | {"rule": "pcs.total > previous.pcs.total"}}),
        put("schedule/baseline/patient", ["bpi_interference", "phq_9", "pseq", "pcs"]),
    ],
    "'r9' is no tier": [put("safety/rules", {"own": RULE | {"rule": "phq_9.total >= 20", "tier": "r9"}})],
    "of stable patients would be called worse": [put("safety/deterioration/occasions", 1)],
    "'Efficacy' claims": [put("kind", "observational"), put("title", "Efficacy of two groups")],
    "3 therapists are expected": [
        put("endpoints/variance", [{"scale": "phq_9.total", "at": "post", "levels": ["therapist"], "assumed": "all"}]),
        put("simulate/clusters/therapist", {"share": 0.1, "count": 3}),
    ],
    "leaves out the reverse path": [
        put("endpoints/associations/alliance/parts", ["within"]),
        put("endpoints/associations/alliance/reverse", False),
    ],
    "No arm has the level 'never'": [
        put("factors", {"mode": FACTOR | {"levels": {"a": "A", "b": "B", "never": "Never"}}}),
        put("arms/one/levels", {"mode": "a"}), put("arms/two/levels", {"mode": "b"}),
    ],
    "reference 'later' is no level": [
        put("factors", {"mode": FACTOR | {"reference": "later"}}),
        put("arms/one/levels", {"mode": "a"}), put("arms/two/levels", {"mode": "b"}),
    ],
    "compares modes of contact": [
        put("factors", {"mode": FACTOR}), put("arms/one/levels", {"mode": "a"}), put("arms/two/levels", {"mode": "b"}),
        put("endpoints/contrasts/one_two", BY_LEVEL),
    ],
    "There is no time-point 'afterwards'": [
        put("arms/two/role", "waiting-list"),
        put("arms/two/waiting_list", {"until": "afterwards", "then": "offer one"}),
    ],
    "eq_5d_5l.profile has no direction": [
        put("schedule/baseline/patient", ["bpi_interference", "phq_9", "pseq", "eq_5d_5l"]),
        put("endpoints/secondary/0/scale", "eq_5d_5l.profile"),
    ],
    "nothing says what worse is": [
        put("schedule/baseline/patient", ["bpi_interference", "phq_9", "pseq", "eq_5d_5l"]),
        put("safety/deterioration/scales", ["eq_5d_5l.profile"]),
    ],
    "needs pcs.total at both ends": [
        put("endpoints/mechanism/model", "pre-post"),
        put("endpoints/mechanism/mediators", ["pcs.total"]),
        put("schedule/post/plus", {"patient": ["pcs"]}),
    ],
    "nobody is allocated": [put("allocation", None), put("schedule/weekly/anchor", "allocation")],
    "The schedule has no time-point 'baseline'": [put("schedule/baseline", None)],
    "its blood is not drawn then": [
        put("endpoints/biomarkers", {"bdnf": {"label": "BDNF", "unit": "ng/mL", "at": ["post"], "assumed": "all"}}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "words", "spoil"), RULES, ids=[f"{r[0]} {r[1]}" for r in RULES])
def test_a_broken_rule_is_found_with_its_number_line_and_cure(findings, rule, words, spoil):
    found = findings(*([spoil] if spoil else TOGETHER[words]))
    matching = [finding for finding in found if words in finding.what]
    assert matching, [str(finding) for finding in found]
    assert {finding.rule for finding in matching} == {rule}
    assert all(f.where.file == "tiny.yaml" and f.where.line and f.cure for f in matching)


def test_the_good_protocol_breaks_none(findings):
    assert findings() == []


def test_a_ladder_of_the_site_reads_only_what_is_asked(findings, tmp_path):
    """C1: its own fact without a default, from an instrument that no time-point asks, would never be known."""
    text = find_content("ladders", "*.yaml", "service-default").read_text(encoding="utf-8")
    text = text.replace("ladder: service-default", "ladder: own", 1)
    text = text.replace("facts:\n", "facts:\n  k_10.total: {kind: number, low: 10, high: 50, label: distress}\n", 1)
    distress = "      distress: {rule: k_10.total >= 30, because: Distress is high.}\n"
    text = text.replace("    rules:\n", f"    rules:\n{distress}", 1)
    (tmp_path / "site" / "ladders").mkdir()
    (tmp_path / "site" / "ladders" / "own.yaml").write_text(text, encoding="utf-8")
    own = put("safety/ladder", "own@2")
    assert [f.what for f in findings(own)] == ["The ladder own@2 reads k_10.total, but k_10 is never asked."]
    assert findings(own, put("schedule/weekly/patient", ["diary", "k_10"])) == []


def test_a_warning_is_marked_as_one(findings):
    assert all(finding.warning for finding in findings(put("population/red_flags", "none")))


@pytest.mark.parametrize("key", ["block_sizes", "seed", "strata_order"])
def test_the_allocation_secret_does_not_stand_in_the_protocol(findings, key):
    """C23: block sizes, seed and the order of strata lie in the sealed secret."""
    found = findings(put(f"allocation/{key}", [4, 6]))
    assert len(found) == 1
    assert key in found[0].what


def test_three_deterioration_scales_are_refused(findings):
    """C16: at most two."""
    found = findings(put("safety/deterioration/scales", ["phq_9.total", "pseq.total", "bpi_interference.total"]))
    assert len(found) == 1
    assert "at most 2" in found[0].what


def test_a_retrospective_protocol_promises_nothing_about_delivery(findings):
    """It judges data that exist: no safety, burden or question is asked for, and scales may come with the data."""
    spoils = [
        put("status", "retrospective"), put("always", None), put("schedule/weekly", None), put("minimum", None),
        put("assumed", ["nesting"]), put("safety/deterioration", None), put("population/eligible_if", []),
        put("schedule/baseline/patient", ["bpi_interference", "phq_9", "pseq", "odi"]),
    ]  # fmt: skip
    found = findings(*spoils)
    assert [(finding.rule, finding.warning) for finding in found] == [("E8", True)]
    assert "'odi'" in found[0].what
