"""The gallery: a picture of every kind, drawn from the data that are named, and the files those that it draws."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from accord.science import figures

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images/gallery"


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs/gallery.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["gallery"]


@pytest.fixture(scope="module")
def drawn(gallery):
    return {shown.name: shown.draw() for shown in gallery.GALLERY}


def test_every_kind_of_picture_is_in_it(drawn):
    kinds = {
        name
        for name in figures.__all__
        if isinstance(getattr(figures, name), type)
        and name != "Figure"
        and hasattr(getattr(figures, name), "svg")
        and hasattr(getattr(figures, name), "table")
    }
    assert kinds
    assert kinds - {type(figure).__name__ for figure in drawn.values()} == set()


def test_only_what_has_no_real_data_is_invented_and_says_so(gallery, drawn):
    invented = {name for name, figure in drawn.items() if figure.invented}
    two_bodies = {"courses", "lag-map", "lead", "surrogates", "overview"}
    prices = {"cost-plane", "acceptability"}
    assert invented == {"funnel-bars", "prisma", "person", "sparkline", "power"} | prices | two_bodies
    assert {shown.name for shown in gallery.GALLERY if "invented" in shown.data} == invented
    assert {name for name in drawn if "invented data" in (IMAGES / f"{name}.svg").read_text("utf-8")} == invented


def test_the_files_are_those_that_the_gallery_draws(gallery):
    """The words and their order; the last digit of a coordinate may differ from one processor to another."""
    assert {path.name for path in IMAGES.iterdir()} == {f"{shown.name}.svg" for shown in gallery.GALLERY}
    again = dict(gallery.pictures())
    for name in ("forest.svg", "bars.svg", "prisma.svg"):
        assert _words(again[name]) == _words((IMAGES / name).read_text("utf-8"))


def _words(svg):
    from xml.etree import ElementTree

    return ["".join(element.itertext()).strip() for element in ElementTree.fromstring(svg.encode()).iter()]


def test_the_page_is_the_one_that_is_written(gallery):
    assert gallery.PAGE.read_text("utf-8") == gallery.page()


def test_figures_of_the_papers_come_back(drawn):
    """Ashar et al. 2022: pain-free or nearly so 33 of 50, 10 of 51, 5 of 50."""
    rows = drawn["bars"].rows
    assert [round(row.value * row.n) for row in rows] == [33, 10, 5]
    assert [row.n for row in rows] == [50, 51, 50]
    assert drawn["forest"].rows[-1].kind == "prediction"
    assert round(drawn["forest"].rows[-2].value, 2) == 0.27
