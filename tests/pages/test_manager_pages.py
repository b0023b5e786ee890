"""The manager's pages: who sees them, what stands on them, and that nothing stands there that was not counted."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.table import Role
from accord.service.episodes.models import Referral
from accord.service.library.queries import protocol_snapshot
from accord.service.outbox.models import Work
from accord.service.studies.actions import draw_pseudonyms
from accord.service.studies.models import Review, Signature
from accord.service.studies.rules.kept import nothing_counted
from plugins.counted import counted_result, review_of
from plugins.world import enrolled

DATA = re.compile(r'<data value="([^"]+)" data-id="([^"]+)">')
PATHS = ("", "definitions/", "what/funnel.started/", "table/", "paper/", "pictures/funnel/")


@pytest.fixture
def counted(published):
    """North, with a count of 300 invented people."""
    review_of(published, published.clinic)
    return published


@pytest.fixture
def mae(counted):
    """The manager of South."""
    return counted.add("mae", Role.MANAGER, clinic=counted.elsewhere)


def words(page) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


# ------------------------------------------------------------------------------------------------ what stands there


def test_every_number_stands_in_the_stored_count_and_leads_to_its_definition(counted):
    gus = counted.client_of(counted.gus)
    page = gus.get("/manage/")
    stored = {one["id"]: one for one in Review.objects.get().result["estimates"]}
    found = DATA.findall(page.content.decode())
    assert len(found) > 100
    assert ">None<" not in page.content.decode()
    assert {"reached.started", "funnel.started", "g.phq_9.total.post", "minutes.all"} <= {
        name for _value, name in found
    }
    for value, name in found:
        assert float(value) == stored[name]["value"]
    links = set(re.findall(r'href="(/manage/what/[^"]+)"', page.content.decode()))
    assert {name for _value, name in found} <= {link.split("/")[3] for link in links}
    for link in sorted(links)[::9]:
        what = gus.get(unescape(link))
        one = stored[link.split("/")[3]]
        assert what.status_code == 200
        assert f"({one['n']:,})" in words(what) or f" {one['n']:,} " in words(what)
        assert "Formula" in words(what)


def test_every_number_that_is_kept_has_a_definition_that_opens(counted):
    from accord.science.analyses.definitions import definition
    from accord.science.protocols import load_protocol

    protocol = load_protocol("routine-care")
    for one in Review.objects.get().result["estimates"]:
        assert definition(protocol, one["id"]).words
        assert re.fullmatch(r"[A-Za-z0-9_.~-]+", one["id"])


def test_nothing_is_lost_on_the_way_to_the_page(counted):
    """What a manager may see and was counted stands on the page, but for changes in points that stand in SDs too."""
    found = {name for _value, name in DATA.findall(counted.client_of(counted.gus).get("/manage/").content.decode())}
    kept = {one["id"] for one in counted_result()["estimates"] if one["value"] is not None}
    assert {name for name in kept - found if not name.startswith("change.")} == set()


def test_the_order_is_that_in_which_a_manager_asks(counted):
    text = words(counted.client_of(counted.gus).get("/manage/"))
    places = [text.rindex(heading) for heading in (
        "Counted on", "Who came, and how far", "Who waits, and how long", "What changed for them",
        "Beside the published figures", "Minutes, and the promise", "Alerts", "Unwanted effects", "Complaints",
        "Is it the same for everybody", "Load and cover",
    )]  # fmt: skip
    assert places == sorted(places)


def test_c19_the_first_sentence_under_what_changed_and_the_benchmark(counted):
    text = counted.client_of(counted.gus).get("/manage/").content.decode()
    for heading in ("What changed for them", "Beside the published figures"):
        rest = text[text.index(f"{heading}</h2>") :]
        first = re.search(r"<p[^>]*>(.*?)</p>", rest, re.S)
        assert first is not None
        assert first[1].startswith("No comparison group: part of this would have happened anyway.")
    assert "not known" in text
    assert "Hollow markers: not known to be comparable" in text


def test_c12_invented_people_are_called_invented_everywhere(counted):
    gus = counted.client_of(counted.gus)
    people = Review.objects.get().result["facts"]["people"]
    text = words(gus.get("/manage/"))
    assert f"How {people:,} invented people changed during the course" in text
    assert "Invented data. Beside the published figures" in text
    for path in ("table/", "paper/"):
        assert "-invented." in gus.get(f"/manage/{path}")["Content-Disposition"]
    assert b"invented data" in gus.get("/manage/pictures/funnel/").content
    assert "invented data" in gus.get("/manage/table/").content.decode()
    assert "invented data" in text


def test_a_real_count_carries_no_stamp(counted):
    result = counted_result() | {"invented": False, "origin": "real"}
    later = counted.now + timedelta(minutes=1)
    review_of(counted, counted.clinic, later, result=result)
    gus = counted.client_of(counted.gus)
    assert "invented people" not in words(gus.get("/manage/"))
    assert "invented" not in gus.get("/manage/table/")["Content-Disposition"]


def test_c13_nothing_of_the_differences_between_therapists_stands_there(counted):
    gus = counted.client_of(counted.gus)
    for path in ("", "definitions/", "table/"):
        text = gus.get(f"/manage/{path}").content.decode()
        for word in ("caterpillar", "icc.", "Shrunken", "wai_", "alliance", "synchrony", "fidelity"):
            assert word not in text
    assert gus.get("/manage/what/icc.therapist.bpi_interference.total.post/").status_code == 404
    assert gus.get("/manage/pictures/caterpillar_therapist_bpi_interference_total/").status_code == 404


def test_it_is_compared_with_the_count_of_a_month_before(counted):
    review_of(counted, counted.clinic, counted.now - timedelta(days=30), n=200, seed=2)
    text = words(counted.client_of(counted.gus).get("/manage/"))
    assert "Compared with the count of" in text
    assert re.search(r"\d+ %, (about the same|higher now|lower now)", text)
    assert re.search(r"\d+, higher now", text)  # 300 people of 200


def test_without_a_month_before_the_page_says_so(counted):
    assert "no count of a month before" in words(counted.client_of(counted.gus).get("/manage/"))


def row_of(page, heading: str) -> str:
    """The words of the table's row that this begins."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.content.decode(), re.S)
    said = [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip() for row in rows]
    return next(row for row in said if row.startswith(heading))


def test_the_few_numbers_of_a_board_stand_first_and_say_what_they_cannot_show(counted):
    text = counted.client_of(counted.gus).get("/manage/").content.decode()
    short = text[text.index('id="short--h"') : text.index('class="filters jump"')]
    names = [name for _value, name in DATA.findall(short)]
    assert names[:4] == ["reached.referred", "funnel.started", "wait.start.median",
                         "responders.bpi_interference.total.post"]  # fmt: skip
    assert "replies.in_time" in names
    assert "No comparison group: part of this would have happened anyway." in short
    assert text.count('data-id="funnel.started"') == 2  # and in its own part


def test_the_way_back_from_a_definition_leads_to_the_part_it_came_from(counted):
    gus = counted.client_of(counted.gus)
    numbers = gus.get("/manage/").content.decode()
    for name, part in (("replies.in_time", "minutes"), ("funnel.started", "came"), ("g.phq_9.total.post", "outcomes")):
        page = gus.get(f"/manage/what/{name}/").content.decode()
        assert re.search(rf'href="/manage/\?[^"]+#{part}">Back to the numbers', page)
        assert f'id="{part}"' in numbers


def test_tiers_and_answers_stand_in_words_and_what_is_counted_without_a_second_unit(counted):
    page = counted.client_of(counted.gus).get("/manage/")
    text = words(page)
    assert "Quiet for a week (I1)" in text
    assert "I cannot work because of pain or illness" in text
    assert "not working pain" not in text
    units = set(re.findall(r'<span class="unit">([^<]+)<', page.content.decode()))
    assert units - {"point"} == {"days", "hours", "minutes", "points"}


def test_how_many_improved_and_who_came_back_stand_side_by_side(counted):
    page = counted.client_of(counted.gus).get("/manage/")
    stored = {one["id"]: one["value"] for one in Review.objects.get().result["estimates"]}
    better, worse = (f"{100 * stored[f'{kind}.phq_9.total.post']:.0f} %" for kind in ("responders", "reliably_worse"))
    text = words(page)
    row = text[text.index("After the programme: how many people") :]
    assert re.search(rf"Depression {better} .*? {worse} ", row)
    assert "For who had not started" in text
    assert "Began within 14 days" in text
    # a difference of two shares is so many points, and per cent of nothing
    assert re.search(r"^Call \d+ \d+ % .* −?\d+ points? −?\d+ to −?\d+ · of \d+$", row_of(page, "Call"))


def test_a_phone_is_not_told_what_is_empty(counted):
    cells = re.findall(r"<td([^>]*)>–</td>", counted.client_of(counted.gus).get("/manage/").content.decode())
    assert cells
    assert [cell for cell in cells if "Likely" in cell or "Missing" in cell] == []


# ------------------------------------------------------------------------------------------------ names


def with_load(world, **people):
    """A count in which each of these therapists has so many people, under pseudonyms."""
    behind = draw_pseudonyms(study="routine-care", people=[world.people[name].pk for name in people], now=world.now)
    rows = [
        {"id": f"load.{behind[world.people[name].pk]}", "label": "People whom x answers for now", "value": float(n),
         "unit": "people", "n": n}
        for name, n in people.items()
    ]  # fmt: skip
    result = counted_result()
    review_of(world, world.clinic, world.now + timedelta(minutes=1), result=result | {
        "estimates": [*result["estimates"], *rows]})  # fmt: skip
    return behind


def test_load_stands_under_the_name_of_a_colleague_for_who_may_see_the_list_of_staff(counted):
    behind = with_load(counted, bea=12, carl=3, hal=9)
    page = counted.client_of(counted.gus).get("/manage/")
    assert counted.bea.name in words(page)
    assert counted.hal.name not in words(page)  # of another clinic
    assert f'data-id="load.{behind[counted.bea.pk]}"' in page.content.decode()
    for path in ("table/", "paper/"):
        assert counted.bea.name.encode() not in counted.client_of(counted.gus).get(f"/manage/{path}").content


def test_a_researcher_sees_the_numbers_and_no_names(counted):
    with_load(counted, bea=12)
    pia = counted.add("pia", Role.RESEARCHER)
    page = counted.client_of(pia).get("/manage/")
    assert page.status_code == 200
    assert counted.bea.name not in words(page)
    assert "Count now" not in words(page)


# ------------------------------------------------------------------------------------------------ who sees it


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["ana", "bea", "carl", "dora", "eli", "fay", "hal", "ivo", "joy", None])
def test_nobody_but_a_manager_sees_the_numbers(counted, path, who):
    page = counted.client_of(counted.people[who] if who else None).get(f"/manage/{path}")
    assert page.status_code == (404 if who else 302)
    assert "Harbour" not in page.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_a_manager_sees_each_page(counted, path):
    assert counted.client_of(counted.gus).get(f"/manage/{path}").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_manager_of_another_clinic_sees_her_own_and_not_this_one(counted, mae, path):
    client = counted.client_of(mae)
    assert client.get(f"/manage/{path}", {"clinic": str(counted.clinic.pk)}).status_code == 404
    page = client.get(f"/manage/{path}")
    assert page.status_code in (200, 404, 409)
    assert not DATA.findall(page.content.decode(errors="replace"))


@pytest.mark.parametrize("path", ["count/", "definitions/sign/"])
@pytest.mark.parametrize("who", ["ana", "bea", "dora", "fay", "joy", "mae", None])
def test_who_may_not_can_neither_count_nor_sign(counted, mae, path, who):
    given = {"clinic": str(counted.clinic.pk), "protocol": "routine-care", "key": str(uuid.uuid4()),
             "snapshot": str(protocol_snapshot("routine-care").pk)}  # fmt: skip
    page = counted.client_of(counted.people[who] if who else None).post(f"/manage/{path}", given)
    assert page.status_code == (404 if who else 302)
    assert not Work.objects.filter(channel="job").exists()
    assert not Signature.objects.exists()


# ------------------------------------------------------------------------------------------------ what is done


def test_count_now_writes_one_job_and_says_how_far_it_is(counted):
    gus = counted.client_of(counted.gus)
    key = re.search(r'name="key" value="([^"]+)"', gus.get("/manage/").content.decode())[1]
    given = {"clinic": str(counted.clinic.pk), "protocol": "routine-care", "key": key}
    for _twice in range(2):
        assert gus.post("/manage/count/", given).status_code == 302
    work = Work.objects.get(channel="job")
    assert work.to == str(counted.gus.pk)
    Work.objects.filter(pk=work.pk).update(progress=0.4)
    text = words(gus.get("/manage/"))
    assert "40 % done" in text
    assert "Look again" in text
    Work.objects.filter(pk=work.pk).update(state="failed", reason="The disk is full.", done_at=counted.now)
    assert "did not succeed: The disk is full." in words(gus.get("/manage/"))
    assert gus.post("/manage/count/", given | {"key": "nonsense"}).status_code == 400


def test_definitions_are_shown_and_signed(counted):
    gus = counted.client_of(counted.gus)
    assert "not signed yet" in words(gus.get("/manage/"))
    text = words(gus.get("/manage/definitions/"))
    assert "lessons_opened >= 1" in text
    assert "Completed most (4 of 5 lessons)" in text
    assert "Share at least 30 % better in Pain interference" in text  # what is signed says who counts as better
    snapshot = str(protocol_snapshot("routine-care").pk)
    given = {"clinic": str(counted.clinic.pk), "protocol": "routine-care", "snapshot": snapshot}
    stale = gus.post("/manage/definitions/sign/", given | {"snapshot": str(uuid.uuid4())})
    assert stale.status_code == 409
    assert not Signature.objects.exists()
    assert gus.post("/manage/definitions/sign/", given).status_code == 302
    for path in ("", "definitions/"):
        assert f"Definitions signed by {counted.gus.name} on" in words(gus.get(f"/manage/{path}"))
    assert "Sign these definitions" not in words(gus.get("/manage/definitions/"))


# ------------------------------------------------------------------------------------------------ files


def test_the_table_holds_the_same_numbers_and_no_formula(counted):
    content = counted.client_of(counted.gus).get("/manage/table/").content
    assert content.startswith(b"\xef\xbb\xbf")  # or a spreadsheet prints “ and × wrong
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    stored = {one["id"]: one for one in Review.objects.get().result["estimates"]}
    assert {row["id"] for row in rows} == set(stored)
    for row in rows:
        assert (float(row["value"]) if row["value"] else None) == stored[row["id"]]["value"]
        assert row["definition"]
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def test_the_paper_is_a_pdf_with_the_numbers_and_their_names(counted):
    page = counted.client_of(counted.gus).get("/manage/paper/")
    assert page["Content-Type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")
    assert len(page.content) > 30_000


def test_words_from_data_are_never_code_on_paper(counted):
    result = counted_result()
    evil = '#panic("x") $ ] } \\ = * _ < `'
    rows = [one | {"label": evil} for one in result["estimates"]]
    review_of(counted, counted.clinic, counted.now + timedelta(minutes=1), result=result | {"estimates": rows})
    assert counted.client_of(counted.gus).get("/manage/paper/").content.startswith(b"%PDF-")


def test_a_picture_keeps_its_place_while_it_loads(counted):
    """Or a link to a part lands elsewhere once the pictures above it have come."""
    text = counted.client_of(counted.gus).get("/manage/").content.decode()
    pictures = re.findall(r"<picture>.*?</picture>", text, re.S)
    assert len(pictures) >= 4
    for one in pictures:
        assert len(re.findall(r' width="\d+" height="\d+"', one)) == 2


def test_the_way_to_the_complaints_stands_on_every_page_of_a_manager(counted):
    gus = counted.client_of(counted.gus)
    for path in ("", "definitions/", "what/complaints.made/"):
        assert 'href="/office/complaints/"' in gus.get(f"/manage/{path}").content.decode()
    pia = counted.client_of(counted.add("pia", Role.RESEARCHER))
    theirs = pia.get("/manage/").content.decode()
    assert 'href="/office/complaints/"' not in theirs
    assert 'href="/research/"' in theirs  # a researcher finds her way back, and here
    assert 'href="/manage/"' in pia.get("/research/").content.decode()
    assert 'href="/research/"' not in gus.get("/manage/").content.decode()


def test_a_picture_is_an_image_with_words_and_dark_colours(counted):
    gus = counted.client_of(counted.gus)
    wide, narrow = (gus.get("/manage/pictures/funnel/", {"size": size}) for size in ("wide", "narrow"))
    assert wide["Content-Type"] == narrow["Content-Type"] == "image/svg+xml"
    assert b"<title" in wide.content
    assert b"<desc" in wide.content
    assert b"prefers-color-scheme: dark" in wide.content
    assert wide.content != narrow.content


# ------------------------------------------------------------------------------------------------ empty, and several


def test_before_anything_was_counted_the_page_says_what_will_stand_there(published):
    gus = published.client_of(published.gus)
    text = words(gus.get("/manage/"))
    assert "Nothing has been counted yet" in text
    assert text.count("This will stand here:") == 11
    assert gus.get("/manage/table/").status_code == 409
    assert gus.get("/manage/paper/").status_code == 409
    assert gus.get("/manage/what/funnel.started/").status_code == 404
    assert gus.get("/manage/definitions/").status_code == 200


def test_a_count_that_cannot_be_judged_yet_says_what_is_missing(published):
    from accord.science.protocols import load_protocol

    result = nothing_counted(
        load_protocol("routine-care"), origin="real", problem="Nobody has answered at baseline.",
        cure="Wait for the first answers.", facts={"people": 0},
    )  # fmt: skip
    review_of(published, published.clinic, result=result)
    gus = published.client_of(published.gus)
    text = words(gus.get("/manage/"))
    assert "Nobody has answered at baseline. Wait for the first answers." in text
    assert text.count("This will stand here:") == 11
    assert gus.get("/manage/table/").status_code == 200
    assert gus.get("/manage/paper/").content.startswith(b"%PDF-")


def test_two_protocols_are_two_tabs_and_the_address_is_the_state(counted):
    Referral.objects.create(
        person=counted.ivo, clinic=counted.clinic, protocol="guided-icbt", source="self", made_at=counted.now
    )
    gus = counted.client_of(counted.gus)
    page = gus.get("/manage/", {"protocol": "guided-icbt"})
    assert "Guided icbt" in words(page)
    assert "Nothing has been counted yet" in words(page)
    assert len(re.findall(r'href="\?clinic=[^"]+"', page.content.decode())) == 2
    assert "Nothing has been counted yet" not in words(gus.get("/manage/", {"protocol": "routine-care"}))
    assert gus.get("/manage/", {"protocol": "mair"}).status_code == 404
    assert gus.get("/manage/", {"protocol": "\x00"}).status_code in (400, 404)
    assert gus.get("/manage/", {"clinic": "x" * 1000}).status_code == 404


def queries(client, path="/manage/") -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_page_asks_the_database_as_often_for_a_thousand_as_for_ten(counted):
    gus = counted.client_of(counted.gus)
    gus.get("/manage/")  # the protocol is read once and kept in memory
    few = queries(gus)
    for number in range(12):
        enrolled(counted.add_patient(f"pat{number}", counted.bea, account=False), counted.now)
        review_of(counted, counted.clinic, counted.now + timedelta(minutes=number))
    assert queries(gus) == few
    assert few < 30


def test_the_page_is_light(counted):
    page = counted.client_of(counted.gus).get("/manage/")
    assert len(page.content) < 200_000


def test_a_title_without_people(published):
    from accord.service.portals.manager.frame import heading

    assert heading(None) == "The numbers of the service"
    review = SimpleNamespace(result={"facts": {"people": 1367}, "invented": True})
    assert heading(review) == "How 1,367 invented people changed during the course"
