"""A class on every field of every table (E17): what it is, how long it is kept, whether an export may hold it.

    @classified(keep=Keep.CARE, personal="name phone", clinical="value", technical="id created_at")
    class Person(Row): ...

A field that no class names stops the build (`accord manage check`, and a test that walks every model).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


class Kind(StrEnum):
    """What a field tells."""

    PERSONAL = "personal"  # who somebody is, how to reach her, what she wrote: never exported, never logged
    CLINICAL = "clinical"  # answers, scores, decisions: exported under a pseudonym, where the export names the field
    ARM = "arm-revealing"  # tells or hints at the arm: never shown to a blinded role
    SECRET = "secret"  # noqa: S105 - a class, not a password: tokens and keys, never shown to anybody
    TECHNICAL = "technical"  # keys, times, states


class Keep(StrEnum):
    """How long a row stays; the days are the clinic's to set."""

    CARE = "care"  # the legal time of a health record
    APPLICANT = "applicant"  # people who never enrolled (C4)
    ACCOUNT = "account"  # while the account lives
    WORK = "work"  # until it is done, then for the time of an investigation
    AUDIT = "audit"  # as long as the record it speaks of
    CONTENT = "content"  # for ever: what was shown must stay readable


@dataclass(frozen=True, slots=True)
class Classes:
    keep: Keep
    kinds: dict[str, Kind]


CLASSES: dict[str, Classes] = {}  # model label -> classes of its fields


def classified(
    *, keep: Keep, personal: str = "", clinical: str = "", arm: str = "", hidden: str = "", technical: str = ""
) -> Callable[[Model], Model]:
    """Name the class of every field of a model. A field in no list, or in two, is refused by `unclassified`."""
    lists = {Kind.PERSONAL: personal, Kind.CLINICAL: clinical, Kind.ARM: arm, Kind.SECRET: hidden}
    lists[Kind.TECHNICAL] = technical

    def mark(model: Model) -> Model:
        kinds = {name: kind for kind, names in lists.items() for name in names.split()}
        kinds.setdefault("id", Kind.TECHNICAL)
        CLASSES[model._meta.label] = Classes(keep, kinds)
        return model

    return mark


def unclassified(model: type[models.Model]) -> list[str]:
    """The fields of a model that no class names, and the names that are no field."""
    fields = {field.name for field in model._meta.get_fields() if not (field.auto_created and not field.concrete)}
    named = set(CLASSES[model._meta.label].kinds) if model._meta.label in CLASSES else set()
    return sorted((fields - named) | (named - fields - {"id"}))
