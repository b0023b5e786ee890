"""From a definition file to an Instrument: shorthands resolved, references followed, every slip found at its line."""

from __future__ import annotations

from accord.science.definitions import Document
from accord.science.errors import BadContent, Finding
from accord.science.instruments.definition import (
    BandsEntry,
    ChangeEntry,
    ExampleEntry,
    InstrumentEntry,
    ItemEntry,
    MissingEntry,
    RescaleEntry,
    ScaleEntry,
    TableEntry,
    ThresholdEntry,
)
from accord.science.instruments.model import (
    Band,
    Change,
    Cutoff,
    Example,
    Instrument,
    Item,
    Licence,
    MissingRule,
    Retest,
    Scale,
    Table,
    Threshold,
)


def build_instrument(document: Document, *, tables: dict[str, TableEntry] | None = None) -> Instrument:
    """The instrument a document defines; raises BadContent with all findings at once.

    `tables` are value sets of the site, by scale id; they replace the one in the file.
    """
    entry = document.validated(InstrumentEntry)
    findings = _unknown_names(document, entry)
    if findings:
        raise BadContent(f"{document.file} cannot be used:", findings)
    items = _items(entry)
    known = {item.id: item for item in items}
    scales: dict[str, Scale] = {}
    for scale_id in entry.scales:
        scales[scale_id] = _scale(entry, scale_id, known, (tables or {}).get(scale_id))
    instrument = Instrument(
        id=entry.instrument, name=entry.name, patient_name=entry.patient_name, construct=entry.measures,
        informants=tuple(entry.informants), version=entry.version, items=items,
        item_count=entry.item_count or len(_base_ids(entry)), scales=scales,
        licence=Licence(
            entry.licence.text, entry.licence.restricted, entry.licence.wording_ships, entry.licence.verified
        ),
        references=tuple(entry.references), verified=entry.verified, notes=tuple(entry.notes), own=entry.own,
        recall=entry.recall or "", introduction=entry.introduction or "", seconds_per_item=entry.seconds_per_item,
        note_when_missing=dict(entry.note_when_missing), codings=entry.codings, not_scored=entry.not_scored or "",
        examples=tuple(_example(example, items) for example in entry.examples), file=document.file,
    )  # fmt: skip
    findings = [*_wrong_ranges(document, instrument), *_wrong_bands(document, instrument)]
    if findings:
        raise BadContent(f"{document.file} cannot be used:", findings)
    return instrument


def _base_ids(entry: InstrumentEntry) -> list[str]:
    if isinstance(entry.items, int):
        return [f"item_{number}" for number in range(1, entry.items + 1)]
    return list(entry.items)


def _item_ids(entry: InstrumentEntry) -> list[str]:
    return [*_base_ids(entry), *(f"{item}_{also}" for item in _base_ids(entry) for also in entry.each)]


def _item_id(name: int | str) -> str:
    return f"item_{name}" if isinstance(name, int) else name


def _scored_ids(entry: InstrumentEntry, scale: ScaleEntry) -> list[str]:
    if scale.items == "all":
        if isinstance(entry.items, int):
            return _base_ids(entry)
        return [item_id for item_id, item in entry.items.items() if item.kind != "text" and not item.optional]
    return [_item_id(name) for name in scale.items or []]


def _unknown_names(document: Document, entry: InstrumentEntry) -> list[Finding]:
    """Every name of an item or scale that the file uses and does not declare."""
    items, findings = set(_item_ids(entry)), []

    def miss(what: str, name: str, allowed: set[str] | list[str], *path: str) -> None:
        cure = f"There are: {', '.join(sorted(allowed))}." if len(allowed) <= 20 else f"There are {len(allowed)}."
        findings.append(document.finding(f"{what} '{name}' is not declared.", *path, cure=cure))

    for name in [_item_id(name) for name in entry.reversed] + list(entry.note_when_missing):
        if name not in items:
            miss("the item", name, items, "reversed")
    for scale_id, scale in entry.scales.items():
        at = ("scales", scale_id)
        for name in [*_scored_ids(entry, scale), *(_item_id(name) for name in scale.reversed or [])]:
            if name not in items:
                miss("the item", name, items, *at)
        for name in [*_part_ids(scale), *scale.turned]:
            if name not in entry.scales:
                miss("the scale", name, list(entry.scales), *at)
        if len(set(_scored_ids(entry, scale))) != len(_scored_ids(entry, scale)):
            findings.append(document.finding("an item stands twice in one scale.", *at, cure="Keep one."))
    return findings or _circles(document, entry)


def _circles(document: Document, entry: InstrumentEntry) -> list[Finding]:
    """Scales that are made of themselves, straight or around corners."""

    def below(scale_id: str, path: tuple[str, ...]) -> str | None:
        if scale_id in path:
            return " → ".join([*path, scale_id])
        circles = (below(part, (*path, scale_id)) for part in _part_ids(entry.scales[scale_id]))
        return next((circle for circle in circles if circle), None)

    circles = ((scale_id, below(scale_id, ())) for scale_id in entry.scales)
    return [
        document.finding(f"a scale is made of itself: {circle}.", "scales", scale_id, cure="Break the circle.")
        for scale_id, circle in circles
        if circle
    ][:1]


def _part_ids(scale: ScaleEntry) -> list[str]:
    criteria = [name for alternative in scale.met_when or [] for name in alternative]
    return list(dict.fromkeys([*(scale.scales or []), *([scale.of] if scale.of else []), *criteria]))


def _items(entry: InstrumentEntry) -> tuple[Item, ...]:
    reversed_ids = {_item_id(name) for name in entry.reversed}
    entries = entry.items if isinstance(entry.items, dict) else _numbered(entry)
    return tuple(
        _item(entry, name, one, name in reversed_ids)
        for item_id, item in entries.items()
        for name, one in {item_id: item, **_follow_ups(entry, item_id, item)}.items()
    )


def _follow_ups(entry: InstrumentEntry, item_id: str, item: ItemEntry) -> dict[str, ItemEntry]:
    """The questions that follow an item only where it applies: optional, with the item's topic before their own."""
    return {
        f"{item_id}_{also}": follow.model_copy(
            update={
                "topic": f"{item.topic}: {follow.topic}", "optional": True,
                "asked_if": follow.asked_if or f"{item_id} >= 1",
            }
        )
        for also, follow in entry.each.items()
    }  # fmt: skip


def _numbered(entry: InstrumentEntry) -> dict[str, ItemEntry]:
    """`items: 36` means item_1 … item_36, each with the plain name of its narrowest scale as topic."""
    topics = dict.fromkeys(_base_ids(entry), entry.patient_name)
    for scale in sorted(entry.scales.values(), key=lambda scale: -len(_scored_ids(entry, scale))):
        topics.update(dict.fromkeys(_scored_ids(entry, scale), scale.patient_name))
    return {item_id: ItemEntry(topic=topic) for item_id, topic in topics.items()}


def _item(entry: InstrumentEntry, item_id: str, item: ItemEntry, turned: bool) -> Item:
    span = item.range or (entry.answer.range if entry.answer and item.kind == "choice" else None)
    shared = entry.answer.options if entry.answer and item.range is None else {}
    if span is None and item.options:
        span = (min(item.options), max(item.options))
    return Item(
        id=item_id, topic=item.topic, minimum=span[0] if span else None, maximum=span[1] if span else None,
        options=dict(item.options or shared), reversed=turned, kind=item.kind, whole=item.whole,
        optional=item.optional, not_assessed=item.not_assessed, asked_if=item.asked_if, group=item.group,
        text=item.text, help=item.help,
    )  # fmt: skip


def _scale(entry: InstrumentEntry, scale_id: str, items: dict[str, Item], table: TableEntry | None) -> Scale:
    scale = entry.scales[scale_id]
    own_items = _scored_ids(entry, scale)
    turned = [item_id for item_id in own_items if items[item_id].reversed]
    if scale.reversed is not None:
        turned = [_item_id(name) for name in scale.reversed]
    rescale = scale.rescale or RescaleEntry()
    table = table or scale.table
    low, high = (min(table.values.values()), max(table.values.values())) if table else scale.range
    return Scale(
        ref=f"{entry.instrument}.{scale_id}", instrument=entry.instrument, id=scale_id, name=scale.name,
        patient_name=scale.patient_name, items=tuple(own_items or _all_items_below(entry, scale)),
        method=scale.score, minimum=low, maximum=high, direction=scale.direction,
        zero=scale.zero, unit=scale.unit, missing=_missing(scale.missing), bands=_bands(scale.bands),
        cutoffs=tuple(Cutoff(cut.at, cut.meaning, cut.population, cut.source) for cut in scale.cutoffs),
        change=_change(scale.change), reversed_items=tuple(turned), scales=tuple(scale.scales or ()),
        turned=tuple(scale.turned), of=scale.of, cause=scale.cause, met_when=tuple(scale.met_when or ()),
        table=_table(table), subtract=rescale.subtract, multiply=rescale.multiply,
        divide=rescale.divide, note=scale.note or "",
    )  # fmt: skip


def _all_items_below(entry: InstrumentEntry, scale: ScaleEntry) -> list[str]:
    """The items of a scale that is made of scales, each once, in order."""
    below: dict[str, None] = {}
    for name in _part_ids(scale):
        part = entry.scales[name]
        below.update(dict.fromkeys(_scored_ids(entry, part) or _all_items_below(entry, part)))
    return list(below)


def _missing(missing: MissingEntry | None) -> MissingRule:
    if missing is None:
        return MissingRule()
    if missing.at_least is not None:
        return MissingRule("at_least", missing.at_least, missing.over, missing.source)
    return MissingRule("at_most_missing", missing.at_most_missing, missing.over, missing.source)


def _bands(bands: BandsEntry | None) -> tuple[Band, ...]:
    if bands is None:
        return ()
    highs = [edge for edge, _ in bands.edges[1:]] + [None]
    return tuple(
        Band(name, low, high, bands.population, bands.source, bands.note or "")
        for (low, name), high in zip(bands.edges, highs, strict=True)
    )


def _change(change: ChangeEntry) -> Change:
    retest = change.retest
    return Change(
        mic=tuple(_threshold(entry) for entry in change.mic),
        mdc=tuple(_threshold(entry) for entry in change.mdc),
        retest=Retest(**retest.model_dump(exclude_none=True)) if retest else None,
        conventions=tuple(_threshold(entry) for entry in change.conventions),
    )


def _threshold(entry: ThresholdEntry) -> Threshold:
    low, high = entry.ci or (None, None)
    if entry.points is not None:
        return Threshold(entry.points, "points", entry.population, entry.source, low, high, entry.name or "")
    return Threshold(entry.percent or 0.0, "percent", entry.population, entry.source, low, high, entry.name or "")


def _table(table: TableEntry | None) -> Table | None:
    if table is None:
        return None
    return Table(table.name, table.source, dict(table.values), table.country or "", table.year)


def _example(example: ExampleEntry, items: tuple[Item, ...]) -> Example:
    """Answers as a list in the order of the items, or as a map: `all`, numbers (`1,4,8`), item ids, `each_impact`."""
    scored = [item for item in items if item.kind != "text" and not item.optional]
    if isinstance(example.answers, list):
        answers = dict(zip((item.id for item in scored), example.answers, strict=False))
    else:
        given = dict(example.answers)
        answers = dict.fromkeys((item.id for item in scored), given.pop("all", None))
        for names, value in given.items():
            if names.startswith("each_"):
                answers.update({item.id: value for item in items if item.id.endswith(names.removeprefix("each"))})
                continue
            for name in names.split(","):
                answers[f"item_{name.strip()}" if name.strip().isdigit() else name.strip()] = value
    return Example(example.name, answers, dict(example.expect), example.arithmetic)


def _wrong_ranges(document: Document, instrument: Instrument) -> list[Finding]:
    """A declared range that the items and the method do not give."""
    findings = []
    for scale in instrument.scales.values():
        computed = computed_range(instrument, scale)
        if any(abs(a - b) > 0.005 for a, b in zip(computed, (scale.minimum, scale.maximum), strict=True)):
            what = f"{scale.id}: its items give {computed[0]:g} to {computed[1]:g}"
            what += f", the file says {scale.minimum:g} to {scale.maximum:g}."
            findings.append(document.finding(what, "scales", scale.id, "range", cure="Correct items or range."))
    return findings


def computed_range(instrument: Instrument, scale: Scale) -> tuple[float, float]:
    """Lowest and highest score that the items and the method allow; for a lookup the table has already said."""
    if scale.method == "lookup":
        return scale.minimum, scale.maximum
    low, high = _raw_range(instrument, scale)
    return tuple((value - scale.subtract) * scale.multiply / scale.divide for value in (low, high))  # type: ignore[return-value]


def _raw_range(instrument: Instrument, scale: Scale) -> tuple[float, float]:
    lows = [instrument.item(item_id).minimum or 0.0 for item_id in scale.items]
    highs = [instrument.item(item_id).maximum or 0.0 for item_id in scale.items]
    parts = [instrument.scales[name] for name in scale.scales]
    match scale.method:
        case "mean" | "single":
            return sum(lows) / len(lows), sum(highs) / len(highs)
        case "sum_of_scales":
            return sum(part.minimum for part in parts), sum(part.maximum for part in parts)
        case "mean_of_scales":
            return sum(part.minimum for part in parts) / len(parts), sum(part.maximum for part in parts) / len(parts)
        case "groups":
            return 0, len({instrument.item(item_id).group for item_id in scale.items} - {None})
        case "profile":
            return tuple(float("".join(f"{value:g}" for value in ends)) for ends in (lows, highs))  # type: ignore[return-value]
        case "criteria":
            return 0, 1
        case "count_by_cause":
            return 0, len(scale.items)
        case "impact_by_cause":
            impact = instrument.item(f"{scale.items[0]}_impact")
            return impact.minimum or 0.0, impact.maximum or 0.0
    return sum(lows), sum(highs)


def _wrong_bands(document: Document, instrument: Instrument) -> list[Finding]:
    findings = []
    for scale in instrument.scales.values():
        at = ("scales", scale.id, "bands")
        if scale.bands and scale.bands[0].low > scale.minimum:
            what = f"{scale.id}: the first band starts at {scale.bands[0].low:g}, the scale at {scale.minimum:g}."
            findings.append(document.finding(what, *at, cure="Let the bands cover the whole scale.", rule="C16"))
        if scale.bands and scale.bands[-1].low > scale.maximum:
            what = f"{scale.id}: the last band starts above the scale's maximum {scale.maximum:g}."
            findings.append(document.finding(what, *at, cure="Correct the edge."))
    return findings
