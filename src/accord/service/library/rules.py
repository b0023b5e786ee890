"""What there is to publish: each content file as kind, slug, language, version, text and review; text into HTML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nh3
from markdown_it import MarkdownIt

from accord.science.definitions import content_files, packaged_content, read_document
from accord.science.errors import BadContent, Finding
from accord.science.programmes.crisis import crisis_findings
from accord.science.programmes.load import FILE, programme_findings, programme_texts
from accord.science.programmes.markdown import read_markdown
from accord.science.programmes.questions import load_questions
from accord.science.programmes.texts import text_findings
from accord.science.protocols.check import check_protocol
from accord.science.protocols.ladder import load_ladder

YAML_KINDS = {
    "protocol": ("protocols", "*.yaml"),
    "ladder": ("ladders", "*.yaml"),
    "instrument": ("instruments", "*.yaml"),
    "questions": ("questions", "*.yaml"),
    "crisis": ("crisis", "*.yaml"),
    "programme": ("programmes", "*/programme.yaml"),
}
REVIEW = ("status", "signed", "review")


@dataclass(frozen=True, slots=True)
class Source:
    """One content file as it stands now."""

    kind: str
    slug: str
    language: str
    version: str
    text: str = field(repr=False)
    review: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.slug, self.language)


def sources(*, site: Path | None = None) -> Iterator[Source]:
    """Every content file, the site's own before ours. Raises BadInput or BadContent with file and line."""
    for kind, (folder, pattern) in YAML_KINDS.items():
        for slug, path in content_files(folder, pattern, site=site).items():
            document = read_document(path, shown_as=f"{folder}/{path.name}")
            data = document.data if isinstance(document.data, dict) else {}
            review = {name: data[name] for name in REVIEW if data.get(name) is not None}
            text = bundle(programme_texts(path)) if kind == "programme" else document.text
            yield Source(kind, slug, "", str(data.get("version", _short(text))), text, review)
    for language in _languages(site):
        for slug, path in content_files(f"texts/{language}", "*.md", site=site).items():
            text = read_markdown(path, shown_as=f"texts/{language}/{slug}.md")
            yield Source("text", slug, language, _short(text), text)


def check_sources(changed: list[Source], *, site: Path | None = None) -> None:
    """Refuse to publish what cannot be used: raises BadContent with every finding that is not a warning."""
    findings = [found for source in changed for found in _findings(source, site) if not found.warning]
    kinds = {source.kind for source in changed}
    if "text" in kinds:
        findings += [found for found in text_findings(site=site) if not found.warning]
    if "crisis" in kinds:
        findings += [found for found in crisis_findings(site=site) if not found.warning]
    if "questions" in kinds:
        load_questions(site=site)
    if findings:
        raise BadContent("Nothing was published, because some content cannot be used:", findings)


def _findings(source: Source, site: Path | None) -> list[Finding]:
    if source.kind == "protocol":
        path = content_files("protocols", "*.yaml", site=site)[source.slug]
        return check_protocol(read_document(path, shown_as=f"protocols/{path.name}"), site=site)
    if source.kind == "programme":
        return programme_findings(source.slug, site=site)
    if source.kind == "ladder":
        load_ladder(source.slug, site=site)
    return []


def _languages(site: Path | None) -> list[str]:
    roots = [packaged_content(), *([site] if site else [])]
    return sorted({path.name for root in roots for path in (root / "texts").glob("*") if path.is_dir()})


def _short(text: str) -> str:
    """The version of a text without one of its own: the beginning of its hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# --- programmes -------------------------------------------------------------------------------------------------


def bundle(texts: Mapping[str, str]) -> str:
    """A whole programme as one source, so that one hash pins every word of it: its files by path, as JSON."""
    return json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True)


def unbundled(source: str) -> dict[str, str]:
    """The files of a bundle. What was published before there were bundles is `programme.yaml` alone."""
    return dict(json.loads(source)) if source.lstrip().startswith("{") else {FILE: source}


# --- text -------------------------------------------------------------------------------------------------------

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "br", "blockquote", "hr", "a", "code"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def split_title(text: str) -> tuple[str, str]:
    """The first line's heading, and the rest."""
    first, _, rest = text.lstrip("\ufeff \n").partition("\n")
    return first.lstrip("# ").strip(), rest.strip()


def to_html(markdown: str) -> str:
    """Markdown without HTML -> HTML without anything that runs or loads; cleaned once more by nh3 (E18)."""
    html = nh3.clean(_MARKDOWN.render(markdown), tags=_TAGS, attributes={"a": {"href"}}, link_rel="noopener noreferrer",
                     url_schemes={"http", "https", "mailto", "tel"})  # fmt: skip
    return str(html)
