"""`accord export --protocol P --out DIR`: take the cohort of this service out, under pseudonyms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from accord.cli.service import check_kept, connect_to_kept, set_up_service
from accord.science.errors import BadInput, NotFound

if TYPE_CHECKING:
    import uuid

    from accord.service.flows.export_cohort import Written

app = typer.Typer(add_completion=False)


@app.command()
def export(
    protocol: Annotated[str, typer.Option(help="A protocol that is published here, by its slug.", metavar="P")],
    out: Annotated[Path, typer.Option(help="A new or empty folder for the cohort.", metavar="DIR")],
    purpose: Annotated[str, typer.Option(help="What the data are taken out for, in a sentence; it is audited.")],
    clinic: Annotated[
        str | None, typer.Option(help="One clinic, by its name or key. Without, all of them together.")
    ] = None,
    form: Annotated[Literal["parquet", "csv"], typer.Option("--format", help="How tables are written.")] = "parquet",
    at: Annotated[
        str | None,
        typer.Option(help="Count as things stood at this moment (2026-11-22T10:00:00Z), as a page did.", metavar="T"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the cohort that stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Write everybody who came under one protocol as a cohort: pseudonyms, days from enrolment, no text."""
    moment = _moment(at)
    check_kept()
    set_up_service()
    connect_to_kept()
    with _progress() as said:
        written = _written(protocol, out, purpose, clinic, form, moment, force=force, said=said)
    print(json.dumps(_object(written), ensure_ascii=False) if as_json else _words(written))


def _moment(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        cure = "Write it like 2026-11-22T10:00:00Z."
        raise BadInput(f"{given[:40]!r} is no moment.", cure=cure) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(
    protocol: str, out: Path, purpose: str, clinic: str | None, form: str, moment: datetime | None, *, force: bool,
    said: Callable[[str, float], None],
) -> Written:  # fmt: skip
    from accord.service.access.table import SERVICE
    from accord.service.flows.export_cohort import export_cohort
    from accord.service.now import now

    clinic_id = _clinic(clinic) if clinic else None
    try:
        return export_cohort(
            protocol=protocol, clinic_id=clinic_id, out=out, purpose=purpose, by=SERVICE, now=now(), counted_at=moment,
            form=form, force=force, said=said,
        )  # fmt: skip
    except NotFound as unknown:
        raise BadInput(unknown.finding.what, cure=f"Published here: {', '.join(_published()) or 'none'}.") from unknown


def _clinic(given: str) -> uuid.UUID:
    """The clinic of this name or key."""
    from accord.service.people.queries import clinics

    every = clinics()
    found = [one.pk for one in every if given.casefold() in (one.name.casefold(), str(one.pk))]
    if len(found) != 1:
        names = "; ".join(f"{one.name} ({one.pk})" for one in every) or "none"
        raise BadInput(f"There is no clinic '{given[:60]}', or more than one.", cure=f"There are: {names}.")
    return found[0]


def _published() -> list[str]:
    from accord.service.library.queries import protocols_published

    return protocols_published()


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """What is being done, on standard error."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, share: None
        return
    with console.status("starting") as status:
        yield lambda stage, share: status.update(f"{stage}, {share:.0%}")


def _object(written: Written) -> dict[str, Any]:
    made = written.made
    return {
        "out": str(made.folder), "export": str(written.export_id), "protocol": made.protocol.slug,
        "protocol_hash": made.protocol_hash, "origin": made.origin, "people": made.people, "enrolled": made.enrolled,
        "tables": made.rows, "sha256": written.sha256,
    }  # fmt: skip


def _words(written: Written) -> str:
    made = written.made
    rows = ", ".join(f"{name} {count:,}" for name, count in made.rows.items())
    first = f"{made.people:,} people, {made.enrolled:,} of them enrolled, in {made.folder}"
    origin = ["  From a demonstration: nothing here was measured."] if made.origin == "simulated" else []
    return "\n".join([first, *origin, f"  {rows}", f"  cohort.json has the SHA-256 {written.sha256}"])
