"""Clusters of people (therapists, groups): coding nested labels, and what may be said from how many of them (C18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable

MINIMUM_CLUSTERS = 20
MINIMUM_OUTCOMES = 5
MINIMUM_FOR_ONE_CLUSTER = 10


@dataclass(frozen=True, slots=True)
class EnoughClusters:
    """Whether a variance between clusters may be reported, and the reason in words."""

    enough: bool
    clusters: int
    with_outcomes: int
    reason: str


def enough_clusters(
    cluster: ArrayLike,
    outcome: ArrayLike,
    *,
    minimum_clusters: int = MINIMUM_CLUSTERS,
    minimum_outcomes: int = MINIMUM_OUTCOMES,
    word: str = "therapists",
) -> EnoughClusters:
    """At least 20 clusters with at least 5 outcomes each, else no variance component and no picture of single effects.

    Below it: the cluster as a fixed factor, or the result under assumed shares from 0 to .10 (`assumed_shares`).
    """
    counts = outcomes_per_cluster(cluster, outcome)
    full = sum(count >= minimum_outcomes for count in counts.values())
    found = f"{full} of {len(counts)} {word} have {minimum_outcomes} or more outcomes"
    if full >= minimum_clusters:
        return EnoughClusters(True, len(counts), full, f"{found}; {minimum_clusters} are asked for.")
    return EnoughClusters(
        False, len(counts), full,
        f"{found}, {minimum_clusters} are needed to report a variance between {word}. Shown instead: {word} as a "
        "fixed factor, or the result over assumed shares of variance from 0 to .10.",
    )  # fmt: skip


def outcomes_per_cluster(cluster: ArrayLike, outcome: ArrayLike) -> dict[str, int]:
    """How many observed outcomes each cluster has; clusters without any are listed with 0."""
    labels = _words(cluster)
    seen = np.isfinite(np.asarray(outcome, float))
    names, codes = np.unique(labels, return_inverse=True)
    counts = np.bincount(codes[seen], minlength=len(names))
    return {str(name): int(count) for name, count in zip(names, counts, strict=True) if name}


def refuse_arm_is_cluster(arm: ArrayLike, cluster: ArrayLike, *, word: str = "therapist") -> None:
    """An arm (or group) with one therapist: what the arm does and what the therapist does are one thing (C18)."""
    arms, labels = _words(arm), _words(cluster)
    for name in np.unique(arms).tolist():
        if len(np.unique(labels[arms == name])) < 2:
            raise NotEstimable(
                f"{word.capitalize()} and arm cannot be told apart: {name!r} has one {word}.",
                cure=f"Report the difference between arms as that of arm and {word} together.",
            )


@dataclass(frozen=True, slots=True)
class NestedClusters:
    """Levels outermost first: `codes[k]` (N,) integers, `labels[k]` their labels ("outer / inner" below the first)."""

    names: tuple[str, ...]
    codes: tuple[NDArray[np.int64], ...]
    labels: tuple[tuple[str, ...], ...]

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(labels) for name, labels in zip(self.names, self.labels, strict=True)}


def nested_clusters(levels: Mapping[str, Sequence[Any] | ArrayLike]) -> NestedClusters:
    """Integer codes of nested levels, given outermost first; codes of an inner level are sorted by its outer level.

    An inner label counts within its outer cluster: group 1 of therapist A is not group 1 of therapist B.
    """
    codes: list[NDArray[np.int64]] = []
    labels: list[tuple[str, ...]] = []
    for name, given in levels.items():
        words, own = _coded(given)
        if "" in words:
            empty = int((own == words.index("")).sum())
            raise BadInput(f"{empty} rows have no {name}.", cure="Leave these rows out first.")
        if codes:
            found, own = np.unique(codes[-1] * len(words) + own, return_inverse=True)
            words = tuple(f"{labels[-1][k // len(words)]} / {words[k % len(words)]}" for k in found.tolist())
        codes.append(own.ravel().astype(np.int64))
        labels.append(words)
    return NestedClusters(tuple(levels), tuple(codes), tuple(labels))


def _coded(values: Sequence[Any] | ArrayLike) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Sorted labels (numbers by size, words by letter; missing is "") and the code of each row."""
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        found, codes = np.unique(array, return_inverse=True)
        return tuple(str(v) for v in found.tolist()), codes
    words, codes = np.unique(_words(array), return_inverse=True)
    return tuple(words.tolist()), codes


def _words(values: Sequence[Any] | ArrayLike) -> NDArray[np.str_]:
    """Labels as words; None, NaN and the empty word are the empty word; 3.0 and 3 are the same."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        missing = ~np.isfinite(array)
        kept = np.where(missing, 0, array)
        words = kept.astype(np.int64).astype(str) if (kept == np.floor(kept)).all() else kept.astype(str)
        return np.where(missing, "", words)
    if array.dtype.kind == "O":
        return np.array(["" if v is None or v != v else str(v) for v in array.tolist()], dtype=str)
    return array.astype(str)
