"""How wide words are, so that nothing in a picture lies over anything else: estimate, wrap, shorten.

A picture is drawn without knowing the font of the page. The widths are those of a wide sans-serif (DejaVu Sans, in
ems, rounded up by class of letter): narrower fonts leave room, none common on a screen needs more.
"""

from __future__ import annotations

import re
import unicodedata

BODY = 13.0  # size of labels
SMALL = 12.0  # size of everything beside them

_CLASSES = {
    0.35: " \N{NO-BREAK SPACE}ijlIJ'.,:;|/\\·’‘f",
    0.42: "()[]-rt!",
    0.53: 's?*_^z"–“”',
    0.64: "abcdeghknopquvxy0123456789${}FLPSTYE`",
    0.70: "ABCVXZRK",
    0.79: "DGHNOQU&",
    0.84: "+<>=#~−≥≤±×→←↑↓≈w",
}
_WIDTH = {letter: width for width, letters in _CLASSES.items() for letter in letters}
_WIDE, _OTHER, _NOTHING = 1.0, 0.80, 0.0
_BOLD = 1.13


def width_of(words: str, size: float = BODY, *, bold: bool = False) -> float:
    """An upper estimate of the width of `words`, in the units of `size`."""
    return sum(map(_letter, words)) * size * (_BOLD if bold else 1.0)


def _letter(letter: str) -> float:
    known = _WIDTH.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return _NOTHING
    return _WIDE if letter.isascii() or unicodedata.east_asian_width(letter) in "WF" else _OTHER


def shorten(words: str, width: float, size: float = BODY, *, bold: bool = False) -> str:
    """`words`, or their beginning and an ellipsis, at most `width` wide."""
    words = " ".join(_words(words))
    if width_of(words, size, bold=bold) <= width:
        return words
    while words and width_of(words + "…", size, bold=bold) > width:
        words = words[:-1].rstrip()
    return words + "…"


def _words(words: str) -> list[str]:
    """Split at spaces that may be broken, so not between a number and its sign of per cent."""
    return [word for word in re.split(r"[ \t\r\n\f\v]+(?![%\s])", words) if word]


def wrap(words: str, width: float, size: float = BODY, *, bold: bool = False, most: int = 3) -> list[str]:
    """Lines at most `width` wide, broken at spaces or, in a word wider than a line, anywhere; `most` lines, the
    last one shortened when something is left over. No words give no lines."""
    lines: list[str] = []
    rest = _words(words)
    while rest and len(lines) < most:
        if len(lines) == most - 1:
            return [*lines, shorten(" ".join(rest), width, size, bold=bold)]
        line, rest = _first_line(rest, width, size, bold)
        lines.append(line)
    return lines


def _first_line(words: list[str], width: float, size: float, bold: bool) -> tuple[str, list[str]]:
    taken = 0
    while taken < len(words) and width_of(" ".join(words[: taken + 1]), size, bold=bold) <= width:
        taken += 1
    if taken:
        return " ".join(words[:taken]), words[taken:]
    fitting = (n for n in range(len(words[0]), 0, -1) if width_of(words[0][:n], size, bold=bold) <= width)
    cut = next(fitting, 1)
    return words[0][:cut], [word for word in (words[0][cut:], *words[1:]) if word]


def widest(texts: list[str], size: float = BODY, *, bold: bool = False) -> float:
    return max((width_of(words, size, bold=bold) for words in texts), default=0.0)
