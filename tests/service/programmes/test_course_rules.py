"""The rules of courses as plain functions: her days, flares, what is in force, what versions change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.programmes import build_programme, load_programme, unlocked
from accord.science.programmes.load import find_content, programme_texts
from accord.service.programmes.rules import days, facts, flares, gates, path, versions, words

ZONES = [ZoneInfo(name) for name in ("Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata",
                                     "Australia/Lord_Howe", "Pacific/Apia", "UTC")]  # fmt: skip
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
SPELLS = st.lists(st.tuples(MOMENTS, st.floats(0.01, 48)), max_size=6)


# --- her days -----------------------------------------------------------------------------------------------------


@given(MOMENTS, MOMENTS, st.sampled_from(ZONES))
def test_course_days_are_dates_and_not_24_hours(enrolled, moment, zone):
    day = days.course_day(moment, zone, enrolled)
    assert days.local_day(enrolled, zone) + timedelta(days=day) == days.local_day(moment, zone)
    assert days.course_day(enrolled, zone, enrolled) == 0


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_hour_of_two_years_the_day_goes_up_by_one_or_stays(zone):
    enrolled, last = START, 0
    for hour in range(2 * 365 * 24):
        day = days.course_day(enrolled + timedelta(hours=hour), zone, enrolled)
        assert day - last in (0, 1)
        last = day


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 60))), st.integers(-20, 20))
def test_practised_days_are_at_most_seven_and_empty_days_count_for_nothing(rows, today):
    base = date(2026, 6, 1)
    dated = [(base + timedelta(days=number), minutes) for number, minutes in rows]
    found = days.practised_days(dated, base + timedelta(days=today))
    assert found == len({number for number, minutes in rows if minutes and today - 7 < number <= today}) <= 7


# --- flares -------------------------------------------------------------------------------------------------------


def spell(at, hours=48.0, ended=None):
    return flares.Spell(at, at + timedelta(hours=hours), at + timedelta(hours=ended) if ended is not None else None)


@given(MOMENTS, st.floats(0, 96), st.sampled_from(ZONES))
def test_a_flare_is_at_most_two_days_and_at_least_the_one_it_began_on(at, ended, zone):
    one = spell(at, ended=ended)
    found = flares.days_of(one, zone)
    assert 1 <= len(found) <= 2
    assert min(found) == days.local_day(at, zone)
    assert one.end - one.began_at <= flares.LASTS
    assert not one.runs(one.end)
    assert one.runs(at) == (one.end > at)


@given(MOMENTS, st.floats(0, 72), st.sampled_from(ZONES))
def test_what_a_flare_has_covered_so_far_only_grows(at, hours, zone):
    one = spell(at)
    so_far = flares.days_of(one, zone, at + timedelta(hours=hours))
    assert so_far <= flares.days_of(one, zone)
    assert flares.days_of(one, zone, at - timedelta(hours=1)) == set()


@given(SPELLS, MOMENTS, st.sampled_from(ZONES))
def test_many_flares_are_three_days_within_seven_and_never_less(given_spells, at, zone):
    earlier = [spell(began, hours) for began, hours in given_spells if began <= at]
    newest = spell(at)
    first = flares.first_of_many(earlier, zone, newest)
    last = max(flares.days_of(newest, zone))
    window = {last - timedelta(days=number) for number in range(7)}
    covered = {day for one in [*earlier, newest] for day in flares.days_of(one, zone)} & window
    assert (first is not None) == (len(covered) >= 3)
    if first is not None:
        assert flares.days_of(first, zone) & window
    assert flares.flare_days([*earlier, newest], zone, at) <= 7


def test_a_night_on_which_the_clock_changes_makes_no_third_day():
    london = ZoneInfo("Europe/London")
    for at in (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 3, 28, 23, 30, tzinfo=UTC)):
        assert len(flares.days_of(spell(at), london)) == 2


# --- the path -----------------------------------------------------------------------------------------------------

CHANGES = st.lists(
    st.builds(
        path.Changed, st.sampled_from(["open", "skip", "hold", "undo", "cleared"]), st.sampled_from("abc"),
        st.text(min_size=1, max_size=5), st.integers(0, 9),
    ),
    max_size=12,
)  # fmt: skip


@given(CHANGES)
def test_the_newest_change_of_a_lesson_is_in_force_and_undo_leaves_none(changes):
    found = path.in_force(changes)
    for lesson in "abc":
        own = [one for one in changes if one.lesson == lesson and one.kind != "cleared"]
        if not own or own[-1].kind == "undo":
            assert lesson not in found
        else:
            assert (found[lesson].kind, found[lesson].reason) == (own[-1].kind, own[-1].reason)


@given(
    st.lists(st.builds(path.Marked, st.sampled_from(["begun", "done", "answered", "part"]), st.sampled_from("ab"),
                       st.integers(1, 3), st.integers(0, 20))),
    st.integers(0, 20),
)  # fmt: skip
def test_what_happened_later_is_not_known_earlier(marks, day):
    progress = path.progress_of(marks, [], {}, {}, day)
    for held, kind in ((progress.started, "begun"), (progress.completed, "done"), (progress.replies, "answered")):
        assert all(one <= day for one in held.values())
        assert all(at == min(m.day for m in marks if (m.kind, m.lesson) == (kind, name)) for name, at in held.items())
    assert all(
        number in {m.part for m in marks if m.kind == "part" and m.lesson == lesson and m.day <= day}
        for lesson, parts in path.parts_done(marks, day).items()
        for number in parts
    )


# --- facts --------------------------------------------------------------------------------------------------------

FLAGGED = st.dictionaries(st.sampled_from(facts.FLAGS), st.sampled_from([0, 1, None]))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(FLAGGED, st.sampled_from([None, -1, 0, 1]))
def test_a_red_flag_is_never_taken_for_no(answers, cleared):
    at = NOON + timedelta(days=cleared) if cleared is not None else None
    found = facts.facts(facts.Known(answers, NOON, {}), at).get("red_flags.any")
    if 1 in answers.values():
        assert found is (cleared is None or cleared < 0)
    else:
        assert found is (False if [answers.get(one) for one in facts.FLAGS] == [0] * 8 else None)


def test_who_told_her_that_it_is_fibromyalgia_decides():
    for told, expected in (("rheumatologist", True), ("other_person", False), (None, None), ("no such", None)):
        known = facts.Known({}, None, {"fibromyalgia_diagnosed_by": told})
        assert facts.facts(known, None).get("fibromyalgia") is expected


@given(st.lists(st.booleans(), max_size=5), st.booleans())
def test_there_is_one_open_asking_at_a_time_and_numbers_rise(sent, closed):
    class Asked:
        def __init__(self, number, done):
            self.time_point, self.occasion = "red_flags", number
            self.submitted_at, self.closed_at = (NOON, None) if done else (None, NOON if closed else None)

    rows = [Asked(number, done) for number, done in enumerate(sent)]
    found = gates.next_asking(gates.RED_FLAGS, rows)
    assert found.occasion == len(rows)
    assert (found.found is None) == (closed or all(sent))
    assert gates.next_asking(gates.CAUTION, rows).found is None


# --- words and versions -------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_she_saved_is_always_readable_and_empty_answers_are_not_shown(value):
    if words.problem(value) == "":
        told = words.said(None, value)
        assert all(answer for _ask, answer in told)
    assert (words.problem(value) == "shape") == (not isinstance(value, dict))


def test_a_programme_is_the_same_as_itself_and_every_difference_is_told():
    texts = programme_texts(find_content("programmes", "*/programme.yaml", "living-with-pain"))
    one = build_programme(texts, slug="living-with-pain")
    assert versions.changes_between(one, one) == []
    name = "en/01-understanding-pain.md"
    moved = build_programme(texts | {name: texts[name].replace("\n\n", "\n\n\n")}, slug="living-with-pain")
    assert versions.changes_between(one, moved) == []  # blank lines change no word
    other = build_programme(
        texts | {name: texts[name].replace("ask: What went through your mind?", "ask: What did you think?")},
        slug="living-with-pain",
    )
    (found,) = versions.changes_between(one, other)
    assert (found.kind, found.lesson, found.parts) == ("changed", "understanding_pain", ("The circle around pain",))


@pytest.mark.parametrize("slug", ["relaxation", "mindfulness-brain-retraining", "integrated-psychotherapy"])
def test_every_lesson_is_added_or_removed_between_two_programmes(slug):
    one, other = load_programme(slug), load_programme("waiting-list")
    assert {change.kind for change in versions.changes_between(one, other)} == {"removed"}
    assert {change.kind for change in versions.changes_between(other, one)} == {"added"}
    assert len(versions.changes_between(one, other)) == len(one.lessons)


# --- finished -----------------------------------------------------------------------------------------------------

COURSE = load_programme("living-with-pain")
LESSONS = st.sampled_from([lesson.id for lesson in COURSE.lessons])
CHANGES = st.builds(path.Changed, st.sampled_from(("open", "skip", "hold", "undo", "cleared")), LESSONS, st.just(""),
                    st.just(1))  # fmt: skip


@given(
    st.sets(LESSONS), st.sets(LESSONS), st.lists(CHANGES, max_size=8), st.sets(st.sampled_from(list(COURSE.modules)))
)
def test_finished_is_what_the_states_of_her_lessons_say(begun, done, changes, modules):
    marks = [*(path.Marked("begun", one, 0, 1) for one in begun), *(path.Marked("done", one, 0, 2) for one in done)]
    progress = path.progress_of(marks, changes, {"enrolment": 0}, {}, 3)
    states = unlocked(COURSE, progress, 3, modules=sorted(modules) or None)
    left = [one for one in states if one.state not in ("done", "skipped")]
    assert path.finished(COURSE.in_modules(sorted(modules) or None), done, changes) == (not left)


def test_finished_knows_both_answers():
    every = [lesson.id for lesson in COURSE.lessons]
    assert path.finished(COURSE.lessons, every, [])
    assert not path.finished(COURSE.lessons, every[1:], [])
    assert path.finished(COURSE.lessons, every[1:], [path.Changed("skip", every[0], "", 1)])
