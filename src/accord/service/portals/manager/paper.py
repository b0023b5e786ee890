"""The numbers on paper, typeset in this process. The values travel as one JSON text: no value is ever code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accord.science.figures.drawing import standalone
from accord.science.reports.cells import MISSING, people
from accord.service.portals.manager.laid import Page, Shown
from accord.service.portals.manager.worded import Number

SHEET = Path(__file__).with_name("paper.typ")


def printed(laid: Page, *, title: str, clinic: str, counted: str, version: str, sha256: str, signed: str) -> bytes:
    """A PDF. The same numbers and ids as on the page; no colleague's name."""
    import typst

    given = {
        "title": title, "clinic": clinic, "invented": laid.result["invented"], "signed": signed,
        "counted": _("Counted on %(moment)s") % {"moment": counted},
        "returns": _("Invented data: these figures return what was put in. No person stands behind them."),
        "foot": _("Protocol %(version)s, text %(hash)s") % {"version": version, "hash": sha256[:12]},
        "columns": [_("What"), _("Number"), "95 %", "n", _("Missing")],
        "parts": [_part(shown, laid) for shown in _parts(laid)],
    }  # fmt: skip
    made = typst.compile(SHEET.read_bytes(), sys_inputs={"given": json.dumps(given, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made


def _parts(laid: Page) -> Iterator[Shown]:
    """What a board asks for first, where there is any of it, then all."""
    if (short := laid.short()).numbers:
        yield short
    yield from laid.parts()


def _part(shown: Shown, laid: Page) -> dict[str, Any]:
    pictures = [laid.result["pictures"][one["id"]] | one for one in shown.pictures]
    return {
        "heading": str(shown.part.heading), "cautions": shown.cautions,
        "missing": str(shown.part.missing) if shown.empty else "",
        "rows": [_row(one) for one in shown.every()],
        "pictures": [{"svg": standalone(one["wide"]), "alt": one["description"]} for one in pictures],
    }  # fmt: skip


def _row(one: Number) -> dict[str, str]:
    return {
        "id": one.id, "label": one.label, "words": f"{one.words} {one.unit}".strip(),
        "interval": one.interval, "n": people(one.n), "missing": people(one.missing) if one.missing else MISSING,
    }  # fmt: skip
