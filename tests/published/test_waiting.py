"""Quantiles of waiting times, with their limits, against R's `quantile(survfit(…, conf.type = "log-log"))`."""

import json
from pathlib import Path

import pytest

from accord.science.estimates.time_to_event import survival
from accord.science.estimates.waiting import waiting_time

R = json.loads((Path(__file__).parent / "r/waiting.json").read_text())["cases"]


@pytest.mark.parametrize("name", R)
@pytest.mark.parametrize(("place", "share"), [(0, 0.5), (1, 0.9)])
def test_quantiles_and_limits(name: str, place: int, share: float) -> None:
    case = R[name]
    curve = survival(case["t"], case["d"])
    assert curve.quantile(share) == case["quantile"][place]
    assert curve.quantile_limits(share) == (case["lower"][place], case["upper"][place])


@pytest.mark.parametrize("name", R)
def test_as_an_estimate(name: str) -> None:
    case = R[name]
    found = waiting_time(case["t"], case["d"], 0.5, "wait.start.median", "days")
    assert found.value == case["quantile"][0]
    assert found.n == len(case["t"])
    assert "Kaplan" in found.method


@pytest.mark.parametrize(
    ("time", "arrived", "why"),
    [([], [], "nobody's wait"), ([float("nan")], [1], "nobody's wait"), ([3.0, 4.0], [0, 0], "none of 2 has arrived")],
)
def test_what_cannot_be_had_says_why(time: list[float], arrived: list[int], why: str) -> None:
    found = waiting_time(time, arrived, 0.5, "wait.start.median", "days")
    assert found.value is None
    assert found.note.startswith("Not estimable:")
    assert why in found.note
