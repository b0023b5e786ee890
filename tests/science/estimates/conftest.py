"""How a test of coverage judges: the number of intervals that hold the truth lies within binomial limits of 95 %."""

from collections.abc import Callable

import pytest
from scipy import stats


@pytest.fixture
def holds() -> Callable[[int, int], bool]:
    """Whether `hits` of `replicates` is what a 95 % interval gives, but for one case in a thousand on each side."""

    def judge(hits: int, replicates: int) -> bool:
        low, high = stats.binom.ppf([0.001, 0.999], replicates, 0.95)
        return bool(low <= hits <= high)

    return judge
