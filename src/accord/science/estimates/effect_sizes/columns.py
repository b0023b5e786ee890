"""Which column of a foreign table plays which role, guessed from its name; a guess is told, never silent.

A name is cut into words (`baseline_m_arm1` is baseline, m, arm1) and each word means something: a statistic, a group,
a time. A column is taken for a role when its words mean exactly what the role means, neither less nor more; hence
`mean_age` is no mean of the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.science.estimates.effect_sizes.measure import CORRELATION_ROLES, Measure

Meaning = frozenset[str]

_WORDS: dict[str, str] = {
    "mean": "m mean means avg average x xbar",
    "sd": "sd std stdev stddev",
    "se": "se sei stderr",
    "variance": "v vi var variance",
    "n": "n ni size samplesize",
    "total": "total totaln ntotal",
    "events": "event events responders cases",
    "nonevents": "nonevent nonevents",
    "effect": "y yi g d smd es te effect effectsize estimate",
    "ratio": "oddsratio riskratio hazardratio",
    "or": "or",
    "rr": "rr",
    "log": "log ln",
    "low": "low lower lb ll cilow cilower lcl",
    "high": "high upper ub ul cihigh ciupper ucl",
    "ci": "ci",
    "r": "r ri cor corr correlation rho",
    "t": "t ti tvalue tstat",
    "f": "f fi fvalue",
    "p": "p pi pval pvalue",
    "sign": "sign signi",
    "min": "min minimum",
    "lq": "q1 lq lowerquartile p25",
    "med": "med median",
    "uq": "q3 uq upperquartile p75",
    "max": "max maximum",
    "g1": "1 arm1 group1 g1 e exp experimental tx trt treat treated treatment intervention int ig",
    "g2": "2 arm2 group2 g2 c ctl ctrl con control controls comparison comparator cg placebo pbo",
    "pre": "pre baseline base bl pretest before",
    "post": "post posttest after",
    "change": "change delta diff chg",
}
_MEANS = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
# Words written together; what comes of cutting them would be lost or something else.
_WHOLE = {
    "ne": "n g1", "nc": "n g2", "nt": "n g1", "me": "mean g1", "mc": "mean g2", "mt": "mean g1",
    "sde": "sd g1", "sdc": "sd g2", "sdt": "sd g1", "sete": "effect se",
    "tpos": "events g1", "tneg": "nonevents g1", "cpos": "events g2", "cneg": "nonevents g2",
    "evente": "events g1", "eventc": "events g2", "logor": "log or", "logrr": "log rr",
}  # fmt: skip

_GROUP_ROLES = {
    "m{}i": ("mean g{}", "mean post g{}"), "sd{}i": ("sd g{}", "sd post g{}"),
    "n{}i": ("n g{}", "n post g{}", "total g{}"),
    "mc{}i": ("mean change g{}",), "sdc{}i": ("sd change g{}",),
    "m_pre{}": ("mean pre g{}",), "sd_pre{}": ("sd pre g{}",), "m_post{}": ("mean post g{}", "mean g{}"),
    "r{}i": ("r g{}",), "min{}i": ("min g{}",), "lq{}i": ("lq g{}",), "med{}i": ("med g{}",), "uq{}i": ("uq g{}",),
    "max{}i": ("max g{}",),
}  # fmt: skip
_MEANINGS: dict[str, tuple[str, ...]] = {
    **{role.format(g): tuple(text.format(g) for text in texts) for g in "12" for role, texts in _GROUP_ROLES.items()},
    "ai": ("events g1",), "bi": ("nonevents g1",), "ci": ("events g2",), "di": ("nonevents g2",),
    "m_pre": ("mean pre",), "sd_pre": ("sd pre",), "m_post": ("mean post",), "sd_post": ("sd post",),
    "m_change": ("mean change",), "sd_change": ("sd change",),
    "ri": ("r", "r pre post"), "ni": ("n", "total"), "ti": ("t",), "fi": ("f",), "pi": ("p",), "signi": ("sign",),
    "xi": ("events",), "mi": ("mean",), "sdi": ("sd",), "cohens_d": ("effect",),
    "yi": ("effect", "log or", "log rr"),
    "vi": ("variance", "effect variance", "log or variance", "log rr variance"),
    "sei": ("se", "effect se", "log or se", "log rr se"),
    "ci_low": ("low", "ci low", "effect low", "effect ci low"),
    "ci_high": ("high", "ci high", "effect high", "effect ci high"),
    "ratio": ("or", "rr", "ratio"),
    "ratio_low": ("low", "ci low", "or low", "rr low"),
    "ratio_high": ("high", "ci high", "or high", "rr high"),
}  # fmt: skip
_PLAIN = {
    "label": ("slab", "label", "study", "author", "authors", "trial", "study_name", "studyname", "study_label"),
    "scale": ("instrument", "scale", "questionnaire", "outcome_measure"),
    "direction": ("direction", "scale_direction"),
}
# What another column can be made from: group sizes from those without the event, one correlation for both arms.
_INSTEAD = {
    "2x2": {"n1i": "bi", "n2i": "di"},
    "pre-post-control": {"ri": "r1i", "r1i": "ri", "r2i": "ri"},
}
# In the order in which a table is taken to hold them when no measure is named.
_PREFERENCE = ("GEN", "GEN_SE", "GEN_CI", "SMD", "OR", "SMD_T", "ZCOR", "SMCR", "PLO", "RATIO")


@dataclass(frozen=True, slots=True)
class Guess:
    """`role` is played by `column`, because of its name."""

    role: str
    column: str

    def __str__(self) -> str:
        return f"{self.role} is the column {self.column!r} (guessed from its name)"


def meaning(name: str) -> Meaning | None:
    """What the words of a column's name mean; None as soon as one of them is not known."""
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    whole = re.sub(r"[^a-z0-9]", "", lowered)
    if whole in _WHOLE:
        return frozenset(_WHOLE[whole].split())
    words = [word for part in re.split(r"[^a-z0-9]+", lowered) if part for word in _cut(part)]
    if not words or any(word not in _MEANS for word in words):
        return None
    found = frozenset(_MEANS[word] for word in words)
    if "t" in found and len(found) > 1:
        # mean_t is the treated group's mean; mean_t1 is one at a time that the name does not tell.
        return None if found & {"g1", "g2"} else found - {"t"} | {"g1"}
    return found


def guess(
    names: Sequence[str],
    roles: Iterable[str],
    given: Mapping[str, str] | None = None,
    *,
    first: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Column by role, for the roles asked for that are not given already; a role without a column is left out.

    A column of the role's own name comes first, then its meanings in order; where two columns mean the same none is
    taken, since either could be meant. One column plays one role. `first` names a meaning to be tried first.
    """
    found = dict(given or {})
    taken = set(found.values())
    meanings = {name: meaning(name) for name in names}
    for role in roles:
        if role in found:
            continue
        preferred = [first[role]] if first and role in first else []
        column = _column(role, [name for name in names if name not in taken], meanings, preferred)
        if column is not None:
            found[role] = column
            taken.add(column)
    return found


def guess_measure(
    names: Sequence[str], measures: Mapping[str, Measure], given: Mapping[str, str] | None = None
) -> str | None:
    """The measure that a table of these columns is made for; None when no measure has all its columns.

    Effects given with their variance are taken before effects to be computed; where columns are given by role, only
    measures that use all of them.
    """
    asked = set(given or {}) - set(_PLAIN)
    for name in [*_PREFERENCE, *(name for name in measures if asked and name not in _PREFERENCE)]:
        if asked <= set(roles_of(measures[name])) and not lacking(
            measures[name], guess(names, roles_of(measures[name]), given, first=first(measures[name]))
        ):
            return _exacter(name, names, measures, given)
    return None


def _exacter(name: str, names: Sequence[str], measures: Mapping[str, Measure], given: Mapping[str, str] | None) -> str:
    """The SE before a variance from a paper's table, where both stand: rounded alike, it carries more digits."""
    if name != "GEN" or "GEN_SE" not in measures or "vi" in (given or {}) or "vi" in {one.lower() for one in names}:
        return name
    return "GEN_SE" if {"yi", "sei"} <= set(guess(names, ("yi", "sei"), given)) else name


def roles_of(measure: Measure) -> list[str]:
    """The roles that a table may fill for a measure: what it needs, and what can stand in or adds the sample size."""
    more = {"2x2": ["bi", "di"], "given": ["n1i", "n2i", "ni"], "ratio": ["n1i", "n2i", "ni"],
            "pre-post-control": ["ri", "r1i", "r2i"]}  # fmt: skip
    roles = [*measure.needs, *measure.optional, *more.get(measure.family, [])]
    return [*dict.fromkeys(roles), *_PLAIN]


def first(measure: Measure) -> dict[str, str]:
    """Shares are taken of all who were allocated where a table has both: the total before the number analysed."""
    return {"n1i": "total g1", "n2i": "total g2"} if measure.family == "2x2" else {}


def lacking(measure: Measure, found: Mapping[str, str], *, correlation: bool = True) -> list[str]:
    """The roles that a measure still needs; with `correlation` a pre-post r may be assumed."""
    missing = [role for role in measure.needs if role not in found]
    instead = _INSTEAD.get(measure.family, {})
    missing = [role for role in missing if instead.get(role) not in found]
    if correlation and measure.assumes_correlation:
        missing = [role for role in missing if role not in CORRELATION_ROLES]
    return missing


def _column(
    role: str, names: Sequence[str], meanings: Mapping[str, Meaning | None], first: Sequence[str] = ()
) -> str | None:
    for name in names:
        if name.lower().strip(". ") == role:
            return name
    if role in _PLAIN:
        lowered = {name.lower().strip(". "): name for name in reversed(names)}
        return next((lowered[word] for word in _PLAIN[role] if word in lowered), None)
    for text in (*first, *_MEANINGS.get(role, ())):
        same = alike(text, names, meanings)
        if same:
            return same[0] if len(same) == 1 else None
    return None


def alike(text: str, names: Sequence[str], meanings: Mapping[str, Meaning | None]) -> list[str]:
    """The columns of one meaning; of several those not derived by the data base, and those with a twin for group 2."""
    same = [name for name in names if meanings[name] == frozenset(text.split())]
    # metapsy marks columns that it derived with a leading dot.
    same = [name for name in same if not name.startswith(".")] or same
    swapped = str.maketrans("12", "21")
    return [name for name in same if name.translate(swapped) in set(names) - {name}] or same


def candidates(role: str, names: Sequence[str]) -> list[str]:
    """The columns that could play a role, where more than one could."""
    meanings = {name: meaning(name) for name in names}
    several = [alike(text, names, meanings) for text in _MEANINGS.get(role, ())]
    return next((same for same in several if len(same) > 1), [])


def _cut(part: str) -> list[str]:
    """`arm1` stays, `sd1i` is sd and 1, `q1arm2` is q1 and arm2: known words first, then letters and digits apart."""
    if part in _MEANS:
        return [part]
    match = re.fullmatch(r"([a-z]+)(\d)i?", part)
    if match and match[1] in _MEANS:
        return [match[1], match[2]]
    return [part]
