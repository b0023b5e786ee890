"""Reminders: a cause, one row, and at the moment of sending the question whether it still stands (U1 to U4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.clock.sender import send_waiting
from accord.service.episodes.actions import add_step
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotAllowed, NotNow
from accord.service.flows.check_message import REMINDERS
from accord.service.flows.remind import remind
from accord.service.outbox.models import Work
from accord.service.outbox.queries import mails_to
from accord.service.people.actions import change_reminders
from accord.service.programmes.actions import begin_lesson
from accord.service.programmes.queries import course_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture(autouse=True)
def letters(settings, tmp_path):
    settings.ACCORD_EMAIL = f"file:{tmp_path}"


def go(treated, first: float, last: float, every: float = 1 / 4) -> list[tuple[float, str]]:
    """Let the clock run from one day to another; (day, kind) of every reminder that left."""
    day, sent = first, []
    while day <= last:
        before = {row.pk for row in Work.objects.filter(state="done")}
        treated.open_due(day)
        remind(now=treated.on(day))
        send_waiting(now=treated.on(day))
        rows = Work.objects.filter(state="done", kind__in=REMINDERS).exclude(pk__in=before)
        sent += [(day, row.kind) for row in rows]
        day += every
    return sent


def wish(treated, **more):
    given = {
        "on": True,
        "hour": treated.began.astimezone(treated.person.zone()).hour,
        "pause_until": None,
        "time_zone": "",
    } | more
    return change_reminders(person=treated.person, by=treated.by, now=treated.on(0), **given)


def of(kind):
    return Work.objects.filter(kind=kind).order_by("made_at", "id")


def test_u1_no_reminder_after_the_form_was_done(treated):
    treated.open_due(5)
    remind(now=treated.on(5))
    row = of("assessment-due").get()
    treated.answer(treated.asked("weekly")[0], 5)
    send_waiting(now=row.not_before + timedelta(hours=1))
    row.refresh_from_db()
    assert (row.state, row.reason) == ("dropped", "The questions have been answered.")


def test_u1_no_reminder_whose_time_has_passed_while_the_clock_stood_still(treated):
    treated.open_due(5)
    remind(now=treated.on(5))
    treated.open_due(11)
    send_waiting(now=treated.on(11))
    assert {row.reason for row in of("assessment-due")} == {"The time for the questions has passed."}


def test_u2_why_a_mail_was_not_sent_can_be_read(treated):
    wish(treated, on=False)
    treated.open_due(5)
    assert remind(now=treated.on(5)) == 0  # nothing is even written down while they are off
    wish(treated)
    remind(now=treated.on(5))
    wish(treated, on=False)
    send_waiting(now=treated.on(6))
    said = {(mail.kind, mail.state, mail.why) for mail in mails_to(treated.person.pk)}
    assert ("assessment-due", "dropped", "She has switched reminders off.") in said


def test_u3_one_row_for_each_person_occasion_and_channel(treated):
    treated.open_due(5)
    first = remind(now=treated.on(5))
    assert first > 0
    assert remind(now=treated.on(5)) == remind(now=treated.on(5.1)) == 0
    rows = [(row.kind, row.to, row.occasion, row.channel) for row in Work.objects.all()]
    assert len(rows) == len(set(rows))


def test_u4_three_weeks_without_a_word_from_her(treated):
    """Every mail at her hour, one a day at most, none at night, and few of them: nobody is nagged."""
    wish(treated, hour=18)
    sent = go(treated, 0, 20, every=1 / 3)
    zone = treated.person.zone()
    local = [treated.on(day).astimezone(zone) for day, _kind in sent]
    assert all(18 <= moment.hour <= 20 for moment in local)
    assert len({moment.date() for moment in local}) == len(local)
    kinds = [kind for _day, kind in sent]
    assert (
        kinds.count("assessment-due") == 5
    )  # the first two check-ins when they open and before they close, the third once so far
    assert kinds.count("lesson-open") == 1
    assert kinds.count("lesson-waiting") == 2


def test_the_words_of_the_week_come_once_while_they_are_the_newest(treated):
    course = course_of(treated.by, treated.person.pk)
    wish(treated)
    begin_lesson(course=course, lesson="understanding_pain", by=treated.by, now=treated.on(0.1))
    kinds = [kind for _day, kind in go(treated, 0.25, 7)]
    assert kinds.count("message-of-the-week") == 2  # on day 4 and on day 6
    assert "lesson-open" not in kinds


def test_two_reminders_of_one_day_leave_on_two_days(treated):
    treated.open_due(5)
    remind(now=treated.on(5))
    assert of("assessment-due").count() == of("lesson-open").count() == of("lesson-waiting").count() == 1
    sent = go(treated, 5, 7.5)
    assert sorted(kind for _day, kind in sent) == ["assessment-due", "lesson-open"]
    assert len({int(day) for day, _kind in sent}) == 2
    assert "lately" in of("lesson-waiting").get().reason


def test_c7_in_a_flare_lessons_are_not_mentioned_and_questions_are(treated):
    treated.flare(5)
    kinds = [kind for _day, kind in go(treated, 5, 6.9)]
    assert kinds == ["assessment-due"]
    assert "flare-over" in [kind for _day, kind in go(treated, 7, 9)]


def test_a_pause_puts_off_and_does_not_lose(treated):
    until = treated.on(8).date()
    wish(treated, pause_until=until)
    sent = go(treated, 5, 10)
    assert sent
    assert min(treated.on(day).date() for day, _kind in sent) == until


def test_nothing_is_sent_after_she_has_left(treated):
    treated.open_due(5)
    remind(now=treated.on(5))
    add_step(episode=treated.episode, kind=StepKind.WITHDRAWN, by=SERVICE, now=treated.on(5.01))
    assert go(treated, 5.02, 12) == []
    assert {row.state for row in Work.objects.filter(kind__in=REMINDERS)} == {"dropped"}


def test_a_mail_that_was_put_off_after_a_failed_attempt_waits_all_the_same(treated):
    treated.open_due(5)
    remind(now=treated.on(5))
    Work.objects.filter(kind__in=REMINDERS).update(attempts=1, not_before=treated.on(5))
    night = treated.on(5).replace(hour=23)
    send_waiting(now=night)
    send_waiting(now=night + timedelta(minutes=5))
    assert not Work.objects.filter(kind__in=REMINDERS, state="done").exists()
    assert all(row.not_before > night + timedelta(hours=8) for row in Work.objects.filter(kind__in=REMINDERS))


def test_a_mail_names_nobody_and_nothing(treated, tmp_path):
    go(treated, 5, 7)
    mails = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "/my/" in mails
    assert not [one for one in treated.world.canaries(treated.person) if one in mails and "@" not in one]
    for word in ("pain", "Pain", "questionnaire", "lesson", "depress", str(treated.person.pk)):
        assert word not in mails


@pytest.mark.parametrize(
    "wrong", [{"hour": 3}, {"hour": 21}, {"time_zone": "Mars/Phobos"}, {"pause_until": date(2199, 1, 1)}]
)
def test_a_wish_that_cannot_be_is_refused_in_words(treated, wrong):
    with pytest.raises(NotNow):
        wish(treated, **wrong)


def test_only_she_herself_says_what_she_wants(treated):
    world = treated.world
    for who in (world.bea, world.carl, world.dora, world.joy, None):
        with pytest.raises(NotAllowed):
            change_reminders(person=treated.person, on=False, hour=9, pause_until=None, time_zone="",
                             by=world.asker(who), now=treated.on(0))  # fmt: skip


def test_many_people_cost_few_queries(treated, django_assert_max_num_queries):
    from plugins.world import enrolled

    for number in range(10):
        person = treated.world.add_patient(f"more{number}", treated.world.bea, account=False)
        enrolled(person, treated.began)
    remind(now=treated.on(5) + timedelta(hours=9))  # at nobody's hour
    with django_assert_max_num_queries(25):
        remind(now=treated.on(5) + timedelta(hours=9))
