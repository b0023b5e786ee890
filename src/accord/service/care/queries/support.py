"""Flags and how their handling stands; what was tried with this person before, and whether it helped."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accord.service.access.table import Action, Asker
from accord.service.care.models import Flag, SupportStep
from accord.service.care.policies import the_flag
from accord.service.care.rules.support import Support, SupportStage, Tried, options_for, support_of


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flag, what was done about it, and where that stands."""

    flag: Flag
    steps: tuple[SupportStep, ...]
    support: Support


def supported(flags: Iterable[Flag], now: datetime) -> list[Flagged]:
    """Where these flags stand: one query for all their steps."""
    rows = list(flags)
    steps: dict[uuid.UUID, list[SupportStep]] = {}
    for step in SupportStep.objects.filter(flag__in=[row.pk for row in rows]).order_by("revision"):
        steps.setdefault(step.flag_id, []).append(step)
    found = []
    for row in rows:
        mine = steps.get(row.pk, [])
        tried = [Tried(step.kind, step.at, step.option, step.helped) for step in mine]
        found.append(Flagged(row, tuple(mine), support_of(tried, now)))
    return found


def unsettled(ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, list[Flagged]]:
    """The flags of these people that nobody has settled, the newest first. Two queries. For lists scoped before."""
    rows = Flag.objects.filter(person__in=set(ids)).order_by("-raised_at", "-id")
    found: dict[uuid.UUID, list[Flagged]] = {}
    for one in supported(rows, now):
        if one.support.stage is not SupportStage.SETTLED:
            found.setdefault(one.flag.person_id, []).append(one)
    return found


def flags_of(asker: Asker, person_id: uuid.UUID, now: datetime) -> list[Flagged]:
    """Every flag of a person that the asker may see, settled ones too, the newest first."""
    rows = Flag.objects.for_(asker, Action.VIEW).filter(person=person_id).select_related("alert")
    return supported(rows.order_by("-raised_at", "-id"), now)


@dataclass(frozen=True, slots=True)
class SupportPage:
    """A flag with what can be done about it, and what was tried with this person before."""

    one: Flagged
    options: tuple[str, ...]
    before: tuple[SupportStep, ...]  # looked at again: `option` and `helped`, the newest first
    may_act: bool


def support_page(asker: Asker, flag_id: uuid.UUID, now: datetime) -> SupportPage:
    """The page of options of a flag. Raises NotAllowed."""
    flag = the_flag(flag_id, asker, Action.VIEW)
    looked = SupportStep.objects.filter(flag__person=flag.person_id, kind=SupportStep.Kind.LOOKED).exclude(flag=flag)
    return SupportPage(
        one=supported([flag], now)[0], options=options_for(flag.kind),
        before=tuple(looked.select_related("flag").order_by("-at", "-id")),
        may_act=Flag.objects.for_(asker, Action.CREATE).filter(pk=flag.pk).exists(),
    )  # fmt: skip
