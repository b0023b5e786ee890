"""Work to be done: asked once, leased to one, retried with patience, ended with a reason; clocks that jump."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from accord.service.outbox import queries
from accord.service.outbox.actions import (
    beat,
    drop,
    enqueue,
    fail,
    finish,
    lease_next,
    say_progress,
    try_again,
)  # fmt: skip
from accord.service.outbox.models import Work
from accord.service.outbox.rules import ATTEMPTS, LEASE, LONGEST_WAIT, in_words, patience, silent_for, wait_after

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
both = pytest.mark.both


def ask(occasion="alert:1", at=NOON, **more):
    given = {"kind": "alert-raised", "to": uuid.UUID(int=7), "occasion": occasion, "channel": "email"}
    return enqueue(**(given | more), now=at)


def lease(at=NOON, worker="w1", **more):
    return lease_next(worker=worker, now=at, **more)


def test_a_wait_doubles_and_is_patient_with_a_mail_server_that_is_down_for_hours():
    assert [wait_after(n).total_seconds() for n in (1, 2, 3)] == [15, 30, 60]
    assert wait_after(500) == LONGEST_WAIT
    assert patience() > timedelta(hours=5)


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.5, "less than a minute"), (1, "1 minute"), (7, "7 minutes"), (119, "119 minutes"),
                           (120, "2 hours"), (60 * 47, "47 hours"), (60 * 48, "2 days")]
)  # fmt: skip
def test_a_span_in_words(minutes, words):
    assert in_words(timedelta(minutes=minutes)) == words


def test_silence_counts_both_ways():
    assert silent_for(NOON, NOON + timedelta(seconds=119)) is None
    assert silent_for(NOON, NOON + timedelta(minutes=3)) == timedelta(minutes=3)
    assert silent_for(NOON, NOON - timedelta(hours=1)) == timedelta(hours=1)
    assert silent_for(None, NOON) == timedelta.max


@both
def test_asking_twice_is_asking_once(db):
    assert ask().pk == ask(at=NOON + timedelta(hours=1)).pk
    assert Work.objects.count() == 1


@both
def test_a_lease_belongs_to_one_worker_until_it_ends(db):
    work = ask()
    assert lease().pk == work.pk
    assert lease(worker="w2") is None
    later = NOON + LEASE
    assert lease(later, worker="w2").pk == work.pk


@both
def test_who_lost_the_lease_cannot_say_how_it_ended(db):
    ask()
    first = lease()
    second = lease(NOON + LEASE, worker="w2")
    assert not finish(work=first, now=NOON + LEASE)
    assert try_again(work=second, reason="451 later", now=NOON + LEASE)
    assert Work.objects.get().state == "waiting"


@both
@pytest.mark.parametrize(("end", "state"), [(finish, "done"), (drop, "dropped"), (fail, "failed")])
def test_how_it_ended_stands_with_its_reason(db, end, state):
    ask()
    reason = {} if end is finish else {"reason": "acknowledged meanwhile"}
    assert end(work=lease(), now=NOON, **reason)
    row = Work.objects.get()
    assert (row.state, row.reason, row.done_at, row.leased_by) == (state, reason.get("reason", ""), NOON, "")
    assert lease(NOON + timedelta(days=1)) is None


@both
def test_given_up_after_the_last_attempt_and_listed(db):
    ask()
    at = NOON
    for _ in range(ATTEMPTS):
        at += LONGEST_WAIT
        assert try_again(work=lease(at), reason="451 later", now=at)
    row = queries.given_up(NOON).get()
    assert row.reason == f"Given up after {ATTEMPTS} attempts: 451 later"
    assert queries.counts() == {"failed": 1}


@both
def test_a_failed_attempt_waits_before_the_next(db):
    ask()
    try_again(work=lease(), reason="451", now=NOON)
    assert lease(NOON + timedelta(seconds=14)) is None
    assert lease(NOON + timedelta(seconds=15)).attempts == 1


@both
def test_the_oldest_due_first_and_only_of_its_channels(db):
    late = ask("late", NOON)
    early = ask("early", NOON - timedelta(hours=1))
    job = ask("job", NOON - timedelta(hours=2), channel="job", kind="seal")
    ask("not yet", not_before=NOON + timedelta(hours=1))
    assert [lease(channels=("email",)).pk for _ in range(2)] == [early.pk, late.pk]
    assert lease(channels=("email",)) is None
    assert lease().pk == job.pk


@both
@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=9), timedelta(days=400)])
def test_a_clock_that_was_put_back_leaves_nothing_waiting(db, back):
    ask("fresh")
    ask("leased", NOON - timedelta(minutes=1))
    ask("tried", NOON - timedelta(minutes=2))
    try_again(work=lease(), reason="451", now=NOON)
    assert lease().occasion == "leased"
    at = NOON - back
    due = {work.occasion for work in iter(lambda: lease(at + LONGEST_WAIT, worker="w2"), None)}
    assert due == {"fresh", "leased", "tried"}


@both
def test_progress_keeps_the_lease(db):
    ask(channel="job")
    work = lease()
    assert say_progress(work=work, done=0.5, now=NOON + timedelta(minutes=1))
    assert lease(NOON + LEASE, worker="w2") is None
    assert Work.objects.get().progress == 0.5


@both
def test_the_banner_stands_while_the_clock_stands_still(db, django_assert_num_queries):
    assert "not running" in queries.stale_clock(NOON)
    beat(name="clock", now=NOON)
    assert queries.last_beat() == NOON
    with django_assert_num_queries(1):
        assert queries.stale_clock(NOON + timedelta(minutes=1)) is None
    assert "stood still for 7 minutes" in queries.stale_clock(NOON + timedelta(minutes=7))
    assert "stood still for 2 hours" in queries.stale_clock(NOON - timedelta(hours=2))


@both
def test_the_banner_names_a_watchdog_that_fell_silent(db):
    beat(name="watchdog", now=NOON)
    beat(name="clock", now=NOON + timedelta(minutes=3))
    assert "watchdog" in queries.stale_clock(NOON + timedelta(minutes=3))


@both
def test_the_banner_counts_mails_that_do_not_leave(db, django_assert_num_queries):
    beat(name="clock", now=NOON)
    for kind, n in (("alert-raised", 1), ("alert-escalated", 2), ("message-waiting", 3)):
        ask(f"{kind}:{n}", kind=kind)
    Work.objects.filter(kind="message-waiting").update(attempts=2)
    assert queries.stale_clock(NOON) is None
    Work.objects.filter(kind="message-waiting").update(attempts=3)
    with django_assert_num_queries(1):
        assert queries.stale_clock(NOON).startswith("1 mail could not")
    Work.objects.filter(kind="message-waiting").update(state="failed", done_at=NOON)  # one wrong address is no outage
    assert queries.stale_clock(NOON) is None
    Work.objects.exclude(kind="message-waiting").update(state="failed", done_at=NOON)
    assert queries.stale_clock(NOON).startswith("2 mails could not")
    beat(name="clock", now=NOON + timedelta(days=2))
    assert queries.stale_clock(NOON + timedelta(days=2)) is None


@both
def test_what_was_said_about_a_row_reads_back(db):
    about = uuid.UUID(int=9)
    ask(subject_id=about)
    ask("alert:1:again", subject_id=about)
    assert [work.occasion for work in queries.work_about(about)] == ["alert:1", "alert:1:again"]


@both
@pytest.mark.django_db(transaction=True)
def test_four_workers_never_hold_the_same_work():
    for n in range(24):
        ask(f"alert:{n}")
    taken, lock = [], threading.Lock()

    def work(name):
        while (found := lease(worker=name)) is not None:
            with lock:
                taken.append(found.pk)
            finish(work=found, now=NOON)

    def closing(name):
        try:
            work(name)
        finally:
            connections.close_all()

    if connection.vendor == "postgresql":  # the embedded base of a test lives in memory, for one thread
        workers = [threading.Thread(target=closing, args=(f"w{n}",)) for n in range(4)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
    work("last")
    assert len(taken) == len(set(taken)) == 24
