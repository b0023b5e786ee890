"""What MkDocs does not do by itself: the menu is read off the folders, tutorials written as Python become pages, and a
link to a file outside docs points nowhere but says its name."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation

ORDER = {"tutorials": "Learn", "how-to": "Do", "reference": "Look up", "explanation": "Understand",
         "safety": "Safety", "adr": "Decisions"}  # fmt: skip
_OUTSIDE = re.compile(
    r"\[([^\]]+)\]\((?:\.\./)+(?!docs/)(?:src|tests|examples|benchmarks|deploy|[A-Z]+\.md|Makefile)[^)]*\)"
)
ROOT = Path(__file__).parents[2]
QUOTES = '"' * 3


def on_files(files: Files, config: Any) -> Files:
    """Every tutorial `x.py` of cells becomes `x.md`; other Python files are no pages."""
    for file in list(files):
        if file.src_uri.endswith(".py"):
            files.remove(file)
            if file.src_uri.startswith("tutorials/"):
                text = as_page((ROOT / "docs" / file.src_uri).read_text("utf-8"))
                files.append(File.generated(config, file.src_uri.removesuffix(".py") + ".md", content=text))
    return files


def as_page(source: str) -> str:
    """The Markdown of a file of `# %%` cells: notes as text, code as code. A plain program: its docstring, then it."""
    if "# %%" not in source:
        title, _, words = (ast.get_docstring(ast.parse(source)) or "").partition("\n")
        program = source.split(QUOTES, 2)[2].strip()
        return f"# {title.strip().rstrip('.')}\n\n{words.strip()}\n\n```python\n{program}\n```\n"
    parts = []
    for cell in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        head, _, body = cell.partition("\n")
        if "[markdown]" in head:
            parts.append("\n".join(re.sub(r"^# ?", "", line) for line in body.strip().splitlines()))
        elif body.strip():
            parts.append(f"```python\n{body.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links to tutorials as files lead to their pages; what lies outside docs is named, not linked."""
    inside = re.sub(r"\]\(((?:\.\./)*tutorials/[\w-]+|[\w-]+)\.py\)", r"](\1.md)", markdown)
    return _OUTSIDE.sub(r"`\1`", inside)


def on_nav(nav: Navigation, **_: Any) -> Navigation:
    """Folders in the order in which people come to need them, each under a word that says for what."""
    folders = {item.title.lower().replace(" ", "-"): item for item in nav.items if item.is_section}
    known = [(words, folders[name]) for name, words in ORDER.items() if name in folders]
    for words, section in known:
        section.title = words
    nav.items = [item for item in nav.items if item.is_page] + [section for _, section in known]
    return nav


def on_post_build(config: Any, **_: Any) -> None:
    """The search index once more as a script, since a page opened from the disk may not fetch a file."""
    folder = Path(config.site_dir) / "search"
    found = json.loads((folder / "search_index.json").read_text("utf-8"))["docs"]
    (folder / "index.js").write_text(f"window.accordPages = {json.dumps(found)};", "utf-8")
