"""`accord instruments check`: what a definition must keep beyond its shape.

Its worked examples come out, and there are enough of them; no word that blames a patient (C37); the wording of
others is not in it (C6); what could not be verified is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from accord.science.definitions import Document, find_content, read_document
from accord.science.errors import AccordError, Finding
from accord.science.instruments.load import load_instrument
from accord.science.instruments.model import Example, Instrument, Scale
from accord.science.instruments.scoring import score_answers

# Stems of the words that never stand on a patient's page (C37).
BLAMING = (
    "catastroph", "kinesiophob", "non-complian", "noncomplian", "failed", "failure", "drop-out", "dropout",
    "completer", "deteriorat", "maladaptive", "naive theory", "unexplained", "all in",
)  # fmt: skip
_BLAMING = re.compile("|".join(rf"\b{re.escape(word)}" for word in BLAMING if word != "all in") + r"|\ball in\b")

TOLERANCE = 6e-4  # expected values are written with three decimals


def check_instrument(name: str, *, site: Path | None = None) -> list[Finding]:
    """Every finding on one instrument; warnings do not make it unusable. Never raises for a bad definition."""
    try:
        instrument = load_instrument(name, site=site)
        path = find_content("instruments", "*.yaml", name, site=site)
        document = read_document(path, shown_as=instrument.file)
    except AccordError as error:
        return error.findings
    return [
        *_wrong_examples(instrument, document), *_missing_examples(instrument, document),
        *_blaming_words(instrument, document), *_foreign_wording(instrument, document),
        *_unverified(instrument, document),
    ]  # fmt: skip


def example_frame(instrument: Instrument) -> pl.DataFrame:
    """The answers of all worked examples, one row each."""
    items = [item for item in instrument.items if item.kind != "text"]
    return pl.DataFrame(
        {item.id: [example.answers.get(item.id) for example in instrument.examples] for item in items},
        schema={item.id: pl.Float64 for item in items},
    )


def wrong_examples(instrument: Instrument) -> list[tuple[int, str]]:
    """Worked examples that do not come out: (number, what was found and what was worked out)."""
    if not instrument.examples:
        return []
    scored = score_answers(instrument, example_frame(instrument))
    wrong = []
    for number, (example, row) in enumerate(zip(instrument.examples, scored.iter_rows(named=True), strict=True)):
        for column, expected in example.expect.items():
            if column not in row:
                wrong.append((number, f"'{column}' is no column of its result"))
            elif not _same(row[column], expected):
                found, worked = _shown(row[column]), _shown(expected)
                wrong.append((number, f"{column} is {found}, worked out {worked} ({example.arithmetic})"))
    return wrong


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _same(found: object, expected: object) -> bool:
    if isinstance(found, float) and isinstance(expected, int | float) and not isinstance(expected, bool):
        return abs(found - expected) <= TOLERANCE
    return found == expected


def _wrong_examples(instrument: Instrument, document: Document) -> list[Finding]:
    try:
        wrong = wrong_examples(instrument)
    except AccordError as error:
        return [document.finding(f"an example holds an impossible answer: {error}", "examples")]
    return [
        document.finding(
            f"example '{instrument.examples[number].name}': {what}.", "examples", number,
            cure="Work it out again by hand, then correct the example or the scale.",
        )
        for number, what in wrong
    ]  # fmt: skip


def _missing_examples(instrument: Instrument, document: Document) -> Iterator[Finding]:
    """Per scale: all lowest, all highest, missing at the limit and one beyond, and one in every band."""
    for scale in instrument.scales.values():
        lacking = [*_lacking_ends(instrument, scale), *_lacking_missing(instrument, scale)]
        bands = {example.expect.get(_column(instrument, scale, "band")) for example in instrument.examples}
        for what in [*lacking, *(f"in the band '{band.name}'" for band in scale.bands if band.name not in bands)]:
            what = f"{scale.id}: no worked example {what}."
            yield document.finding(what, "examples", cure="Add one, with its arithmetic.")


def _column(instrument: Instrument, scale: Scale, name: str) -> str:
    return name if scale is instrument.main else f"{scale.id}_{name}"


def _lacking_ends(instrument: Instrument, scale: Scale) -> list[str]:
    def at(example: Example, end: str) -> bool:
        return all(example.answers.get(item) == getattr(instrument.item(item), end) for item in scale.items)

    return [
        f"with all {word} answers"
        for end, word in (("minimum", "lowest"), ("maximum", "highest"))
        if not any(at(example, end) for example in instrument.examples)
    ]


def _lacking_missing(instrument: Instrument, scale: Scale) -> list[str]:
    if scale.missing.over == "instrument":
        counted, of = [item.id for item in instrument.items if not item.optional], len(instrument.items)
    else:
        counted, of = list(scale.items), len(scale.items)
    codes = {item.id: item.not_assessed for item in instrument.items}
    answered = {
        sum(example.answers.get(item) is not None and example.answers.get(item) not in codes[item] for item in counted)
        for example in instrument.examples
    }
    needed = scale.missing.needed(of)
    lacking = [] if needed - 1 in answered or scale.scales else [f"with {needed - 1} of {of} answered"]
    return lacking if needed in answered or needed == of else [*lacking, f"with {needed} of {of} answered"]


def _shown_to_patients(instrument: Instrument) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield instrument.patient_name, ("patient_name",)
    yield instrument.introduction, ("introduction",)
    for item in instrument.items:
        for text in (item.topic, item.text or "", item.help or "", *item.options.values()):
            yield text, ("items", item.id)
    for scale in instrument.scales.values():
        yield scale.patient_name, ("scales", scale.id, "patient_name")


def _blaming_words(instrument: Instrument, document: Document) -> list[Finding]:
    return [
        document.finding(
            f"'{found.group()}' may stand on a patient's page.", *path, cure="Use a plain, kind word.", rule="C37"
        )
        for text, path in _shown_to_patients(instrument)
        if (found := _BLAMING.search(text.lower()))
    ]


def _foreign_wording(instrument: Instrument, document: Document) -> list[Finding]:
    worded = [item for item in instrument.items if item.text]
    if instrument.own:
        bare = [item for item in instrument.items if not item.text]
        return [
            document.finding(f"{item.id} has no text.", "items", item.id, cure="Write the question out.")
            for item in bare
        ]
    return [
        document.finding(
            f"{item.id} carries wording; that of others comes in as a pack.", "items", item.id,
            cure="Keep a short topic of your own only.", rule="C6",
        )
        for item in worded
    ]  # fmt: skip


def _unverified(instrument: Instrument, document: Document) -> list[Finding]:
    if instrument.verified:
        return []
    cure = "Check it against a second source, then set verified: true."
    what = "not verified: " + (" ".join(instrument.notes) or "no second source seen.")
    return [document.finding(what, "verified", cure=cure, warning=True)]
