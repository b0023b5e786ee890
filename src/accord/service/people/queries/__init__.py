"""Reads about people: who asks, who treats whom, who is there. One module for each story.

Those that take an `asker` show only what she may see. The others answer flows and the service itself, never a page.
"""

from accord.service.people.queries.answering import (
    accountability,
    accountability_history,
    accountable_among,
    accountable_for,
    answered_for,
    answers_for,
    covered,
    duty_of,
    own_absences,
)
from accord.service.people.queries.asking import asker_for, asker_of
from accord.service.people.queries.clinics import clinicians_of, clinics
from accord.service.people.queries.fitness import (
    CertificateRow,
    Fit,
    certificate,
    certificates,
    certified,
    has_therapist,
    load_of,
    missing_in_words,
    overrides,
    places_of,
    therapists,
)
from accord.service.people.queries.persons import (
    account_of,
    account_with,
    address_of,
    hours_of_days,
    in_care,
    me,
    people,
    people_with,
    person,
    person_with,
    reachable,
    roles_of,
)
from accord.service.people.queries.staff import StaffRow, staff

__all__ = [
    "CertificateRow",
    "Fit",
    "StaffRow",
    "account_of",
    "account_with",
    "accountability",
    "accountability_history",
    "accountable_among",
    "accountable_for",
    "address_of",
    "answered_for",
    "answers_for",
    "asker_for",
    "asker_of",
    "certificate",
    "certificates",
    "certified",
    "clinicians_of",
    "clinics",
    "covered",
    "duty_of",
    "has_therapist",
    "hours_of_days",
    "in_care",
    "load_of",
    "me",
    "missing_in_words",
    "overrides",
    "own_absences",
    "people",
    "people_with",
    "person",
    "person_with",
    "places_of",
    "reachable",
    "roles_of",
    "staff",
    "therapists",
]
