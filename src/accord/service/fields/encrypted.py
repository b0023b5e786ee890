"""Text that is stored encrypted (E17): names, contacts, free text.

Stored value: base64url of  key id (1 byte length + ascii) ‖ nonce (12 bytes) ‖ AES-256-GCM(plaintext).
Associated data: table|column|primary key, so that a value cut from one row and pasted into another does not open.
Keys: `settings.FIELD_KEYS`, a dict key id -> 32 bytes; the first one encrypts, all of them decrypt (rotation).
The empty string stays empty and NULL stays NULL: that nothing was said is not a secret worth 29 bytes a row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from accord.service.errors import Refusal


class Unreadable(Refusal):
    """A stored value that no key opens: a wrong or lost key, or a value that was moved or changed."""

    status = 500


class Sealed(str):
    """An encrypted value as it lies in the database, not yet opened."""

    __slots__ = ()


class EncryptedTextField(models.TextField):
    """A TextField whose column holds ciphertext bound to its row. Cannot be searched; order and length are hidden."""

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            setattr(cls, name, Opening(self))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        held = model_instance.__dict__.get(self.attname)
        if held is None or held == "" or isinstance(held, Sealed):
            return held
        return Sealed(seal(str(held), self.place(model_instance.pk)))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        raise TypeError(
            f"{self.name} is encrypted: it is written through save() or create(), and cannot be filtered on"
        )

    def place(self, key: object) -> str:
        """What the ciphertext of the row with this key is bound to."""
        return f"{self.model._meta.db_table}|{self.column}|{key}"

    def opened(self, held: str, key: object) -> str:
        """A value that was read without its row (`values_list`), opened. Raises Unreadable."""
        return unseal(held, self.place(key)) if isinstance(held, Sealed) else held


class Opening:
    """Opens a value when it is first read, so that lists that do not show a field never decrypt it."""

    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:
            row.refresh_from_db(fields=[self.field.attname])
        held = row.__dict__[self.field.attname]
        if isinstance(held, Sealed):
            held = row.__dict__[self.field.attname] = self.field.opened(held, row.pk)
        return held

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    """A key is made ready once: of a list of thousands each value would cost half as much again."""
    return AESGCM(key)


def seal(text: str, place: str) -> str:
    """Encrypt `text` for `place` with the current key."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(12)
    sealed = _cipher(key).encrypt(nonce, text.encode(), place.encode())
    return base64.urlsafe_b64encode(bytes([len(key_id)]) + key_id.encode() + nonce + sealed).decode()


def unseal(stored: str, place: str) -> str:
    """Decrypt a stored value. Raises Unreadable when no key opens it at this place."""
    try:
        raw = base64.urlsafe_b64decode(stored.encode())
        end = 1 + raw[0]
        return (
            _cipher(settings.FIELD_KEYS[raw[1:end].decode()])
            .decrypt(raw[end : end + 12], raw[end + 12 :], place.encode())
            .decode()
        )
    except (InvalidTag, KeyError, IndexError, ValueError) as error:
        cure = "Start with the key file that belongs to this database; a value that was moved or changed cannot open."
        raise Unreadable(f"An encrypted value at {place.rsplit('|', 1)[0]} cannot be opened.", cure=cure) from error


def blind(text: str, purpose: str) -> str:
    """A keyed commitment to a personal value (HMAC-SHA-256): equal for equal values, tells nothing without the key."""
    message = purpose.encode() + b"\0" + text.strip().casefold().encode()
    return hmac.new(settings.COMMITMENT_KEY, message, hashlib.sha256).hexdigest()
