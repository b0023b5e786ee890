"""What must hold before a condition is published."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from accord.science.conditions.deciding import decide, names
from accord.science.conditions.kinds import Field, inferred
from accord.science.conditions.reading import Node, Problem, parts, read

Value = float | str | bool | Sequence[str] | None


def check(condition: str, fields: Mapping[str, Field]) -> list[str]:
    """What is wrong with a condition, one sentence each; an empty list means that it may be published.

    It is read (at most MAX_NODES parts), every name must be one of `fields`, kinds must fit, a compared number must
    lie in the field's range and a compared text among its options; then it is decided for all-missing, lowest,
    highest and edge records, none of which may raise.
    """
    try:
        tree = read(condition)
        undeclared = [_undeclared(name, fields) for name in names(condition) if name not in fields]
        if undeclared:
            return undeclared
        inferred(tree, fields)
        problems = [problem for node in parts(tree) for problem in _out_of_range(node, fields)]
        return problems or list(_undecidable(condition, _edge_records(tree, fields)))
    except Problem as problem:
        return [str(problem)[0].upper() + str(problem)[1:]]


def _undecidable(condition: str, records: Iterable[dict[str, Value]]) -> Iterator[str]:
    for record in records:
        try:
            decide(condition, record)
        except Exception as error:
            yield f"It cannot be decided for {record}: {error}"
            return


def _undeclared(name: str, fields: Mapping[str, Field]) -> str:
    near = difflib.get_close_matches(name, fields, n=3, cutoff=0.6)
    cure = f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(sorted(fields)) or 'none'}."
    return f"There is no field '{name}' here; {cure}"


def _out_of_range(node: Node, fields: Mapping[str, Field]) -> Iterator[str]:
    """Comparisons of a field with a value that it can never have: nearly always a typing error."""
    for field_node, literal in _compared(node):
        field = fields[field_node.value]
        if literal.op == "number" and not _possible(field, literal.value):
            low, high = (f"{bound:g}" if bound is not None else "…" for bound in (field.low, field.high))
            allowed = f"{field_node.value} lies between {low} and {high}"
            yield f"At character {literal.at}: {allowed}, never {literal.value:g}."
        if literal.op == "text" and field.options and literal.value not in field.options:
            allowed = f"no option of {field_node.value}; there are: {', '.join(field.options)}"
            yield f"At character {literal.at}: '{literal.value}' is {allowed}."


def _possible(field: Field, value: float) -> bool:
    return (field.low is None or value >= field.low) and (field.high is None or value <= field.high)


def _compared(node: Node) -> Iterator[tuple[Node, Node]]:
    if node.op not in ("==", "!=", "<", "<=", ">", ">=", "in"):
        return
    left, right = node.args
    if right.op == "list" and left.op == "name":
        yield from ((left, item) for item in right.args)
    for one, other in ((left, right), (right, left)):
        if one.op == "name" and other.op in ("number", "text"):
            yield one, other


def _edge_records(tree: Node, fields: Mapping[str, Field]) -> Iterator[dict[str, Value]]:
    """All missing; all lowest; all highest; then each field at each of its edges and missing, the rest lowest."""
    edges = {node.value: _edges(node.value, fields[node.value], tree) for node in parts(tree) if node.value in fields}
    yield {}
    lowest = {name: values[0] for name, values in edges.items()}
    yield lowest
    yield {name: values[-1] for name, values in edges.items()}
    for name, values in edges.items():
        for value in (None, *values):
            yield lowest | {name: value}


def _edges(name: str, field: Field, tree: Node) -> list[Value]:
    if field.kind == "bool":
        return [False, True]
    texts = [str(literal.value) for node in parts(tree) for one, literal in _compared(node) if one.value == name]
    if field.kind == "text":
        return list(field.options or dict.fromkeys([*texts, ""]))
    if field.kind == "choices":
        return [[], list(field.options), *([option] for option in field.options)]
    numbers = [literal.value for node in parts(tree) for one, literal in _compared(node) if one.value == name]
    near = [number + step for number in numbers for step in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    low, high = field.low if field.low is not None else -1e9, field.high if field.high is not None else 1e9
    return [low, *(number for number in sorted(set(near)) if low < number < high), high]
