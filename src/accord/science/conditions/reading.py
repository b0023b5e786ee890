"""Reads a condition into a tree: the tokens, the grammar and the limits of the CEL subset that we accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_CHARACTERS = 2_000
MAX_NODES = 200
MAX_DEPTH = 20
# Nine factors of at most 200 summands of at most 1e15 stay below 1e160: no condition can overflow a double.
MAX_PRODUCTS = 8
MAX_NUMBER = 1e15


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition. `op` is number, text, bool, name, has, list, !, neg, ?: or a binary operator."""

    op: str
    args: tuple[Node, ...] = ()
    value: Any = None
    at: int = 0  # the character it stands at, from 1


class Problem(Exception):
    """A sentence about what is wrong with a condition; it never leaves this package."""


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<text>'[^'\\\n]*'|\"[^\"\\\n]*\")"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[-<>!+*/?:()\[\],]))"
)
LEVEL = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "+": 4, "-": 4, "*": 5, "/": 5}
_MISSPELT = {
    "=": "write == for 'is equal to'", "&": "write && for 'and'", "|": "write || for 'or'",
    "%": "there is no remainder", "\\": "there is no backslash in texts", "'": "a quote is not closed",
    '"': "a quote is not closed", ".": "ids have underscores and no hyphens (phq_9.total)", ";": "leave it out",
    "≥": "write >=", "≤": "write <=", "≠": "write !=", "’": "write a straight quote", "“": "write a straight quote",
}  # fmt: skip
_WORDS = {
    "and": "write &&", "or": "write ||", "not": "write !", "True": "write true", "False": "write false",
    "null": "write has(name) to ask whether it is there",
}  # fmt: skip
_RESERVED = {
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while", "in", "true", "false", "null",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, end = [], 0
    while text[end:].strip():
        match = _TOKEN.match(text, end)
        if match is None:
            at = len(text) - len(text[end:].lstrip())
            cure = _MISSPELT.get(text[at], "this sign has no meaning here")
            raise Problem(f"at character {at + 1}, {text[at]!r}: {cure}.")
        kind = str(match.lastgroup)
        found.append((kind, match[kind], match.start(kind) + 1))
        end = match.end()
    return [*found, ("end", "the end", len(text) + 1)]


class Reader:
    """A precedence-climbing parser of the subset; its levels are those of the CEL grammar."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0
        self.nodes = 0

    def whole(self) -> Node:
        node = self.choice(0)
        if self.tokens[self.position][0] != "end":
            raise self.unexpected()
        return node

    def unexpected(self) -> Problem:
        kind, found, at = self.tokens[self.position]
        if found in _WORDS:
            return Problem(f"at character {at}, '{found}': {_WORDS[found]}.")
        shown = found if kind == "end" else f"'{found}'"
        return Problem(f"at character {at}, {shown} is not expected; check operators, quotes and brackets.")

    def take(self, mark: str) -> bool:
        if self.tokens[self.position][:2] != ("mark", mark):
            return False
        self.position += 1
        return True

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise self.unexpected()

    def made(self, op: str, *args: Node, value: Any = None, at: int = 0) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Problem(f"it has more than {MAX_NODES} parts; split it into several rules.")
        return Node(op, args, value, at or (args[0].at if args else 0))

    def choice(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Problem(f"brackets are nested deeper than {MAX_DEPTH}; split it into several rules.")
        node = self.binary(1, depth)
        if not self.take("?"):
            return node
        yes = self.binary(1, depth + 1)
        self.need(":")
        return self.made("?:", node, yes, self.choice(depth + 1))

    def binary(self, level: int, depth: int) -> Node:
        node = self.single(depth)
        while LEVEL.get(self.tokens[self.position][1], 0) >= level:
            op = self.tokens[self.position][1]
            self.position += 1
            right = self.options(depth) if op == "in" else self.binary(LEVEL[op] + 1, depth)
            node = self.made(op, node, right)
        return node

    def single(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Problem(f"brackets are nested deeper than {MAX_DEPTH}; split it into several rules.")
        kind, found, at = self.tokens[self.position]
        self.position += 1
        if kind == "number":
            return self.number(found, at)
        if kind == "text":
            return self.made("text", value=found[1:-1], at=at)
        if kind == "name" and found not in _WORDS and found != "in":
            return self.named(found, at)
        if found == "(" and kind == "mark":
            node = self.choice(depth + 1)
            self.need(")")
            return node
        if found in ("!", "-") and kind == "mark":
            return self.turned(found, self.single(depth + 1), at)
        self.position -= 1
        raise self.unexpected()

    def turned(self, mark: str, node: Node, at: int) -> Node:
        if mark == "-" and node.op == "number" and node.value > 0:
            return Node("number", value=-node.value, at=at)
        return self.made("!" if mark == "!" else "neg", node, at=at)

    def number(self, found: str, at: int) -> Node:
        value = float(found)
        if value > MAX_NUMBER or 0 < value < 1 / MAX_NUMBER:
            raise Problem(f"at character {at}: the number {found} is too large or too small.")
        return self.made("number", value=value, at=at)

    def named(self, found: str, at: int) -> Node:
        if found in ("true", "false"):
            return self.made("bool", value=found == "true", at=at)
        if self.take("("):
            if found != "has":
                raise Problem(f"at character {at}: there is no function '{found}'; the only one is has(name).")
            kind, name, place = self.tokens[self.position]
            self.position += 1
            self.need(")")
            if kind != "name":
                raise Problem(f"at character {place}: has() takes a name, such as has(phq_9.total).")
            return self.made("has", value=checked_name(name, place), at=at)
        return self.made("name", value=checked_name(found, at), at=at)

    def options(self, depth: int) -> Node:
        at = self.tokens[self.position][2]
        if not self.take("["):
            return self.single(depth)
        items = [self.single(depth)]
        while self.take(","):
            items.append(self.single(depth))
        self.need("]")
        if any(item.op not in ("number", "text") for item in items):
            raise Problem(f"at character {at}: a list holds numbers or quoted texts only.")
        return self.made("list", *items, at=at)


def checked_name(name: str, at: int) -> str:
    if not _NAME.fullmatch(name):
        raise Problem(f"at character {at}: names are lower snake case, '{name}' is not.")
    if _RESERVED & set(name.split(".")):
        raise Problem(f"at character {at}: '{name}' is a word that CEL keeps for itself; rename the field.")
    return name


@lru_cache(maxsize=4_096)
def read(condition: str) -> Node:
    """The tree of a condition; raises Problem."""
    if len(condition) > MAX_CHARACTERS:
        raise Problem(f"it has {len(condition)} characters, at most {MAX_CHARACTERS} are read; split it.")
    if not condition.strip():
        raise Problem("it is empty; write true if it always holds.")
    tree = Reader(condition).whole()
    if sum(node.op in ("*", "/") for node in parts(tree)) > MAX_PRODUCTS:
        raise Problem(f"it multiplies or divides more than {MAX_PRODUCTS} times; compute that where the field is made.")
    return tree


def parts(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of writing."""
    yield node
    for child in node.args:
        yield from parts(child)
