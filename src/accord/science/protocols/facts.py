"""The facts of one person that a stage of the funnel or an analysis population may read.

`stages.*.rule` and `analysis.populations.*` are conditions over these names and no others. Analyses compute them from
a cohort, the service from its own tables; a fact that cannot be told is missing, so that the rule is unknown.
"""

from __future__ import annotations

from accord.science.conditions import Field
from accord.science.protocols.model import Protocol
from accord.science.protocols.occasions import occasions

# name -> (kind, lowest, highest, meaning); documented in docs/reference/protocols.md, which a test compares.
FACTS: dict[str, tuple[str, float | None, float | None, str]] = {
    "referred": ("bool", None, None, "came to the service, by whomever"),
    "eligible": ("bool", None, None, "screened, and no rule of `eligible_if` spoke against it"),
    "enrolled": ("bool", None, None, "consented and enrolled (day 0)"),
    "allocated": ("bool", None, None, "was given an arm"),
    "started": ("bool", None, None, "opened a first lesson or attended a first session"),
    "withdrawn": ("bool", None, None, "withdrew from treatment or study"),
    "lost": ("bool", None, None, "could not be reached any more"),
    "discharged": ("bool", None, None, "was discharged, for whatever reason"),
    "referred_on": ("bool", None, None, "was referred onward to another service"),
    "lessons_opened": ("number", 0, 500, "lessons opened at least once"),
    "lessons_completed": ("number", 0, 500, "lessons completed"),
    "lessons_total": ("number", 1, 500, "lessons of the programme that this arm is offered"),
    "sessions_attended": ("number", 0, 500, "planned meetings attended"),
    "sessions_planned": ("number", 0, 500, "meetings the arm's contact plan promises"),
    "contacts": ("number", 0, 5000, "contacts of any mode"),
    "minutes": ("number", 0, 100_000, "therapist minutes over all contacts"),
    "days_to_start": ("number", 0, 5000, "days from enrolment to the first lesson or session"),
}
ANSWERED = "answered_"  # and the name of a time-point: the patient answered anything then


def fact_fields(protocol: Protocol) -> dict[str, Field]:
    """The facts as typed fields for `conditions.check`, with `answered_<time_point>` and the text `arm`."""
    fields = {name: Field(kind, low, high) for name, (kind, low, high, _) in FACTS.items()}  # type: ignore[arg-type]
    answered = {f"{ANSWERED}{occasion.name}": Field("bool") for occasion in occasions(protocol)}
    return fields | answered | {"arm": Field("text", options=tuple(protocol.arms))}
