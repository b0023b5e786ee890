"""`accord instruments`: what there is, what one holds, whether definitions hold, and wording for the site."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from accord.cli.site import site_folder
from accord.science.errors import BadContent, BadInput, NotEstimable
from accord.science.instruments.change import reliable_change
from accord.science.instruments.check import check_instrument
from accord.science.instruments.load import find_scale, instrument_ids, load_instrument
from accord.science.instruments.model import Instrument, Scale
from accord.science.instruments.wording import read_wording, save_wording, wording_languages

app = typer.Typer(no_args_is_help=True, help="Questionnaires: list, show, check, import wording.", add_completion=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Name = Annotated[str, typer.Argument(help="An instrument, for example phq_9 (case and hyphens do not matter).")]


@app.command("list")
def list_instruments(as_json: Json = False) -> None:
    """All instruments, with their scales."""
    site = site_folder()
    instruments = [load_instrument(name, site=site) for name in instrument_ids(site=site)]
    if as_json:
        print(json.dumps({"instruments": [_summary(instrument) for instrument in instruments]}, ensure_ascii=False))
        return
    table = Table("id", "name", "items", "scales", "who answers", "", box=None, pad_edge=False, header_style="bold")
    for instrument in instruments:
        table.add_row(
            instrument.id, instrument.name, str(instrument.item_count), ", ".join(instrument.scales) or "not scored",
            ", ".join(instrument.informants), _marks(instrument),
        )  # fmt: skip
    _console().print(table)
    print(
        "own: the wording is ours. pack: the wording comes in as a pack. not verified: see `accord instruments show`."
    )


@app.command("show")
def show_instrument(name: Name, as_json: Json = False) -> None:
    """One instrument: items, scales, bands, what is known of change, licence, sources."""
    site = site_folder()
    if "." in name:
        scale = find_scale(name, site=site)
        name = scale.instrument
    instrument = load_instrument(name, site=site)
    languages = wording_languages(instrument.id, site=site)
    if as_json:
        print(json.dumps(_whole(instrument, languages), ensure_ascii=False))
        return
    _print_instrument(instrument, languages)


@app.command("check")
def check_instruments(
    names: Annotated[list[str] | None, typer.Argument(help="Instruments; all of them when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Check definitions: shape, worked examples, words, sources. Exit 2 when one does not hold."""
    site = site_folder()
    ids = [load_instrument(name, site=site).id for name in names] if names else instrument_ids(site=site)
    findings = [finding for name in ids for finding in check_instrument(name, site=site)]
    wrong = [finding for finding in findings if not finding.warning]
    if as_json:
        listed = [finding.to_dict() for finding in findings]
        print(json.dumps({"checked": ids, "ok": not wrong, "findings": listed}, ensure_ascii=False))
        raise typer.Exit(2 if wrong else 0)
    for finding in findings:
        if finding.warning:
            print(f"note: {finding}")
    if wrong:
        raise BadContent(f"{len(wrong)} findings in {len(ids)} instruments:", wrong)
    print(f"{len(ids)} instruments hold; {len(findings)} notes.")


@app.command("import-wording")
def import_wording(
    file: Annotated[Path, typer.Argument(help="A FHIR Questionnaire (JSON) or a CSV with the columns item and text.")],
    instrument: Annotated[str, typer.Option(help="The instrument, where the file does not say it.")] = "",
    language: Annotated[str, typer.Option(help="Language code, for example en or pt-BR.")] = "",
    version: Annotated[str, typer.Option(help="Version of the wording.")] = "",
    licence: Annotated[str, typer.Option(help="The licence under which the site uses it.")] = "",
    as_json: Json = False,
) -> None:
    """Put the official wording of an instrument into the site's folder (ACCORD_SITE)."""
    site = site_folder()
    if site is None:
        raise BadInput("No site folder is known.", cure="Set ACCORD_SITE to the folder that holds the site's content.")
    pack = read_wording(
        file, site=site, instrument=instrument, language=language, version=version, licence=licence
    )  # fmt: skip
    target = save_wording(pack, site=site)
    report = {
        "instrument": pack.instrument, "language": pack.language, "version": pack.version, "licence": pack.licence,
        "items": len(pack.items), "file": str(target),
    }  # fmt: skip
    print(json.dumps(report, ensure_ascii=False) if as_json else f"{pack.instrument} ({pack.language}): {target}")


def _console() -> Console:
    """A terminal's own width; wide where the output goes into a file or a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=160)


def _marks(instrument: Instrument) -> str:
    marks = ["own" if instrument.own else "pack", *([] if instrument.verified else ["not verified"])]
    return ", ".join(marks)


def _summary(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id, "name": instrument.name, "construct": instrument.construct,
        "informants": list(instrument.informants), "version": instrument.version, "items": instrument.item_count,
        "scales": [scale.ref for scale in instrument.scales.values()], "own": instrument.own,
        "restricted": instrument.licence.restricted, "verified": instrument.verified,
        "scored": not instrument.not_scored,
    }  # fmt: skip


def _whole(instrument: Instrument, languages: list[str]) -> dict[str, Any]:
    return {
        **_summary(instrument), "patient_name": instrument.patient_name, "recall": instrument.recall,
        "notes": list(instrument.notes), "not_scored": instrument.not_scored, "references": list(instrument.references),
        "licence": {
            "text": instrument.licence.text, "restricted": instrument.licence.restricted,
            "wording_ships": instrument.licence.wording_ships, "verified": instrument.licence.verified,
        },
        "wording": languages, "examples": len(instrument.examples),
        "questions": [
            {
                "id": item.id, "topic": item.topic, "minimum": item.minimum, "maximum": item.maximum,
                "options": {f"{value:g}": label for value, label in item.options.items()}, "reversed": item.reversed,
                "optional": item.optional, "asked_if": item.asked_if, "text": item.text,
            }
            for item in instrument.items
        ],
        "scale_details": [_scale(scale) for scale in instrument.scales.values()],
    }  # fmt: skip


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "ref": scale.ref, "name": scale.name, "patient_name": scale.patient_name, "method": scale.method,
        "items": list(scale.items), "minimum": scale.minimum, "maximum": scale.maximum, "direction": scale.direction,
        "zero": scale.zero, "unit": scale.unit, "missing": str(scale.missing), "missing_source": scale.missing.source,
        "bands": [asdict(band) for band in scale.bands],
        "cutoffs": [asdict(cut) for cut in scale.cutoffs],
        "reliable_change": _reliable(scale),
        "minimal_important_change": [
            {"value": mic.value, "unit": mic.unit, "population": mic.population, "source": mic.source}
            for mic in scale.change.mic
        ],
    }  # fmt: skip


def _reliable(scale: Scale) -> dict[str, Any] | None:
    try:
        known = reliable_change(scale)
    except NotEstimable:
        return None
    return {
        "points": round(known.points, 3), "basis": known.basis, "population": known.population, "source": known.source,
    }  # fmt: skip


def _print_instrument(instrument: Instrument, languages: list[str]) -> None:
    print(f"{instrument.id}: {instrument.name} ({instrument.version})")
    if not instrument.verified:
        print("NOT VERIFIED: scoring facts not yet checked against a second source.")
    rows = {
        "measures": instrument.construct, "answered by": ", ".join(instrument.informants), "recall": instrument.recall,
        "licence": instrument.licence.text, "wording": _wording_line(instrument, languages),
        "not scored": instrument.not_scored,
    }  # fmt: skip
    for label, text in rows.items():
        if text:
            print(f"{label}: {text}")
    for note in instrument.notes:
        print(f"note: {note}")
    table = Table("item", "topic", "answers", "", box=None, pad_edge=False, header_style="bold")
    for item in instrument.items:
        span = "text" if item.minimum is None or item.maximum is None else f"{item.minimum:g} to {item.maximum:g}"
        table.add_row(item.id, item.topic, span, "reversed" if item.reversed else "")
    _console().print(table)
    for scale in instrument.scales.values():
        _print_scale(scale)
    print("sources: " + "; ".join(instrument.references))


def _wording_line(instrument: Instrument, languages: list[str]) -> str:
    if instrument.own:
        return "ours"
    return f"packs of the site: {', '.join(languages)}" if languages else "no pack of the site"


def _print_scale(scale: Scale) -> None:
    direction = {"higher_worse": "higher is worse", "higher_better": "higher is better", "none": "no direction"}
    zero = "no true zero (no percentages)" if scale.zero is None else f"true zero {scale.zero:g}"
    print(f"\n{scale.ref}: {scale.name}, {scale.minimum:g} to {scale.maximum:g}, {direction[scale.direction]}, {zero}")
    source = f" ({scale.missing.source})" if scale.missing.source else ""
    print(f"  missing answers: {scale.missing}{source}")
    for band in scale.bands:
        below = "" if band.high is None else f" to below {band.high:g}"
        print(f"  band {band.name}: {band.low:g}{below}")
    if scale.bands:
        print(f"  bands from: {scale.bands[0].population}; {scale.bands[0].source}. {scale.bands[0].note}".rstrip())
    for cut in scale.cutoffs:
        print(f"  cut-off {cut.at:g}: {cut.meaning}; {cut.population}; {cut.source}")
    known = _reliable(scale)
    if known:
        how = {"retest": "from r and SD", "mdc": "published", "convention": "SERVICE CONVENTION"}[known["basis"]]
        print(f"  reliable change: {known['points']:g} points, {how}; {known['population']}; {known['source']}")
    for mic in scale.change.mic:
        named = f" ({mic.name})" if mic.name else ""
        unit = "%" if mic.unit == "percent" else " points"
        print(f"  minimal important change: {mic.value:g}{unit}{named}; {mic.population}; {mic.source}")
