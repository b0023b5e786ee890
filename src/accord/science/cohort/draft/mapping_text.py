"""The drafted mapping as commented YAML."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.cohort.draft.guess import DayGuess, FileGuess
from accord.science.cohort.draft.roles import FIXED
from accord.science.cohort.draft.scores import ScoreGuess
from accord.science.cohort.draft.yaml_text import comment, flow, guessed, quoted


def mapping_text(files: list[FileGuess], points: list[str]) -> str:
    """The mapping for all files; every guess has its reason beside it."""
    return "\n".join(_lines(files, points)) + "\n"


def _lines(files: list[FileGuess], points: list[str]) -> Iterator[str]:
    names = ", ".join(file.source.shown for file in files)
    yield comment(f"A first mapping, drafted from the columns of {names}.")
    yield comment("Every guess says why. Correct what is wrong, then delete the comments.")
    yield "mapping: 1"
    yield f"title: {quoted(names)}"
    yield f'source: "not known"  {comment("write the citation or the register here")}'
    yield f'licence: "not known"  {comment("write under which terms the data may be used")}'
    yield f"origin: mapped  {comment('real, when these are the data of your own service or study')}"
    yield ""
    yield from _files(files)
    yield from _missing(files)
    yield f"time_points: {flow(points)}  {guessed('in this order; the first is the baseline')}"
    yield ""
    yield from _scales(files)
    yield from _participants(files)
    yield from _allocation(files)
    yield from _events(files)
    yield "scores:"
    for file in files:
        for score in file.scores:
            yield from _score(file, score, several=len(files) > 1)
    if not any(file.scores for file in files):
        yield f"  []  {comment('no column reads like a score over time')}"
    yield from _left_out(files)


def _files(files: list[FileGuess]) -> Iterator[str]:
    yield "files:"
    for file in files:
        form = f"  {comment('recognised: ' + str(file.source.format))}" if file.source.format else ""
        if len(files) == 1:
            yield f"  {file.source.name}: {flow({'name': file.source.shown})}{form}"
        else:
            yield f"  {file.source.name}:{form}"
            yield f"    name: {quoted(file.source.shown)}"
            yield from (f"    {line}" for line in [*_person(file), *_time(file)])
    yield ""
    if len(files) == 1:
        yield from _person(files[0])
        yield from _time(files[0])
    else:
        yield from _person(files[0])
    yield ""


def _person(file: FileGuess) -> Iterator[str]:
    if file.layout.person is None:
        yield f"person: {{row: true}}  {guessed('no column says who; every row is taken as another person')}"
    else:
        yield f"person: {quoted(file.layout.person)}  {guessed('; '.join(file.layout.why))}"


def _time(file: FileGuess) -> Iterator[str]:
    layout, days = file.layout, list(_days(file.days))
    if layout.time is None and layout.order_by is None and not days:
        return
    yield "time:"
    if layout.time is not None:
        yield f"  column: {quoted(layout.time)}  {guessed('; '.join(layout.why))}"
        yield f"  values: {flow(layout.values)}  {guessed('the earliest is the baseline')}"
    if layout.order_by is not None:
        order = {"date": layout.order_by.name, "format": layout.order_by.date}
        yield f"  order_by: {flow(order)}  {guessed(layout.why[-1])}"
        yield f"  names: {flow(list(layout.points))}"
    yield from days


def _days(days: DayGuess) -> Iterator[str]:
    if not (days.column or days.date or days.dates or days.fixed):
        return
    yield f"  days:  {guessed(days.why)}"
    if days.column:
        yield f"    column: {quoted(days.column)}"
    if days.date:
        unsure = f"  {comment('day before month is a guess')}" if days.date.date_unsure else ""
        yield f"    date: {flow({'date': days.date.name, 'format': days.date.date})}{unsure}"
    if days.dates:
        for column in days.dates.values():
            if column.date_unsure:
                yield f"    {comment(f'{column.name}: day before month is a guess')}"
        by_point = {name: {"date": column.name, "format": column.date} for name, column in days.dates.items()}
        yield f"    by_time_point: {flow(by_point)}"
    elif days.fixed:
        yield f"    by_time_point: {flow(days.fixed)}"
    if days.start:
        yield f"    from_column: {quoted(days.start.name)}  {guessed('a date that reads like the day of enrolment')}"


def _missing(files: list[FileGuess]) -> Iterator[str]:
    words = list(dict.fromkeys(word for file in files for word in file.words))
    if words:
        yield f"missing: {flow(words)}  {guessed('words in columns that otherwise hold numbers or dates')}"


def _scales(files: list[FileGuess]) -> Iterator[str]:
    inline = {
        score.scale.ref: score.scale for file in files for score in file.scores if score.scale and score.scale.inline
    }
    if not inline:
        return
    yield "scales:"
    for ref, scale in inline.items():
        yield f"  {ref}:  {guessed(scale.why)}"
        yield f"    name: {quoted(scale.name)}"
        yield f"    minimum: {scale.minimum:g}"
        yield f"    maximum: {scale.maximum:g}"
        yield f"    direction: {scale.direction}"
        yield '    source: "not known: drafted from the data"'
    yield ""


def _participants(files: list[FileGuess]) -> Iterator[str]:
    lines = [*_fixed(files)]
    background = list(_background(files))
    if not lines and not background:
        return
    yield "participants:"
    yield from lines
    if background:
        yield "  background:"
        yield from background
    yield ""


def _cell(column: str, missing: tuple[str, ...], **more: object) -> str:
    cell = {"column": column, **({"missing": list(missing)} if missing else {}), **more}
    return quoted(column) if len(cell) == 1 else flow(cell)


def _fixed(files: list[FileGuess]) -> Iterator[str]:
    for file in files:
        if file.facts.role:
            cell = _cell(file.facts.role.name, (), recode=file.facts.roles)
            yield f"  role: {cell}  {guessed('named like it, codes 0 and 1')}"
            break
    for name in FIXED:
        column = next((file.facts.fixed[name] for file in files if name in file.facts.fixed), None)
        if column is not None:
            yield f"  {name}: {_cell(column.name, column.missing)}  {guessed('from the name of the column')}"


def _background(files: list[FileGuess]) -> Iterator[str]:
    seen: set[str] = set()
    for file in files:
        for name, column in file.facts.background.items():
            if name not in seen:
                seen.add(name)
                unknown = column.missing and guessed(f"{', '.join(column.missing)} lies far from all other values")
                told = {"meaning": column.meaning} if column.meaning else {}
                yield f"    {name}: {_cell(column.name, column.missing, **told)}" + (f"  {unknown}" if unknown else "")


def _allocation(files: list[FileGuess]) -> Iterator[str]:
    for file in files:
        if file.facts.arm:
            yield "allocation:"
            cell = _cell(file.facts.arm.name, (), recode=file.facts.arms)
            yield f"  arm: {cell}  {guessed('a few codes, one for each person')}"
            yield ""
            return


def _events(files: list[FileGuess]) -> Iterator[str]:
    """Everybody with an arm (everybody in a role of patients, when there are no arms) counts as enrolled on day 0."""
    when: list[dict[str, object]] = []
    for file in files:
        if file.facts.arm:
            when = [{"column": file.facts.arm.name}]
            break
        if file.facts.role:
            when = [{"column": file.facts.role.name, "is": [c for c, r in file.facts.roles.items() if r == "patient"]}]
    entry: dict[str, object] = {"per": "person", **({"when": when} if when else {})}
    entry["columns"] = {"kind": {"constant": "enrolment"}, "day": {"constant": 0}}
    yield "events:"
    yield f"  - {flow(entry)}  {guessed('the file does not record enrolments')}"
    yield ""


def _score(file: FileGuess, score: ScoreGuess, *, several: bool) -> Iterator[str]:
    entry: dict[str, object] = {"file": file.source.name} if several else {}
    entry |= {"instrument": score.instrument} if score.instrument else {"scale": score.scale.ref if score.scale else ""}
    if score.columns:
        entry["columns"] = score.columns
    elif score.items:
        entry["items"] = score.items
    else:
        entry["column"] = score.column
    if score.missing:
        entry["missing"] = list(score.missing)
        yield f"  {guessed(', '.join(score.missing) + ' lies far from all other values, so it means missing')}"
    yield f"  - {flow(entry)}  {guessed(score.why)}"


def _left_out(files: list[FileGuess]) -> Iterator[str]:
    rows = [(name, why) for file in files for name, why in file.facts.left_out.items()]
    if rows:
        yield ""
        yield comment("Left out:")
        yield from (comment(f"  {name}: {why}") for name, why in rows)
