"""The stories of a service in reading order, and which of its tables a cohort lacks.

They are told for protocols of routine care, and for any cohort that a service made or that has one of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from accord.science.analyses.parts import Part
from accord.science.analyses.plan import Absent
from accord.science.analyses.service.alerts import alerts_part
from accord.science.analyses.service.complaints import complaints_part
from accord.science.analyses.service.equity import equity_part
from accord.science.analyses.service.load import has_load, load_part
from accord.science.analyses.service.replies import replies_part
from accord.science.analyses.service.rescues import rescues_part
from accord.science.analyses.service.waits import waits_part
from accord.science.analyses.study import Study

TABLES = {
    "events": "waits", "alerts": "alerts, how fast and how old", "replies": "the reply promise",
    "rescues": "what was done for who had not started or had gone quiet", "complaints": "complaints",
}  # fmt: skip


def of_service(study: Study) -> bool:
    """Whether this is a service's cohort rather than a trial's alone."""
    made = study.cohort.of_service
    return study.protocol.kind == "routine-care" or made or bool((set(TABLES) - {"events"}) & set(study.cohort.names))


def _only_services(story: Callable[[Study], Part]) -> Callable[[Study], Part]:
    return lambda study: story(study) if of_service(study) else Part()


SERVICE: dict[str, Callable[[Study], Part]] = {
    words: _only_services(story)
    for words, story in {
        "counting waits": waits_part, "looking at alerts": alerts_part, "looking at replies": replies_part,
        "looking at complaints": complaints_part, "looking at rescues": rescues_part, "counting load": load_part,
        "looking at groups of people": equity_part,
    }.items()
}  # fmt: skip


def absent_of_service(study: Study) -> Iterator[Absent]:
    """The tables of a service that this cohort does not have (E8)."""
    if not of_service(study):
        return
    for name, words in TABLES.items():
        if name not in study.cohort.names:
            yield Absent(words[:1].upper() + words[1:], f"the cohort has no table of {name}")
    if not has_load(study):
        yield Absent("Load and cover", "the cohort does not say how many people each therapist answers for")
