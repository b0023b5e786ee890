"""Steps that several journeys take: going through questions, reading a part of a lesson."""

from __future__ import annotations

import re

from plugins.chromium import Somebody

ANSWERS = {"How old are you": "44", "how many months": "60"}
DANGER = "thoughts of death, or of harming yourself"

# Everything that can be filled in on a part of a lesson, filled in with words that can be found again.
FILL = """(words) => {
  const form = document.querySelector("form.lesson");
  const tell = (el) => {
    for (const name of ["input", "change"]) el.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const seen = new Set();
  let boxes = 0;
  for (const el of form.querySelectorAll("textarea, input, select")) {
    if (el.type === "hidden" || el.name === "" || el.disabled) continue;
    if (el.type === "radio") {
      if (seen.has(el.name) || el.value === "") continue;
      seen.add(el.name); el.checked = true;
    } else if (el.type === "checkbox") {
      if (seen.has(el.name)) continue;
      seen.add(el.name); el.checked = true;
    } else if (el.tagName === "SELECT") {
      const first = [...el.options].find((option) => option.value !== "");
      if (first) el.value = first.value;
    } else if (el.type === "date") {
      continue;
    } else if (el.inputMode === "numeric" || el.inputMode === "decimal") {
      el.value = "5";
    } else {
      el.value = words; boxes += 1;
    }
    tell(el);
  }
  return boxes;
}"""


def answers_until(one: Somebody, stop: str = "", *, checks: int = 3) -> int:
    """One question after the other as they come; stops before the question with these words, or at the last page."""
    answered = 0
    while re.search(r"/questions/[0-9a-f-]+/\d+$", one.page.url):
        if answered < checks:
            one.in_order()
        if stop and stop in one.heading:
            return answered
        answer_one(one)
        answered += 1
        assert answered < 200, "the questions never end"
    return answered


def answer_one(one: Somebody) -> None:
    """No to everything that would raise an alarm, the middle of everything else."""
    heading, page = one.heading, one.page
    words = next((answer for part, answer in ANSWERS.items() if part.lower() in heading.lower()), None)
    radios = page.locator("input[name=answer][type=radio], input[name=answer][type=checkbox]")
    if words is not None and radios.count() == 0:
        page.locator("[name=answer]").fill(words)
    elif radios.count() == 0:
        one.press("I would rather not answer")
        return
    else:
        labels = page.locator("label:has(input[name=answer])")
        yes = labels.filter(has_text=re.compile(r"^\s*yes", re.IGNORECASE))
        fine = any(part in heading for part in ("doctor", "keep yourself safe"))
        (yes.first if fine and yes.count() else labels.nth(0) if DANGER in heading else _no(labels)).click()
    one.press("Next")


def _no(labels):
    no = labels.filter(has_text=re.compile(r"^\s*no\s*$", re.IGNORECASE))
    return no.first if no.count() else labels.nth(labels.count() // 2)


def sends(one: Somebody) -> None:
    one.in_order()
    one.page.locator("main form[method=post] button.button").first.click()


def reads_the_lesson(one: Somebody, *, words: str, met: set[str]) -> int:
    """From the page of a lesson through all its parts, filling in what they ask; how many parts.

    A page that shows a kind of block for the first time (`met`) is looked at with axe.
    """
    one.page.locator("main section.now form button.button").click()
    one.page.wait_for_load_state()
    parts = 0
    while re.search(r"/my/lessons/\w+/\d+$", one.page.url):
        kinds = set(one.page.evaluate("[...document.querySelectorAll('section.block')].map((b) => b.classList[1])"))
        if kinds - met:
            one.in_order()
            met |= kinds
        one.page.evaluate(FILL, words)
        one.page.locator("form.lesson button.button[value=next]").click()
        one.page.wait_for_load_state()
        parts += 1
        assert one.page.locator("main .errors").count() == 0, one.words
        assert parts <= 12, "the lesson never ends"
    return parts
