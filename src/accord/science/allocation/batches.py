"""Batches: when the waiting pool fills two groups, everybody in it is allocated at once (C23).

The pool is ordered by stratum and, within a stratum, by a random key, and dealt out in shuffled runs of the ratio: arms
differ by at most one run over the batch and over every stratum, and nobody is the foreseeable last one of a block.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.science.allocation.secret import Secret
from accord.science.allocation.tally import Allocated, Draw, Levels, Tally, tally_of
from accord.science.errors import BadInput
from accord.science.protocols.model import Allocation


def allocate_batch(clause: Allocation, *, secret: Secret, batch: str, people: Sequence[Levels]) -> list[Draw]:
    """Arms for a pool, in the order of `people`. `batch` is its name, used once; it belongs to the draw.

    Raises BadInput for an empty pool or one too small to put somebody in each arm.
    """
    if len(people) < len(clause.ratio):
        raise BadInput(
            f"The batch {batch!r} holds {len(people)} people for {len(clause.ratio)} arms.",
            cure="Wait until the pool is full.",
        )
    tally = tally_of(clause, secret.strata_order, ())
    order = _order(tally, secret, batch, people)
    dealt: list[str] = []
    run = [arm for arm, parts in clause.ratio.items() for _ in range(parts)]
    while len(dealt) < len(people):
        dealt += secret.shuffled(run, "batch", batch, "run", len(dealt) // len(run))
    arms = dict(zip(order, dealt, strict=False))
    return [Draw(arms[i], tally.stratum(person), "batch") for i, person in enumerate(people)]


def _order(tally: Tally, secret: Secret, batch: str, people: Sequence[Levels]) -> list[int]:
    keys = [(tally.stratum(person), secret.uniform("batch", batch, "order", i)) for i, person in enumerate(people)]
    return sorted(range(len(people)), key=keys.__getitem__)


def redraw_batches(clause: Allocation, secret: Secret, history: Sequence[Allocated]) -> dict[int, str]:
    """Place in the history -> arm, for everybody who was allocated in a batch."""
    members: dict[str, list[int]] = {}
    for place, person in enumerate(history):
        if person.batch is not None:
            members.setdefault(person.batch, []).append(place)
    drawn: dict[int, str] = {}
    for batch, places in members.items():
        people = [history[place].levels for place in places]
        draws = allocate_batch(clause, secret=secret, batch=batch, people=people)
        drawn.update((place, draw.arm) for place, draw in zip(places, draws, strict=True))
    return drawn
