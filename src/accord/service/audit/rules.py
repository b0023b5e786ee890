"""The arithmetic of the chain: what an entry's hash covers, how the end of a chain is sealed, what tampering leaves.

An entry i of a stream holds h(i) = SHA-256(domain, canonical JSON of the entry with h(i-1)); its stream's head holds
the last sequence and hash, sealed by HMAC-SHA-256 with a key that the database does not hold. Checkpoints outside the
database repeat the heads every minute. A change, an insertion, a deletion or a swap breaks a link; a cut tail or a
chain written anew breaks the seal; an older state of the whole database, seals and all, breaks the checkpoints.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

FIRST = "0" * 64
ENTRY, HEAD, LINE, READS = "accord audit entry 1", "accord audit head 1", "accord audit checkpoint 1", "accord reads 1"
CHECKPOINTS = "checkpoints"  # the head that remembers how many checkpoint lines were written
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain as the database or a checkpoint holds it."""

    sequence: int
    hash: str
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written."""

    stream: str
    sequence: int | None
    what: str
    older: bool = False  # what a whole database leaves that was put back from an earlier day

    def __str__(self) -> str:
        place = f", entry {self.sequence}" if self.sequence is not None else ""
        return f"{self.stream}{place}: {self.what}"

    def to_dict(self) -> dict[str, object]:
        return {"stream": self.stream, "sequence": self.sequence, "what": self.what}


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, ASCII only: the same bytes wherever the value was stored."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def plain(value: Any) -> Any:
    """A fact as every database gives it back: no floats, no zero bytes, no half characters, keys as text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return {_text(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    return _text(value)


def _text(value: object) -> str:
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def moment(at: datetime) -> str:
    """A time in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def digest(body: Body) -> str:
    """SHA-256 over everything in an entry but its own hash; `body["at"]` is text already."""
    return hashlib.sha256(ENTRY.encode() + b"\0" + canonical(body)).hexdigest()


def seal(key: bytes, stream: str, sequence: int, chain_hash: str) -> str:
    """HMAC of the end of a chain."""
    return _keyed(key, HEAD, [stream, sequence, chain_hash])


def _keyed(key: bytes, domain: str, value: Any) -> str:
    return hmac.new(key, domain.encode() + b"\0" + canonical(value), hashlib.sha256).hexdigest()


# --- a chain ----------------------------------------------------------------------------------------------------


def chain_faults(
    stream: str, entries: Iterable[tuple[Body, str]], head: End | None, mark: End | None, key: bytes
) -> Iterator[Fault]:
    """What is wrong with one stream: its entries in order as (body, stored hash), its head, its last checkpoint."""
    last, marked = End(0, FIRST), mark is None or mark.sequence == 0
    for body, stored in entries:
        yield from _link_faults(stream, body, stored, last)
        last = End(body["sequence"], stored)
        marked = marked or (mark is not None and (last.sequence, last.hash) == (mark.sequence, mark.hash))
    if head or last.sequence or mark is None:  # a stream begun after a backup that was put back has neither
        yield from _head_faults(stream, last, head, key)
    if mark is not None and not marked:
        what = "a checkpoint outside the database knows another entry here, or one more."
        yield Fault(stream, mark.sequence, what, older=True)


def _link_faults(stream: str, body: Body, stored: str, last: End) -> Iterator[Fault]:
    sequence = body["sequence"]
    if sequence != last.sequence + 1:
        yield Fault(stream, sequence, f"it follows entry {last.sequence}; what stood between them is missing.")
    elif body["previous_hash"] != last.hash:
        yield Fault(stream, sequence, "it does not follow from the entry before it.")
    if body["stream"] != stream:
        yield Fault(stream, sequence, "it belongs to another stream.")
    if digest(body) != stored:
        yield Fault(stream, sequence, "what it says is not what was written.")


def _head_faults(stream: str, last: End, head: End | None, key: bytes) -> Iterator[Fault]:
    if head is None:
        yield Fault(stream, None, "the end of its chain is not recorded.")
        return
    if not hmac.compare_digest(head.seal, seal(key, stream, head.sequence, head.hash)):
        yield Fault(stream, head.sequence, "the seal at the end of its chain was not made by this service.")
    if (head.sequence, head.hash) != (last.sequence, last.hash):
        yield Fault(stream, last.sequence, f"the chain ends here, but its sealed end is entry {head.sequence}.")


# --- checkpoints ------------------------------------------------------------------------------------------------


def line(
    number: int, at: datetime, ends: Mapping[str, End], previous: str, key: bytes, *, restored: bool = False
) -> str:
    """One checkpoint: the ends that changed since the last, chained to it and signed, as a line of JSON.

    `restored`: it says every end anew, because a person answered for a database that was put back from a backup.
    """
    body: Body = {
        "number": number, "at": moment(at), "previous": previous,
        "ends": {stream: [end.sequence, end.hash] for stream, end in sorted(ends.items())},
    }  # fmt: skip
    if restored:
        body["restored"] = True
    return json.dumps(body | {"signature": _keyed(key, LINE, body)}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """What the lines of a checkpoint folder say together."""

    number: int = 0
    at: str = ""
    hash: str = FIRST
    ends: Mapping[str, End] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    restored: tuple[str, ...] = ()  # when a person answered for a restore


def fold(lines: Iterable[str], key: bytes, *, middle: bool = False) -> Checkpoints:
    """Read the lines in order; the last word on each stream counts. Wrong lines are faults and say nothing.

    An end that goes back, because an older database was put in the place of a newer one, stays a fault whatever is
    written after it, until a line says that a person answered for a restore: that line says every end anew.

    `middle`: the first line is that of a later file (it repeats every end), so nothing is asked of what was before it.
    """
    ends: dict[str, End] = {}
    faults: list[Fault] = []
    restored: list[str] = []
    number, at, previous = 0, "", FIRST
    for text in lines:
        found = _opened(text, key)
        if found is None:
            faults.append(Fault("checkpoints", number + 1, "the line is damaged, or was not written by this service."))
            continue
        first, middle = middle, False
        if not first and (found["number"], found["previous"]) != (number + 1, previous):
            faults.append(Fault("checkpoints", found["number"], f"it does not follow from line {number}."))
        number, at, previous = found["number"], found["at"], line_hash(text)
        told = {stream: End(sequence, chain) for stream, (sequence, chain) in found["ends"].items()}
        if found.get("restored"):
            restored.append(at)
            ends, faults = {}, [fault for fault in faults if not fault.older]
        faults += _going_back(ends, told, at)
        ends |= told
    return Checkpoints(number, at, previous, ends, tuple(faults), tuple(restored))


def _going_back(before: Mapping[str, End], told: Mapping[str, End], at: str) -> Iterator[Fault]:
    for stream, end in told.items():
        known = before.get(stream)
        if known is not None and (end.sequence < known.sequence or (end.sequence == known.sequence and end != known)):
            what = f"the checkpoint of {at[:16]} goes back from entry {known.sequence}: an older database was put here."
            yield Fault(stream, end.sequence, what, older=True)


def line_hash(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()


def _opened(text: str, key: bytes) -> Body | None:
    try:
        body = dict(json.loads(text))
        signature = body.pop("signature")
    except (ValueError, TypeError, KeyError):
        return None
    good = isinstance(signature, str) and hmac.compare_digest(signature.encode(), _keyed(key, LINE, body).encode())
    return body if good else None


# --- everything together ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification looked at and what it found."""

    streams: int
    entries: int
    checkpoints: int
    last_checkpoint: str
    faults: list[Fault] = field(default_factory=list)
    restored: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.faults


def verdict(links: Iterable[tuple[Body, str]], heads: Mapping[str, End], known: Checkpoints, key: bytes) -> Verdict:
    """Every chain against its links, its sealed end and the checkpoints; `links` in order of stream and sequence."""
    ends = {stream: end for stream, end in heads.items() if stream != CHECKPOINTS}
    faults = [*known.faults, *_checkpoint_faults(known, heads.get(CHECKPOINTS), key)]
    count, seen = 0, set()
    for stream, chain in groupby(links, key=lambda link: str(link[0]["stream"])):
        entries = list(chain)
        seen.add(stream)
        count += len(entries)
        faults += chain_faults(stream, entries, ends.get(stream), known.ends.get(stream), key)
    for stream in sorted((ends.keys() | known.ends.keys()) - seen):
        faults += chain_faults(stream, [], ends.get(stream), known.ends.get(stream), key)
    return Verdict(len(seen), count, known.number, known.at, faults, known.restored)


def _checkpoint_faults(known: Checkpoints, head: End | None, key: bytes) -> Iterator[Fault]:
    if head is None or head.sequence == 0:
        return
    if not hmac.compare_digest(head.seal, seal(key, CHECKPOINTS, head.sequence, head.hash)):
        yield Fault(CHECKPOINTS, head.sequence, "the count of checkpoints was not sealed by this service.")
    if known.number < head.sequence:
        what = f"{head.sequence} lines were written, {known.number} are there; the end of the file is missing."
        yield Fault(CHECKPOINTS, known.number, what, older=True)
    elif known.number == head.sequence and known.hash != head.hash:
        yield Fault(CHECKPOINTS, known.number, "the last line is not the one that was written.")
