"""C35: every statement says where it was read, or that it is assumed."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context
from accord.science.protocols.check.near import near
from accord.science.protocols.marks import EXEMPT_EVERYWHERE, Key, clauses, statements
from accord.science.protocols.model import Clause


def check_marks(context: Context) -> Iterator[Finding]:
    marked = clauses(context.protocol)
    yield from _unmarked(context)
    for path, clause in marked:
        yield from _source_is_known(context, path, clause)
        yield from _assumed_names_fields(context, path, clause)
    sourced = [path for path, clause in marked if clause.source is not None]
    for path, clause in marked:
        yield from _wildcard_over_source(context, path, clause, sourced)


def _wildcard_over_source(
    context: Context, path: tuple[Key, ...], clause: Clause, sourced: list[tuple[Key, ...]]
) -> Iterator[Finding]:
    """What is assumed as a whole holds nothing that was read."""
    named = [""] if clause.assumed == "all" else (clause.assumed or [])
    for name in named:
        branch = [str(key) for key in path] + [part for part in name.split(".") if part]
        below = [inner for inner in sourced if [str(key) for key in inner[: len(branch)]] == branch]
        if below and not (name == "" and below == [path]):
            what = f"assumed: {name or 'all'} stands over {_dotted(below[0])}, which has a source."
            cure = "Name the assumed fields below it instead."
            yield context.finding(what, *path, "assumed", cure=cure, rule="C35")


def _unmarked(context: Context) -> Iterator[Finding]:
    fields: dict[tuple[Key, ...], list[str]] = {}
    for statement in statements(context.protocol):
        if not statement.marked:
            fields.setdefault(statement.path[:-1], []).append(str(statement.path[-1]))
    for path, names in fields.items():
        what = f"{_dotted(path) or 'The protocol'} says {', '.join(names)} without source or mark."
        cure = "Add source: <key>, assumed: [field, …] or assumed: all."
        yield context.finding(what, *path, names[0], cure=cure, rule="C35")


def _source_is_known(context: Context, path: tuple[Key, ...], clause: Clause) -> Iterator[Finding]:
    sources = context.protocol.sources
    if clause.source is None:
        if clause.where is not None:
            yield context.finding("where: stands without a source.", *path, "where", cure="Add source:.", rule="C35")
    elif clause.source not in sources:
        yield context.finding(f"There is no source '{clause.source}'.", *path, "source",
                              cure=near(clause.source, sources, empty="sources: is empty"), rule="C35")  # fmt: skip
    elif sources[clause.source].read == "not read":
        what = f"{clause.source} was not read, so nothing can rest on it."
        yield context.finding(what, *path, "source", cure="Mark the clause as assumed.", rule="C35")
    if clause.source is not None and clause.assumed == "all":
        what = "A clause with a source cannot be assumed as a whole."
        yield context.finding(what, *path, "assumed", cure="Name the assumed fields.", rule="C35")


def _assumed_names_fields(context: Context, path: tuple[Key, ...], clause: Clause) -> Iterator[Finding]:
    """Each entry is a field that stands in the clause, or an entry of one (`patient.hads`)."""
    for name in clause.assumed if isinstance(clause.assumed, list) else []:
        known = _names(clause)
        if name not in known:
            what = f"assumed names '{name}', which does not stand in this clause."
            fields = known if "." in name else [field for field in known if "." not in field]
            yield context.finding(what, *path, "assumed", cure=near(name, fields), rule="C35")


def _names(clause: Clause) -> list[str]:
    found: list[str] = []
    for key in clause.model_fields_set - set(EXEMPT_EVERYWHERE):
        value = getattr(clause, key)
        found.append(key)
        if isinstance(value, list | dict):
            found += [f"{key}.{entry}" for entry in value if isinstance(entry, str)]
        if isinstance(value, Clause):
            found += [f"{key}.{inner}" for inner in _names(value)]
    return sorted(found)


def _dotted(path: tuple[Key, ...]) -> str:
    return ".".join(str(key) for key in path)
