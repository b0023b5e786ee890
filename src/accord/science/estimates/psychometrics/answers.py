"""A matrix of answers: people by questions, complete people kept, what cannot be used refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable

Array = NDArray[Any]


def complete_answers(answers: ArrayLike, *, questions: int, word: str = "question") -> tuple[Array, int]:
    """(n, k) complete rows and how many were left out. Raises BadInput for another shape, NotEstimable for too few
    people (one more than questions, and four) or a column that does not vary."""
    given = np.asarray(answers, float)
    if given.ndim != 2 or given.shape[1] < questions:
        raise BadInput(f"People by {word}s are needed, at least {questions} {word}s; found the shape {given.shape}.",
                       cure=f"Give one row per person and one column per {word}, all turned one way.")  # fmt: skip
    keep = np.isfinite(given).all(axis=1)
    kept = given[keep]
    if len(kept) < max(4, given.shape[1] + 1):
        raise NotEstimable(f"{len(kept)} people answered everything; {max(4, given.shape[1] + 1)} are needed.",
                           cure="Collect more, or look at fewer questions.")  # fmt: skip
    same = np.flatnonzero(np.ptp(kept, axis=0) == 0)
    if len(same):
        raise NotEstimable(f"Everybody gave one answer to {word} {same[0] + 1}.", cure="Leave it out.")
    return kept, int((~keep).sum())
