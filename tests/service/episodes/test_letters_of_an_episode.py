"""Letters: written once, word for word, by who may; the office reaches administrative ones alone."""

import uuid

import pytest
from django.db import DatabaseError, transaction

from accord.service.access.table import SERVICE, Action, Role
from accord.service.audit.models import Entry
from accord.service.episodes import actions, queries
from accord.service.episodes.models import Letter, LetterStep
from accord.service.episodes.rules import ADMINISTRATIVE, Wording, letter_kinds, unfilled, wording_of
from accord.service.errors import NotAllowed, NotNow, Refusal

pytestmark = pytest.mark.both


def write(world, kind="risk", by=None, **given):
    said = {"addressee": "Dr Zqgp", "subject": "Zqsubject", "body": "Zqbody", "head": "Zqhead", "key": uuid.uuid4()}
    return actions.write_letter(
        episode=world.episode, kind=kind, snapshot_id=world.episode.snapshot_id, by=world.asker(by or world.bea),
        now=world.now, **(said | given),
    )  # fmt: skip


def test_a_letter_is_kept_word_for_word_and_cannot_be_changed(world):
    letter = write(world, body="Line one\r\n\r\nLine two ", head="A clinic\n12 34")
    found = queries.letter(world.asker(world.bea), letter.pk)
    assert found.words == Wording("A clinic\n12 34", "Zqsubject", "Line one\n\nLine two")
    for change in (lambda: Letter.objects.filter(pk=letter.pk).update(kind="start"), letter.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_words_come_back_as_they_were_put_together():
    words = Wording("head\nlines", "A subject", "A body\n\n---\n\n# not a subject")
    assert wording_of(words.text()) == words


def test_the_kinds_are_the_protocols_and_those_of_every_one():
    kinds = letter_kinds(["referral_received", "start", "own_kind"])
    assert kinds == ["referral_received", "start", "own_kind", "end", "risk"]


def test_what_is_open_is_found_once_each_in_order():
    assert unfilled("a [[ day \n of ]] {today} [[day of]] b {today} {Not}") == ["day of", "{today}"]


def test_the_office_reaches_administrative_letters_alone(world):
    clinical, plain = write(world, "risk"), write(world, "start")
    seen = {
        name: {row.pk for row in Letter.objects.for_(world.asker(world.people[name]), Action.VIEW)}
        for name in ("ana", "bea", "dora", "fay", "carl", "gus", "hal", "joy")
    }
    both = {clinical.pk, plain.pk}
    assert seen == {
        "ana": both, "bea": both, "dora": {plain.pk}, "fay": both, "carl": set(), "gus": set(), "hal": set(),
        "joy": set(),
    }  # fmt: skip
    assert {row.pk for row in Letter.objects.for_(SERVICE, Action.VIEW)} == both
    for kind in ("risk", "assessment_summary", "discharge_summary"):
        with pytest.raises(NotAllowed):
            write(world, kind, world.dora)
    assert {write(world, kind, world.dora).kind for kind in ADMINISTRATIVE} == ADMINISTRATIVE


def test_a_therapist_who_also_coordinates_reaches_all_of_those_she_treats(world):
    from accord.service.people.actions import give_role

    give_role(person=world.bea, role=Role.COORDINATOR, clinic=world.clinic, by=SERVICE, now=world.now)
    assert write(world, "risk").kind == "risk"
    assert Letter.objects.for_(world.asker(world.bea), Action.VIEW).count() == 1


def test_one_step_ends_it(world):
    letter, by = write(world), world.asker(world.bea)
    actions.withdraw_letter(letter_id=letter.pk, by=by, now=world.now)
    with pytest.raises(NotNow, match="withdrawn"):
        actions.send_letter(letter_id=letter.pk, how="post", by=by, now=world.now)
    assert LetterStep.objects.get().kind == "withdrawn"
    with pytest.raises(Refusal, match="how"):
        actions.send_letter(letter_id=letter.pk, how="owl", by=by, now=world.now)
    with pytest.raises(NotAllowed):
        actions.send_letter(letter_id=letter.pk, how="post", by=world.asker(world.carl), now=world.now)


def test_it_goes_with_an_onward_referral_of_hers_only(world):
    onward = actions.refer_onward(
        episode=world.episode, to="pain_clinic", reason="needs-more", key=uuid.uuid4(), by=world.asker(world.bea),
        now=world.now,
    )  # fmt: skip
    assert write(world, onward_id=onward.pk).onward_id == onward.pk
    with pytest.raises(NotAllowed):
        write(world, onward_id=uuid.uuid4())


def test_the_audit_knows_that_and_not_what(world):
    write(world)
    entry = Entry.objects.filter(action="write_letter").get()
    assert entry.facts["kind"] == "risk"
    assert not any(text in str(entry.facts) for text in ("Zqbody", "Zqgp", "Zqsubject"))
