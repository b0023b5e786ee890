"""A patient's pages: who may open them, what they say, and that nothing she sends is lost."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.questions import SAFETY, next_open
from accord.service.care.models import Alert
from accord.service.episodes import queries as episodes
from accord.service.flows.open_screening import open_screening
from accord.service.people import actions as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def screening(published):
    """Ana, treated by Bea, in the middle of her first questions; `published.now` is when."""
    from plugins.world import enrolled

    world = published
    episode = enrolled(world.ana, world.now, steps=("referred",))
    people.change_contact(person=world.ana, phone="0123", by=world.asker(world.ana), now=world.now)
    return open_screening(episode_id=episode.pk, by=world.asker(world.ana), now=world.now)


def number_of(assessment, instrument, item):
    return next(slot.number for slot in assessments.slots(assessment) if slot.key == (instrument, item))


def at(assessment, instrument="safety_check", item="item_1"):
    return reverse("patient:question", args=[assessment.pk, number_of(assessment, instrument, item)])


def fields(page):
    """The hidden fields of a question's page."""
    names = ("key", "revision", "draft_revision")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page.content.decode()) for name in names}
    return {name: match.group(1) for name, match in found.items() if match}


def send(client, url, answer=None, act="next", **more):
    given = fields(client.get(url)) | {"act": act} | more
    return client.post(url, given if answer is None else given | {"answer": answer})


OWN_PAGES = ("today", "contact", "crisis", "messages", "paused", "note")


@pytest.mark.parametrize("name", OWN_PAGES)
def test_her_own_pages_are_for_patients_and_applicants(published, screening, name):
    answers = {
        who: published.client_of(person).get(reverse(f"patient:{name}")).status_code
        for who, person in published.five().items()
    }
    assert answers == {"owner": 200, "therapist": 404, "colleague": 404, "stranger": 200, "nobody": 302}


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_stranger_sees_her_own_page_and_nothing_of_ana(published, screening, name):
    page = published.client_of(published.joy).get(reverse(f"patient:{name}")).content.decode()
    assert not [canary for canary in published.canaries(published.ana) if canary in page]


@pytest.mark.parametrize("name", ["question", "review", "thanks"])
def test_her_questions_are_hers_alone(published, screening, name):
    args = [screening.pk, 1] if name == "question" else [screening.pk]
    url = reverse(f"patient:{name}", args=args)
    opened = {who: published.client_of(person).get(url).status_code for who, person in published.five().items()}
    assert opened == {
        "owner": 200 if name == "question" else 302,
        "therapist": 404,
        "colleague": 404,
        "stranger": 404,
        "nobody": 302,
    }
    sent = {
        who: published.client_of(person).post(url, {}).status_code
        for who, person in published.five().items()
        if who != "owner"
    }
    assert sent.pop("nobody") == 302
    assert set(sent.values()) <= {404, 405}
    assert screening.answers.count() == 0


def test_a_question_says_where_she_is_and_what_she_can_do(published, screening):
    page = published.client_of(published.ana).get(reverse("patient:question", args=[screening.pk, 1])).content.decode()
    for words in ("Question 1 of 13", "How old are you?", "Pause", "I would rather not answer", "I need help now"):
        assert words in page
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1)
    assert title.split() == ["1", "of", "13", "–", "Accord"]  # neutral: nothing about what is asked (C41)


def test_an_answer_is_kept_and_the_next_question_comes(published, screening):
    client = published.client_of(published.ana)
    sent = send(client, reverse("patient:question", args=[screening.pk, 1]), "44")
    assert sent.url == reverse("patient:question", args=[screening.pk, 2])
    assert assessments.answers_to_questions(screening) == {"age": 44}
    assert "Saved " in client.get(sent.url).content.decode()


def test_a_risk_answer_leads_to_the_crisis_page_at_once(published, screening):
    client = published.client_of(published.ana)
    sent = send(client, at(screening), "2")
    assert sent.url == reverse("patient:crisis")
    page = client.get(sent.url).content.decode()
    assert "999" in page
    assert "116 123" in page  # her clinic is in the United Kingdom
    assert "Three short questions" in page
    assert re.search(r"reads your answer by <strong>\w+day \d+ \w+, \d\d:\d\d</strong>", page)
    assert Alert.objects.get(person=published.ana).clock == "r2"


def test_the_same_page_sent_twice_is_one_answer(published, screening):
    client = published.client_of(published.ana)
    given = fields(client.get(at(screening))) | {"act": "next", "answer": "2"}
    first, again = (client.post(at(screening), given) for _ in range(2))
    assert first.url == again.url == reverse("patient:crisis")
    assert screening.answers.count() == 1


def test_two_windows_show_both_answers_and_overwrite_nothing(published, screening):
    client = published.client_of(published.ana)
    url = at(screening)
    one, two = (fields(client.get(url)) for _ in range(2))
    client.post(url, one | {"act": "next", "answer": "1"})
    conflict = client.post(url, two | {"act": "next", "answer": "0"})
    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "now and then" in page
    assert "not at all" in page
    assert assessments.current(screening)[SAFETY, "item_1"].value == 1
    client.post(url, fields(conflict) | {"act": "next", "answer": "0"})
    assert assessments.current(screening)[SAFETY, "item_1"].value == 0


def test_left_out_is_asked_once_more_in_plain_words_c2(published, screening):
    client = published.client_of(published.ana)
    sent = send(client, at(screening), act="skip")
    assert sent.url == at(screening)
    assert "That is all right. Are you safe today?" in client.get(sent.url).content.decode()
    assert send(client, at(screening), act="skip").url != at(screening)
    assert Alert.objects.get(person=published.ana).clock == "r1"


@pytest.mark.parametrize("act", ["pause", "back"])
def test_what_is_chosen_is_kept_also_when_she_leaves(published, screening, act):
    client = published.client_of(published.ana)
    send(client, reverse("patient:question", args=[screening.pk, 2]), "30", act=act)
    assert assessments.answers_to_questions(screening) == {"pain_months": 30}


@pytest.mark.parametrize("answer", ["7", "-1", "1.5", "x", "", "0\0", "١"])
def test_what_was_not_offered_is_not_taken(published, screening, answer):
    sent = send(published.client_of(published.ana), at(screening), answer)
    assert sent.status_code == 400
    assert "Choose one of the answers" in sent.content.decode()
    assert screening.answers.count() == 0


def test_a_number_out_of_range_is_shown_again_with_what_is_allowed(published, screening):
    sent = send(published.client_of(published.ana), reverse("patient:question", args=[screening.pk, 1]), "4000")
    page = sent.content.decode()
    assert (sent.status_code, 'value="4000"' in page) == (400, True)
    assert "between 0 and 120" in page


@pytest.mark.parametrize("key", ["", "not-a-key", "\0"])
def test_a_forged_page_is_refused_in_words(published, screening, key):
    sent = send(published.client_of(published.ana), at(screening), "0", key=key)
    assert sent.status_code == 400
    assert "was not complete" in sent.content.decode()


def test_an_unknown_page_number_leads_to_the_open_question(published, screening):
    client = published.client_of(published.ana)
    assert client.get(reverse("patient:question", args=[screening.pk, 999])).url == reverse(
        "patient:question", args=[screening.pk, 1]
    )
    assert client.get(reverse("patient:question", args=[uuid.uuid4(), 1])).status_code == 404


def walk(client, assessment, **chosen):
    """Answer everything through the pages; `chosen` by item, "0" or the first answer otherwise."""
    for _ in range(200):
        held = assessments.held(assessments.current(assessment))
        slot = next_open(assessments.slots(assessment), held)
        if slot is None:
            return
        send(client, reverse("patient:question", args=[assessment.pk, slot.number]), chosen.get(slot.item, "0"))


def test_the_whole_way_in_through_the_pages(published):
    from plugins.world import enrolled

    world = published
    enrolled(world.ana, world.now, steps=("referred",))
    client = world.client_of(world.ana)
    assert "Tell us how to reach you" in client.get(reverse("patient:today")).content.decode()
    said = {"name": "Zqana", "phone": "0123", "country": "GB", "where": "Zqtown", "emergency_contact": ""}
    assert client.post(reverse("patient:contact"), said | {"phone": ""}).status_code == 400
    first = client.post(reverse("patient:contact"), said)
    screening = assessments.assessments_of(world.asker(world.ana), world.ana.pk)[0]
    assert first.url == reverse("patient:question", args=[screening.pk, 1])
    walk(client, screening, age="44", pain_months="30", pain_seen_by_doctor="yes", doctor_seen="1")
    assert "You have reached the end" in client.get(reverse("patient:review", args=[screening.pk])).content.decode()
    assert client.post(reverse("patient:review", args=[screening.pk])).url == reverse("patient:today")
    assert "This programme fits" in client.get(reverse("patient:today")).content.decode()
    page = client.get(reverse("patient:consent"))
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode()).group(1)
    assert client.post(reverse("patient:consent"), {"seen": seen}).status_code == 400
    begun = client.post(reverse("patient:consent"), {"seen": seen, "agree": "yes"})
    baseline = assessments.assessments_of(world.asker(world.ana), world.ana.pk)[1]
    assert begun.url == reverse("patient:question", args=[baseline.pk, 1])
    page = client.get(begun.url).content.decode()
    assert "Item 1 of 7 (topic: activity)" in page  # C6: no wording pack here
    chosen = {"gender": "woman", "education": "none", "employment": "other", "item_1": "0"}
    walk(client, baseline, **chosen)
    sent = client.post(reverse("patient:review", args=[baseline.pk]))
    thanks = client.get(sent.url).content.decode()
    assert re.search(r"reads them by <strong>\w+day \d+ \w+, \d\d:\d\d</strong>", thanks)
    scores = {score.instrument for score in baseline.scores.all()}
    assert "demo:phq_9" in scores
    assert "safety_check" in scores
    assert not [score.band for score in baseline.scores.all() if score.instrument.startswith("demo:") and score.band]
    assert "Begin lesson 1" in client.get(reverse("patient:today")).content.decode()


def test_who_does_not_fit_reads_why_and_what_else_helps(published, screening):
    client = published.client_of(published.ana)
    walk(client, screening, age="44", pain_months="1", pain_seen_by_doctor="yes")
    client.post(reverse("patient:review", args=[screening.pk]))
    page = client.get(reverse("patient:today")).content.decode()
    assert "Your pain is quite new" in page
    assert "Talk to your doctor" in page
    for word in ("not eligible", "rejected", "failed"):
        assert word not in page


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "x" * 6000])
def test_a_message_that_cannot_be_sent_is_still_on_the_page(published, screening, text):
    client = published.client_of(published.ana)
    key = re.search(r'name="key" value="([^"]*)"', client.get(reverse("patient:messages")).content.decode()).group(1)
    sent = client.post(reverse("patient:messages"), {"key": key, "text": text, "act": "send"})
    assert sent.status_code == 400
    if text.strip():
        assert text.replace("\0", "")[:3] in sent.content.decode()


def test_a_message_arrives_once_and_says_when_it_is_answered(published, screening):
    client = published.client_of(published.ana)
    url = reverse("patient:messages")
    key = re.search(r'name="key" value="([^"]*)"', client.get(url).content.decode()).group(1)
    for _ in range(2):
        assert client.post(url, {"key": key, "text": "Zqwords नमस्ते مرحبا", "act": "send"}).url == url
    page = client.get(url).content.decode()
    assert page.count("Zqwords") == 1
    assert "You get an answer by" in page


def test_asking_to_be_called_is_told_at_once(published, screening):
    client = published.client_of(published.ana)
    key = re.search(r'name="key" value="([^"]*)"', client.get(reverse("patient:crisis")).content.decode()).group(1)
    client.post(reverse("patient:help_now"), {"key": key})
    client.post(reverse("patient:help_now"), {"key": key})
    assert [alert.clock for alert in Alert.objects.filter(person=published.ana)] == ["r3"]
    page = client.get(reverse("patient:crisis")).content.decode()
    assert "You asked to be called. A clinician takes this up by" in page
    assert "Your request to be called has arrived." in page
    assert "You told us about thoughts" not in page  # she has not


def test_the_question_page_asks_the_database_no_more_with_many_answers(
    published, screening, django_assert_max_num_queries
):
    client = published.client_of(published.ana)
    url = reverse("patient:question", args=[screening.pk, 14])
    with django_assert_max_num_queries(14):
        client.get(url)


def test_episodes_state_is_read_by_the_page_of_today(published, screening):
    assert str(episodes.state(screening.episode)) == "screening"


def _queries(client, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("name", ["today", "question", "messages", "crisis"])
def test_a_page_asks_the_database_the_same_with_ten_and_with_a_thousand_rows(published, screening, name):
    from accord.service.assessments.models import Answer, Assessment
    from accord.service.messaging.models import Message, Thread

    client = published.client_of(published.ana)
    url = reverse("patient:question", args=[screening.pk, 1]) if name == "question" else reverse(f"patient:{name}")
    thread = Thread.objects.create(person=published.ana, made_at=published.now)

    def add(first, last):
        now = published.now
        made = [
            Assessment(
                episode=screening.episode, person=published.ana, time_point="weekly", occasion=number,
                instruments=["safety_check"], opens_at=now, made_at=now, submitted_at=now,
            )
            for number in range(first, last)
        ]  # fmt: skip
        Assessment.objects.bulk_create(made)
        Answer.objects.bulk_create(
            Answer(assessment=one, instrument="safety_check", item="item_1", revision=1, key=one.pk, value=1, at=now)
            for one in made
        )
        Message.objects.bulk_create(
            Message(thread=thread, sequence=number + 1, author=published.bea, key=uuid.uuid4(), text="x", sent_at=now)
            for number in range(first, last)
        )

    add(0, 10)
    few = _queries(client, url)
    add(10, 1000)
    assert _queries(client, url) == few


def test_in_production_no_questionnaire_opens_without_its_wording_c6(published, settings):
    from accord.service.assessments.policies import check_can_open
    from accord.service.errors import NotNow

    wordings = assessments.wordings_for(["safety_check", "phq_9", "questions:age"], "en")
    assert wordings == {"safety_check": "own", "phq_9": "topics only", "questions:age": "own"}
    check_can_open(wordings)
    settings.PRODUCTION = True
    with pytest.raises(NotNow, match="phq_9"):
        check_can_open(wordings)


def test_a_text_that_is_too_long_is_kept_as_a_draft_when_she_pauses(published, screening):
    screening.instruments = ["questions:main_language"]
    screening.save()
    client = published.client_of(published.ana)
    url = reverse("patient:question", args=[screening.pk, 1])
    assert send(client, url, "x" * 6000, act="pause").url == reverse("patient:paused")
    assert "x" * 5000 in client.get(url).content.decode()
    sent = send(client, url, "हिन्दी")
    assert sent.url == reverse("patient:review", args=[screening.pk])
    assert screening.drafts.count() == 0
    assert assessments.answers_to_questions(screening) == {"main_language": "हिन्दी"}


def test_what_she_wrote_is_not_readable_in_the_database(published, screening):
    from django.db import connection

    screening.instruments = ["questions:main_language"]
    screening.save()
    send(published.client_of(published.ana), reverse("patient:question", args=[screening.pk, 1]), "Zqlanguage")
    with connection.cursor() as cursor:
        cursor.execute("select text from assessments_answer")
        assert not [row for row in cursor.fetchall() if "Zqlanguage" in row[0]]


def test_anothers_questions_and_none_at_all_look_the_same(published, screening):
    client = published.client_of(published.joy)
    pages = [client.get(reverse("patient:question", args=[key, 1])) for key in (screening.pk, uuid.uuid4())]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].content == pages[1].content


def test_a_clinic_without_any_clinician_leaves_her_pages_open(published, screening, monkeypatch):
    from accord.service.errors import NotNow
    from accord.service.portals.patient import shared

    def nobody(_person_id, _now):
        raise NotNow("Nobody answers for people of this clinic.")

    monkeypatch.setattr(shared, "accountable_for", nobody)
    monkeypatch.setattr("accord.service.care.actions.raising.accountable_for", nobody)
    client = published.client_of(published.ana)
    assert published.clinic.name in client.get(reverse("patient:messages")).content.decode()
    assert client.get(reverse("patient:today")).status_code == 200
    assert send(client, at(screening), "3").url == reverse("patient:crisis")
    assert client.get(reverse("patient:crisis")).status_code == 200
    assert Alert.objects.filter(person=published.ana).exists()  # kept all the same: it heads the clinic's page


def test_what_is_typed_is_kept_as_it_is_typed_and_never_over_something_newer(published, screening):
    client = published.client_of(published.ana)
    url = reverse("patient:messages")
    page = client.get(url)
    assert b"ui/drafts" in page.content
    one = client.post(url, {"act": "autosave", "text": "Half a sen", "revision": "0"})
    assert one.status_code == 200
    assert "Kept at" in one.json()["said"]
    two = client.post(url, {"act": "autosave", "text": "Half a sentence", "revision": str(one.json()["revision"])})
    assert two.json()["revision"] > one.json()["revision"]
    stale = client.post(url, {"act": "autosave", "text": "An older page", "revision": "0"})
    assert stale.status_code == 409
    assert "newer" in stale.json()["said"]
    assert "Half a sentence" in client.get(url).content.decode()
