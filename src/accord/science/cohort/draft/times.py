"""Words for time in names of columns and in codes: pre, post, t0, week_4, 3m, fu2, visit 5."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

WORDS: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("screening", "screen", "scr"), (-100.0, "screening")),
    **dict.fromkeys(
        ("baseline", "base", "bl", "pre", "before", "intake", "initial", "pretreatment"), (0.0, "baseline")
    ),
    **dict.fromkeys(("mid", "middle", "halfway", "midtreatment"), (40.0, "mid")),
    **dict.fromkeys(("post", "after", "end", "eot", "posttreatment", "termination", "discharge"), (60.0, "post")),
    **dict.fromkeys(("fu", "followup", "follow"), (150.0, "follow_up")),
}
DAYS = {
    "w": 7,
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "m": 30,
    "mo": 30,
    "month": 30,
    "months": 30,
    "d": 1,
    "day": 1,
    "days": 1,
}
NAMES = {7: "week", 30: "month", 1: "day"}
PLAIN_NAMES = ("time_", "visit_", "wave_")
PLAIN = ("t", "time", "visit", "v", "wave", "session", "s", "tp", "occasion", "assessment")


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A moment named by a word: its place in the order, its name, and the day when the word says one."""

    place: float
    name: str
    day: int | None = None


def moment_of(token: str) -> Moment | None:
    """The moment that one word means, None when it is no word for time."""
    if token in WORDS:
        place, name = WORDS[token]
        return Moment(place, name, 0 if name == "baseline" else None)
    if match := re.fullmatch(r"([a-z]+)(\d{1,3})", token):
        return _counted(match[1], int(match[2]))
    if match := re.fullmatch(r"(\d{1,3})([a-z]+)", token):
        return _counted(match[2], int(match[1])) if match[2] in DAYS else None
    return None


def _counted(word: str, number: int) -> Moment | None:
    if word in DAYS:
        return Moment(number * DAYS[word], f"{NAMES[DAYS[word]]}_{number}", number * DAYS[word])
    if word in ("fu", "followup", "follow"):
        return Moment(150.0 + number, f"follow_up_{number}")
    return Moment(float(number), f"time_{number}") if word in PLAIN else None


def tokens_of(name: str) -> list[str]:
    """The words of a column's name: painPre_T1 is pain, pre, t1."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name)
    return [token for token in re.split(r"[^a-z0-9]+", spaced.lower()) if token]


def joined_moment(tokens: list[str]) -> tuple[Moment, list[str]] | None:
    """The moment in a column's name and the other words: bpi_week_4 is (week 4, [bpi]); None without one."""
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        whole_word = len(token) > 1 and after.isdigit() and len(after) <= 3
        if whole_word and (moment := _counted(token, int(after))):
            return moment, tokens[:at] + tokens[at + 2 :]
        if token == "follow" and after == "up":  # noqa: S105
            return Moment(150.0, "follow_up"), tokens[:at] + tokens[at + 2 :]
    for at in range(len(tokens) - 1, -1, -1):
        if moment := moment_of(tokens[at]):
            return moment, tokens[:at] + tokens[at + 1 :]
    return None


def named_in_order(moments: list[Moment], *, baseline: bool = True) -> dict[Moment, str]:
    """A time-point name for each moment, in their order: the first is the baseline, of two the second is post.

    Without `baseline` (it stands elsewhere) every moment keeps its own name.
    """
    ordered = sorted(set(moments))
    names: dict[Moment, str] = {}
    first = next((moment for moment in ordered if moment.name != "screening"), None) if baseline else None
    for moment in ordered:
        pair = baseline and len(ordered) == 2 and moment.name.startswith(PLAIN_NAMES)
        name = "baseline" if moment == first else "post" if pair else moment.name
        while name in names.values():
            name += "_x"
        names[moment] = name
    return names


def slug(text: str, *, fallback: str = "x") -> str:
    """A name in our spelling: lower case letters, digits and single underscores, a letter first."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].rstrip("_")
    return found if found[:1].isalpha() else f"{fallback}_{found}".rstrip("_")
