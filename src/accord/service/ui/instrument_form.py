"""A question as an accessible form: what a page shows of an item, and what it takes back. It knows no rows.

An item of ours shows its own words; a restricted one the words of a site's pack; without a pack only its number, its
topic and the response scale (C6).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from accord.science.instruments import Instrument, Item
from accord.science.instruments.wording import WordingPack
from accord.science.programmes import Question

LONGEST = 5_000  # characters of a free text
ROWS, TILES = 7, 11  # up to so many answers stand as rows, as a scale of numbers; more are written as a number

Value = int | float | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen: what is posted, what is read, and whether it stands chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What a page shows. `kind` decides the control; `low` and `high` are the words at the ends of a scale."""

    legend: str
    kind: Literal["rows", "scale", "number", "text", "several"]
    hint: str = ""
    why: str = ""
    choices: tuple[Choice, ...] = ()
    low: str = ""
    high: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True
    value: str = ""
    topics_only: bool = False
    introduction: str = ""
    about: str = ""  # what the questionnaire is about, in a patient's words
    recall: str = ""  # the time that it asks about


class Unusable(ValueError):
    """What was sent is no answer to this question. The message is shown beside the control; `kept` is put back."""

    def __init__(self, message: str, *, kept: str = "") -> None:
        super().__init__(message)
        self.message, self.kept = message, kept


# --- showing ------------------------------------------------------------------------------------------------------


def question_form(question: Question, value: Value = None) -> QuestionForm:
    """The form of a single question (eligibility, background)."""
    if question.kind == "choice" or question.kind == "choices":
        chosen = value if isinstance(value, list) else [value]
        choices = tuple(Choice(key, label, key in chosen) for key, label in question.options.items())
        kind: Literal["rows", "several"] = "rows" if question.kind == "choice" else "several"
        return QuestionForm(question.ask, kind, question.help, question.why, choices)
    if question.kind == "number":
        return QuestionForm(
            question.ask, "number", question.help, question.why, unit=question.unit, minimum=question.low,
            maximum=question.high, whole=question.whole, value=_shown(value),
        )  # fmt: skip
    return QuestionForm(question.ask, "text", question.help, question.why, value=_shown(value))


def item_form(
    instrument: Instrument, item: Item, pack: WordingPack | None, value: Value = None, *, first: bool = False
) -> QuestionForm:
    """The form of one item; the first one of an instrument carries its introduction."""
    worded = pack.items.get(item.id) if pack else None
    labels = {f"{key:g}": label for key, label in item.options.items()} | (worded.options if worded else {})
    topics_only = worded is None and not instrument.own
    legend = worded.text if worded else item.text if instrument.own and item.text else _topic(instrument, item)
    introduction = (pack.introduction if pack else instrument.introduction if instrument.own else "") if first else ""
    shown: dict[str, str | bool] = {"hint": item.help or "", "topics_only": topics_only, "introduction": introduction}
    shown |= {"about": instrument.patient_name, "recall": instrument.recall}
    if item.kind == "text":
        return QuestionForm(legend, "text", value=_shown(value), **shown)  # type: ignore[arg-type]
    if _is_number(item):
        return QuestionForm(
            legend, "number", minimum=item.minimum, maximum=item.maximum, whole=item.whole, value=_shown(value),
            **shown,  # type: ignore[arg-type]
        )  # fmt: skip
    return _chosen_from(legend, item, labels, value, shown)


def _is_number(item: Item) -> bool:
    if item.kind == "number" or not item.whole or item.minimum is None or item.maximum is None:
        return True
    return item.maximum - item.minimum >= TILES


def _chosen_from(
    legend: str, item: Item, labels: Mapping[str, str], value: Value, shown: Mapping[str, str | bool]
) -> QuestionForm:
    numbers = [f"{number:g}" for number in _numbers(item)]
    chosen = _shown(value)
    if len(numbers) > ROWS:
        choices = tuple(Choice(number, number, number == chosen) for number in numbers)
        return QuestionForm(
            legend, "scale", choices=choices, low=labels.get(numbers[0], ""), high=labels.get(numbers[-1], ""),
            **shown,  # type: ignore[arg-type]
        )  # fmt: skip
    complete = all(number in labels for number in numbers)
    choices = tuple(Choice(number, _row(number, labels, complete), number == chosen) for number in numbers)
    return QuestionForm(legend, "rows", choices=choices, **shown)  # type: ignore[arg-type]


def _numbers(item: Item) -> list[float]:
    low, high = int(item.minimum or 0), int(item.maximum or 0)
    return [float(number) for number in range(low, high + 1)] + [float(number) for number in item.not_assessed]


def _row(number: str, labels: Mapping[str, str], complete: bool) -> str:
    if complete:
        return labels[number]
    return f"{number} – {labels[number]}" if number in labels else number


def _topic(instrument: Instrument, item: Item) -> str:
    place = [one.id for one in instrument.items].index(item.id) + 1
    said = {"place": place, "of": len(instrument.items), "topic": item.topic}
    return _("Item %(place)s of %(of)s (topic: %(topic)s)") % said


def _shown(value: Value) -> str:
    if value is None or isinstance(value, list):
        return ""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def in_words(form: QuestionForm, value: Value) -> str:
    """An answer as it is read back: the label that was chosen, the number with its unit, the text."""
    if value is None or value == "":
        return _("left out")
    wanted = value if isinstance(value, list) else [_shown(value)]
    labels = [choice.label for choice in form.choices if choice.value in wanted]
    return ", ".join(labels) if labels else f"{_shown(value)} {form.unit}".strip()


# --- taking back --------------------------------------------------------------------------------------------------


def read_answer(definition: Item | Question, given: list[str]) -> Value:
    """What was sent, as the value to keep. Raises Unusable with what to do; nothing that was not offered is taken."""
    first = given[0] if given else ""
    if isinstance(definition, Question):
        return _of_question(definition, given, first)
    if definition.kind == "text":
        return _text(first)
    if _is_number(definition):
        return _number(first, definition.minimum, definition.maximum, definition.whole)
    offered = {f"{number:g}": number for number in _numbers(definition)}
    if first not in offered:
        raise Unusable(_("Choose one of the answers, or say that you would rather not answer."))
    return int(offered[first])


def _of_question(question: Question, given: list[str], first: str) -> Value:
    if question.kind == "number":
        return _number(first, question.low, question.high, question.whole)
    if question.kind in ("choice", "choices"):
        if not given or any(one not in question.options for one in given):
            raise Unusable(_("Choose one of the answers, or say that you would rather not answer."))
        return list(dict.fromkeys(given)) if question.kind == "choices" else first
    return _text(first)


def _number(text: str, low: float | None, high: float | None, whole: bool) -> int | float:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (whole and number != int(number)):
        kind = _("a whole number") if whole else _("a number")
        raise Unusable(_("Write %(kind)s, with digits.") % {"kind": kind}, kept=text[:40].replace("\0", ""))
    if (low is not None and number < low) or (high is not None and number > high):
        said = {"low": f"{low:g}" if low is not None else "…", "high": f"{high:g}" if high is not None else "…"}
        raise Unusable(_("The number lies between %(low)s and %(high)s.") % said, kept=text[:40].replace("\0", ""))
    return int(number) if whole else number


def _text(text: str) -> str:
    """Plain text in any script, within its limit."""
    if "\0" in text:
        cleaned = text.replace("\0", "")
        message = _("Your text held a character that cannot be stored. We took it out; please look and send it again.")
        raise Unusable(message, kept=cleaned[:LONGEST])
    if len(text) > LONGEST:
        said = {"found": f"{len(text):,}", "limit": f"{LONGEST:,}"}
        message = _("Your text has %(found)s characters; up to %(limit)s can be kept. Shorten it and send it again.")
        raise Unusable(message % said, kept=text[:LONGEST])
    if not text.strip():
        raise Unusable(_("Write an answer, or say that you would rather not answer."))
    return text.strip()
