"""What a protocol says otherwise than the version before: the names of its clauses that changed."""

from __future__ import annotations

from accord.science.protocols import Protocol

_NOT_SAID = frozenset({"version", "summary", "sources", "amendments"})


def changed_clauses(before: Protocol, after: Protocol) -> list[str]:
    """`schedule.weekly`, `endpoints.primary`: every clause that is new, gone or otherwise; words about it left out."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    found: list[str] = []
    for name in new:
        if name in _NOT_SAID or old[name] == new[name]:
            continue
        first, second = old[name], new[name]
        if isinstance(first, dict) and isinstance(second, dict):
            found += [f"{name}.{key}" for key in dict.fromkeys((*first, *second)) if first.get(key) != second.get(key)]
        else:
            found.append(name)
    return found
