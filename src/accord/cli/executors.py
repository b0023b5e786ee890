"""Who does the work: this process, several, or a Dask cluster. The numbers are the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from accord.science.errors import BadInput, MissingExtra


@contextmanager
def executor(workers: int, dask: str) -> Iterator[Executor | None]:
    """None for one worker; `dask` is a scheduler's address, or `local` for a cluster on this machine.

    Raises BadInput for both at once and for a scheduler that does not answer, MissingExtra without `[dask]`.
    """
    if workers > 1 and dask:
        raise BadInput("--workers and --dask are both given.", cure="Give one of them.")
    if dask:
        yield from _dask(dask)
    elif workers > 1:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        # spawn: a forked copy of a process that has threads (polars has) can hang
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield None


def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtra("dask", needed_for="--dask") from None
    try:
        client = Client(timeout="10s", dashboard_address=None) if address == "local" else Client(address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        cure = "Start a scheduler (`dask scheduler`), or write --dask local."
        raise BadInput(f"No Dask scheduler answers at {address}: {error!s:.120}", cure=cure) from None
    with client:
        yield client.get_executor()
