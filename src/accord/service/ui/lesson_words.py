"""The words of a lesson as HTML: clean, with links that lead to our own pages, and tables that can be scrolled."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _

from accord.service.library.rules import to_html

Links = Callable[[str, str], str]  # (lesson | practice | guide | page, its name) -> address; empty: it leads nowhere

_LINK = re.compile(r"\]\((lesson|practice|guide|page):([a-z][a-z0-9_-]*)\)")
_BLANK = re.compile(r"_{3,}")  # a line to write on, in what is printed


def words(markdown: str, links: Links) -> str:
    """The Markdown of a block. A link that leads nowhere leads to the page's own beginning."""
    return _rendered(_LINK.sub(lambda found: f"]({links(found[1], found[2]) or '#main'})", markdown), _("Table"))


def one_line(markdown: str, links: Links) -> str:
    """A cue or another single paragraph, without its paragraph."""
    html = words(markdown, links).strip()
    return html.removeprefix("<p>").removesuffix("</p>") if html.count("<p>") == 1 else html


@lru_cache(maxsize=4096)
def _rendered(markdown: str, table: str) -> str:
    html = to_html(markdown)
    # A page's only h1 is the part's title, so what the text calls a third heading is a second one here.
    for low, high in (("3", "2"), ("4", "3")):
        html = html.replace(f"<h{low}>", f"<h{high}>").replace(f"</h{low}>", f"</h{high}>")
    html = _BLANK.sub(lambda found: f'<span class="blank">{found[0]}</span>', html)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-label="{table}"><table>'
    return html.replace("<table>", scroll).replace("</table>", "</table></div>")
