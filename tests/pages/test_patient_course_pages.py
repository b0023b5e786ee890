"""A patient's pages through her course: today, the short version, progress, settings, my data, leaving."""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from accord.service.access.table import SERVICE
from accord.service.assessments.models import Assessment
from accord.service.episodes import queries as episodes
from accord.service.episodes.actions import add_step
from accord.service.episodes.rules import State, StepKind
from accord.service.flows.send_message import send_message
from accord.service.outbox.models import Work
from accord.service.people.models import Person
from accord.service.programmes.actions import begin_lesson, change_path, finish_part, save_entry
from accord.service.programmes.models import Flare
from accord.service.programmes.queries import course_of, programme_of

pytestmark = pytest.mark.django_db
PAGES = ["today", "flare", "progress", "settings", "data", "leave"]
NEVER = re.compile(r"!|catastroph|failed|drop-?out|compliant|deteriorat|maladaptive|streak|well done", re.IGNORECASE)


@pytest.fixture
def at(monkeypatch, treated):
    """Move the time of every request; returns a browser of Ana, logged in just now, or the one that is given."""

    def go(day: float, client=None):
        monkeypatch.setattr("accord.service.access.guard.now", lambda: treated.on(day))
        return client or treated.client()

    return go


def words(response) -> str:
    assert response.status_code == 200, response.status_code
    page = re.sub(
        r"<(style|script|svg).*?</\1>|<aside class=.demo.*?</aside>", " ", response.content.decode(), flags=re.S
    )
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def get(client, name, *args):
    return client.get(reverse(f"patient:{name}", args=args))


def course(treated):
    return course_of(treated.by, treated.person.pk)


def do_lesson(treated, lesson, day):
    begin_lesson(course=course(treated), lesson=lesson, by=treated.by, now=treated.on(day))
    for number in range(1, len(programme_of(course(treated)).text(lesson).parts) + 1):
        finish_part(course=course(treated), lesson=lesson, part=number, by=treated.by, now=treated.on(day))


# ------------------------------------------------------------------------------------------------------ who may


@pytest.mark.parametrize("name", PAGES)
def test_each_sees_her_own_and_nobody_else_hers(treated, name):
    world = treated.world
    for who, person in world.five().items():
        response = get(world.client_of(person), name)
        if who == "owner":
            assert response.status_code == 200
        elif who == "nobody":
            assert response.status_code == 302
        else:
            text = response.content.decode()
            assert not [canary for canary in world.canaries(treated.person) if canary in text], who


@pytest.mark.parametrize("day", [0.1, 6, 28, 60, 100, 150, 180])
def test_no_page_blames_cheers_or_names_a_fault(treated, at, day):
    for name in PAGES:
        assert not NEVER.search(words(get(at(day), name))), name


# ------------------------------------------------------------------------------------------------------ today


def test_today_shows_one_next_step_with_its_minutes(treated, at):
    page = words(get(at(0.2), "today"))
    assert page.count("Your next step") == 1
    assert "Begin lesson 1" in page
    assert re.search(r"about \d+ minutes", page)
    assert "week 1 of 8" in page
    assert "If you write now, you get an answer by" in page


def test_questions_that_are_due_come_before_the_lesson_with_the_day_they_close(treated, at):
    page = words(get(at(6), "today"))
    assert page.index("How was your week?") < page.index("After that, or on another day")
    weekly = Assessment.objects.get(time_point="weekly")
    last = (weekly.closes_at - timedelta(seconds=1)).astimezone(treated.person.zone())
    assert f"open until {last:%A} {last.day} {last:%B}" in page  # what is shown is what is enforced (U4)


def test_signs_for_a_doctor_come_before_everything(treated, at):
    get(at(6), "today")
    at(6).post(reverse("patient:flare"), {"key": str(uuid.uuid4()), "new_pain": "yes"})
    page = words(get(at(6), "today"))
    assert page.index("Signs that a doctor should see") < page.index(
        "Your own small step" if False else "very small step"
    )


def test_a_lesson_is_gone_on_with_where_she_stopped_and_a_practice_may_do(treated, at):
    begin_lesson(course=course(treated), lesson="understanding_pain", by=treated.by, now=treated.on(0.1))
    finish_part(course=course(treated), lesson="understanding_pain", part=1, by=treated.by, now=treated.on(0.1))
    page = words(get(at(1), "today"))
    assert "Go on with lesson 1" in page
    assert "Part 2 of" in page
    assert re.search(r"Just the \d+-minute practice", page)
    assert "everything you wrote is kept" in page.lower()


def test_today_says_what_is_new(treated, at):
    bea = treated.world.asker(treated.world.bea)
    text = "Zqmessage: how was the walk on Friday, and what made it possible?"
    change_path(course=course(treated), lesson="meeting_thoughts", kind="hold", reason="Zqreason, as we said.",
                key=uuid.uuid4(), by=bea, now=treated.on(1))  # fmt: skip
    send_message(person_id=treated.person.pk, text=text, key=uuid.uuid4(), by=bea, now=treated.on(1))
    page = words(get(at(2), "today"))
    assert "1 new message waits for you" in page
    assert "Zqreason, as we said." in page


def test_when_there_is_nothing_to_do_it_says_so_kindly(treated, at):
    do_lesson(treated, "understanding_pain", 0.1)
    page = words(get(at(1), "today"))
    assert "Nothing to do today" in page
    assert "That is as it should be" in page
    assert "opens" in page


def test_the_therapists_successor_is_the_one_who_is_named(treated, at):
    """A therapist leaves: promise and page name who answers now."""
    from accord.service.flows.hand_over_patient import hand_over_patient

    world = treated.world
    hand_over_patient(person_id=treated.person.pk, to=world.carl.pk, by=world.asker(world.bea), now=treated.on(1))
    page = words(get(at(2), "today"))
    assert world.carl.name in page
    assert world.bea.name not in page


def test_today_costs_the_same_with_many_assessments(treated, at, django_assert_max_num_queries):
    client = at(30)
    get(client, "today")
    with django_assert_max_num_queries(75):
        get(client, "today")


# ------------------------------------------------------------------------------------------------------ a flare


def test_c7_the_short_version_is_one_tap_and_says_when_it_ends(treated, at):
    assert "Today: the short version" in words(get(at(1), "today"))
    assert at(1).post(reverse("patient:flare"), {"key": str(uuid.uuid4())}).status_code == 302
    page = words(get(at(1), "today"))
    assert "Lessons wait for you. We will still ask how you are." in page
    assert "ends by itself on" in page
    assert "Five minutes, by the clock" in page
    assert reverse("patient:signs") in get(at(1), "today").content.decode()
    assert "Begin lesson" not in page


def test_c7_her_own_flare_plan_is_shown_in_her_words(treated, at):
    lesson = "keeping_gains"
    change_path(course=course(treated), lesson=lesson, kind="open", reason="Open.", key=uuid.uuid4(),
                by=treated.world.asker(treated.world.bea), now=treated.on(0.1))  # fmt: skip
    begin_lesson(course=course(treated), lesson=lesson, by=treated.by, now=treated.on(0.3))
    save_entry(course=course(treated), lesson=lesson, block="my_flare_plan",
               value={"small_step": "Zqstep: two minutes at the window", "flare_rest": "On the sofa"}, revision=0,
               key=uuid.uuid4(), by=treated.by, now=treated.on(0.4))  # fmt: skip
    treated.flare(1)
    page = words(get(at(1.1), "today"))
    assert "Zqstep: two minutes at the window" in page
    assert "On the sofa" in page


def test_c7_the_short_version_asks_the_minimum_and_ends_by_itself_with_a_gentle_way_back(treated, at):
    treated.flare(28)
    assert "Only the most important ones today" in words(get(at(28.1), "today"))
    page = words(get(at(30.2), "today"))
    assert "Good that you are back" in page
    assert "Nothing is late" in page
    assert Flare.objects.get().ended_at is None


def test_she_ends_it_herself_and_a_double_tap_begins_one(treated, at):
    key = str(uuid.uuid4())
    for _ in range(2):
        at(1).post(reverse("patient:flare"), {"key": key})
    assert Flare.objects.count() == 1
    at(1.1).post(reverse("patient:flare"), {"act": "end"})
    assert "Begin lesson 1" in words(get(at(1.2), "today"))


# ------------------------------------------------------------------------------------------------------ progress


def diary(treated, values, first=1):
    for number, value in enumerate(values, start=first):
        day = 7 * number - 1
        treated.open_due(day)
        for one in treated.asked("weekly"):
            if one.occasion == number:
                treated.answer(one, day, value)


def test_u20_change_is_claimed_only_outside_her_own_variation(treated, at):
    diary(treated, [7, 6, 7, 6, 7, 6])
    page = words(get(at(45), "progress"))
    assert "Pain, by your check-ins: about the same so far" in page
    assert "better than" not in page


def test_u19_each_number_names_its_questionnaire_and_how_many_answers(treated, at):
    diary(treated, [9, 9, 8, 5, 3, 2])
    page = words(get(at(45), "progress"))
    assert "Pain, by your check-ins: better than at the start. 9 then, 2.5 now; lower is better." in page
    assert "Diary ratings, 6 answers" in page
    assert "We speak of a change when" in page


def test_behind_each_picture_stands_a_table(treated, at):
    diary(treated, [7, 6, 7])
    page = get(at(24), "progress").content.decode()
    assert page.count("<svg") == 2 * page.count("<table")
    assert page.count("<table") >= 4


def test_c6_scores_from_demonstration_wording_are_not_judged(treated, at):
    diary(treated, [3], first=1)
    for day, value in ((28, 9), (57, 1)):
        treated.open_due(day)
        for one in treated.asked():
            if one.time_point in ("mid", "post") and not one.submitted_at and not one.closed_at:
                treated.answer(one, day, min(value, 1) if one.time_point == "post" else 0)
    page = words(get(at(60), "progress"))
    assert "demonstration wording" in page
    assert "How much pain gets in the way: better" not in page


# ------------------------------------------------------------------------------------------------------ settings


def test_she_chooses_hour_zone_and_pause(treated, at):
    given = {"on": "yes", "hour": "18", "zone": "America/Santiago", "until": "2099-01-01"}
    assert at(1).post(reverse("patient:settings"), given).status_code == 400
    until = treated.on(9).date()
    assert at(1).post(reverse("patient:settings"), given | {"until": str(until)}).status_code == 302
    row = Person.objects.get(pk=treated.person.pk)
    assert (row.reminders, row.reminder_hour, row.time_zone) == (True, 18, "America/Santiago")
    assert row.pause_reminders_until == until


def test_of_two_windows_the_later_form_counts_as_a_whole(treated, at):
    one = {"on": "yes", "hour": "9", "zone": "Europe/London", "until": ""}
    other = {"hour": "17", "zone": "Europe/Paris", "until": ""}
    at(1).post(reverse("patient:settings"), one)
    at(1).post(reverse("patient:settings"), other)
    row = Person.objects.get(pk=treated.person.pk)
    assert (row.reminders, row.reminder_hour, row.time_zone) == (False, 17, "Europe/Paris")


@pytest.mark.parametrize("wrong", [{"hour": "3"}, {"hour": "x"}, {"zone": "Moon/Base"}, {"until": "soon"}])
def test_what_cannot_be_is_said_and_kept_on_the_page(treated, at, wrong):
    given = {"on": "yes", "hour": "9", "zone": "Europe/London", "until": ""} | wrong
    response = at(1).post(reverse("patient:settings"), given)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert Person.objects.get(pk=treated.person.pk).reminder_hour == 10


def test_u2_she_reads_why_a_mail_did_not_come(treated, at):
    Work.objects.create(kind="assessment-due", to=str(treated.person.pk), occasion="x", channel="email",
                        not_before=treated.on(0), made_at=treated.on(0), state="dropped", done_at=treated.on(1),
                        reason="The questions have been answered.")  # fmt: skip
    assert "The questions have been answered." in words(get(at(1), "settings"))


def test_u9_a_shared_device_locks_soon_and_asks_who_is_there(treated, at, settings):
    settings.SESSION_IDLE_SECONDS = {"staff": 1800, "patient": 3600}
    client = at(1)
    assert "Not you?" in words(get(client, "today"))
    client.post(reverse("patient:device"), {"shared": "yes"})
    assert get(at(1 + 4 / 1440, client), "today").status_code == 200
    locked = get(at(1 + 11 / 1440, client), "progress")
    assert locked.status_code == 302
    assert locked.url.endswith(f"?next={reverse('patient:progress')}")  # where she was going is kept (U11)


def test_u11_a_link_from_a_mail_survives_the_log_in(treated):
    from plugins.world import PASSWORD

    client = treated.world.client_of(None)
    sent = client.get(reverse("patient:messages"))
    landed = client.post(sent.url, {"login": treated.person.email, "password": PASSWORD})
    assert (landed.status_code, landed.url) == (302, reverse("patient:messages"))


# ------------------------------------------------------------------------------------------------------ my data


def unpacked(response):
    assert response["Content-Disposition"].startswith("attachment")
    file = zipfile.ZipFile(io.BytesIO(response.content))
    return file.read("my-data.html").decode(), json.loads(file.read("my-data.json"))


def test_my_data_is_one_file_with_all_she_gave(treated, at):
    send_message(person_id=treated.person.pk, text="Zqwrote <b>", key=uuid.uuid4(), by=treated.by, now=treated.on(1))
    begin_lesson(course=course(treated), lesson="understanding_pain", by=treated.by, now=treated.on(1))
    save_entry(course=course(treated), lesson="understanding_pain", block="my_pain", value={"where": "Zqhurts"},
               revision=0, key=uuid.uuid4(), by=treated.by, now=treated.on(1))  # fmt: skip
    page, held = unpacked(at(2).post(reverse("patient:download")))
    assert "Zqwrote &lt;b&gt;" in page
    assert held["parts"]["messages"][0]["text"] == "Zqwrote <b>"
    assert held["parts"]["you"][0]["name"] == treated.person.name
    assert held["parts"]["questions"][0]["said"]
    assert held["parts"]["questions"][0]["sent_at"]
    assert held["parts"]["lessons"]
    for other in (treated.world.joy, treated.world.ivo):
        assert not [canary for canary in treated.world.canaries(other) if canary in page + json.dumps(held)]


def test_my_data_is_not_fetched_by_a_link(treated, at):
    assert at(1).get(reverse("patient:download")).status_code == 405


# ------------------------------------------------------------------------------------------------------ leaving


def consented(treated):
    from accord.service.episodes.models import Consent
    from accord.service.library.queries import latest

    text = latest("text", "consent-care", "en")
    Consent.objects.create(episode=treated.episode, person=treated.person, snapshot=text,
                           scopes=["care", "questionnaires", "service-evaluation"], given_at=treated.on(0))  # fmt: skip


def end(client, what):
    first = client.post(reverse("patient:leave"), {"what": what})
    assert "What stays:" in words(first)
    return client.post(reverse("patient:leave"), {"what": what, "sure": "yes"})


def test_she_ends_the_treatment_and_is_still_asked(treated, at):
    consented(treated)
    assert end(at(3), "treatment").status_code == 302
    assert episodes.state(treated.episode) is State.STOPPED
    page = words(get(at(6), "today"))
    assert "How was your week?" not in page  # the weeks of a treatment that has ended are not asked about
    assert "lesson 1" not in page
    assert "How you are after the programme" in words(get(at(57), "today"))
    assert Work.objects.filter(kind="person-left", to=str(treated.world.bea.pk)).count() == 1
    scopes = episodes.consent_of(treated.by, treated.episode).scopes
    assert scopes == ["questionnaires", "service-evaluation"]


def test_she_ends_everything_and_nothing_is_asked_or_sent(treated, at):
    consented(treated)
    get(at(6), "today")
    assert Assessment.objects.filter(time_point="weekly", closed_at=None).exists()
    end(at(6), "everything")
    assert episodes.state(treated.episode) is State.WITHDRAWN
    assert not Assessment.objects.filter(submitted_at=None, closed_at=None).exists()
    treated.open_due(14)
    assert not Assessment.objects.filter(submitted_at=None, closed_at=None).exists()
    assert "Nothing is waiting for you" in words(get(at(14), "today"))
    assert unpacked(at(14).post(reverse("patient:download")))[1]["parts"]["questions"]


def test_she_takes_one_use_back_and_the_treatment_goes_on(treated, at):
    consented(treated)
    end(at(3), "service-evaluation")
    assert episodes.state(treated.episode) is State.ENROLLED
    assert episodes.consent_of(treated.by, treated.episode).scopes == ["care", "questionnaires"]
    assert "service works" not in words(get(at(3), "leave"))


def test_leaving_asks_twice_and_nothing_chosen_ends_nothing(treated, at):
    assert at(3).post(reverse("patient:leave"), {"sure": "yes"}).status_code == 400
    at(3).post(reverse("patient:leave"), {"what": "everything"})
    assert episodes.state(treated.episode) is State.ENROLLED


def test_the_way_ends_when_the_last_questions_are_over(treated, at):
    from accord.service.flows.end_course import end_course

    assert end_course(now=treated.on(168)) == 0
    treated.open_due(150)
    for one in treated.asked("follow_up"):
        treated.answer(one, 150)
    assert end_course(now=treated.on(150.1)) == 1
    assert end_course(now=treated.on(150.2)) == 0
    assert "has come to its end" in words(get(at(151), "today"))


def test_who_never_answered_is_discharged_when_the_window_is_over(treated):
    from accord.service.flows.end_course import end_course

    assert end_course(now=treated.on(168)) == 0
    assert end_course(now=treated.on(170)) == 1


def test_after_she_withdrew_by_staff_her_page_is_quiet(treated, at):
    add_step(episode=treated.episode, kind=StepKind.WITHDRAWN, by=SERVICE, now=treated.on(3))
    assert "Nothing is waiting for you" in words(get(at(4), "today"))


def test_c37_no_questionnaire_is_named_by_a_word_that_blames(treated, at):
    for day in (57, 141):
        treated.open_due(day)
        for one in treated.asked():
            if one.time_point in ("post", "follow_up") and not one.submitted_at and not one.closed_at:
                treated.answer(one, day)
    page = words(get(at(142), "progress"))
    assert "Worry about pain" in page
    assert "PCS, 2 answers" in page
    assert not NEVER.search(page)
