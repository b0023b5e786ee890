"""What she saves is kept once, in order, and never overwritten; what she types is kept too (U8)."""

from __future__ import annotations

import json
import uuid
from threading import Thread

import pytest
from django.db import OperationalError, connection, connections

from accord.service.audit.models import Entry as Told
from accord.service.episodes.models import Step
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Entry, EntryDraft

pytestmark = [pytest.mark.django_db, pytest.mark.both]
WORDS = "Zqsaved like a wet coat"


def draft(ana, day, value, revision=0, block="my_pain", lesson="understanding_pain", by=None):
    return actions.keep_entry_draft(
        course=ana.now_course(), lesson=lesson, block=block, value=value, revision=revision, by=by or ana.by,
        now=ana.on(day),
    )  # fmt: skip


def test_what_she_saved_comes_back_in_her_words(ana):
    saved = ana.save(0, {"pain_in_my_words": WORDS, "companions": ["fog", "mood"], "tired_of_hearing": ""})
    assert (saved.revision, saved.replayed, saved.title) == (1, False, "In your own words")
    found = queries.entry(ana.course, "understanding_pain", "my_pain")
    assert found.value == saved.value
    assert [answer for _ask, answer in found.said] == [WORDS, "Fog, lost words; Low mood or worry"]
    assert queries.entries(ana.bea, ana.person.pk) == [found] == queries.entries(ana.by, ana.person.pk)
    assert queries.record(ana.course, ana.on(0))["answers.companions"] == ["fog", "mood"]
    assert ana.standing(0).current.state == "started"  # saving in a lesson is to have begun it


def test_her_words_lie_encrypted_and_stand_in_no_audit(ana):
    ana.save(0, {"pain_in_my_words": WORDS})
    assert WORDS not in str(Entry.objects.values_list("value", flat=True).get())
    assert Told.objects.filter(action="entry.saved").count() == 1
    assert not any(WORDS in json.dumps(one.facts) for one in Told.objects.all())


def test_u8_two_tabs_keep_both_and_overwrite_neither(ana):
    ana.save(0, {"pain_in_my_words": "from the telephone"})
    with pytest.raises(Stale) as stale:
        ana.save(0, {"pain_in_my_words": "from the laptop"})
    assert stale.value.held.value == {"pain_in_my_words": "from the telephone"}
    assert stale.value.given == {"pain_in_my_words": "from the laptop"}
    chosen = ana.save(0, {"pain_in_my_words": "both"}, revision=stale.value.held.revision)
    assert chosen.revision == 2
    kept = queries.earlier(ana.course, "understanding_pain", "my_pain")
    assert [one.value["pain_in_my_words"] for one in kept] == ["from the telephone", "both"]


def test_u8_the_same_post_again_is_one_row(ana):
    key = uuid.uuid4()
    first = ana.save(0, {"pain_in_my_words": WORDS}, key=key)
    again = ana.save(1, {"pain_in_my_words": WORDS}, key=key)
    assert (first.revision, again.revision, again.replayed) == (1, 1, True)
    same = ana.save(1, {"pain_in_my_words": WORDS})  # another page, the same words: no conflict
    assert same.replayed
    with pytest.raises(Stale):
        ana.save(1, {"pain_in_my_words": "other words"}, key=key)
    assert Entry.objects.count() == 1


def test_u8_a_week_without_network_loses_nothing(ana):
    """She saved at home, went on typing on a train; a week later the train's page comes through."""
    ana.save(0, {"pain_in_my_words": "before the journey"})
    ana.save(3, {"pain_in_my_words": "written at home meanwhile"}, revision=1)
    with pytest.raises(Stale) as stale:
        ana.save(7, {"pain_in_my_words": "written on the train"}, revision=1)
    assert stale.value.held.value["pain_in_my_words"] == "written at home meanwhile"
    assert stale.value.given["pain_in_my_words"] == "written on the train"
    assert [one.revision for one in queries.earlier(ana.course, "understanding_pain", "my_pain")] == [1, 2]


def test_u8_what_she_types_is_kept_until_it_is_saved_and_is_hers_alone(ana):
    assert draft(ana, 0, {"pain_in_my_words": "half a sen"}) == 1
    assert draft(ana, 0, {"pain_in_my_words": "half a sentence"}, 1) == 2
    assert draft(ana, 0, {"pain_in_my_words": "half a sentence"}, 1) == 2  # the same once more
    with pytest.raises(Stale) as stale:
        draft(ana, 0, {"pain_in_my_words": "an older page"}, 1)
    assert stale.value.held == {"pain_in_my_words": "half a sentence"}
    assert queries.draft(ana.course, "understanding_pain", "my_pain").said[0][1] == "half a sentence"
    assert queries.entries(ana.bea, ana.person.pk) == []
    ana.save(0, {"pain_in_my_words": "a sentence"})
    assert not EntryDraft.objects.exists()
    with pytest.raises(NotAllowed):
        draft(ana, 0, {"pain_in_my_words": "x"}, by=ana.bea)


def test_u8_an_old_draft_outlives_a_change_of_version(ana):
    draft(ana, 0, {"first_step": "to the letter box"}, block="first_step")
    ana.save(0, {"more_of": "sewing"}, block="what_matters")

    def without_two_blocks(texts):
        name = "en/01-understanding-pain.md"
        texts[name] = texts[name].replace("::: exercise first_step", "::: exercise another_step").replace(
            "::: values what_matters", "::: values what_counts"
        )  # fmt: skip

    snapshot = ana.new_version(1, without_two_blocks)
    actions.move_course(course=ana.now_course(), snapshot=snapshot, reason="Clearer.", by=ana.bea, now=ana.on(1))
    course = ana.now_course()
    kept = queries.drafts(course)[0]
    assert (kept.block, kept.gone, kept.title) == ("first_step", True, "Your first step")
    assert kept.said == (("What is your first step?", "to the letter box"),)
    saved = queries.entries(ana.by, ana.person.pk)[0]
    assert (saved.gone, saved.said[0][1], saved.title) == (True, "sewing", "In your own words")
    with pytest.raises(NotAllowed):
        ana.save(1, {"first_step": "x"}, block="first_step")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"pain_in_my_words": "x\0y"}, "NUL"),
        ({"pain_in_my_words": "x" * 1_000_000}, "10000"),
        ({"a": ["y" * 9_000] * 9}, "60000"),
        (["no", "mapping"], "not what this page asks"),
        ({"a": {"b": [{"c": "deep\0"}]}}, "NUL"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_limit(ana, value, words):
    with pytest.raises(Refusal, match=words):
        ana.save(0, value)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("text", ["Ἑλλάς", "العربية", "🦔" * 50, "日本語", "a\r\nb", "' OR 1=1 --", "<script>"])
def test_any_script_is_kept_as_it_is(ana, text):
    ana.save(0, {"pain_in_my_words": text})
    assert queries.entry(ana.course, "understanding_pain", "my_pain").value["pain_in_my_words"] == text


def test_nothing_is_saved_where_nothing_is_asked_or_open(ana):
    with pytest.raises(NotAllowed):
        ana.save(0, {"x": "y"}, block="text_0_1")
    with pytest.raises(NotAllowed):
        ana.save(0, {"x": "y"}, block="no_such_block")
    with pytest.raises(NotAllowed):
        ana.save(0, {"x": "y"}, lesson="no_such_lesson")
    last = queries.programme_of(ana.course).text("keeping_gains")
    block = next(one.id for one in last.blocks if one.kind == "exercise")
    with pytest.raises(NotNow):
        ana.save(0, {"x": "y"}, lesson="keeping_gains", block=block)
    for other in (ana.bea, ana.world.asker(ana.world.carl), ana.world.asker(ana.world.joy), ana.world.asker(None)):
        with pytest.raises(NotAllowed):
            ana.save(0, {"pain_in_my_words": "x"}, by=other)
        with pytest.raises(NotAllowed):
            actions.drop_draft(course=ana.course, lesson="understanding_pain", block="my_pain", by=other, now=ana.on(0))


def test_what_is_saved_is_unread_until_somebody_read_it_and_again_when_it_changes(ana):
    def unread(day):
        return queries.summaries([ana.person.pk], ana.on(day))[ana.person.pk].unread_entries

    ana.save(0, {"pain_in_my_words": "one"})
    ana.save(0, {"more_of": "two"}, block="what_matters")
    assert unread(1) == 2
    actions.mark_read(course=ana.course, lesson="understanding_pain", by=ana.bea, now=ana.on(1))
    assert unread(1) == 0
    assert queries.entry(ana.course, "understanding_pain", "my_pain").read_by_therapist_at == ana.on(1)
    actions.mark_read(course=ana.course, lesson="understanding_pain", by=ana.bea, now=ana.on(1.5))
    assert ana.course.marks.filter(kind="read").count() == 1  # nothing new was there to read
    ana.save(2, {"pain_in_my_words": "three"}, revision=1)
    assert unread(2) == 1
    assert queries.entry(ana.course, "understanding_pain", "my_pain").read_by_therapist_at is None
    with pytest.raises(NotAllowed):
        actions.mark_read(course=ana.course, lesson="understanding_pain", by=ana.by, now=ana.on(2))


@pytest.mark.parametrize("end", ["stopped", "discharged", "withdrawn"])
def test_nobody_writes_where_nobody_reads(ana, end):
    """C15: after treatment has ended nobody reads what she would write; what she wrote stays."""
    ana.save(0, {"pain_in_my_words": "kept"})
    Step.objects.create(episode=ana.episode, kind=end, at=ana.on(1))
    for write in (ana.save, draft):
        with pytest.raises(NotNow):
            write(*([ana] if write is draft else []), 2, {"pain_in_my_words": "late"}, revision=1)
    assert queries.entries(ana.by, ana.person.pk)[0].value == {"pain_in_my_words": "kept"}
    assert queries.tailored_lesson(ana.now_course(), "understanding_pain", ana.on(2)).parts
    if end == "withdrawn":
        with pytest.raises(NotNow):
            ana.finish("understanding_pain", 2)
    else:
        assert ana.finish("understanding_pain", 2)


@pytest.mark.django_db(transaction=True)
def test_u8_two_windows_at_the_same_moment_leave_one_first_and_one_to_choose(published, follow):
    ana = follow(published, published.ana, published.episode)
    course, by, results = ana.now_course(), ana.by, []

    def save(words):
        try:
            value = {"pain_in_my_words": words}
            actions.save_entry(
                course=course, lesson="understanding_pain", block="my_pain", value=value, revision=0, key=uuid.uuid4(),
                by=by, now=ana.on(0),
            )  # fmt: skip
            results.append("saved")
        except Stale as stale:
            results.append("stale" if {stale.held.value["pain_in_my_words"], words} == {"one", "two"} else "wrong")
        except OperationalError:  # the test's SQLite lives in memory and does not wait for its turn
            results.append("locked")
        finally:
            connections.close_all()

    threads = [Thread(target=save, args=(words,)) for words in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second = {"stale"} if connection.vendor == "postgresql" else {"stale", "locked"}
    assert "saved" in results
    assert set(results) - {"saved"} <= second
    assert len(results) == 2
    assert results.count("saved") == 1
    assert Entry.objects.count() == 1
