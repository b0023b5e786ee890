"""Words that never stand on a page a patient reads (C37), promises nobody can make, and advice nobody may give.

A pattern with `unless` is allowed in a sentence that contains one of these words ("this is not a cure").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NEGATED = r"\b(no|not|never|nobody|none|neither|nor|without|cannot|don't|isn't|won't)\b"
_WITH_THE_PRESCRIBER = r"\b(never|do not|don't|not|prescriber|prescribes|doctor)\b"


@dataclass(frozen=True, slots=True)
class _Word:
    pattern: re.Pattern[str]
    instead: str
    rule: str
    unless: re.Pattern[str] | None = None


def _word(pattern: str, instead: str, rule: str = "C37", unless: str | None = None) -> _Word:
    allowed = re.compile(unless, re.IGNORECASE) if unless else None
    return _Word(re.compile(pattern, re.IGNORECASE), instead, rule, allowed)


WORDS = [
    _word(r"\bcatastroph\w*", "Write 'worry about pain'."),
    _word(r"\bkinesio\s?phob\w*", "Write 'fear of moving'."),
    _word(r"\bnon-?\s?complian\w*", "Say what the person did, or found hard."),
    _word(r"\bfail(ed|ure|ures|ing|s)?\b", "Say what happened, without a verdict."),
    _word(r"\b(drop|dropped)[- ]?outs?\b", "Write 'stopped early'."),
    _word(r"\bcompleters?\b", "Write 'people who finished'."),
    _word(r"\bdeteriorat\w*", "Write 'got harder' or 'got worse'."),
    _word(r"\bmaladaptive\w*", "Say what it costs the person."),
    _word(r"\bna[iï]ve (theor|belief)\w*", "Write 'your own explanation'."),
    _word(r"\bunexplained\b", "Say what is known about it."),
    _word(r"\ball in\b", "Pain is real; find other words."),
    _word(r"\bin (your|the) (head|mind) only\b|\bjust in your (head|mind)\b", "Pain is real; find other words."),
    _word(r"\bcur(e|es|ed|ing)\b", "Promise no cure.", "C11", _NEGATED),
    _word(r"\bre-?wir(e|es|ed|ing)\b", "Nothing is rewired as a fact; say what is practised.", "C11"),
    _word(r"\bpain[- ]free\b", "Promise no end of pain.", "C11", _NEGATED),
    _word(r"!(?!\[)", "No exclamation marks; a full stop is warmer.", "looks"),
    _word(
        r"\b(stop|stopping|reduc\w+|lower|increas\w+|rais\w+|skip|halv\w+|com\w+ off|cut\w* down)\b[^.?]{0,40}"
        r"\b(medicines?|medications?|tablets?|pills?|doses?|painkillers?)\b",
        "No advice on changing medicines: 'talk to the prescriber, never stop suddenly'.",
        "C10",
        _WITH_THE_PRESCRIBER,
    ),
]


def unwanted(text: str) -> list[tuple[str, str, str, int]]:
    """(what was found, what to write, rule, character) for each unwanted word in a text that a patient reads."""
    found = []
    for word in WORDS:
        for match in word.pattern.finditer(text):
            if not (word.unless and word.unless.search(_sentence(text, match.start()))):
                found.append((match[0], word.instead, word.rule, match.start()))
    return sorted(found, key=lambda item: item[3])


def contaminated(text: str, words: list[str]) -> list[tuple[str, int]]:
    """(what was found, character) for words that a programme keeps out; `*` ends a stem."""
    found = []
    for word in words:
        pattern = r"\b" + re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else r"\b")
        found += [(match[0], match.start()) for match in re.finditer(pattern, text, re.IGNORECASE)]
    return sorted(found, key=lambda item: item[1])


def _sentence(text: str, at: int) -> str:
    begin = max(text.rfind(mark, 0, at) for mark in (".", "?", "\n\n")) + 1
    ends = [end for mark in (".", "?", "\n\n") if (end := text.find(mark, at)) >= 0]
    return text[begin : min(ends, default=len(text))]
