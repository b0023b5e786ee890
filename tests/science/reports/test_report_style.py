"""Contrast of every pair of colours that is used, in light, dark and print (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from accord.science.figures.marks import series

CSS = files("accord.science.reports").joinpath("report.css").read_text(encoding="utf-8")


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block))


def block_after(mark: str) -> str:
    start = CSS.index(mark)
    return CSS[start : CSS.index("}", CSS.index(":root", start))]


LIGHT = tokens(block_after(":root"))
THEMES = {
    "light": LIGHT,
    "dark": LIGHT | tokens(block_after("prefers-color-scheme: dark")),
    "print": LIGHT | tokens(block_after("@media print")),
}
TEXT = [
    ("ink", "paper"), ("ink", "card"), ("ink", "warm-wash"), ("ink", "calm-wash"), ("ink", "sunk"), ("soft", "card"),
    ("soft", "paper"), ("soft", "sunk"), ("faint", "paper"), ("faint", "card"), ("faint", "calm-wash"),
    ("calm", "card"), ("calm", "paper"), ("warm", "card"), ("warm", "paper"),
]  # fmt: skip
MARKS = [("edge", "card"), ("calm", "card"), ("warm", "card"), ("violet", "card"), ("gold", "card"), ("calm", "sunk")]


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_has_at_least_four_and_a_half_to_one(theme, text, ground):
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_have_at_least_three_to_one(theme, mark, ground):
    assert contrast(THEMES[theme][mark], THEMES[theme][ground]) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
def test_the_ring_around_what_has_the_focus_is_seen_on_every_ground(theme):
    for ground in ("paper", "card"):
        ring = [THEMES[theme]["focus"], THEMES[theme]["focus-edge"]]
        assert max(contrast(colour, THEMES[theme][ground]) for colour in ring) >= 3.0


def test_every_colour_a_picture_asks_for_is_defined_with_the_same_fallback():
    asked = set()
    for path in files("accord.science.figures").iterdir():
        if path.name.endswith(".py") and path.name != "schedule.py":
            asked |= set(re.findall(r"var\(--([a-z-]+),(#[0-9a-f]{6})\)", path.read_text(encoding="utf-8")))
    assert len(asked) >= 10
    assert dict(asked) == {name: LIGHT[name] for name, _ in asked}
    assert all(series(k).colour.startswith("var(--") for k in range(5))


def test_dark_narrow_print_and_contrast_have_rules():
    for rule in (
        "prefers-color-scheme: dark",
        "prefers-contrast: more",
        "forced-colors: active",
        "@media print",
        "max-width",
    ):
        assert rule in CSS
    assert CSS.count("{") == CSS.count("}")
