"""The tutorial on synchrony: its commands run, print what the page quotes, and draw the pictures that stand on it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page():
    spec = importlib.util.spec_from_file_location("two_bodies", ROOT / "docs/two_bodies.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["two_bodies"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["two_bodies"]


@pytest.fixture(scope="module")
def ran(page, tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_bodies")
    return folder, list(page.run(folder))


def test_the_commands_print_what_the_page_says(page, ran):
    _, said = ran
    printed = "\n".join(one.out for one in said)
    assert len(said) == 4
    assert len(page.quoted()) >= 4
    assert [line for line in page.quoted() if line not in printed] == []


def test_the_pictures_are_those_that_the_commands_draw(page, ran):
    """The words and their order; the last digit of a coordinate may differ from one processor to another."""
    folder, _ = ran
    text = page.PAGE.read_text(encoding="utf-8")
    shown = set(re.findall(r"images/two-bodies/([\w-]+)\.svg", text))
    assert shown == set(page.PICTURES) == {path.stem for path in page.IMAGES.iterdir()}
    for name, path in page.PICTURES.items():
        assert _words(folder / path) == _words(page.IMAGES / f"{name}.svg"), name


def _words(path):
    return ["".join(element.itertext()).strip() for element in ElementTree.fromstring(path.read_bytes()).iter()]


def test_it_says_what_it_does_not_show(page):
    text = page.PAGE.read_text(encoding="utf-8")
    assert "## What this does not show" in text
    for word in ("Not closeness", "Not that attunement does anything", "Nothing medical"):
        assert f"**{word}" in text
    assert all("invented data" in (page.IMAGES / f"{name}.svg").read_text(encoding="utf-8") for name in page.PICTURES)
