"""The journeys of those who see no patient's answers: coordinator, manager, researcher, operator.

One invented clinic with a small past and a running clock; each begins at the tour and ends with axe.
"""

from __future__ import annotations

import re
import subprocess
import time
import zipfile
from collections.abc import Callable

import pytest

from accord.science.cohort import read_cohort
from plugins.backstage import backstage
from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import ACCORD, served

pytestmark = pytest.mark.browser

OWED = "form[action$='/acknowledge/']"  # a referral that nobody has acknowledged
FITS = """
from accord.service.access.table import SERVICE
from accord.service.episodes.queries import confirm_token, open_referrals
from accord.service.flows.confirm_referral import confirm_referral
referral = next(row for row in open_referrals(SERVICE) if row.person.name == name)
account = confirm_referral(token=confirm_token(referral.pk), password="a long invented password", now=now())
one = walk.walker(account, name, now())
walk.introduce(one, name=name, now=now())
walk.join(one, now=walk.screen(one, now=now()))
told = str(one.person.pk)
"""


@pytest.fixture(scope="module")
def clinic(request):
    with served(request.param, ACCORD_DEMO_PAST="80") as (server, _), backstage(server) as behind:
        yield server, behind


POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
on_both = pytest.mark.parametrize("clinic", ["sqlite", POSTGRES], indirect=True)
# A page that is only read, and a file whose numbers are compared elsewhere, say nothing more on another database.
on_one = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


def as_visitor(browser, clinic, key: str, stop: str, screen: str = "desk") -> Somebody:
    """Comes in by the tour, as that person, at that stop."""
    one = somebody(browser, clinic[0].url, screen)
    one.go("/demo/tour/")
    one.in_order()
    one.page.locator(f"form[action$='/enter/{key}/']").get_by_role("button", name=stop, exact=True).click()
    one.page.wait_for_load_state()
    return one


def until(one: Somebody, there: Callable[[], bool], *, seconds: int = 240) -> None:
    """Look at the page again until it is there: something is made beside the pages."""
    for _ in range(seconds // 2):
        if there():
            return
        time.sleep(2)
        one.page.reload()
        one.page.wait_for_load_state()
    raise AssertionError(f"not there after {seconds} seconds: {one.words[:2000]}")


@on_both
def test_a_referral_by_letter_finds_a_therapist_and_leaves_no_loop_open(browser, clinic):
    dora, (_server, behind) = as_visitor(browser, clinic, "coordinator", "Who came"), clinic
    # given referrals of which one has waited too long for an answer
    dora.in_order()
    assert "Elsa Thorn" in dora.words
    assert "overdue since" in dora.words

    # when Dora enters one that came by letter
    dora.press("Enter a referral")
    dora.page.get_by_label("by letter").check()
    dora.page.get_by_label("Sent by").select_option(index=2)
    dora.page.get_by_label("Name and address for the answer").fill("Dr Invented, 3 Harbour Street")
    dora.page.get_by_label("Name of the person who is referred").fill("Nell Ortiz")
    dora.page.get_by_label("E-mail address").fill("nell.ortiz@demo.invalid")
    dora.in_order()
    dora.press("Enter it")
    # then it stands among those that nobody has acknowledged, until she says how she did
    dora.page.wait_for_url("**/office/**")
    dora.go("/office/")
    row = dora.page.locator("tr", has_text="Nell Ortiz").filter(has=dora.page.locator(OWED))
    row.get_by_role("button", name=re.compile("letter", re.IGNORECASE)).click()
    dora.page.wait_for_load_state()
    assert dora.page.locator("tr", has_text="Nell Ortiz").filter(has=dora.page.locator(OWED)).count() == 0

    # when Nell has used her link, answered the first questions and said yes
    behind.ask(FITS, name="Nell Ortiz")
    # then she waits for a therapist; one whose certificate ran out is taken only with a reason, and nothing is lost
    dora.go("/office/waiting/")
    dora.in_order()
    dora.page.locator("tr", has_text="Nell Ortiz").get_by_role("link", name=re.compile("All colleagues")).click()
    dora.page.wait_for_load_state()
    dora.page.get_by_label(re.compile("Hal Nordgren")).check()
    dora.press("Assign")
    assert "no certificate that counts today" in dora.words
    dora.complaints.clear()  # of the browser: a refusal is a 409
    assert dora.page.get_by_label(re.compile("Hal Nordgren")).is_checked()
    dora.page.get_by_label(re.compile("Why, where a certificate")).fill("She knows him; the renewal is on Monday.")
    dora.in_order()
    dora.press("Assign")
    dora.go("/office/?show=all")
    dora.page.get_by_role("link", name="Nell Ortiz").first.click()
    dora.page.wait_for_load_state()
    assert "Hal Nordgren" in dora.words
    assert "the renewal is on Monday" in dora.words
    dora.in_order()
    her = dora.page.url.removeprefix(dora.base)

    # when Dora writes the letter to who sent her
    dora.press("Write one, or see what became of it")
    dora.page.locator("aside", has=dora.page.locator("#write")).get_by_role("link").first.click()
    dora.page.wait_for_load_state()
    for label in ("To (name and address, one line each)", "Letter"):
        box = dora.page.get_by_label(label, exact=True)
        box.fill(re.sub(r"\[\[.*?\]\]", "as agreed", box.input_value(), flags=re.DOTALL) or "Dr Invented")
    dora.press("Sign it")
    dora.in_order()
    dora.press("It has been sent")
    # then it stands there word for word, and as paper
    assert "Signed" in dora.words
    paper = dora.page.get_by_role("link", name="PDF").get_attribute("href")
    assert dora.context.request.get(f"{dora.base}{paper}").body().startswith(b"%PDF")

    # when she is sent on and her way here ends
    dora.go(her)
    dora.page.locator("#send-on summary").click()
    dora.page.get_by_label("To", exact=True).select_option(index=1)
    dora.page.get_by_label("Why", exact=True).select_option(index=1)
    dora.page.locator("#send-on").get_by_role("button", name="Send on").click()
    dora.page.wait_for_load_state()
    dora.page.locator("#discharge summary").click()
    dora.page.locator("#discharge input[type=radio]").first.check()
    dora.page.locator("#discharge").get_by_role("button", name="Discharge").click()
    dora.page.wait_for_load_state()
    # then the loop is open until it is known what became of it
    for heard in ("sent", "seen"):
        dora.go("/office/loops/")
        loop = dora.page.locator("tr", has_text="Nell Ortiz")
        loop.get_by_role("button", name=re.compile(heard, re.IGNORECASE)).first.click()
        dora.page.wait_for_load_state()
    dora.go("/office/loops/")
    dora.in_order()
    assert dora.page.locator("tr", has_text="Nell Ortiz").count() == 0


@on_one
def test_a_manager_opens_a_number_to_its_meaning_signs_it_and_takes_the_table(browser, clinic):
    gus = as_visitor(browser, clinic, "manager", "The numbers")
    # given the numbers that the clock has counted since the clinic opened
    until(gus, lambda: gus.page.locator("data[data-id]").count() > 20)
    gus.in_order()
    assert "invented" in gus.words.lower()
    # when Gus opens one of them
    first = gus.page.locator("a:has(data[data-id])").first
    shown = first.inner_text().strip()
    first.click()
    gus.page.wait_for_load_state()
    # then he reads what it is, and the number again
    assert shown in gus.words
    gus.in_order()

    # when he signs what the words mean
    gus.go("/manage/definitions/")
    gus.press("Sign these definitions")
    # then the page of numbers says so
    gus.go("/manage/")
    assert "signed by Gus Moreau" in gus.words
    # and the table holds every number of the page
    numbers = {one.get_attribute("data-id") for one in gus.page.locator("data[data-id]").all()}
    with gus.page.expect_download() as kept:
        gus.page.get_by_role("link", name=re.compile(r"\(CSV\)")).click()
    table = kept.value.path().read_text()
    assert [one for one in numbers if one not in table] == []
    gus.in_order()


@on_one
def test_a_researcher_takes_out_a_cohort_that_reads_and_a_report_that_opens(browser, clinic, tmp_path):
    ila = as_visitor(browser, clinic, "researcher", "Exports")
    # given the protocols in force
    ila.in_order()
    # when Ila asks for an export, first without a word what for
    ila.page.get_by_label("What are these data for?").fill("short")
    ila.press("Ask for it")
    assert "What is it for? Say it in a sentence." in ila.words
    ila.complaints.clear()  # of the browser: a refusal is a 409
    ila.page.get_by_label("What are these data for?").fill("To see who starts and who does not.")
    ila.in_order()
    ila.press("Ask for it")
    # then the clock makes it beside everything else, and the page says so by itself
    download = ila.page.get_by_role("link", name=re.compile("^Download"))
    download.or_(ila.page.get_by_role("alert")).wait_for(timeout=300_000)
    assert download.is_visible(), ila.words
    ila.in_order()
    with ila.page.expect_download() as kept:
        ila.page.get_by_role("link", name=re.compile("^Download")).click()
    # and what she downloads is a cohort, without a name in it
    with zipfile.ZipFile(kept.value.path()) as archive:
        archive.extractall(tmp_path)
    found = next(tmp_path.rglob("cohort.json")).parent
    cohort = read_cohort(found)
    assert cohort.origin == "simulated"
    assert cohort.table("participants").height > 80
    everything = b"".join(path.read_bytes() for path in found.rglob("*") if path.is_file())
    assert b"Rosa" not in everything
    assert b"demo.invalid" not in everything
    # and its report opens in a page that may do nothing
    with ila.page.expect_response(re.compile("/report/")) as opened:
        ila.page.get_by_role("link", name="Open the report").click()
    assert opened.value.status == 200
    assert "sandbox" in opened.value.headers["content-security-policy"]


@on_one
def test_an_operator_sees_what_is_unsafe_and_when_the_last_backup_was(browser, clinic, tmp_path):
    jon, (server, _behind) = as_visitor(browser, clinic, "operator", "Settings"), clinic
    # given a service whose clock runs and of which there is no backup
    jon.in_order()
    assert "Clock last seen" in jon.words
    # when Jon makes one
    made = subprocess.run(
        [ACCORD, "backup", "--out", str(tmp_path / "kept.accord")],
        env=server.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    # then the page says when it was, and what else should be mended here
    jon.go("/operate/")
    backup = jon.page.locator("dt", has_text="Last backup").locator("+ dd").inner_text()
    assert backup != "none"
    assert jon.page.locator("#notes, #mend").count() >= 1
    jon.in_order()
