"""The flow of a review: what is counted by subtraction, what is drawn, and which files are refused."""

from __future__ import annotations

import pytest
from svg_reading import overlaps, size_of, text_boxes

from accord.science.errors import BadInput, NotFound
from accord.science.figures import NARROW, WIDE
from accord.science.figures.prisma import read_prisma

COUNTS = """\
# a review of nothing, counted for this test
step,label,n
identified,PubMed,400
identified,"PsycINFO, Ovid",350
removed,duplicates,150
screened,,600
excluded,not a trial,480
sought,,120
not_retrieved,,5
assessed,,115
excluded_reports,other condition,60
excluded_reports,no control group,29
included_studies,,23
included_reports,,26
"""


def flow(tmp_path, text=COUNTS, **options):
    path = tmp_path / "flow.csv"
    path.write_text(text, encoding="utf-8")
    return read_prisma(path, title="Flow of the review", **options)


def test_the_counts_between_follow_by_subtraction(tmp_path):
    stated = ("screened,", "sought,", "assessed,")
    bare = "\n".join(line for line in COUNTS.splitlines() if not line.startswith(stated))
    for review in (flow(tmp_path), flow(tmp_path, bare)):
        assert (review.screened, review.sought, review.assessed, review.left) == (600, 120, 115, 26)
        assert (review.studies, review.reports) == (23, 26)


def test_semicolons_do_as_well_and_the_description_says_what_became_of_how_many(tmp_path):
    plain = COUNTS.replace('"PsycINFO, Ovid"', "PsycINFO")
    assert flow(tmp_path, plain.replace(",", ";")) == flow(tmp_path, plain)
    assert flow(tmp_path).description == "750 records identified, 23 studies included."


def test_the_table_names_every_source_and_reason(tmp_path):
    columns, rows = flow(tmp_path).table()
    assert len(columns) == 4
    assert [(row[0], row[1]) for row in rows if row[1] is not None] == [
        ("Records identified", 750),
        ("Records screened", 600),
        ("Reports sought", 120),
        ("Reports assessed for eligibility", 115),
        ("Studies included (reports of them: 26)", 23),
    ]
    assert ("Records identified", None, "PsycINFO, Ovid", 350) in rows
    assert ("Reports excluded", None, "no control group", 29) in rows


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_all_of_it_is_drawn_and_nothing_lies_over_anything(tmp_path, width):
    svg = flow(tmp_path).svg(ident="flow", width=width)
    for words in ("Removed before screening: 150", "60 other condition", "5 not stated", "n = 23"):
        assert words in svg
    assert 'id="flow-title"' in svg
    assert overlaps(svg) == []
    wide, tall = size_of(svg)
    assert all(box.left >= -1 and box.right <= wide + 1 and box.bottom <= tall + 1 for box in text_boxes(svg))


def test_an_invented_flow_is_stamped(tmp_path):
    assert "invented data" in flow(tmp_path, invented=True).svg()
    assert "invented data" not in flow(tmp_path).svg()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("screened,,600", "screened,,601", 6, "screened is 601, but identified less removed is 600"),
        ("included_reports,,26", "included_reports,,25", 14, "included_reports is 25"),
        ("included_studies,,23", "included_studies,,27", 13, "27 studies are included, but only 26 reports"),
        ("removed,duplicates,150", "removed,duplicates,15o", 5, "n is '15o'"),
        ("removed,duplicates,150", "removed,duplicates,-150", 5, "n is '-150'"),
        ("removed,duplicates", "dropped,duplicates", 5, "The step is 'dropped'"),
        ("sought,,120", "assessed,,115", 10, "assessed stands twice"),
        ('"PsycINFO, Ovid"', "PsycINFO, Ovid", 4, "The row has 4 cells"),
        ("identified,PubMed,400", "identified,PubMed,4", 6, "screened is 600"),
        ("step,label,n", "step,n", None, "The heading is step, n"),
        ("included_studies,,23\n", "", None, "There is no row included_studies"),
    ],
)
def test_what_does_not_add_up_or_cannot_be_read_is_refused_at_its_line(tmp_path, old, new, line, said):
    assert old in COUNTS
    with pytest.raises(BadInput, match=said) as refused:
        flow(tmp_path, COUNTS.replace(old, new))
    assert refused.value.finding.where.line == line


def test_more_excluded_than_there_were_is_refused(tmp_path):
    text = "step,label,n\nidentified,PubMed,10\nexcluded,,12\nincluded_studies,,0\n"
    with pytest.raises(BadInput, match="sought would be -2"):
        flow(tmp_path, text)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(NotFound, match=r"nowhere\.csv"):
        read_prisma("nowhere.csv", title="Flow")
