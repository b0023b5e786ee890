"""Conditions: rules written as data in CEL, checked before publication and decided as yes, no or unknown.

A condition such as `phq_9.total >= 15 && (previous_tier > 1 || !has(item_4))` stands in protocols, programmes,
questions and the safety ladder. It is a typed subset of the Common Expression Language: numbers, texts in quotes,
`true`/`false`, declared names, `! && || == != < <= > >= in + - * / ?:` and `has(name)`.

Missing is unknown (strong Kleene logic): `unknown && no` is no, `unknown || yes` is yes, everything else that needs
the missing value is unknown. How that is made certain (docs/adr/0002-conditions-in-cel.md): the kind of every part
is inferred here, so that a condition that passes cannot fail on its types; all numbers are doubles, so that nothing
overflows or mixes; a missing name is left out of what CEL sees. The one thing that can then stop CEL is a missing
name that was needed, and CEL's `&&` and `||` already drop such an error when the other side decides.
"""

from accord.science.conditions.checking import check
from accord.science.conditions.columns import decide_column
from accord.science.conditions.deciding import Decision, decide, names
from accord.science.conditions.kinds import Field, Kind

__all__ = ["Decision", "Field", "Kind", "check", "decide", "decide_column", "names"]
