"""One file, encrypted and authenticated in chunks: a flipped bit, a cut or an added byte anywhere is found.

Layout: a magic line, a header (JSON), the header's SHA-256, then chunks of AES-256-GCM. The file's own key is
HKDF-SHA-256(backup key, salt of the header); the nonce is the number of the chunk with one more byte that says whether
it is the last, so that chunks cannot be swapped, left out or cut off; the header is associated data of every chunk.
The backup key is HKDF-SHA-256 of the two keys that are never rotated (audit, commitment): who kept the key file, and
she must, to read a name again, has the backup key too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accord.science.errors import BadInput

MAGIC = b"accord backup 1\n"
CHUNK, TAG = 1 << 20, 16
LONGEST_HEADER = 4096
AGAIN = "Take an older backup, or another copy of this one; nothing was restored."


def backup_key(keys: Mapping[str, Any]) -> bytes:
    """The key of every backup of this installation, from its key file."""
    return _derived(bytes.fromhex(str(keys["audit"])) + bytes.fromhex(str(keys["commitment"])), b"", b"accord backup")


def fingerprint(key: bytes) -> str:
    """What may be said of a key in clear: enough to tell two apart."""
    return hashlib.sha256(b"accord key fingerprint" + key).hexdigest()[:16]


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing(io.RawIOBase):
    """Written to like a file; what lands in `out` is ciphertext. `close` writes the last chunk, `out` stays open."""

    def __init__(self, out: IO[bytes], key: bytes) -> None:
        salt = os.urandom(32)
        self._header = _line({"chunk": CHUNK, "key": fingerprint(key), "salt": salt.hex()})
        self._cipher, self._out = AESGCM(_derived(key, salt, b"accord backup file")), out
        self._held, self._number = bytearray(), 0
        out.write(MAGIC + self._header + _sum(self._header))

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        while len(self._held) > CHUNK:  # the last chunk is held back: it is marked as the last
            self._put(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self._held), last=True)
        super().close()

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), plain, self._header))
        self._number += 1


class Opening(io.RawIOBase):
    """Read from like a file; every byte that comes out was authenticated. Raises BadInput with what is wrong."""

    def __init__(self, source: IO[bytes], key: bytes, name: str) -> None:
        self._source, self._name, self._number, self._plain = source, name, 0, b""
        self._header, given = _header(source, name)
        if given["key"] != fingerprint(key):
            raise BadInput(
                f"{name} was made with another key file than the one here.",
                cure="Set ACCORD_KEYS to the key file of the service that made it; nothing was restored.",
            )
        self._chunk = int(given["chunk"])
        self._cipher = AESGCM(_derived(key, bytes.fromhex(given["salt"]), b"accord backup file"))
        self._next = source.read(self._chunk + TAG)
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._plain and not self._done:
            self._take()
        count = min(len(buffer), len(self._plain))
        buffer[:count], self._plain = self._plain[:count], self._plain[count:]
        return count

    def _take(self) -> None:
        sealed, self._next = self._next, self._source.read(self._chunk + TAG)
        self._done = not self._next
        try:
            self._plain = self._cipher.decrypt(_nonce(self._number, self._done), sealed, self._header)
        except (InvalidTag, ValueError) as wrong:
            where = self._number * (self._chunk + TAG) + len(MAGIC) + len(self._header) + 65
            raise BadInput(f"{self._name} is damaged or cut short, at byte {where:,} or after.", cure=AGAIN) from wrong
        self._number += 1


def _line(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode() + b"\n"


def _sum(header: bytes) -> bytes:
    return hashlib.sha256(header).hexdigest().encode() + b"\n"


def _header(source: IO[bytes], name: str) -> tuple[bytes, dict[str, Any]]:
    magic = source.read(len(MAGIC))
    if magic != MAGIC:
        cure = f"Name a file that `accord backup` wrote; if this is one, it is damaged. {AGAIN}"
        raise BadInput(f"{name} does not begin as a backup of Accord.", cure=cure)
    header = source.readline(LONGEST_HEADER)
    if source.read(65) != _sum(header):
        raise BadInput(f"{name} is damaged in its first lines.", cure=AGAIN)
    return header, dict(json.loads(header))
