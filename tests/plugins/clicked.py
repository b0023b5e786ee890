"""A tutorial is a test: its sentences are read as what a hand does, in their order.

    Open `/demo/`.                         go there
    Press **Come in as a therapist**.      a button or a link that says this
    Write `…` in **Your message**.         a field by its label
    Choose **Phone** under **How**.        an option, a radio button or a box
    You see **Who needs you first**.       it stands on the page
    ![…](../images/screens/x.png)          the screen as it is now; taken anew with ACCORD_SCREENS=1

Anything else is prose. A sentence that begins with one of the verbs and cannot be read stops the test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect

from plugins.chromium import Somebody

VERBS = ("Open", "Press", "Write", "Choose", "You see")
_STEPS = {
    "open": re.compile(r"Open `(?P<path>/[^`]*)`"),
    "press": re.compile(r"Press \*\*(?P<words>[^*]+)\*\*(?: beside \*\*(?P<beside>[^*]+)\*\*)?"),
    "write": re.compile(r"Write `(?P<text>[^`]+)` in \*\*(?P<label>[^*]+)\*\*"),
    "choose": re.compile(r"Choose \*\*(?P<option>[^*]+)\*\*(?: under \*\*(?P<label>[^*]+)\*\*)?"),
    "see": re.compile(r"You see \*\*(?P<words>[^*]+)\*\*"),
    "screen": re.compile(r"!\[(?P<alt>[^\]]+)\]\((?P<file>\.\./images/screens/[\w-]+\.png)\)"),
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    line: int
    kind: str
    given: dict[str, str | None]


def steps(text: str) -> Iterator[Step]:
    """The steps of a tutorial, in the order of its words."""
    flat = re.sub(r"\n[ \t]*(?=\S)(?![#!|]|\* |\d+\. |- )", " ", text)  # a sentence may run over lines
    for number, line in enumerate(flat.splitlines(), start=1):
        found = sorted(
            ((match.start(), kind, match) for kind, pattern in _STEPS.items() for match in pattern.finditer(line)),
            key=lambda one: one[0],
        )
        told = sum(len(re.findall(rf"(?:^|[.:] |, then )(?:\d+\. )?{verb} (?=[`*])", line)) for verb in VERBS)
        read = sum(kind != "screen" for _, kind, _ in found)
        if told > read:
            raise ValueError(f"line {number}: {line!r} begins like a step and cannot be read as one.")
        for _, kind, match in found:
            yield Step(number, kind, match.groupdict())


def play(tutorial: Path, one: Somebody) -> int:
    """Do what a tutorial says; how many steps there were. Each page that is shown must be usable by everybody."""
    count = 0
    for count, step in enumerate(steps(tutorial.read_text("utf-8")), start=1):
        try:
            _PLAY[step.kind](one, tutorial, **step.given)
        except Exception as error:
            raise AssertionError(f"{tutorial.name}, step {count} ({step.kind} {step.given}): {error}") from error
    return count


def _open(one: Somebody, tutorial: Path, path: str) -> None:
    one.go(path)


def _press(one: Somebody, tutorial: Path, words: str, beside: str | None) -> None:
    place = one.page.locator("tr, li, article, .card", has_text=beside).last if beside else one.page
    button = place.get_by_role("button", name=words, exact=True).or_(place.get_by_role("link", name=words, exact=True))
    summary = place.locator("summary", has_text=words)
    (button.first if button.count() else summary.first).click()
    one.page.wait_for_load_state("networkidle")


def _write(one: Somebody, tutorial: Path, text: str, label: str) -> None:
    one.page.get_by_label(label, exact=True).first.fill(text)


def _choose(one: Somebody, tutorial: Path, option: str, label: str | None) -> None:
    if label:
        field = one.page.get_by_label(label, exact=True).first
        if field.evaluate("one => one.tagName") == "SELECT":
            wanted = field.locator("option", has_text=option).first.get_attribute("value")
            field.select_option(value=wanted)
            return
        one.page.get_by_role("group", name=label).get_by_label(option, exact=True).first.check()
        return
    one.page.get_by_label(option, exact=True).first.check()


def _see(one: Somebody, tutorial: Path, words: str) -> None:
    expect(one.page.get_by_text(words).first).to_be_visible()


def _screen(one: Somebody, tutorial: Path, alt: str, file: str) -> None:
    one.in_order()
    place = tutorial.parent / file
    if os.environ.get("ACCORD_SCREENS"):
        place.parent.mkdir(parents=True, exist_ok=True)
        one.page.screenshot(path=place, animations="disabled")
    assert place.is_file(), f"{place.name} was never taken: ACCORD_SCREENS=1 make screens"


_PLAY = {"open": _open, "press": _press, "write": _write, "choose": _choose, "see": _see, "screen": _screen}
