"""Letters on pages: who may write and read which kind, what a draft says, what a refusal keeps, the PDF."""

import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Read
from accord.service.assessments.queries import Point
from accord.service.episodes.models import Letter, LetterStep
from accord.service.episodes.rules import ADMINISTRATIVE
from accord.service.ui.letter import Paper, foreign, letter_pdf, parts_of
from accord.service.ui.letter_facts import fill, score_line

GP = "Dr Zqgp\n1 High Street"
BODY = "Zqbody one.\n\n## Heading\n\n- a point"


def address(world, portal, rest=""):
    return f"/{portal}/people/{world.ana.pk}/letters/{rest}"


def ask(world, who, where, **given):
    client = world.client_of(who)
    return client.post(where, {"key": str(uuid.uuid4()), **given}) if given else client.get(where)


def signed(world, kind="discharge_summary", portal="clinic", who=None, **given):
    said = {"addressee": GP, "subject": "Zqsubject", "body": BODY} | given
    answer = ask(world, who or world.bea, address(world, portal, f"write/{kind}/"), **said)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Letter.objects.order_by("-made_at").first()


@pytest.fixture
def clinic(published):
    assert published.episode
    return published


# ---------------------------------------------------------------------------------------------------- who


def test_who_may_open_her_letters(clinic):
    world, letter = clinic, signed(clinic)
    for rest in ("", "write/risk/", f"{letter.pk}/", f"{letter.pk}/pdf/"):
        seen = {name: ask(world, who, address(world, "clinic", rest)).status_code for name, who in world.five().items()}
        assert seen == {"owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302}, rest
        for who, status in ((world.fay, 200), (world.eli, 200), (world.dora, 404), (world.gus, 404), (world.hal, 404)):
            assert ask(world, who, address(world, "clinic", rest)).status_code == status


def test_the_office_writes_administrative_letters_and_sees_no_other(clinic):
    world, letter = clinic, signed(clinic)
    page = ask(world, world.dora, address(world, "office")).content.decode()
    assert "Receipt of a referral" in page
    assert "Summary" not in page
    for rest in (f"{letter.pk}/", f"{letter.pk}/pdf/", "write/risk/", "write/discharge_summary/", "write/nonsense/"):
        assert ask(world, world.dora, address(world, "office", rest)).status_code == 404
    for step in ("sent", "withdrawn"):
        where = address(world, "office", f"{letter.pk}/{step}/")
        assert ask(world, world.dora, where, how="post").status_code == 404
    given = {"addressee": GP, "subject": "x", "body": "y"}
    assert ask(world, world.dora, address(world, "office", "write/risk/"), **given).status_code == 404
    hers = signed(world, "start", "office", world.dora)
    assert ask(world, world.dora, address(world, "office", f"{hers.pk}/")).status_code == 200
    assert ask(world, world.bea, address(world, "clinic", f"{hers.pk}/")).status_code == 200
    assert Letter.objects.count() == 2


def test_nobody_signs_for_a_stranger(clinic):
    world = clinic
    given = {"addressee": GP, "subject": "x", "body": "y"}
    for who in (world.carl, world.hal, world.joy, world.gus, world.ana):
        for portal in ("clinic", "office"):
            for kind in ("start", "risk"):
                assert ask(world, who, address(world, portal, f"write/{kind}/"), **given).status_code == 404
    assert not Letter.objects.exists()


def test_opening_a_letter_is_written_to_the_read_log(clinic):
    world, letter = clinic, signed(clinic)
    before = Read.objects.count()
    ask(world, world.bea, address(world, "clinic", f"{letter.pk}/pdf/"))
    assert Read.objects.count() == before + 1


def test_she_reads_her_letters_once_they_have_gone(clinic):
    world, letter = clinic, signed(clinic)
    withdrawn = signed(world, "start", "office", world.dora, body="Zqwithdrawn")
    ask(world, world.dora, address(world, "office", f"{withdrawn.pk}/withdrawn/"), sure="yes")
    assert "No letter has gone out" in ask(world, world.ana, "/my/letters").content.decode()
    assert ask(world, world.ana, f"/my/letters/{letter.pk}").status_code == 404
    assert ask(world, world.bea, address(world, "clinic", f"{letter.pk}/sent/"), how="post").status_code == 302
    assert "Zqsubject" in ask(world, world.ana, "/my/letters").content.decode()
    assert "Zqbody one." in ask(world, world.ana, f"/my/letters/{letter.pk}").content.decode()
    assert ask(world, world.ana, f"/my/letters/{letter.pk}/pdf").content.startswith(b"%PDF")
    for who in (world.bea, world.carl, world.joy, world.dora):
        for rest in ("", "/pdf"):
            assert ask(world, who, f"/my/letters/{letter.pk}{rest}").status_code == 404
    assert ask(world, world.ana, f"/my/letters/{withdrawn.pk}").status_code == 404


# ---------------------------------------------------------------------------------------------------- writing


def test_a_draft_is_filled_from_the_record_and_says_what_it_does_not_know(clinic):
    world = clinic
    page = ask(world, world.bea, address(world, "clinic", "write/discharge_summary/")).content.decode()
    assert world.ana.name in page
    assert world.bea.name in page
    assert world.clinic.name in page
    assert "[[ended on]]" in page
    assert "[[what the person found helpful" in page
    assert "These numbers have no comparison" in page


@pytest.mark.parametrize("kind", [
    "referral_received", "assessment_summary", "discharge_summary", "start", "end", "risk",
])  # fmt: skip
def test_every_kind_has_a_text_and_its_gaps_must_be_filled(clinic, kind):
    world = clinic
    page = ask(world, world.bea, address(world, "clinic", f"write/{kind}/"))
    assert page.status_code == 200
    draft = page.context["body"]
    assert "{" not in draft
    answer = ask(
        world, world.bea, address(world, "clinic", f"write/{kind}/"), addressee="[[name and address]]", subject="s",
        body=draft,
    )  # fmt: skip
    assert answer.status_code == 400
    assert "still open" in answer.content.decode()
    assert "name and address" in answer.context["refusal"].cure
    assert answer.context["body"] == draft
    assert not Letter.objects.exists()


def test_administrative_drafts_hold_no_clinical_fact(clinic):
    world = clinic
    for kind in ADMINISTRATIVE:
        page = ask(world, world.dora, address(world, "office", f"write/{kind}/"))
        assert page.status_code == 200
        assert not any(word in page.context["body"].lower() for word in ("score", "points", "answered:"))


@pytest.mark.parametrize(
    ("given", "words"),
    [({"addressee": " "}, "whom it goes to"), ({"body": ""}, "whom it goes to"), ({"body": "a\0b"}, "cannot be stored"),
     ({"body": "x" * 1_000_000}, "20,000"), ({"subject": "x" * 151}, "150"), ({"body": "{today} is"}, "still open"),
     ({"key": "none"}, "too old"), ({"onward": "none"}, "too old")],
)  # fmt: skip
def test_a_refused_letter_keeps_every_word(clinic, given, words):
    world = clinic
    said = {"addressee": GP, "subject": "Zqsubject", "body": BODY} | given
    answer = ask(world, world.bea, address(world, "clinic", "write/risk/"), **said)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert answer.context["body"] == said["body"]
    assert answer.context["subject"] == said["subject"]
    assert not Letter.objects.exists()


def test_a_letter_is_sent_once_or_withdrawn_and_never_edited(clinic):
    world, letter = clinic, signed(clinic)
    where = address(world, "clinic", f"{letter.pk}/")
    assert ask(world, world.bea, f"{where}sent/", how="pigeon").status_code == 400
    assert ask(world, world.bea, f"{where}sent/", how="post").status_code == 302
    assert ask(world, world.bea, f"{where}sent/", how="hand").status_code == 302  # twice is once
    answer = ask(world, world.bea, f"{where}withdrawn/", sure="yes")
    assert answer.status_code == 409
    assert "Write a new letter that corrects it" in answer.content.decode()
    assert LetterStep.objects.get().how == "post"
    assert ask(world, world.bea, f"{where}nonsense/", a="b").status_code == 404


def test_the_same_key_is_one_letter(clinic):
    key = str(uuid.uuid4())
    assert signed(clinic, key=key).pk == signed(clinic, key=key).pk
    assert Letter.objects.count() == 1


def test_a_text_that_is_not_published_is_refused_with_the_cure(world):
    assert world.episode
    answer = ask(world, world.bea, address(world, "clinic", "write/risk/"))
    assert answer.status_code == 409
    assert "letter-risk" in answer.content.decode()


# ---------------------------------------------------------------------------------------------------- scores


def point(value, days, *, demo=False):
    return Point(datetime(2026, 5, 4, 9, tzinfo=UTC) + timedelta(days=days), "baseline", 0, value, demo)


def test_c6_a_score_of_demonstration_wording_never_stands_in_a_letter():
    line = score_line("demo:bpi_interference.total", [point(6.1, 0, demo=True), point(4.3, 70, demo=True)], UTC)
    assert "no score to report" in line
    assert not any(sign.isdigit() for sign in line.split(":")[1])


def test_a_score_says_its_range_its_direction_and_no_more_than_it_can():
    line = score_line("phq_9.total", [point(14, 0), point(13, 70)], UTC)
    assert "14 on 4 May 2026, 13 on 13 July 2026 (from 0 to 27, lower is better)" in line
    assert "within what is ordinary" in line
    once = score_line("phq_9.total", [point(14, 0)], UTC)
    assert "on 4 May 2026 (from 0 to 27" in once
    far = score_line("phq_9.total", [point(20, 0), point(3, 70)], UTC)
    assert "better by more than" in far
    for ref in ("safety_check.item_1", "red_flags.any", "wai_sr.total", "nonsense.total"):
        assert score_line(ref, [point(1, 0)], UTC) == ""


def test_what_the_record_does_not_know_stays_a_gap_and_is_never_filled_twice():
    assert fill("{person} {ended_on}", {"person": "{today}"}) == "{today} [[ended on]]"


# ---------------------------------------------------------------------------------------------------- paper


PAPER = Paper(("Zqclinic", "1"), ("Dr Who",), "What was #sys done", parts_of(BODY + "\n\n#let x = *1* $y$"), "Zqclinic")


def test_the_pdf_is_the_same_for_the_same_words_and_counts_its_pages():
    made = letter_pdf(PAPER)
    assert made.startswith(b"%PDF")
    assert made == letter_pdf(PAPER)
    long = letter_pdf(Paper(PAPER.head, PAPER.to, "s", parts_of("word " * 3000), "c"))
    assert long.count(b"/Type /Page\n") >= 3 or long.count(b"/Type/Page") >= 3


def test_the_pdf_is_not_kept_and_its_name_tells_nothing(clinic):
    world, letter = clinic, signed(clinic)
    answer = ask(world, world.bea, address(world, "clinic", f"{letter.pk}/pdf/"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="letter.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_without_the_extra_the_page_says_so_and_can_be_printed(clinic, monkeypatch):
    world, letter = clinic, signed(clinic)
    monkeypatch.setitem(sys.modules, "typst", None)
    answer = ask(world, world.bea, address(world, "clinic", f"{letter.pk}/pdf/"))
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "accord[pdf]" in body
    assert "Zqbody one." in body


def test_a_script_without_a_font_is_refused_and_stays_readable_on_the_page(clinic):
    world = clinic
    letter = signed(world, body="您好")
    answer = ask(world, world.bea, address(world, "clinic", f"{letter.pk}/pdf/"))
    assert answer.status_code == 409
    assert "您好" in answer.content.decode()
    assert foreign(Paper((), (), "Ζωή Łukasz Иван שרה", (), "x")) == ""


def test_in_a_demonstration_every_letter_says_so(clinic, monkeypatch):
    from accord.service.ui import letter_pages

    world, letter = clinic, signed(clinic)
    where = address(world, "clinic", f"{letter.pk}/")
    monkeypatch.setattr(letter_pages, "_invented", lambda: True)
    assert "Demonstration: about an invented person" in ask(world, world.bea, where).content.decode()
    marked = ask(world, world.bea, f"{where}pdf/").content
    monkeypatch.setattr(letter_pages, "_invented", lambda: False)
    assert "invented person" not in ask(world, world.bea, where).content.decode()
    assert marked != ask(world, world.bea, f"{where}pdf/").content


def test_the_list_costs_the_same_with_more_letters(clinic):
    world = clinic

    def cost(who, where):
        client = world.client_of(who)
        client.get(where)
        with CaptureQueriesContext(connection) as found:
            assert client.get(where).status_code == 200
        return len(found)

    def sent():
        letter = signed(world, "start")
        ask(world, world.bea, address(world, "clinic", f"{letter.pk}/sent/"), how="post")

    sent()
    asked = [(world.bea, address(world, "clinic")), (world.dora, address(world, "office")), (world.ana, "/my/letters")]
    before = [cost(*one) for one in asked]
    for _n in range(5):
        sent()
    assert [cost(*one) for one in asked] == before
