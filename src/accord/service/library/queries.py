"""Reading what was published. A snapshot never changes, so what is read from one is kept in memory."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from accord.science.definitions.document import parse_document
from accord.science.errors import NotFound
from accord.science.instruments.build import build_instrument
from accord.science.instruments.model import Instrument
from accord.science.programmes import Programme, build_programme
from accord.science.programmes.questions import Question, QuestionFile
from accord.science.protocols.ladder import Ladder
from accord.science.protocols.model import Protocol
from accord.service.library.models import Current, Snapshot
from accord.service.library.rules import split_title, to_html, unbundled

Published = Snapshot | uuid.UUID


def latest(kind: str, slug: str, language: str = "") -> Snapshot:
    """What stands published now. Raises NotFound when it was never published."""
    row = Current.objects.filter(kind=kind, slug=slug, language=language).select_related("snapshot").first()
    if row is None:
        cure = "Publish the content: accord manage publish_content (accord serve does it at its start)."
        raise NotFound(f"No {kind} '{slug}' has been published{f' in {language}' if language else ''}.", cure=cure)
    return row.snapshot


def programme_snapshot(slug: str) -> Snapshot:
    return latest(Snapshot.Kind.PROGRAMME, slug)


def protocol_snapshot(slug: str) -> Snapshot:
    return latest(Snapshot.Kind.PROTOCOL, slug)


def protocols_published() -> list[str]:
    """The slugs of the protocols that stand published now."""
    rows = Current.objects.filter(kind=Snapshot.Kind.PROTOCOL).order_by("slug")
    return list(rows.values_list("slug", flat=True))


def standing_since(slug: str) -> datetime | None:
    """Since when the version of a protocol that is published now has stood."""
    rows = Current.objects.filter(kind=Snapshot.Kind.PROTOCOL, slug=slug)
    return rows.values_list("since", flat=True).first()


def snapshots(ids: Collection[uuid.UUID]) -> list[Snapshot]:
    """These snapshots, in the order they were published. One query."""
    return list(Snapshot.objects.filter(pk__in=set(ids)).order_by("published_at", "id"))


def versions_of(slug: str) -> list[Snapshot]:
    """Every published version of a protocol, the oldest first, without its text."""
    rows = Snapshot.objects.filter(kind=Snapshot.Kind.PROTOCOL, slug=slug).defer("source")
    return list(rows.order_by("published_at", "id"))


def ladder_snapshot(reference: str) -> Snapshot:
    """The newest ladder of a name, or the published version that `name@version` names."""
    name, _, version = reference.partition("@")
    found = latest(Snapshot.Kind.LADDER, name)
    if not version or found.version == version:
        return found
    older = Snapshot.objects.filter(kind=Snapshot.Kind.LADDER, slug=name, version=version).order_by("-published_at")
    if snapshot := older.first():
        return snapshot
    raise NotFound(f"The ladder {reference} was never published; {name}@{found.version} is.", cure="Name that one.")


def protocol(published: Published) -> Protocol:
    """The protocol as it was when it was published."""
    return _protocol(_id(published))


def ladder(published: Published) -> Ladder:
    """The safety ladder as it was when it was published."""
    return _ladder(_id(published))


def programme(published: Published) -> Programme:
    """The whole programme, word for word as it was when it was published."""
    return _programme(_id(published))


def instrument(slug: str) -> Instrument:
    """The instrument that stands published now (without a site's value tables)."""
    return _instrument(latest(Snapshot.Kind.INSTRUMENT, slug).pk)


def questions() -> Mapping[str, Question]:
    """Every published question by its id: eligibility, background, first."""
    rows = Current.objects.filter(kind=Snapshot.Kind.QUESTIONS).order_by("slug")
    found: dict[str, Question] = {}
    for snapshot_id in rows.values_list("snapshot_id", flat=True):
        found |= _questions(snapshot_id)
    return found


@dataclass(frozen=True, slots=True)
class Text:
    """A published text: its title, its body as Markdown and as clean HTML, and which snapshot said it."""

    slug: str
    language: str
    version: str
    title: str
    body: str = field(repr=False)
    html: str = field(repr=False)
    snapshot_id: uuid.UUID


def text(slug: str, language: str = "en") -> Text:
    """The text that stands published now, in this language or else in English."""
    kind = Snapshot.Kind.TEXT
    wanted = Current.objects.filter(kind=kind, slug=slug, language__in={language, language.split("-")[0], "en"})
    rows = {row.language: row.snapshot_id for row in wanted}
    best = next((rows[name] for name in (language, language.split("-")[0], "en") if name in rows), None)
    return _text(best or latest(kind, slug, language).pk)


def texts(prefix: str, language: str = "en") -> list[Text]:
    """The published texts whose names begin like this, in this language or else in English, by name."""
    asked = (language, language.split("-")[0], "en")
    rows = Current.objects.filter(kind=Snapshot.Kind.TEXT, slug__startswith=prefix, language__in=set(asked))
    best: dict[str, uuid.UUID] = {}
    for slug, _place, snapshot_id in sorted((row.slug, asked.index(row.language), row.snapshot_id) for row in rows):
        best.setdefault(slug, snapshot_id)
    return [_text(snapshot_id) for snapshot_id in best.values()]


def text_of(published: Published) -> Text:
    """The text of one snapshot, for example what a person consented to."""
    return _text(_id(published))


def _id(published: Published) -> uuid.UUID:
    return published.pk if isinstance(published, Snapshot) else published


def _source(snapshot_id: uuid.UUID) -> tuple[str, str]:
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    return snapshot.source, f"{snapshot.slug}@{snapshot.version}"


@lru_cache(maxsize=64)
def _protocol(snapshot_id: uuid.UUID) -> Protocol:
    source, name = _source(snapshot_id)
    return parse_document(source, file=name).validated(Protocol)


@lru_cache(maxsize=64)
def _ladder(snapshot_id: uuid.UUID) -> Ladder:
    source, name = _source(snapshot_id)
    return parse_document(source, file=name).validated(Ladder)


@lru_cache(maxsize=32)
def _programme(snapshot_id: uuid.UUID) -> Programme:
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    texts = unbundled(snapshot.source)
    if len(texts) == 1:
        texts = _lessons_beside(snapshot) | texts
    return build_programme(texts, slug=snapshot.slug)


def _lessons_beside(snapshot: Snapshot) -> dict[str, str]:
    """The lessons of a programme that was published file by file, as they stood when it was published."""
    rows = Snapshot.objects.filter(
        kind=Snapshot.Kind.PROGRAMME, slug__startswith=f"{snapshot.slug}/", published_at__lte=snapshot.published_at
    )
    return {f"{row.language}/{row.slug.partition('/')[2]}.md": row.source for row in rows.order_by("published_at")}


@lru_cache(maxsize=256)
def _instrument(snapshot_id: uuid.UUID) -> Instrument:
    source, name = _source(snapshot_id)
    return build_instrument(parse_document(source, file=name))


@lru_cache(maxsize=64)
def _questions(snapshot_id: uuid.UUID) -> dict[str, Question]:
    source, name = _source(snapshot_id)
    return dict(parse_document(source, file=name).validated(QuestionFile).questions)


@lru_cache(maxsize=512)
def _text(snapshot_id: uuid.UUID) -> Text:
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    title, body = split_title(snapshot.source)
    return Text(snapshot.slug, snapshot.language, snapshot.version, title, body, to_html(body), snapshot_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """One content file as it stands published."""

    kind: str
    slug: str
    language: str
    version: str
    since: datetime
    signed: str  # by whom, or how far its review is; empty where nobody needs to sign


def standing() -> list[Standing]:
    """Everything that stands published, by kind and name. One query."""
    rows = Current.objects.select_related("snapshot").defer("snapshot__source").order_by("kind", "slug", "language")
    return [
        Standing(row.kind, row.slug, row.language, row.snapshot.version, row.since, _signed(row.snapshot.review))
        for row in rows
    ]


def _signed(review: dict[str, object]) -> str:
    clinical = review.get("review")
    if isinstance(clinical, dict) and isinstance(clinical.get("clinical"), dict):
        return str(clinical["clinical"].get("by") or clinical["clinical"].get("state", ""))
    signed = review.get("signed")
    return str(signed.get("by", "")) if isinstance(signed, dict) else str(review.get("status", ""))


def protocols_among(snapshots: Collection[Snapshot]) -> list[Snapshot]:
    """The protocols of what was just published."""
    return [one for one in snapshots if one.kind == Snapshot.Kind.PROTOCOL]
