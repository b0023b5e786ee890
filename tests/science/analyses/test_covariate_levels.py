"""A covariate's rare answer must not stop the models of a trial."""

from __future__ import annotations

from accord.science.analyses import analyse
from accord.science.analyses.models import with_rare_levels_joined
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate


def test_rare_levels_join_the_commonest_and_nobody_is_left_out() -> None:
    words = ["woman"] * 30 + ["man"] * 12 + ["other"] * 9 + ["not_said"]
    joined = with_rare_levels_joined(words)
    assert joined.tolist() == ["woman"] * 30 + ["man"] * 12 + ["woman"] * 10
    assert with_rare_levels_joined(["a"] * 3 + ["b"] * 2).tolist() == ["a"] * 5


def test_three_people_of_one_answer_do_not_stop_the_primary() -> None:
    """Seed 40: three people did not say, one therapist treats them, none has the outcome."""
    protocol = load_protocol("guided-icbt")
    found = analyse(protocol, simulate(protocol, n=560, seed=40, truth=False), only={"primary"})
    primary = found.estimate("contrast.bpi_interference.total.post.asynchronous_synchronous")
    assert primary is not None
    assert primary.value is not None
    assert "mixed model" in primary.method
