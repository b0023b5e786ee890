"""Pictures for a paper: PDF and PNG of each, and an editable Vega-Lite chart of those that are charts.

The page itself shows the hand-written pictures: why is measured in docs/explanation/pictures.md. vl-convert and Altair
are imported here alone, inside functions, since together they cost seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from accord.science.analyses.result import AnalysisResult, Picture
from accord.science.figures import Calibration, Forest, Trajectories
from accord.science.figures.drawing import STAMP, standalone
from accord.science.figures.numbers import known
from accord.science.reports.stamp import stamped

PIXELS = 3.0  # per unit of the drawing: 720 units over 18 cm are then about 300 dots an inch

FileName = Callable[[str, str], str]


def publication_files(result: AnalysisResult, name: FileName) -> dict[str, bytes]:
    """PDF and PNG of every picture, and `.vl.json` of the charts. (A PDF carries no promise of the same bytes.)"""
    import vl_convert

    files: dict[str, bytes] = {}
    for block in result.blocks():
        if isinstance(block, Picture):
            svg = standalone(stamped(block.picture, result.invented).svg(ident=f"figure-{block.id}"))
            files[name(block.id, "pdf")] = vl_convert.svg_to_pdf(svg)
            files[name(block.id, "png")] = vl_convert.svg_to_png(svg, scale=PIXELS)
            chart = editable_chart(block, invented=result.invented)
            if chart is not None:
                files[name(block.id, "vl.json")] = (json.dumps(chart, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def editable_chart(block: Picture, *, invented: bool) -> dict[str, Any] | None:
    """A Vega-Lite 5 chart that Altair has checked, with its data inside; None for what is no chart (a flow)."""
    figure = block.picture
    made: Any = None
    if isinstance(figure, Trajectories):
        made = _trajectories(figure)
    elif isinstance(figure, Forest):
        made = _forest(figure)
    elif isinstance(figure, Calibration):
        made = _calibration(figure)
    if made is None:
        return None
    stamp = f"{block.title} ({STAMP})" if invented else block.title
    chart: dict[str, Any] = made.properties(title=stamp, description=block.description).to_dict()
    return chart


def _data(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Data(values=[{key: _plain(value) for key, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    return None if isinstance(value, float) and not known(value) else value


def _trajectories(figure: Trajectories) -> Any:
    """Facets of a scale; colour, dash and shape by arm."""
    import altair as alt

    times = {point.label: point.time for point in figure.time_points}
    rows = [
        {"scale": panel.title, "arm": arm.label, "time_point": one.at, "time": times[one.at], "mean": one.mean,
         "low": one.low, "high": one.high, "n": one.n}
        for panel in figure.panels for arm in panel.trajectories for one in arm.readings
    ]  # fmt: skip
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("time:Q", title=figure.time_unit, axis=alt.Axis(values=sorted(times.values()))), color="arm:N"
    )
    layers = alt.layer(
        base.mark_area(opacity=0.14).encode(y=alt.Y("low:Q", title=None, scale=alt.Scale(zero=False)), y2="high:Q"),
        base.mark_line().encode(y="mean:Q", strokeDash="arm:N"),
        base.mark_point(filled=True).encode(y="mean:Q", shape="arm:N"),
    )
    return layers.facet(facet=alt.Facet("scale:N", sort=None, title=None), columns=3).resolve_scale(y="independent")


def _forest(figure: Forest) -> Any:
    """Intervals and estimates, published markers hollow unless comparable."""
    import altair as alt

    rows = [
        {"row": row.label, "value": row.value, "low": row.low, "high": row.high, "n": row.n,
         "published": row.published.value if row.published else None,
         "comparable": bool(row.published and row.published.comparable)}
        for row in figure.rows if row.kind != "heading"
    ]  # fmt: skip
    scale = alt.Scale(type="log") if figure.log else alt.Scale(zero=False)
    base = alt.Chart(_data(rows)).encode(y=alt.Y("row:N", sort=None, title=None))
    across = alt.X("value:Q", title=f"{figure.measure} ({figure.left} ← → {figure.right})", scale=scale)
    return alt.layer(
        alt.Chart(_data([{"reference": figure.reference}])).mark_rule().encode(x="reference:Q"),
        base.mark_rule().encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        base.mark_square(filled=True, size=70).encode(x=across),
        base.mark_point(shape="triangle-up", yOffset=9, color="#8f3f20").encode(
            x="published:Q", fillOpacity=alt.condition("datum.comparable", alt.value(1), alt.value(0))
        ),
    )


def _calibration(figure: Calibration) -> Any:
    """Observed against predicted with the line of perfect agreement."""
    import altair as alt

    rows = [
        {"predicted": one.predicted, "observed": one.observed, "low": one.low, "high": one.high, "n": one.n}
        for one in figure.bins
    ]  # fmt: skip
    unit = alt.Scale(domain=[0, 1])
    base = alt.Chart(_data(rows)).encode(x=alt.X("predicted:Q", scale=unit, title=f"predicted: {figure.outcome}"))
    perfect = alt.Chart(_data([{"predicted": 0, "observed": 0}, {"predicted": 1, "observed": 1}]))
    return alt.layer(
        perfect.mark_line(strokeDash=[5, 4], color="#8f8676").encode(x="predicted:Q", y="observed:Q"),
        base.mark_rule().encode(y=alt.Y("low:Q", scale=unit, title="observed"), y2="high:Q"),
        base.mark_circle(opacity=1).encode(y="observed:Q", size="n:Q"),
    )
