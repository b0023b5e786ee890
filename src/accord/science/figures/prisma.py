"""PRISMA 2020 flow: how many records were found, and where and why they left on the way to the studies included."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.science.errors import BadInput, NotFound, Place
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.flow import Flow, Reason, Stage
from accord.science.figures.numbers import count

# The rows of a file of counts. Those of the first line hold several, each with its label; the others one number.
LISTED = ("identified", "removed", "excluded", "not_retrieved", "excluded_reports")
SINGLE = ("screened", "sought", "assessed", "included_studies", "included_reports")
STEPS = (*LISTED, *SINGLE)
_REQUIRED = ("identified", "included_studies")
_COLUMNS = ("step", "label", "n")


@dataclass(frozen=True, slots=True)
class Prisma:
    """A review's flow of records, as in the PRISMA 2020 template (Page et al. 2021, BMJ 372:n71).

    `identified`: records by source; `removed`: before screening (duplicates, automation); `excluded`: on title and
    abstract; `not_retrieved`: reports that could not be had; `excluded_reports`: after reading them, by reason. The
    counts between follow by subtraction. `studies` are included; `reports` of them, where told, are what is left of
    the reports assessed. Records from other sources than databases stand among those identified, in one column.
    """

    title: str
    description: str
    identified: Sequence[Reason]
    studies: int
    removed: Sequence[Reason] = ()
    excluded: Sequence[Reason] = ()
    not_retrieved: Sequence[Reason] = ()
    excluded_reports: Sequence[Reason] = ()
    reports: int | None = None
    invented: bool = False

    @property
    def screened(self) -> int:
        return _total(self.identified) - _total(self.removed)

    @property
    def sought(self) -> int:
        return self.screened - _total(self.excluded)

    @property
    def assessed(self) -> int:
        return self.sought - _total(self.not_retrieved)

    @property
    def left(self) -> int:
        """Reports that were assessed and not excluded: those of the studies included."""
        return self.assessed - _total(self.excluded_reports)

    def table(self) -> tuple[Columns, Rows]:
        """One row a box, one a source or a reason under it."""
        return ("Step", "n", "Source or reason", "n of it"), tuple(self._rows())

    def _rows(self) -> Iterator[tuple[str, int | None, str | None, int | None]]:
        stages = _stages(self)
        for k, stage in enumerate(stages):
            label = "Records identified" if k == 0 else stage.label
            yield (label, stage.n, None, None)
            if k == 0:
                yield from ((label, None, source.label, source.n) for source in self.identified)
            yield from ((stage.lost_label, None, reason.label, reason.n) for reason in stage.lost)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        flow = Flow(self.title, self.description, _stages(self), invented=self.invented)
        return flow.svg(ident=ident, width=width)


def _total(parts: Sequence[Reason]) -> int:
    return sum(part.n for part in parts)


def _stages(prisma: Prisma) -> list[Stage]:
    """The boxes from top to bottom; beside each, who left after it."""
    sources = "; ".join(f"{source.label} {count(source.n)}" for source in prisma.identified)
    included = "Studies included"
    if prisma.reports is not None:
        included += f" (reports of them: {count(prisma.reports)})"
    return [
        Stage(f"Records identified ({sources})", _total(prisma.identified), prisma.removed, "Removed before screening"),
        Stage("Records screened", prisma.screened, prisma.excluded, "Records excluded"),
        Stage("Reports sought", prisma.sought, prisma.not_retrieved, "Not retrieved"),
        Stage("Reports assessed for eligibility", prisma.assessed, prisma.excluded_reports, "Reports excluded"),
        Stage(included, prisma.studies),
    ]


def read_prisma(path: Path | str, *, title: str, description: str = "", invented: bool = False) -> Prisma:
    """A flow from a CSV file (comma or semicolon) with the columns `step`, `label`, `n`; lines of # are passed over.

    `step` is one of STEPS; those of LISTED may stand on several rows, one a source or reason. Only `identified` and
    `included_studies` are required. A count that is stated and does not follow from the others by subtraction is
    refused: a flow that does not add up must be mended in the review, not in the picture.

    Raises NotFound without the file, BadInput for a step, a count or a sum that is wrong, with its line.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", cure="Name a CSV file with the columns step, label, n.")
    counts: dict[str, list[Reason]] = {}
    lines: dict[str, int] = {}
    for line, row in _lines(path):
        step = row["step"]
        where = Place(str(path), line)
        if step not in STEPS:
            raise BadInput(f"The step is {step!r}.", cure=f"Use one of: {', '.join(STEPS)}.", where=where)
        if step in SINGLE and step in counts:
            raise BadInput(f"{step} stands twice.", cure=f"It stood on line {lines[step]}; keep one.", where=where)
        counts.setdefault(step, []).append(Reason(row["label"] or _unnamed(step), _whole(row["n"], where)))
        lines.setdefault(step, line)
    for step in _REQUIRED:
        if step not in counts:
            raise BadInput(f"There is no row {step}.", cure=f"Add a row with the step {step}.", where=Place(str(path)))
    found, studies = _total(counts["identified"]), counts["included_studies"][0].n
    said = f"{count(found)} records identified, {count(studies)} studies included."
    prisma = Prisma(
        title=title, description=description or said, studies=studies,
        reports=counts["included_reports"][0].n if "included_reports" in counts else None, invented=invented,
        **{step: tuple(counts.get(step, ())) for step in LISTED},
    )  # fmt: skip
    _refuse_what_does_not_add_up(prisma, counts, lines, path)
    return prisma


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row; blank lines and comments left out, the heading checked."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("The file is not UTF-8.", cure="Save it as CSV UTF-8.", where=Place(str(path))) from error
    kept = [(n, s) for n, s in enumerate(text.splitlines(), 1) if s.strip(" ,;") and not s.startswith("#")]
    mark = ";" if kept and ";" in kept[0][1] else ","  # what spreadsheets write where the comma is the decimal mark
    parsed = [(n, [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]) for n, line in kept]
    if not parsed or sorted(parsed[0][1]) != sorted(_COLUMNS):
        found = ", ".join(parsed[0][1]) if parsed else "nothing"
        raise BadInput(f"The heading is {found}.", cure=f"Write {','.join(_COLUMNS)} on top.", where=Place(str(path)))
    heading = parsed[0][1]
    for line, cells in parsed[1:]:
        if len(cells) != len(heading):
            cure = "Write three, and quote a label that holds a comma."
            raise BadInput(f"The row has {len(cells)} cells.", cure=cure, where=Place(str(path), line))
        yield line, dict(zip(heading, cells, strict=True))


def _unnamed(step: str) -> str:
    return "not stated" if step in LISTED else ""


def _whole(text: str, where: Place) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadInput(f"n is {text!r}.", cure="Write a whole number from 0, without separators.", where=where)
    return int(text)


def _refuse_what_does_not_add_up(
    prisma: Prisma, counts: dict[str, list[Reason]], lines: dict[str, int], path: Path
) -> None:
    steps = (
        ("screened", prisma.screened, "identified less removed"),
        ("sought", prisma.sought, "screened less excluded"),
        ("assessed", prisma.assessed, "sought less not_retrieved"),
        ("included_reports", prisma.left, "assessed less excluded_reports"),
    )
    for step, follows, rule in steps:
        where = Place(str(path), lines.get(step))
        if follows < 0:
            raise BadInput(f"{step} would be {follows} ({rule}).", cure="Mend the counts above it.", where=where)
        stated = counts[step][0].n if step in counts else follows
        if stated != follows:
            cure = "Mend the count that is wrong; where reasons are not known, give one row without a label."
            raise BadInput(f"{step} is {stated}, but {rule} is {follows}.", cure=cure, where=where)
    if prisma.studies > prisma.left:
        what = f"{prisma.studies} studies are included, but only {prisma.left} reports are left."
        where = Place(str(path), lines["included_studies"])
        raise BadInput(what, cure="A study has one report at least; mend the counts.", where=where)
