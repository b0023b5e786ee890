"""The patient's lesson pages: who may open them, that every block keeps what she writes, and that nothing is lost."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.science.programmes import load_programme
from accord.service.access.table import SERVICE
from accord.service.episodes import actions as episodes
from accord.service.library import queries as library
from accord.service.library.queries import programme_snapshot
from accord.service.programmes import actions, queries
from pages.test_weight import LIMIT, weigh
from plugins.world import PASSWORD, enrolled

pytestmark = pytest.mark.django_db
FIRST, SECOND, BODY, STEPS, LAST = (
    "understanding_pain", "meeting_thoughts", "body_at_rest", "steps_that_matter", "keeping_gains",
)  # fmt: skip
PROGRAMME = load_programme("living-with-pain")
PAGES = {
    "lessons": "/my/lessons", "lesson": f"/my/lessons/{FIRST}", "part": f"/my/lessons/{FIRST}/1",
    "block": f"/my/lessons/{FIRST}/boxes/my_pain", "guide": f"/my/lessons/{FIRST}/guides/week_one",
    "lesson_print": f"/my/lessons/{FIRST}/print", "practice": "/my/practices/settling",
    "practised": "/my/practices/settling/kept", "steady": "/my/practices/settling/steady",
    "plan": "/my/plan", "signs": "/my/signs",
}  # fmt: skip
CLEAR = {"red_flags.any": False, "red_flags.worse_after_effort": 0, "body_practice_caution": "no"}


@pytest.fixture
def course(published, monkeypatch):
    """Ana's course, begun three weeks ago; nothing done yet. The published programme is built once for all tests."""
    monkeypatch.setattr(library, "_programme", lambda _snapshot_id: PROGRAMME)
    then = published.now - timedelta(days=21)
    episode = enrolled(published.ana, then)
    episodes.set_anchor(episode=episode, name="treatment-start", at=then, by=SERVICE, now=then)
    return actions.begin_course(
        episode=episode, snapshot=programme_snapshot("living-with-pain"), length="standard", by=SERVICE, now=then
    )


@pytest.fixture
def ana(published, course):
    """Ana's browser."""
    return published.client_of(published.ana)


def part_url(number, lesson=FIRST):
    return reverse("patient:part", args=[lesson, number])


def hidden(page):
    """Every hidden field of a page, as a browser sends it."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))


def send(client, url, given, act="next", page=None):
    """The form of a page, with what she typed: as a browser without JavaScript sends it."""
    return client.post(url, hidden(page or client.get(url)) | {"act": act} | given)


def words(page):
    plain = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(plain.split())


def open_lessons(published, course, *lessons):
    for lesson in lessons:
        actions.change_path(
            course=course, lesson=lesson, kind="open", reason="We agreed on it.", key=uuid.uuid4(), by=SERVICE,
            now=published.now,
        )  # fmt: skip


def known(monkeypatch, **facts):
    """What is known about her, as her answers would tell it."""
    from accord.service.programmes.rules import facts as rules

    found = {name.replace("__", "."): value for name, value in facts.items()}
    monkeypatch.setattr(rules, "facts", lambda *_given: dict(found))


# --- who, how heavy, how many queries -------------------------------------------------------------------------------


def test_her_lessons_are_hers_alone_and_light(published, course):
    """Owner, her therapist, a colleague, a stranger with a log-in and no course, nobody; each page under 100 kB."""
    for name, path in PAGES.items():
        pages = {who: published.client_of(one).get(path) for who, one in published.five().items()}
        everybodys = name in ("lessons", "plan", "signs")
        assert {who: page.status_code for who, page in pages.items()} == {
            "owner": 200, "therapist": 404, "colleague": 404, "stranger": 200 if everybodys else 404, "nobody": 302,
        }, name  # fmt: skip
        assert weigh(pages["owner"]) < LIMIT, name
        title = re.search(r"<title>(.*?)</title>", pages["owner"].content.decode(), re.DOTALL).group(1)
        assert not re.search("pain|thought", title, re.IGNORECASE), title  # C41
    for who in ("therapist", "colleague", "stranger"):
        client = published.client_of(published.five()[who])
        assert client.post(PAGES["part"], {"act": "next", "key": str(uuid.uuid4())}).status_code == 404
        assert client.post(PAGES["block"], {"act": "save", "key": str(uuid.uuid4())}).status_code == 404
        assert client.post(PAGES["practice"], {"felt": "frightened", "key": str(uuid.uuid4())}).status_code == 404
    assert queries.entries(SERVICE, published.ana.pk) == []


def test_every_part_of_every_lesson_opens_and_is_light_and_asks_a_constant_number_of_queries(
    published, course, ana, monkeypatch
):
    known(monkeypatch, **{name.replace(".", "__"): value for name, value in CLEAR.items()})
    open_lessons(published, course, SECOND, BODY, STEPS, LAST)
    counts = {}
    ana.get(part_url(1))  # the first request of a browser asks more
    for lesson in PROGRAMME.lessons:
        for number, part in enumerate(PROGRAMME.text(lesson.id).parts, 1):
            with CaptureQueriesContext(connection) as asked:
                page = ana.get(part_url(number, lesson.id))
            assert page.status_code == 200
            assert part.title.split("“")[0][:20] in words(page)
            assert weigh(page) < LIMIT
            counts[lesson.id, number] = len(asked)
    for block in ("my_pain", "my_circle", "what_matters", "before_you_go"):
        for revision in range(3):
            actions.save_entry(
                course=course, lesson=FIRST, block=block, value={"x": f"{revision}"}, revision=revision,
                key=uuid.uuid4(), by=published.asker(published.ana), now=published.now,
            )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        ana.get(part_url(1))
    assert max(counts.values()) - min(counts.values()) <= 3
    assert abs(len(asked) - counts[FIRST, 1]) <= 1
    assert len(asked) < 60


# --- lessons, one lesson --------------------------------------------------------------------------------------------


def test_all_lessons_say_their_state_the_reason_and_whose_programme_it_is(published, course, ana):
    page = words(ana.get(PAGES["lessons"]))
    assert "Lesson 1 · open" in page
    assert "This opens when you have done “Understanding pain, and the plan”" in page
    assert re.search(r"Lesson 4 · opens \w+day \d+ \w+|Lesson 4 · not open yet", page)
    assert "draft, not clinically reviewed" in page  # C11
    assert "It is not the one tested in Dear 2023" in page
    shut = ana.get(reverse("patient:lesson", args=[SECOND]))
    assert "This lesson is not open yet" in words(shut)
    assert ana.get(part_url(1, SECOND)).url == reverse("patient:lesson", args=[SECOND])
    assert ana.post(reverse("patient:lesson", args=[SECOND])).status_code == 409
    for stranger in ("no_such_lesson", "understanding-pain"):
        assert ana.get(reverse("patient:lesson", args=[stranger])).status_code == 404
    assert ana.get(part_url(99)).url == PAGES["lesson"]
    assert ana.get(reverse("patient:block", args=[FIRST, "maria"])).status_code == 404


def test_a_lesson_is_begun_by_a_button_and_gone_on_with_where_she_stopped(published, course, ana):
    assert "Pain is real" in words(ana.get(PAGES["lesson"]))
    assert not course.marks.exists()  # opening a page begins nothing
    assert ana.post(PAGES["lesson"]).url == part_url(1)
    assert send(ana, part_url(1), {}).url == part_url(2)
    assert ana.post(PAGES["lesson"]).url == part_url(2)
    assert send(ana, part_url(2), {}, act="pause").url == reverse("patient:paused")
    assert send(ana, part_url(2), {}, act="back").url == part_url(1)
    for number in (2, 3, 4, 6, 5):
        last = send(ana, part_url(number), {})
    assert last.url == PAGES["lesson"]
    page = words(ana.get(last.url))
    assert "You have done this lesson" in page
    assert "Next comes “Meeting hard thoughts”" in page
    assert "Lesson 1 · done" in words(ana.get(PAGES["lessons"]))


# --- writing --------------------------------------------------------------------------------------------------------


def test_what_she_writes_is_kept_with_its_time_and_who_reads_it(published, course, ana):
    given = {"my_pain.pain_in_my_words": "Like a wet coat", "my_pain.companions": ["fog", "mood"]}
    assert send(ana, part_url(1), given).url == part_url(2)
    saved = queries.entry(course, FIRST, "my_pain")
    assert saved.value == {"pain_in_my_words": "Like a wet coat", "companions": ["fog", "mood"]}
    page = ana.get(part_url(1))
    assert "Like a wet coat" in page.content.decode()
    assert re.search(r"Saved \w+day \d+ \w+, \d\d:\d\d", words(page))
    assert re.search(r"Bea Zqbeaname reads by \w+day \d+ \w+, \d\d:\d\d", words(page))
    assert page.content.decode().count(reverse("patient:crisis")) >= 2  # at the top and beside the boxes (C15)
    send(ana, part_url(1), {"my_pain.pain_in_my_words": "Like a wet coat", "my_pain.companions": ["fog", "mood"]})
    assert course.entries.count() == 1  # the same again is nothing new
    send(ana, part_url(1), {"my_pain.pain_in_my_words": ""})
    assert queries.entry(course, FIRST, "my_pain").value == {}  # she may take it back; the earlier one is kept


def test_what_cannot_be_kept_comes_back_as_it_was_typed_and_the_rest_is_saved(published, course, ana):
    given = {
        "what_matters.more_of": "Laughing",
        "first_step.first_step": "To the corner",
        "first_step.step_minutes": "ten",
    }
    page = send(ana, part_url(4), given)
    html = page.content.decode()
    assert page.status_code == 400
    assert "Write a number, with digits." in html
    assert 'href="#first_step-step_minutes"' in html
    assert 'value="ten"' in html
    assert "To the corner" in html
    assert queries.entry(course, FIRST, "what_matters").value == {"more_of": "Laughing"}
    assert queries.entry(course, FIRST, "first_step") is None
    again = ana.get(part_url(4))  # she closed the page: what she typed is kept as a draft
    assert "It is kept, and not saved for your therapist yet" in words(again)
    assert 'value="To the corner"' in again.content.decode()
    assert send(ana, part_url(4), given, act="pause").url == reverse("patient:paused")
    sent = send(ana, part_url(4), given | {"first_step.step_minutes": "10"})
    assert sent.status_code == 302
    assert queries.entry(course, FIRST, "first_step").value == {"first_step": "To the corner", "step_minutes": 10}
    assert queries.draft(course, FIRST, "first_step") is None


def test_a_text_that_cannot_be_stored_is_refused_with_the_reason(published, course, ana):
    """A zero byte; a million characters."""
    for typed, said, kept in (("a\0b", "cannot be stored", "ab"), ("x" * 1_000_000, "up to 5,000", "x" * 5_000)):
        page = send(ana, part_url(1), {"my_pain.pain_in_my_words": typed})
        assert page.status_code == 400
        assert said in words(page)
        assert f">{kept}</textarea>" in page.content.decode()
    assert course.entries.count() == 0


def test_u8_two_windows_show_both_versions_and_overwrite_nothing(published, course, ana):
    url = part_url(1)
    one, two = ana.get(url), ana.get(url)
    send(ana, url, {"my_pain.pain_in_my_words": "From the kitchen"}, page=one)
    conflict = send(ana, url, {"my_pain.pain_in_my_words": "From the bedroom"}, page=two)
    assert conflict.status_code == 409
    assert "From the kitchen" in words(conflict)
    assert "From the bedroom" in words(conflict)
    assert queries.entry(course, FIRST, "my_pain").value == {"pain_in_my_words": "From the kitchen"}
    taken = ana.post(reverse("patient:block", args=[FIRST, "my_pain"]), hidden(conflict) | {"act": "save"})
    assert taken.url == f"{url}#my_pain"
    assert queries.entry(course, FIRST, "my_pain").value == {"pain_in_my_words": "From the bedroom"}
    assert [one.value["pain_in_my_words"] for one in queries.earlier(course, FIRST, "my_pain")] == [
        "From the kitchen", "From the bedroom",
    ]  # fmt: skip


def test_u8_the_same_page_sent_twice_is_kept_once_and_a_forged_one_refused_in_words(published, course, ana):
    page = ana.get(part_url(1))
    for _ in range(2):
        sent = send(ana, part_url(1), {"my_pain.pain_in_my_words": "Once"}, page=page)
        assert sent.url == part_url(2)
    assert course.entries.count() == 1
    forged = ana.post(
        part_url(1), {"act": "next", "key": "x", "my_pain.revision": "0", "my_pain.pain_in_my_words": "?"}
    )
    assert forged.status_code == 400
    assert "was not complete" in words(forged)


def test_u8_what_is_being_typed_is_kept_as_a_draft_and_an_older_page_says_so(published, course, ana):
    url = reverse("patient:block", args=[FIRST, "my_pain"])
    typed = {
        "act": "autosave",
        "my_pain.revision": "0",
        "my_pain.draft": "0",
        "my_pain.pain_in_my_words": "Half a sen\0",
    }
    told = ana.post(url, typed)
    assert told.status_code == 200
    assert told.json()["revision"] == 1
    assert re.match(r"Kept at \d\d:\d\d, not saved yet", told.json()["said"])
    assert course.entries.count() == 0
    page = ana.get(part_url(1))
    assert "Half a sen</textarea>" in page.content.decode()
    other = ana.post(url, typed | {"my_pain.pain_in_my_words": "From an old page"})
    assert other.status_code == 409
    assert "newer" in other.json()["said"]
    assert queries.draft(course, FIRST, "my_pain").value["pain_in_my_words"] == "Half a sen"


def test_u11_a_deep_link_into_a_part_survives_the_log_in(published, course):
    client = published.client_of(None)
    sent = client.get(part_url(3))
    assert sent.status_code == 302
    login = sent.url
    assert "next=" in login
    done = client.post(login, {"login": "zqanamail@example.org", "password": PASSWORD})
    assert done.status_code == 302
    assert done.url == part_url(3)
    assert "The circle around pain" in words(client.get(done.url))


def test_u17_every_group_of_choices_is_a_fieldset_and_every_box_has_its_label(published, course, ana, monkeypatch):
    known(monkeypatch, **{name.replace(".", "__"): value for name, value in CLEAR.items()})
    open_lessons(published, course, SECOND, STEPS)
    for url in (
        part_url(1),
        part_url(4),
        part_url(3, SECOND),
        part_url(4, SECOND),
        part_url(3, STEPS),
        part_url(4, STEPS),
    ):
        html = ana.get(url).content.decode()
        form = html[html.index('class="lesson"') : html.index("</form>", html.index('class="lesson"'))]
        for radio in re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', form):
            at = form.index(radio)
            assert form.rfind("<label", 0, at) > form.rfind("</label>", 0, at), radio
            inside = form.rfind("<fieldset", 0, at) > form.rfind("</fieldset>", 0, at)
            assert inside or ".done" in radio, radio
        for box in re.findall(r'<(?:textarea|input|select) id="([^"]+)"', form):
            assert f'<label for="{box}">' in form or re.search(rf'id="{box}"[^>]*aria-label=', form), box
        assert form.count("<fieldset") == form.count("<legend")


# --- the other kinds ------------------------------------------------------------------------------------------------


def test_a_thought_a_week_a_ladder_and_a_plan_are_kept_and_come_together_on_one_page(
    published, course, ana, monkeypatch
):
    known(monkeypatch, **{name.replace(".", "__"): value for name, value in CLEAR.items()})
    open_lessons(published, course, SECOND, STEPS, LAST)
    send(ana, part_url(4), {"what_matters.more_of": "Zq laughing once a day"})
    send(ana, part_url(3, SECOND), {"one_letter.way": "accept", "one_letter.record_thought": "It never ends"})
    assert queries.entry(course, SECOND, "one_letter").value == {"way": "accept", "record_thought": "It never ends"}
    week = {"my_week.0.what": "Zq sing", "my_week.0.day": "2", "my_week.0.minutes": "20", "my_week.0.kind": "people"}
    assert send(ana, part_url(3, STEPS), week, act="keep:my_week").url == f"{part_url(3, STEPS)}#my_week"
    ticked = send(ana, part_url(3, STEPS), week | {"my_week.0.done": "yes"})
    assert ticked.status_code == 302
    assert queries.entry(course, STEPS, "my_week").value["steps"][0]["done"] is True
    again = send(ana, part_url(3, STEPS), week | {"my_week.0.done": "yes"}, act="again:my_week")
    assert again.status_code == 302
    assert queries.entry(course, STEPS, "my_week").value["steps"][0]["done"] is False
    send(
        ana, part_url(4, STEPS), {"my_ladder.top": "Zq lift my boy", "my_ladder.0.what": "Sit", "my_ladder.0.fear": "2"}
    )
    flare = next(n for n, part in enumerate(PROGRAMME.text(LAST).parts, 1)
                 if any(block.kind == "flare_plan" for block in part.blocks))  # fmt: skip
    send(ana, part_url(flare, LAST), {"my_flare_plan.small_step": "Zq two minutes to the window"})
    plan = words(ana.get(PAGES["plan"]))
    for mine in ("Zq laughing once a day", "Zq sing", "Zq lift my boy", "Zq two minutes to the window"):
        assert mine in plan
    change = ana.get(f"{reverse('patient:block', args=[LAST, 'my_flare_plan'])}?to=plan")
    done = ana.post(reverse("patient:block", args=[LAST, "my_flare_plan"]),
                    hidden(change) | {"act": "save", "my_flare_plan.small_step": "Zq one minute"})  # fmt: skip
    assert done.url == PAGES["plan"]
    assert "Zq one minute" in words(ana.get(PAGES["plan"]))
    number = next(n for n, part in enumerate(PROGRAMME.text(LAST).parts, 1)
                  if any(block.id == "my_words_again" for block in part.blocks))  # fmt: skip
    assert "Zq laughing once a day" in words(ana.get(part_url(number, LAST)))  # her earlier words come back
    assert "Zq laughing once a day" in words(ana.get(PAGES["lesson_print"]))


def test_the_ladder_waits_behind_its_questions_and_the_list_is_one_tap_away_c9(published, course, ana, monkeypatch):
    open_lessons(published, course, STEPS)
    page = ana.get(part_url(4, STEPS))
    assert "Before this part we ask eight short questions" in words(page)
    assert reverse("patient:signs") in page.content.decode()
    assert "my_ladder.top" not in page.content.decode()
    asked = send(ana, part_url(4, STEPS), {}, act="ask:red_flags.any")
    assert re.fullmatch(r"/my/questions/[0-9a-f-]+/1", asked.url)
    forged = send(ana, part_url(4, STEPS), {"my_ladder.top": "x", "my_ladder.revision": "0"})
    assert forged.status_code == 302
    assert queries.entry(course, STEPS, "my_ladder") is None
    known(monkeypatch, red_flags__any=False, red_flags__worse_after_effort=1)
    tired = words(ana.get(part_url(4, STEPS)))
    assert "Your energy, and what you keep it for" in tired
    assert "Your ladder" not in tired
    signs = words(ana.get(PAGES["signs"]))
    assert "Bladder or bowel" in signs
    assert "Fever" in signs


# --- practices ------------------------------------------------------------------------------------------------------


def test_a_practice_says_how_to_do_it_safely_and_is_kept_with_how_it_was_c10(published, course, ana):
    page = ana.get(PAGES["practice"])
    harm = PROGRAMME.harm_text("settling")
    for said in (harm.eyes, harm.anchors, harm.stop, harm.frightening, *harm.grounding, harm.person):
        assert said in words(page)
    assert words(page).count("I need help now") >= 3
    assert 'data-at="25"' in page.content.decode()  # without the timer the cues stand with their times
    assert "0:25" in words(page)
    wrong = send(ana, PAGES["practice"], {"felt": "calmer", "minutes": "many", "note": "On the sofa"})
    assert wrong.status_code == 400
    assert "On the sofa" in wrong.content.decode()
    sent = send(ana, PAGES["practice"], {"felt": "restless", "minutes": "4", "note": "On the sofa"})
    assert sent.url == PAGES["practised"]
    (row,) = queries.practised(course, published.now.date() - timedelta(days=2))
    assert (row.practice, row.minutes, row.felt, row.note) == ("settling", 4, "restless", "On the sofa")
    assert ana.get(reverse("patient:practice", args=["leaves_on_a_stream"])).status_code == 302  # its lesson is shut
    assert ana.get(reverse("patient:practice", args=["none"])).status_code == 404


def test_a_practice_that_frightened_her_leads_to_the_steps_and_is_told_c10(published, course, ana):
    from accord.service.care.models import Flag

    sent = send(ana, PAGES["practice"], {"felt": "frightened", "minutes": "2"})
    assert sent.url.startswith(PAGES["steady"])
    page = words(ana.get(sent.url))
    assert "Press your feet into the floor" in page
    assert re.search(r"Bea Zqbeaname is told that something frightening came up", page)
    assert Flag.objects.filter(person=published.ana).count() == 1


def test_a_practice_log_is_ticked_in_the_lesson_and_never_counts_a_streak(published, course, ana):
    from accord.service.care.models import Flag

    today = queries.today_of(course, published.now)
    yesterday = today - timedelta(days=1)
    name = "settling_log.settling"
    send(ana, part_url(5), {f"{name}.{yesterday}": "yes", f"{name}.{yesterday}.felt": "calmer"})
    (row,) = queries.practised(course, yesterday)
    assert (row.on, row.minutes, row.felt) == (yesterday, 6, "calmer")
    page = ana.get(part_url(5))
    assert "streak" not in words(page)
    frightened = send(ana, part_url(5), {f"{name}.{yesterday}": "yes", f"{name}.{yesterday}.felt": "frightened"})
    assert frightened.url.startswith(PAGES["steady"])
    assert Flag.objects.filter(person=published.ana).count() == 1
    send(ana, part_url(5), {})
    assert queries.practised(course, yesterday) == []


def test_a_body_practice_gives_way_to_sounds_with_the_reason_c10(published, course, ana, monkeypatch):
    known(monkeypatch, body_practice_caution="yes")
    open_lessons(published, course, BODY)
    page = ana.get(reverse("patient:practice", args=["slow_breath"]))
    assert "in the place of “Slow breath”" in words(page)
    assert "we offer you sounds instead" in words(page)
    known(monkeypatch)
    unknown = ana.get(reverse("patient:practice", args=["slow_breath"]))
    assert "Answer the question" in words(unknown)


# --- a flare --------------------------------------------------------------------------------------------------------


def test_in_a_flare_every_page_says_that_lessons_wait_and_nothing_shuts_c7(published, course, ana):
    actions.begin_flare(
        person=published.ana, new_pain=False, key=uuid.uuid4(), by=published.asker(published.ana), now=published.now
    )
    for name in ("lessons", "lesson", "part", "practice"):
        assert "Lessons wait for you." in words(ana.get(PAGES[name]))
    assert send(ana, part_url(1), {"my_pain.pain_in_my_words": "Bad day"}).url == part_url(2)


def test_the_check_in_leads_to_the_questions_that_are_due(published, course, ana):
    from accord.service.flows.ask_before_part import ask_before_part

    assert "Nothing is waiting at the moment" in words(ana.get(part_url(6)))
    by = published.asker(published.ana)
    due = ask_before_part(person_id=published.ana.pk, fact="red_flags.any", by=by, now=published.now)
    page = ana.get(part_url(6)).content.decode()
    assert f'href="{reverse("patient:question", args=[due.pk, 1])}"' in page


def test_the_short_version_is_one_tap_away_on_every_lesson_page(published, course, ana):
    for name, path in PAGES.items():
        assert reverse("patient:flare") in ana.get(path).content.decode(), name
