"""Wording packs: the official words of an instrument, which its owner's licence lets a site use (C6).

They come in as FHIR Questionnaire JSON or as CSV, are checked against the definition, and are kept in the site's
folder as `wording/<instrument>.<language>.json`. A pack is untrusted input: plain text only, bounded in size.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accord.science.errors import BadInput, Place
from accord.science.instruments.load import load_instrument
from accord.science.instruments.model import Instrument

MAX_BYTES = 1_000_000
MAX_TEXT = 2_000
MAX_DEPTH = 20
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_MARKUP = re.compile(r"<\s*[/!a-zA-Z]|&[a-zA-Z#][a-zA-Z0-9]*;|javascript:", re.IGNORECASE)


@dataclass(frozen=True)
class WordedItem:
    """The words of one item: its text, and a label per answer."""

    text: str
    options: dict[str, str]


@dataclass(frozen=True)
class WordingPack:
    """The official words of an instrument in one language, with the licence that allows their use."""

    instrument: str
    language: str
    version: str
    licence: str
    items: dict[str, WordedItem]
    title: str = ""
    introduction: str = ""


def read_wording(
    path: Path,
    *,
    site: Path | None = None,
    instrument: str = "",
    language: str = "",
    version: str = "",
    licence: str = "",
) -> WordingPack:
    """Read and check a pack. What the file does not say (a CSV says only items) is given by the arguments.

    Raises BadInput naming file, row or item for anything but plain, complete wording of a known instrument.
    """
    raw = _bounded(path)
    text = _decoded(raw, path.name)
    given = {"instrument": instrument, "language": language, "version": version, "licence": licence}
    if text.lstrip().startswith(("{", "[")):
        pack = _from_fhir(_json(text, path.name), given, path.name, site)
    else:
        pack = _from_csv(text, given, path.name, site)
    _check(pack, load_instrument(pack.instrument, site=site), path.name)
    return pack


def save_wording(pack: WordingPack, *, site: Path) -> Path:
    """Write a checked pack into the site's folder; an older one of the same language is replaced at once."""
    folder = site / "wording"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{pack.instrument}.{pack.language}.json"
    sibling = target.with_suffix(".part")
    sibling.write_text(json.dumps(asdict(pack), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sibling.replace(target)
    return target


def load_wording(instrument: str, *, language: str, site: Path | None) -> WordingPack | None:
    """The pack of a site, or None where it has none."""
    if site is None or not _LANGUAGE.match(language):
        return None
    path = site / "wording" / f"{load_instrument(instrument, site=site).id}.{language}.json"
    if not path.exists():
        return None
    data = _json(_decoded(_bounded(path), path.name), path.name)
    try:
        items = {name: WordedItem(**item) for name, item in data.pop("items").items()}
        return WordingPack(items=items, **data)
    except (KeyError, TypeError, AttributeError):
        cure = "Import it again: accord instruments import-wording FILE."
        raise BadInput("this is no stored wording pack.", cure=cure, where=Place(path.name)) from None


def wording_languages(instrument: str, *, site: Path | None) -> list[str]:
    """The languages in which a site holds the instrument's wording."""
    if site is None:
        return []
    known = load_instrument(instrument, site=site).id
    return sorted(path.name.split(".")[1] for path in (site / "wording").glob(f"{known}.*.json"))


def _bounded(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"it has more than {MAX_BYTES:,} bytes.", cure="A pack is small.", where=Place(path.name))
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.") from None


def _decoded(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("this is not UTF-8 text.", cure="Save it as UTF-8.", where=Place(file)) from None


def _json(text: str, file: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise BadInput("a key stands twice in one object.", cure="Keep one of the two.", where=Place(file))
        return dict(pairs)

    try:
        data = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise BadInput(f"this is not valid JSON: {error.msg}.", where=Place(file, error.lineno)) from None
    except RecursionError:
        raise BadInput(f"it is nested deeper than {MAX_DEPTH}.", where=Place(file)) from None
    if not isinstance(data, dict):
        raise BadInput("this is no JSON object.", cure="A FHIR Questionnaire is expected.", where=Place(file))
    return data


def _from_fhir(data: dict[str, Any], given: dict[str, str], file: str, site: Path | None) -> WordingPack:
    if data.get("resourceType") != "Questionnaire":
        what = f"resourceType is {data.get('resourceType')!r:.40}."
        raise BadInput(what, cure="A FHIR Questionnaire is expected.", where=Place(file))
    name = given["instrument"] or _words(data.get("name"), "name", file)
    definition = load_instrument(name, site=site)
    ids = {_spelling(item.id): item.id for item in definition.items}
    items: dict[str, WordedItem] = {}
    for entry in _questions(data.get("item"), file):
        item_id = _item_of(_words(entry.get("linkId"), "linkId", file), ids, definition, file)
        _once(item_id, items, file)
        items[item_id] = WordedItem(_words(entry.get("text"), item_id, file), _fhir_options(entry, item_id, file))
    return WordingPack(
        instrument=definition.id, items=items,
        language=given["language"] or _words(data.get("language"), "language", file),
        version=given["version"] or _words(data.get("version"), "version", file),
        licence=given["licence"] or _words(data.get("copyright"), "copyright", file),
        title=_words(data.get("title", definition.name), "title", file),
        introduction=_words(data.get("description", ""), "description", file, empty=True),
    )  # fmt: skip


def _questions(entries: Any, file: str, depth: int = 0) -> Iterable[dict[str, Any]]:
    """The questions of a Questionnaire, groups opened and displays left out."""
    if not isinstance(entries, list) or depth > MAX_DEPTH:
        raise BadInput("its items are no list of questions.", where=Place(file))
    for entry in entries:
        if not isinstance(entry, dict):
            raise BadInput("one of its items is no object.", where=Place(file))
        if entry.get("type") == "group":
            yield from _questions(entry.get("item"), file, depth + 1)
        elif entry.get("type") != "display":
            yield entry


def _fhir_options(entry: dict[str, Any], item_id: str, file: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for number, option in enumerate(entry.get("answerOption") or []):
        coding = option.get("valueCoding") if isinstance(option, dict) else None
        if not isinstance(coding, dict):
            continue
        value = coding.get("code", number)
        options[_value(value, item_id, file)] = _words(coding.get("display"), item_id, file)
    return options


def _from_csv(text: str, given: dict[str, str], file: str, site: Path | None) -> WordingPack:
    """Columns `item` and `text`, and one `option_<value>` per answer."""
    if missing := [name for name, value in given.items() if not value]:
        cure = "Say " + ", ".join(f"--{name}" for name in missing) + "; a CSV holds only the items."
        raise BadInput(f"{', '.join(missing)} of this pack is not known.", cure=cure, where=Place(file))
    definition = load_instrument(given["instrument"], site=site)
    ids = {_spelling(item.id): item.id for item in definition.items}
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        raise BadInput(f"it cannot be read: {error}.", cure="Check its quotes.", where=Place(file)) from None
    if not rows or not {"item", "text"} <= set(rows[0]):
        raise BadInput("the columns item and text are needed.", cure="Add them.", where=Place(file, 1))
    items: dict[str, WordedItem] = {}
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            where = Place(file, None, number)
            raise BadInput("its number of fields differs from the heading.", cure="Check it.", where=where)
        item_id = _item_of(row["item"], ids, definition, file)
        _once(item_id, items, file)
        labels = {name.removeprefix("option_"): label for name, label in row.items() if name.startswith("option_")}
        options = {
            _value(value, item_id, file): _words(label, item_id, file) for value, label in labels.items() if label
        }
        items[item_id] = WordedItem(_words(row["text"], item_id, file), options)
    return WordingPack(definition.id, given["language"], given["version"], given["licence"], items, definition.name)


def _once(item_id: str, items: dict[str, WordedItem], file: str) -> None:
    if item_id in items:
        raise BadInput(f"{item_id} stands twice.", cure="Keep one.", where=Place(file))


def _spelling(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _item_of(name: str, ids: dict[str, str], definition: Instrument, file: str) -> str:
    spelled = _spelling(name).removeprefix(_spelling(definition.id))
    for known in (spelled, f"item{spelled}", _spelling(name)):
        if known in ids:
            return ids[known]
    raise BadInput(
        f"{definition.id} has no item '{name[:40]}'.", cure=f"Its items: {_shown(ids.values())}.", where=Place(file)
    )


def _shown(ids: Iterable[str]) -> str:
    names = list(ids)
    return ", ".join(names) if len(names) <= 12 else f"{names[0]}, {names[1]} … {names[-1]}"


def _value(value: object, item_id: str, file: str) -> str:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if number != number or abs(number) == float("inf"):
        what = f"{item_id}: the answer '{value!s:.20}' is no number."
        raise BadInput(what, cure="Use the scored value as code.", where=Place(file))
    return f"{number:g}"


def _words(value: object, name: str, file: str, *, empty: bool = False) -> str:
    """Plain text: bounded, no markup, no control characters."""
    where = Place(file)
    if not isinstance(value, str) or (not value.strip() and not empty):
        raise BadInput(f"{name} has no text.", cure="Add it.", where=where)
    if len(value) > MAX_TEXT:
        raise BadInput(f"{name} has {len(value):,} characters; at most {MAX_TEXT:,}.", cure="Shorten it.", where=where)
    if _MARKUP.search(value) or any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise BadInput(f"{name} holds markup or control characters.", cure="Plain text only.", where=where)
    return value.strip()


def _check(pack: WordingPack, definition: Instrument, file: str) -> None:
    where = Place(file)
    if definition.own:
        raise BadInput(f"the wording of {definition.id} is our own.", cure="Edit its definition instead.", where=where)
    if not _LANGUAGE.match(pack.language):
        raise BadInput(f"'{pack.language[:20]}' is no language code.", cure="Write en, it or pt-BR.", where=where)
    needed = [item.id for item in definition.items if not item.optional]
    if missing := [item_id for item_id in needed if item_id not in pack.items]:
        what = f"{len(pack.items)} of {len(needed)} items; {', '.join(missing[:6])} missing."
        raise BadInput(what, cure="Complete the pack.", where=where)
    for item_id, worded in pack.items.items():
        item = definition.item(item_id)
        for value in worded.options:
            outside = item.minimum is not None and not item.minimum <= float(value) <= (item.maximum or 0.0)
            if outside and float(value) not in item.not_assessed:
                what = f"{item_id} has an answer {value}; it runs from {item.minimum:g} to {item.maximum:g}."
                raise BadInput(what, cure="Check version and item numbers.", where=where)
