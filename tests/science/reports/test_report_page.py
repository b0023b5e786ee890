"""The page: stands alone, is well formed and accessible, stamps what is invented, lets nothing break out."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
import report_sample as sample
from page_reading import Page

from accord.science.analyses.result import AnalysisResult, Estimates, Picture, Table
from accord.science.figures import FunnelBars
from accord.science.reports import render_report

RESULTS = {
    "invented": sample.result(), "real": sample.result("real"), "hostile": sample.hostile(), "bare": sample.bare(),
}  # fmt: skip
HTML = {name: render_report(result) for name, result in RESULTS.items()}
PAGES = {name: Page(html) for name, html in HTML.items()}
EVERY = pytest.mark.parametrize("name", RESULTS)


@EVERY
def test_every_id_stands_once_and_every_reference_finds_one(name):
    page = PAGES[name]
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for element in page.all():
        for key in ("aria-labelledby", "aria-describedby"):
            assert set(element.attrs.get(key, "").split()) <= set(ids)
        if element.attrs.get("href", "").startswith("#"):
            assert element.attrs["href"][1:] in ids


@EVERY
def test_nothing_is_asked_of_any_host_and_nothing_runs(name):
    page, html = PAGES[name], HTML[name]
    assert not {element.tag for element in page.all()} & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "img",
        "form",
        "base",
    }
    for element in page.all():
        assert not [key for key in element.attrs if key.startswith("on") or key in ("style", "src", "srcset", "action")]
        assert element.attrs.get("href", "#").startswith("#")
    css = page.all("style")[0].text()
    assert not re.search(r"url\(|@import|expression|https?:", css)
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {"http://www.w3.org/2000/svg"}


@EVERY
def test_its_own_policy_forbids_everything_but_its_styles(name):
    policies = [m.attrs["content"] for m in PAGES[name].all("meta") if "http-equiv" in m.attrs]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert len(PAGES[name].all("style")) == 1


@EVERY
def test_landmarks_language_and_headings_in_order(name):
    page = PAGES[name]
    (html,) = page.all("html")
    assert html.attrs["lang"] == "en"
    assert len(page.all("main")) == len(page.all("footer")) == len(page.all("h1")) == 1
    assert all("aria-label" in nav.attrs for nav in page.all("nav"))
    levels = [int(element.tag[1]) for element in page.all() if re.fullmatch(r"h[1-6]", element.tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    skip = page.all("a")[0]
    assert page.by_id(skip.attrs["href"][1:]).tag == "main"


@EVERY
def test_tables_have_heads_with_scope_and_scroll_in_regions_of_their_own(name):
    for table in PAGES[name].all("table"):
        region = table.parent
        assert region.attrs["role"] == "group"
        assert region.attrs["tabindex"] == "0"
        assert PAGES[name].by_id(region.attrs["aria-labelledby"]).text().strip() or name == "hostile"
        heads = table.all("th")
        assert {head.attrs["scope"] for head in heads} <= {"col", "row", "rowgroup"}
        width = len(table.all("thead")[0].all("tr")[0].children)
        left = 0
        for row in table.all("tbody")[0].all("tr"):
            cells = [cell for cell in row.children if cell.tag in ("th", "td")]
            spanned = int(cells[0].attrs.get("rowspan", "1")) if cells[0].tag == "th" else 0
            left = spanned if spanned else left
            assert len(cells) + (0 if cells[0].tag == "th" else 1) == width
            assert left >= 1
            left -= 1


@EVERY
def test_every_picture_is_there_wide_and_narrow_with_its_table(name):
    pictures = [block for block in RESULTS[name].blocks() if isinstance(block, Picture)]
    figures = PAGES[name].all("figure")
    assert len(figures) == len(pictures)
    for figure, block in zip(figures, pictures, strict=True):
        assert [svg.attrs["role"] for svg in figure.all("svg")] == ["img", "img"]
        assert [div.attrs["class"] for div in figure.children if div.tag == "div"] == ["wide", "narrow"]
        (details,) = figure.all("details")
        assert len(details.all("table")) == 1
        assert len(details.all("tbody")[0].all("tr")) == max(len(block.picture.table()[1]), 1)


def test_the_page_is_the_same_for_the_same_result():
    assert render_report(sample.result()) == HTML["invented"]


# --- what it says -------------------------------------------------------------------------------------------------


def test_the_lead_comes_first_and_cautions_stand_where_they_were_put():
    page = PAGES["real"]
    text = page.all("main")[0].text()
    assert text.index(RESULTS["real"].title) < text.index(RESULTS["real"].lead[0]) < text.index("Who went how far")
    (caution,) = [p for p in page.all("p") if p.attrs.get("class") == "caution"]
    assert caution.text() == "No comparison group: part of this would have happened anyway."
    assert caution.parent.attrs["id"] == "change"


def test_the_contents_lead_to_every_section():
    (nav,) = PAGES["real"].all("nav")
    named = [(link.attrs["href"][1:], link.text()) for link in nav.all("a")]
    assert [heading for _, heading in named[:8]] == [section.heading for section in RESULTS["real"].sections]
    assert named[-1][0] == "every-number"


def test_every_estimates_table_says_n_missing_instrument_and_method():
    page = PAGES["real"]
    blocks = [block for block in RESULTS["real"].blocks() if isinstance(block, Estimates)]
    tables = [t for t in page.all("table") if "Instrument and method" in [h.text() for h in t.all("th")]]
    assert len(tables) == len(blocks) + 1
    heads = [head.text() for head in tables[0].all("thead")[0].all("th")]
    assert heads == ["What", "Estimate [95\N{NO-BREAK SPACE}%]", "p", "n", "Missing", "Instrument and method"]
    first = [cell.text() for cell in tables[0].all("tbody")[0].all("tr")[0].children]
    assert "1.21 [1.01, 1.41]" in first[1]
    assert first[2:5] == ["< .001", "1,189", "249"]
    assert "bpi_interference.total" in first[5]
    assert "repeated-measures model" in first[5]
    assert "df 1,043.2" in first[5]


def test_every_number_has_its_definition_and_is_reached_by_its_id():
    page = PAGES["real"]
    for estimate in RESULTS["real"].estimates:
        row = page.by_id(f"number-{estimate.id}")
        assert row.tag == "tr"
        assert estimate.id in row.text()
        assert estimate.label in row.text()
    links = [link.attrs["href"] for link in page.all("a") if link.attrs.get("href", "").startswith("#number-")]
    assert "#number-change.phq_9.total.post" in links


def test_a_number_that_could_not_be_had_says_why():
    row = PAGES["real"].by_id("number-icc.therapist.phq_9.total.post").text()
    assert "–" in row
    assert "no variance share below 20" in row


def test_a_very_small_number_is_not_printed_as_zero():
    assert "0.0004 [−0.080, 0.080]" in PAGES["real"].by_id("number-g.phq_9.total.post").text()


def test_shares_are_printed_in_per_cent_and_missing_cells_as_a_dash():
    assert "87.0\N{NO-BREAK SPACE}% [85.2\N{NO-BREAK SPACE}%" in PAGES["real"].by_id("number-funnel.started").text()
    row = next(row for row in PAGES["real"].all("tr") if row.text().startswith("Employed"))
    assert [cell.text() for cell in row.all("td")] == ["–", "–", "–"]


def test_the_foot_names_protocol_hash_origin_and_facts():
    foot = PAGES["invented"].all("footer")[0].text()
    for said in ("routine-care, version 1", "9f2c9f2c", "simulated (invented)", "accord 0.1.0"):
        assert said in foot


def test_a_long_table_is_folded_and_a_short_one_is_not():
    rows = tuple((f"row {k}", k) for k in range(60))
    base = sample.bare()
    section = replace(
        sample.result().sections[0],
        blocks=(Table("long", "Long", ("a", "b"), rows), Table("s", "S", ("a",), (("x",),))),
    )
    page = Page(render_report(replace(base, sections=(section,))))
    assert [table.inside("details") for table in page.all("table")] == [True, False]
    assert "Show all 60 rows" in page.all("summary")[0].text()


def test_a_column_without_a_name_has_no_empty_heading():
    page = Page(render_report(with_blocks(Table("t", "T", ("", "n"), (("Women", 3),)))))
    assert [cell.tag for cell in page.all("thead")[0].all("tr")[0].children] == ["td", "th"]
    assert [head.text() for head in page.all("th")] == ["n", "Women"]


def test_rows_that_begin_alike_share_their_head():
    table = Table("t", "T", ("Outcome", "At", "n"), (("Pain", "post", 1), ("Pain", "later", 2), ("Mood", "post", 3)))
    page = Page(render_report(with_blocks(table)))
    heads = [(head.text(), head.attrs.get("rowspan")) for head in page.all("tbody")[0].all("th")]
    assert heads == [("Pain", "2"), ("Mood", None)]


def test_a_sentence_that_returns_in_every_row_is_printed_once_under_the_table():
    method = "a model whose name is much longer than any column of a table should be"
    rows = tuple((f"outcome {k}", method) for k in range(6))
    html = render_report(with_blocks(Table("t", "T", ("Outcome", "Method"), rows)))
    assert html.count(method) == 1
    assert [cell.text() for cell in Page(html).all("td")] == ["a"] * 6


def with_blocks(*blocks) -> AnalysisResult:
    section = replace(sample.result().sections[0], blocks=blocks)
    return replace(sample.bare(), sections=(section,))


# --- what is invented says so (C12) ----------------------------------------------------------------------------------


def test_invented_data_are_stamped_everywhere():
    page, html = PAGES["invented"], HTML["invented"]
    assert page.all("title")[0].text().startswith("Invented data: ")
    assert page.all("p")[0].attrs["class"] == "eyebrow"
    assert page.all("p")[0].text().startswith("invented data")
    assert '@top-right{content:"invented data"' in html
    for svg in page.all("svg"):
        assert [t.text() for t in svg.all("text")].count("invented data") == 1
    for table in page.all("table"):
        assert "invented data" in page.by_id(table.attrs["aria-labelledby"]).text()


def test_what_is_real_is_nowhere_called_invented():
    assert "invented" not in PAGES["real"].all("body")[0].text()


def test_a_picture_that_forgot_its_stamp_gets_it():
    picture = Picture("p", "P", "d", FunnelBars("P", "d", (), invented=False))
    page = Page(render_report(replace(with_blocks(picture), origin="simulated")))
    assert all("invented data" in svg.text() for svg in page.all("svg"))


def test_a_lead_that_does_not_say_it_gets_the_sentence():
    page = Page(render_report(replace(sample.bare(), origin="simulated")))
    assert "These figures return what was put in" in page.root.text()


# --- hostile words ----------------------------------------------------------------------------------------------------


def test_hostile_words_are_words():
    html, page = HTML["hostile"], PAGES["hostile"]
    assert "<script" not in html
    assert "\x00" not in html
    html.encode("utf-8")
    assert page.all("h1")[0].text().startswith('</title></style><script>alert("x")')
    assert not [
        element for element in page.all("b") if element.parent.attrs.get("class") != "keys" and not element.inside("li")
    ]
