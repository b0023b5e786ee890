"""Which groups may be shown: only those of ten people or more, and nothing that a subtraction would bring out (C42).

A total stands elsewhere in a report. If one small group alone were left out, total minus the groups shown would be it;
so small groups are pooled, two at least and ten people at least, and where they do not reach that the smallest group
that could be shown joins them. What is published is then: groups of ten or more, and one pool that nobody can take
apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 10  # people in a cell that is shown (C42)
_AT_LEAST = 2  # groups in a pool


@dataclass(frozen=True, slots=True)
class Shown:
    """`alone`: groups shown by name; `pooled`: those shown only together; `hidden`: not even together (fewer than ten
    people in all)."""

    alone: tuple[str, ...]
    pooled: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def what_may_be_shown(sizes: Mapping[str, int], *, fewest: int = FEWEST) -> Shown:
    """Decide by the sizes of all groups that make up a total; groups without anybody are left out."""
    groups = {name: size for name, size in sizes.items() if size > 0}
    small = [name for name, size in groups.items() if size < fewest]
    if not small:
        return Shown(tuple(groups))
    others = sorted((name for name in groups if name not in small), key=lambda name: (groups[name], name))
    pool = list(small)
    while (len(pool) < _AT_LEAST or sum(groups[name] for name in pool) < fewest) and others:
        pool.append(others.pop(0))
    if sum(groups[name] for name in pool) < fewest:
        return Shown((), hidden=tuple(pool))
    inside = set(pool)
    return Shown(tuple(name for name in groups if name not in inside), tuple(name for name in groups if name in inside))
