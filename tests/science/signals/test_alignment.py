"""Two clocks become one: the offset and drift that were put in come back, with an error that holds them."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.signals import Annotation, Recording, aligned

RNG = np.random.default_rng(3)


def course(start: float = 0.0, seconds: float = 600.0, rate: float = 4.0, **more: object) -> Recording:
    values = RNG.normal(size=int(seconds * rate))
    return Recording("a", "heart-rate", values, "1/min", rate, start=start, **more)  # type: ignore[arg-type]


def test_one_clock_needs_no_shift() -> None:
    found = aligned(course(100.0, clock="utc"), course(130.0, clock="utc", jitter_s=0.03), clock_error_s=0.04)
    assert (found.clock.method, found.clock.offset_s, found.clock.drift_ppm) == ("stamp", 0.0, None)
    assert (found.clock.start, found.clock.end) == (130.0, 699.75)
    assert found.clock.uncertainty_s == pytest.approx(0.05)
    assert found.b.start == 130.0


def test_files_that_count_on_their_own_are_taken_as_one_clock_and_it_is_said() -> None:
    found = aligned(course(source="a.csv"), course(source="b.csv"))
    assert "nothing in the files says so" in found.clock.note
    assert found.clock.uncertainty_s is None


def test_marks_give_offset_and_drift_with_standard_errors() -> None:
    """b runs 80 ppm fast and is 12.5 s behind; ten marks with an SD of 20 ms; estimates stray as the errors say."""
    rng = np.random.default_rng(4)
    worst: list[tuple[float, float]] = []
    for _ in range(200):
        here = np.sort(rng.uniform(0, 3600, 10))
        there = (here - 12.5) * (1 + 80e-6) + rng.normal(0, 0.02, 10)
        a, b = course(0.0, 3600.0), course(-10.0, 3600.0)
        clock = aligned(a, b, marks=(here, there)).clock
        assert clock.offset_se is not None
        assert clock.drift_ppm is not None
        assert clock.drift_se_ppm is not None
        truth = float(np.mean(there / (1 + 80e-6) + 12.5 - there))
        worst.append(((clock.offset_s - truth) / clock.offset_se, (clock.drift_ppm + 80) / clock.drift_se_ppm))
    outside = np.mean(np.abs(np.array(worst)) > 2.306, axis=0)  # t with 8 degrees of freedom: 5 in 100
    assert np.all(outside > 0.01)
    assert np.all(outside < 0.10)


def test_every_time_of_b_moves() -> None:
    notes = tuple(Annotation(t, text) for t, text in ((10.0, "clap"), (500.0, "end")))
    later = tuple(Annotation(t, text) for t, text in ((40.0, "clap"), (530.049, "end")))
    a, b = course(annotations=notes, clock="own", source="a"), course(annotations=later, clock="lsl", source="b")
    found = aligned(a, b)
    assert (found.clock.method, found.clock.n_marks) == ("marker", 2)
    assert [round(note.time, 6) for note in found.b.annotations] == [10.0, 500.0]
    assert found.b.clock == "own"
    assert found.clock.drift_ppm == pytest.approx(-100, rel=1e-3)
    assert found.b.rate_hz == pytest.approx(4.0 / (1 - 1e-4), rel=1e-6)
    assert found.clock.offset_se is None
    assert found.clock.uncertainty_s is None


def test_one_mark_gives_an_offset_and_says_that_drift_is_unknown() -> None:
    clock = aligned(course(), course(), marks=([5.0], [2.0])).clock
    assert (clock.offset_s, clock.drift_ppm, clock.uncertainty_s) == (3.0, None, None)
    assert "drift of the clocks is not known" in clock.note


def test_both_began_together_is_an_assumption_that_is_named() -> None:
    found = aligned(course(5.0), course(1_000.0, clock="utc"), method="start")
    assert found.b.start == 5.0
    assert "taken to begin at the same moment" in found.clock.note


def event_pair(offset: float, drift: float) -> tuple[Recording, Recording]:
    """Two sensors that both see taps at odd moments over ten minutes; b's clock is behind and drifts."""
    rng = np.random.default_rng(5)
    taps = np.sort(rng.uniform(5, 590, 120))
    t = np.arange(0, 600, 0.02)
    moved = sum(np.exp(-0.5 * ((t - tap) / 0.06) ** 2) for tap in taps)
    own = np.arange(0, 560, 0.02)
    true = (own - 0.0) * (1 + drift) + offset
    seen = sum(np.exp(-0.5 * ((true - tap) / 0.06) ** 2) for tap in taps)
    a = Recording("a", "movement", moved + 0.05 * rng.normal(size=t.size), "g", 50.0)
    return a, Recording("b", "movement", 3 * seen + 0.15 * rng.normal(size=own.size), "g", 50.0)


def test_an_event_that_both_saw_gives_offset_and_drift() -> None:
    a, b = event_pair(17.3, 150e-6)
    clock = aligned(a, b, event=(a, b), method="event").clock
    middle = 17.3 + 150e-6 * 280
    assert clock.offset_s == pytest.approx(middle, abs=0.01)
    assert clock.drift_ppm == pytest.approx(150, abs=30)
    assert clock.drift_se_ppm is not None
    assert clock.drift_se_ppm < 20
    assert clock.n_marks >= 8


def test_noise_is_no_common_event() -> None:
    a, b = course(rate=20.0), course(rate=20.0)
    with pytest.raises(BadInput, match="no common event"):
        aligned(a, b, event=(a, b))


def test_no_overlap_and_a_time_zone() -> None:
    with pytest.raises(BadInput, match=r"0\.0 s in common .* same session"):
        aligned(course(0.0, clock="utc"), course(10_000.0, clock="utc"))
    with pytest.raises(BadInput, match=r"shifted by -1 h they overlap: a time zone or summer time"):
        aligned(course(0.0, clock="local"), course(3620.0, clock="local"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "have nothing in common"),
        ({"method": "stamp"}, "own and utc, not one"),
        ({"method": "marker"}, "share no mark"),
        ({"method": "event"}, "no recording of a common event"),
        ({"method": "guess"}, "One of: auto, stamp"),
        ({"marks": ([1.0, 2.0], [1.0])}, "2 marks in a, 1 in b"),
        ({"marks": ([1.0, np.nan], [1.0, 2.0])}, "finite times"),
        ({"marks": ([0.0, 100.0, 200.0], [0.0, 150.0, 200.0])}, "marks contradict each other"),
    ],
)
def test_clocks_that_cannot_be_joined(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        aligned(course(), course(clock="utc"), **options)  # type: ignore[arg-type]
