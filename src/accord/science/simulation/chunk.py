"""One chunk of people as arrays, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.simulation.answers import score_cells
from accord.science.simulation.cast import Cast
from accord.science.simulation.course import Course, leave, prorated, skipped, start_course
from accord.science.simulation.design import Design
from accord.science.simulation.latent import Noise, severities
from accord.science.simulation.people import People, enrol
from accord.science.simulation.streams import stream

Array = NDArray[Any]


@dataclass
class Chunk:
    """One chunk as arrays: who the people are, what happens to them, and what they would answer."""

    people: People
    course: Course
    severities: Array
    scores: Array
    answered: Array


def make_chunk(design: Design, cast: Cast, n: int, seed: int, number: int, *, concealed: bool = True) -> Chunk:
    """Everything about `n` people of one chunk, before it becomes tables."""
    people = enrol(design, cast, n, seed, number, concealed=concealed)
    z = severities(design, people.clusters, people.normals, Noise(stream(seed, "severities", chunk=number)))
    course = start_course(design, people, z, seed)
    scores = score_cells(design, z, design.shift[people.arm])
    answered, valid = skipped(design, n, stream(seed, "skipped", chunk=number))
    prorated(design, scores, answered)
    leave(design, people, course, scores, valid & ~np.isnan(scores), seed)
    return Chunk(people, course, z, scores, answered)
