"""Read a page as an assistive technology would: elements in their order, with their text; every tag closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def all(self, tag: str | None = None) -> list[Element]:
        """This element and what is in it, in the order of the page."""
        found = [self] if tag in (None, self.tag) else []
        for child in self.children:
            found += child.all(tag)
        return found

    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text() for part in self.own)

    def inside(self, tag: str) -> bool:
        return self.parent is not None and (self.parent.tag == tag or self.parent.inside(tag))


class Page(HTMLParser):
    """Raises when a tag is closed that is not the last one open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self._open = [self.root]
        self.feed(html)
        self.close()
        assert self._open == [self.root], [element.tag for element in self._open]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1])
        self._open[-1].children.append(element)
        self._open[-1].own.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open[-1].tag == tag, (tag, self._open[-1].tag)
        self._open.pop()

    def handle_data(self, data):
        self._open[-1].own.append(data)

    def all(self, tag=None):
        return self.root.all(tag)

    def ids(self) -> list[str]:
        return [element.attrs["id"] for element in self.all() if "id" in element.attrs]

    def by_id(self, ident: str) -> Element:
        return next(element for element in self.all() if element.attrs.get("id") == ident)
