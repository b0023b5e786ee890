"""How attunement goes with the alliance and with later change, between and within people (C17, C25).

In the same session, for patient j of therapist k at occasion i, both in standard deviations:

    alliance_ijk = w (S_ijk - S̄_j) + b (S̄_j - S̄_k) + t S̄_k + occasion + error

with at least ten therapists; with fewer a therapist is a fixed level (then t cannot be had, C18). Errors are CR2 over
therapists, or with fewer than ten over people. Beside it stands what the protocol itself looks at (`process.py`): later
change on synchrony, adjusted for change so far, and the reverse path. All are associations; nothing here is an effect.

The next rating on synchrony now, adjusted for the rating now, is left out on purpose. With four sessions it is biased
downwards: at one and the same rating a higher synchrony says that more of the rating is passing. In an invented cohort
without any such path its within slope was -0.17 and -0.36 SD (300 people, seed 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.models import cluster_labels
from accord.science.analyses.process import FEWEST_CLUSTERS, association_estimates, rated_by, synchrony_at
from accord.science.analyses.study import Study
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate

Array = NDArray[np.float64]
PARTS = {"within": "within people", "between": "between people", "therapists": "between therapists"}
FEWEST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Rating:
    """One scale of the relationship, by one informant, at the sessions that were recorded."""

    scale: str
    informant: str
    at: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"attunement_with_{self.scale.replace('.', '_')}"


def ratings(study: Study, sessions: tuple[str, ...]) -> list[Rating]:
    """The scales that the protocol looks at beside synchrony, as far as they were rated at recorded sessions."""
    found: dict[tuple[str, str], Rating] = {}
    for clause in study.protocol.endpoints.associations.values():
        if clause.predictor.startswith("synchrony:"):
            continue
        at = tuple(s for s in sessions if study.scores.count(clause.predictor, clause.informant, s))
        if at:
            key = (clause.predictor, clause.informant)
            found.setdefault(key, Rating(clause.predictor, clause.informant, at))
    return list(found.values())


def same_session(study: Study, signal: str, rating: Rating) -> Iterator[Estimate]:
    """Slopes of the parts of synchrony on a rating of the same session."""
    label = (
        f"Attunement ({signal.replace('_', ' ')}) and {rated_by(study, rating.scale, rating.informant)}, same session"
    )
    try:
        found, people, method = _fitted(study, signal, rating)
    except NotEstimable as error:
        for part, words in PARTS.items():
            yield Estimate(ids.association(rating.name, part), f"{label}: {words}", None, unit="SD per SD",
                           note=error.finding.what)  # fmt: skip
        return
    for part, words in PARTS.items():
        empty = f"{label}: {words}"
        if part in found:
            yield found[part].estimate(ids.association(rating.name, part), empty, n=people, unit="SD per SD",
                                       method=method)  # fmt: skip
        else:
            note = f"Fewer than {FEWEST_CLUSTERS} therapists: they are fixed levels."
            yield Estimate(ids.association(rating.name, part), empty, None, unit="SD per SD", note=note)


def _fitted(study: Study, signal: str, rating: Rating) -> tuple[dict[str, Contrast], int, str]:
    n = len(study.people)
    x = np.concatenate([synchrony_at(study, signal, at) for at in rating.at])
    y = np.concatenate([study.scores.at(rating.scale, rating.informant, at) for at in rating.at])
    person = np.tile(np.arange(n), len(rating.at))
    occasion = np.repeat(np.arange(len(rating.at)), n)
    member = np.tile(study.primary.members, len(rating.at))
    known = np.isfinite(x) & np.isfinite(y) & member
    if known.sum() < FEWEST_ROWS:
        raise NotEstimable(f"Only {int(known.sum())} sessions have both.", cure="Report the values themselves.")
    x, y, person, occasion = x[known], y[known], person[known], occasion[known]
    x, y = _standardised(x, "synchrony"), _standardised(y, rating.scale)
    therapist = _therapists(study, person)
    many = len(set(therapist.tolist())) >= FEWEST_CLUSTERS
    of_person = _means(x, person)
    of_therapist = _means(of_person, therapist)
    columns: dict[str, NDArray[np.generic]] = {"within": x - of_person}
    if not np.abs(columns["within"].astype(float)).max() > 1e-12:
        raise NotEstimable("Nobody has two sessions with both.", cure="Record more than one session of each pair.")
    if many:
        columns |= {"between": of_person - of_therapist, "therapists": of_therapist}
    else:
        columns["between"] = of_person
        if len(set(therapist.tolist())) > 1:
            columns["therapist"] = therapist.astype(str)
    if len(rating.at) > 1:
        columns["occasion"] = occasion.astype(str)
    fit = cluster_robust(y, therapist if many else person, fixed=columns)
    found = {part: fit.coefficient(part) for part in PARTS if part in fit.names}
    over = f"{len(set(therapist.tolist()))} therapists" if many else "people, therapists as fixed levels"
    people = len(np.unique(person))
    return found, people, f"least squares, CR2 errors over {over}; {fit.rows} sessions with both"


def _standardised(values: Array, name: str) -> Array:
    sd = float(values.std(ddof=1))
    if not sd > 0:
        raise NotEstimable(f"{name} does not vary.", cure="Leave this association out.")
    return (values - values.mean()) / sd


def _means(values: Array, group: NDArray[np.generic]) -> Array:
    _, codes = np.unique(group.astype(str), return_inverse=True)
    means: Array = np.bincount(codes, values) / np.bincount(codes)
    return means[codes]


def _therapists(study: Study, person: NDArray[np.int64]) -> NDArray[np.str_]:
    """The therapist of each row; who has none is her own."""
    labels = cluster_labels(study, np.ones(len(study.people), dtype=bool))
    if labels is None or study.protocol.analysis.cluster != "therapist":
        return np.array(["everybody"] * len(person))
    return np.array([str(v) if v is not None else f" {k}" for k, v in enumerate(labels.tolist())])[person]


def of_the_protocol(study: Study, signal: str) -> Iterator[Estimate]:
    """What the protocol itself says that synchrony is looked at with."""
    for name, clause in study.protocol.endpoints.associations.items():
        if clause.predictor == f"synchrony:{signal}":
            yield from association_estimates(study, name, clause)
