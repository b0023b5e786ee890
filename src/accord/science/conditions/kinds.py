"""The kind of every part of a condition, inferred; and the condition written out for CEL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from accord.science.conditions.reading import LEVEL, Node, Problem

Kind = Literal["number", "text", "bool", "choices"]


@dataclass(frozen=True, slots=True)
class Field:
    """A name that conditions may use: its kind and, where known, its range or its options.

    `choices` is a set of texts (a question with several answers): `'heart' in illnesses`.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()


def inferred(tree: Node, fields: Mapping[str, Field] | None = None) -> Kinds:
    """The kinds of all names, or Problem. Twice, because a later part may tell the kind of an earlier one."""
    kinds = Kinds(fields)
    for _ in range(2):
        kinds.same(tree, kinds.of(tree), "bool")
    return kinds


class Kinds:
    """Infers the kind of every part. A name whose kind is not known yet is the variable `?name`."""

    def __init__(self, fields: Mapping[str, Field] | None = None) -> None:
        self.known: dict[str, str] = {f"?{name}": field.kind for name, field in (fields or {}).items()}

    def settled(self, kind: str) -> str:
        while kind in self.known:
            kind = self.known[kind]
        return kind

    def same(self, node: Node, kind: str, wanted: str) -> str:
        kind, wanted = self.settled(kind), self.settled(wanted)
        if kind == wanted:
            return kind
        if kind.startswith("?"):
            self.known[kind] = wanted
            return wanted
        if wanted.startswith("?"):
            self.known[wanted] = kind
            return kind
        raise Problem(f"at character {node.at}: {shown(node)} is a {kind}, but a {wanted} is needed there.")

    def of(self, node: Node) -> str:
        if node.op in ("number", "text", "bool"):
            return node.op
        if node.op in ("name", "has"):
            return "bool" if node.op == "has" else self.settled(f"?{node.value}")
        if node.op == "in":
            return self._membership(*node.args)
        if node.op == "?:":
            self.same(node.args[0], self.of(node.args[0]), "bool")
            return self.same(node.args[2], self.of(node.args[2]), self.of(node.args[1]))
        if node.op in ("==", "!="):
            return self._equality(*node.args)
        wanted = "bool" if node.op in ("!", "&&", "||") else "number"
        for child in node.args:
            self.same(child, self.of(child), wanted)
        if node.op == "/" and not (node.args[1].op == "number" and node.args[1].value):
            raise Problem(f"at character {node.args[1].at}: divide by a number that is not 0, never by a field.")
        return "bool" if node.op in ("<", "<=", ">", ">=") else wanted

    def _equality(self, left: Node, right: Node) -> str:
        if self.same(right, self.of(right), self.of(left)) == "choices":
            raise Problem(f"at character {left.at}: {shown(left)} holds several answers; write 'answer' in it.")
        return "bool"

    def _membership(self, left: Node, right: Node) -> str:
        if right.op == "list":
            for item in right.args:
                self.same(item, self.of(item), self.of(left))
            return "bool"
        self.same(right, self.of(right), "choices")
        self.same(left, self.of(left), "text")
        return "bool"


def shown(node: Node) -> str:
    text = rendered(node, plain=True)
    return text if len(text) <= 40 else f"{text[:37]}…"


def rendered(node: Node, *, plain: bool = False) -> str:
    """The condition as CEL sees it: names flattened, every number a double. `plain` is for messages."""
    if node.op == "number":
        return f"{node.value:g}" if plain else repr(float(node.value))
    if node.op == "text":
        return f"'{node.value}'" if "'" not in node.value else f'"{node.value}"'
    if node.op == "bool":
        return "true" if node.value else "false"
    if node.op in ("name", "has"):
        spelt = node.value if plain else flat(node.op, node.value)
        return f"has({spelt})" if plain and node.op == "has" else spelt
    parts = [rendered(child, plain=plain) for child in node.args]
    if node.op == "list":
        return f"[{', '.join(parts)}]"
    children = enumerate(zip(node.args, parts, strict=True))
    bracketed = [_bracketed(node, child, part, index) for index, (child, part) in children]
    if node.op == "?:":
        return f"{bracketed[0]} ? {bracketed[1]} : {bracketed[2]}"
    return f"{'-' if node.op == 'neg' else '!'}{bracketed[0]}" if len(parts) == 1 else f" {node.op} ".join(bracketed)


def _bracketed(parent: Node, child: Node, text: str, index: int) -> str:
    if child.op not in LEVEL and child.op not in ("?:", "neg", "!"):
        return text
    level, own = LEVEL.get(child.op, 0), LEVEL.get(parent.op, 9)
    return text if level > own or (level == own and index == 0) else f"({text})"


def flat(op: str, name: str) -> str:
    # Capitals cannot stand in a name of ours, so no two names can fall together.
    return f"{'H' if op == 'has' else 'F'}_{name.replace('.', '_D_')}"
