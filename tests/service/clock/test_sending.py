"""What is in the outbox leaves once, only while it is wanted, and waits patiently for a mail server with faults."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from accord.science.protocols.ladder import Outcome
from accord.service.access.table import SERVICE
from accord.service.care import actions as care
from accord.service.care.queries import escalations_due
from accord.service.clock.sender import send_waiting
from accord.service.episodes.models import Referral
from accord.service.episodes.queries import confirm_token
from accord.service.flows.check_message import KINDS
from accord.service.flows.send_message import send_message
from accord.service.flows.sign_up import sign_up
from accord.service.library.queries import text
from accord.service.messaging.actions import mark_read
from accord.service.outbox.actions import enqueue
from accord.service.outbox.models import Work
from accord.service.outbox.rules import wait_after

pytestmark = [pytest.mark.django_db]
both = pytest.mark.both
flow = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alert(published):
    world = published
    with transaction.atomic():
        return care.raise_alert(
            person=world.ana, episode=world.episode, assessment_id=None, occasion="assessment:1", track="risk",
            outcome=Outcome("r2", ("because",), "r2"), ladder=None, by=SERVICE, now=world.now,
        )  # fmt: skip


def rows():
    return {(work.kind, work.state, work.reason) for work in Work.objects.all()}


def test_every_kind_has_its_words(published):
    for kind in KINDS.values():
        assert "{link}" in text(kind.text).body


def test_an_alert_is_told_to_who_answers_for_the_person(published, alert, sink):
    assert send_waiting(now=published.now) == 1
    (mail,) = sink.mails
    assert mail["To"] == published.bea.email
    assert "http://localhost:8000/clinic/" in mail.get_content()
    whole = mail.as_string()
    assert not [canary for canary in published.canaries(published.ana) if canary in whole]
    assert str(alert.pk) not in whole
    assert rows() == {("alert-raised", "done", "")}
    assert send_waiting(now=published.now + timedelta(hours=1)) == 0


def test_an_alert_that_somebody_has_in_hand_is_not_told(published, alert, sink):
    care.acknowledge(alert_id=alert.pk, by=published.asker(published.bea), now=published.now)
    assert send_waiting(now=published.now) == 0
    assert rows() == {("alert-raised", "dropped", "Somebody has the alert in hand, or it is closed.")}


@both
@pytest.mark.parametrize("mood", ["busy", "break off"])
def test_a_server_with_faults_is_asked_again_until_it_takes_the_mail(published, alert, sink, mood):
    sink.mood, at = mood, published.now
    for attempt in range(1, 6):
        assert send_waiting(now=at) == 0
        assert Work.objects.get().attempts == attempt
        at += wait_after(attempt)
    sink.mood = "take"
    assert send_waiting(now=at) == 1
    assert len(sink.mails) == 1


def test_a_server_that_breaks_off_after_taking_sends_the_same_mail_again(published, alert, sink):
    sink.mood = "take and break off"
    send_waiting(now=published.now)
    sink.mood = "take"
    send_waiting(now=published.now + timedelta(minutes=1))
    assert len({mail["Message-ID"] for mail in sink.mails}) == 1


def test_a_mail_that_is_taken_and_dropped_leaves_the_alert_to_escalate(published, alert, sink):
    sink.mood = "take and drop"
    assert send_waiting(now=published.now) == 1
    assert sink.dropped == 1
    assert rows() == {("alert-raised", "done", "")}
    assert {due[0].pk for due in escalations_due(published.now + timedelta(days=4))} == {alert.pk}


def test_an_address_that_does_not_exist_is_given_up_at_once_and_named_nowhere(published, alert, sink):
    sink.mood = "no such address"
    assert send_waiting(now=published.now) == 0
    assert rows() == {("alert-raised", "failed", "The mail server refused this mail (550).")}


def test_one_refused_address_keeps_no_other_mail_back(published, alert, sink):
    care_alert = Work.objects.get()
    Work.objects.filter(pk=care_alert.pk).update(to=str(published.add("nol", account=False).pk))
    published.people["nol"].email = "not an address"
    published.people["nol"].save()
    enqueue(kind="person-assigned", to=published.bea.pk, occasion="accountability:1", channel="email",
            subject_id=uuid.UUID(int=1), now=published.now + timedelta(seconds=1))  # fmt: skip
    assert send_waiting(now=published.now + timedelta(seconds=2)) == 1
    assert sink.mails[0]["To"] == published.bea.email


def test_a_server_that_is_away_is_asked_once_a_tick(published, sink):
    for n in range(5):
        enqueue(kind="person-assigned", to=published.bea.pk, occasion=f"accountability:{n}", channel="email",
                subject_id=uuid.UUID(int=n), now=published.now)  # fmt: skip
    sink.mood = "busy"
    send_waiting(now=published.now)
    assert sorted(Work.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]


def test_nobody_without_an_address_or_with_a_closed_account_is_written_to(published, sink):
    published.add("mute", account=False)
    published.people["mute"].email = ""
    published.people["mute"].save()
    for n, person in enumerate((published.people["mute"].pk, uuid.UUID(int=99))):
        enqueue(kind="person-assigned", to=person, occasion=f"a:{n}", channel="email", subject_id=uuid.UUID(int=n),
                now=published.now)  # fmt: skip
    assert send_waiting(now=published.now) == 0
    reason = "There is no address to send it to, or the account is closed."
    assert rows() == {("person-assigned", "dropped", reason)}


def test_a_kind_that_nobody_knows_is_a_failure(published, sink):
    enqueue(kind="surprise", to=published.bea.pk, occasion="x", channel="email", now=published.now)
    send_waiting(now=published.now)
    assert rows() == {("surprise", "failed", "There is no message of the kind 'surprise'.")}


@flow
def test_the_link_of_a_referral_is_made_when_it_is_sent_and_not_after_it_was_used_or_is_too_old(published, sink):
    sign_up(email="zqnew@example.org", clinic=published.clinic, now=published.now)
    assert send_waiting(now=published.now) == 1
    referral = Referral.objects.latest("made_at")
    link = f"http://localhost:8000/confirm/{confirm_token(referral.pk)}"
    assert link in sink.mails[0].get_content()
    assert confirm_token(referral.pk) not in "".join(map(str, Work.objects.values_list()))
    for late, reason in ((timedelta(), "confirmed"), (timedelta(days=400), "too old")):
        Work.objects.update(state="waiting", reason="")
        Referral.objects.update(confirmed_at=None if late else published.now)
        assert send_waiting(now=published.now + late) == 0
        assert reason in Work.objects.get().reason


@flow
def test_a_message_to_a_patient_waits_for_the_morning_and_links_to_it(published, sink):
    """Nothing reaches her at night; a therapist is told at any hour. The link opens the conversation (U11)."""
    bea, ana = published.asker(published.bea), published.asker(published.ana)
    night, who = published.now.replace(hour=2), published.ana.pk
    send_message(person_id=who, text="to her", key=uuid.uuid4(), by=bea, now=night)
    assert send_waiting(now=night) == send_waiting(now=night.replace(hour=5)) == 0
    assert send_waiting(now=night.replace(hour=9)) == 1
    send_message(person_id=who, text="to her therapist", key=uuid.uuid4(), by=ana, now=night.replace(hour=23))
    assert send_waiting(now=night.replace(hour=23)) == 1
    assert [mail["To"] for mail in sink.mails] == [published.ana.email, published.bea.email]
    assert "/my/messages" in sink.mails[0].get_content()


@flow
def test_a_message_that_was_read_is_not_announced(published, sink):
    bea, ana, noon = published.asker(published.bea), published.ana, published.now.replace(hour=12)
    said = send_message(person_id=ana.pk, text="zqsecret words", key=uuid.uuid4(), by=bea, now=noon)
    later = send_message(person_id=ana.pk, text="more", key=uuid.uuid4(), by=bea, now=noon)
    with transaction.atomic():
        mark_read(person_id=ana.pk, up_to=said.message.sequence, by=published.asker(ana), now=noon)
    assert send_waiting(now=noon) == 1
    assert {(w.subject_id, w.state) for w in Work.objects.all()} == {
        (said.message.pk, "dropped"), (later.message.pk, "done")
    }  # fmt: skip
    assert "zqsecret" not in sink.mails[0].as_string()
