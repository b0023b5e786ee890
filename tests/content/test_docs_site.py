"""`make docs`: every page is there, every link leads somewhere, and nothing is asked of another host."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]


class Names(HTMLParser):
    """Where a page points to, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.heads: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in ("img", "script", "iframe") and given.get("src"):
            self.loads.append(str(given["src"]))
        if tag == "link" and given.get("href"):
            self.loads.append(str(given["href"]))
        if tag in ("h1", "h2", "h3", "h4"):
            self.heads.append(tag)


def read(page: Path) -> Names:
    names = Names()
    names.feed(page.read_text("utf-8"))
    return names


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def test_every_page_of_docs_is_a_page_of_the_site(site):
    for path in (ROOT / "docs").rglob("*.md"):
        part = path.relative_to(ROOT / "docs")
        if part.parts[0] == "site":
            continue
        name = "index.html" if part.name == "README.md" else part.with_suffix(".html").name
        assert (site / part.parent / name).is_file(), part
    for tutorial in (ROOT / "docs/tutorials").glob("*.py"):
        assert (site / "tutorials" / f"{tutorial.stem}.html").is_file(), tutorial


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site):
    wrong = []
    for page in site.rglob("*.html"):
        names = read(page)
        for target in [*names.links, *names.loads]:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in names.loads:
                    wrong.append(f"{page.relative_to(site)} loads {target}")
                continue
            if parts.path and not parts.path.startswith("/"):
                there = (page.parent / unquote(parts.path)).resolve()
                if not (there.is_file() or (there / "index.html").is_file()):
                    wrong.append(f"{page.relative_to(site)} points to {target}")
    assert not wrong, "\n".join(wrong[:40])


def test_pages_have_one_first_heading_and_the_menu_says_what_for(site):
    front = (site / "index.html").read_text("utf-8")
    for words in ("Learn", "Do", "Look up", "Understand", "Safety", "Decisions"):
        assert f"<summary>{words}</summary>" in front
    for page in site.rglob("*.html"):
        if page.name not in ("404.html", "search.html"):
            assert read(page).heads.count("h1") == 1, page


def test_the_index_for_searching_holds_every_page(site):
    index = (site / "search" / "index.js").read_text("utf-8")
    assert index.startswith("window.accordPages = [")
    for name in ("reference/access.html", "tutorials/price.html", "how-to/open-a-clinic.html"):
        assert name in index


def test_no_page_names_a_path_of_the_machine_that_made_it(site):
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert str(ROOT) not in text, page
        assert "file:///" not in text, page
