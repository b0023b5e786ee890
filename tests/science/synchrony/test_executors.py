"""The same numbers here, in processes, in threads and on Dask."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from accord.science.synchrony import METHODS, group_synchrony, synchrony


def courses(seed: int, count: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(1200)
    return [np.convolve(shared + rng.standard_normal(1200), np.ones(5), mode="same") for _ in range(count)]


@pytest.fixture(scope="module", params=["processes", "threads", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    elif request.param == "processes":
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            yield pool
    else:
        from distributed import Client, LocalCluster

        local = LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None)
        with local as cluster, Client(cluster) as client:
            yield client.get_executor()


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method(executor: Executor, method: str) -> None:
    a, b = courses(1)
    here, there = (
        synchrony(a, b, rate_hz=4, method=method, surrogates=30, executor=where) for where in (None, executor)
    )
    assert here.surrogates.tolist() == there.surrogates.tolist()
    assert here.to_dict() == there.to_dict()


def test_pseudo_dyads_and_groups(executor: Executor) -> None:
    a, b = courses(2)
    others = [tuple(courses(10 + i)) for i in range(10)]
    here, there = (
        synchrony(a, b, rate_hz=4, surrogate="pseudo-dyads", others=others, executor=where).surrogates.tolist()
        for where in (None, executor)
    )
    assert here == there
    people = dict(zip("abc", courses(3, 3), strict=True))
    here_group, there_group = (
        group_synchrony(people, rate_hz=4, surrogates=60, executor=where).to_dict() for where in (None, executor)
    )
    assert here_group == there_group
