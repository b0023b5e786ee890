"""Which statements of a protocol were read in a source, which are assumed, and which are not marked (C35).

A statement is one field of a clause (a list counts once). It takes the nearest mark: its own clause's, else that of
the clause around it. At the top of the file a mark holds for the plain values standing there only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accord.science.protocols.model import Clause, Protocol

Key = str | int
MARKS = ("source", "where", "assumed")
EXEMPT_EVERYWHERE = (*MARKS, "label")
EXEMPT_AT_TOP = (
    "protocol", "version", "title", "kind", "status", "summary", "sources", "registration", "ethics", "amendments",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One field with its mark: the key of a source, or assumed, or neither. `members` when only these entries of it."""

    path: tuple[Key, ...]
    source: str | None
    where: str | None
    assumed: bool
    members: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        return self.assumed or self.source is not None


@dataclass(frozen=True, slots=True)
class _Around:
    """A clause on the way down to a statement."""

    clause: Clause
    path: tuple[Key, ...]

    def assumes(self, path: tuple[Key, ...]) -> bool:
        """Whether the clause names the field at `path` (or a block around it) as assumed."""
        if self.clause.assumed == "all":
            return True
        below = [str(key) for key in path[len(self.path) :]]
        names = self.clause.assumed or []
        return any(".".join(below[: depth + 1]) in names for depth in range(len(below)))


def statements(protocol: Protocol) -> list[Statement]:
    """Every statement of the protocol in the order of the file."""
    return list(_of_clause((_Around(protocol, ()),)))


def clauses(protocol: Protocol) -> list[tuple[tuple[Key, ...], Clause]]:
    """Every clause with its path, the protocol itself first."""
    return list(_clauses(protocol, ()))


def spoken_path(protocol: Protocol, path: tuple[Key, ...]) -> str:
    """A path for reading: entries of a list by what they are about (`endpoints.secondary[pcs.total at post]`)."""
    words, here = "", protocol  # type: str, object
    for key in path:
        if isinstance(here, list) and isinstance(key, int):
            here = here[key]
            names = [str(getattr(here, name)) for name in ("ask", "scale", "stage", "at") if getattr(here, name, None)]
            words += f"[{' at '.join(names) or key}]"
            continue
        here = here[key] if isinstance(here, dict) else getattr(here, str(key))
        words += f".{key}" if words else str(key)
    return words


def _clauses(clause: Clause, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Clause]]:
    yield path, clause
    for key, value in _set_fields(clause):
        for below, inner in _inner(value, (*path, key)):
            yield from _clauses(inner, below)


def _of_clause(around: tuple[_Around, ...]) -> Iterator[Statement]:
    here = around[-1]
    exempt = EXEMPT_EVERYWHERE if here.path else (*EXEMPT_EVERYWHERE, *EXEMPT_AT_TOP)
    for key, value in _set_fields(here.clause):
        if key in exempt:
            continue
        path = (*here.path, key)
        inner = list(_inner(value, path))
        for below, clause in inner:
            yield from _of_clause((*around, _Around(clause, below)))
        if not inner:
            yield from _field(around, path, value)


def _set_fields(clause: Clause) -> Iterator[tuple[str, object]]:
    """The fields that stand in the file: defaults are the schema's, not the protocol's."""
    return ((key, getattr(clause, key)) for key in type(clause).model_fields if key in clause.model_fields_set)


def _inner(value: object, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Clause]]:
    if isinstance(value, Clause):
        yield path, value
    elif isinstance(value, dict):
        yield from (((*path, key), entry) for key, entry in value.items() if isinstance(entry, Clause))
    elif isinstance(value, list):
        yield from (((*path, index), entry) for index, entry in enumerate(value) if isinstance(entry, Clause))


def _field(around: tuple[_Around, ...], path: tuple[Key, ...], value: object) -> Iterator[Statement]:
    """One statement, or two when only some entries of the field are assumed."""
    whole = _marked(around, path)
    entries = [str(entry) for entry in value] if isinstance(value, dict | list) else []
    assumed = () if whole.assumed else tuple(e for e in entries if _marked(around, (*path, e)).assumed)
    rest = tuple(entry for entry in entries if entry not in assumed)
    if not assumed:
        yield whole
        return
    if rest:
        yield Statement(path, whole.source, whole.where, False, rest)
    yield Statement(path, None, None, True, assumed)


def _marked(around: tuple[_Around, ...], path: tuple[Key, ...]) -> Statement:
    for here in reversed(around):
        if not here.path and len(around) > 1:
            break  # a mark at the top never covers a block
        if here.assumes(path):
            return Statement(path, None, None, True)
        if here.clause.source is not None:
            return Statement(path, here.clause.source, here.clause.where, False)
    return Statement(path, None, None, False)
