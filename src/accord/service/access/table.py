"""Who may do what: one table, (role, resource, action) -> scope (E12). What is not in it is refused.

A scope says whose rows: `QuerySet.for_(asker, action)` turns it into a filter, the guard asks it before a page runs.
What a table cannot say (state, time, blinding) stands in the rooms' policies.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the service. One person may hold several, each at a clinic."""

    APPLICANT = "applicant"
    PATIENT = "patient"
    SUPPORTER = "supporter"
    REFERRER = "referrer"
    THERAPIST = "therapist"
    FACILITATOR = "facilitator"
    SUPERVISOR = "supervisor"
    DUTY_CLINICIAN = "duty-clinician"
    COORDINATOR = "coordinator"
    MANAGER = "manager"
    RESEARCHER = "researcher"
    STATISTICIAN = "statistician"
    ASSESSOR = "assessor"
    DATA_MANAGER = "data-manager"
    TECHNICAL_SUPPORT = "technical-support"
    OPERATOR = "operator"


STAFF = frozenset(Role) - {Role.APPLICANT, Role.PATIENT, Role.SUPPORTER}
CLINICIANS = frozenset({Role.THERAPIST, Role.SUPERVISOR, Role.DUTY_CLINICIAN})


class Resource(StrEnum):
    """What is looked at or changed."""

    OPEN_PAGE = "open-page"  # a page for everybody: front, help, log-in
    PERSON = "person"
    EPISODE = "episode"
    CONSENT = "consent"
    ASSESSMENT = "assessment"
    SCORE = "score"
    ALERT = "alert"
    CONTACT = "contact"
    MESSAGE = "message"
    COURSE = "course"  # lessons, what she saved in them, practice, flares
    SESSION = "session"  # planned meetings
    NOTE = "note"  # a clinician's own notes, support decisions
    DISCHARGE = "discharge"  # the end of somebody's way here, and where she is sent on to
    GROUP = "group"  # a group, its calendar, who came
    LETTER = "letter"
    RESCUE = "rescue"  # what was done for somebody who has not started or has gone quiet
    HARM = "harm"  # an adverse event
    COMPLAINT = "complaint"
    CERTIFICATE = "certificate"  # what a colleague is trained for, and how many she can take
    REVIEW = "review"  # the numbers of a service, counted under pseudonyms
    EXPORT = "export"  # a cohort, taken out of the service
    SETTINGS = "settings"  # the clinic's own facts
    ACCOUNTABILITY = "accountability"
    DUTY = "duty"
    STAFF_LIST = "staff-list"
    SERVICE_STATE = "service-state"  # heartbeat, outbox counts
    DEMO = "demo"


class Action(StrEnum):
    VIEW = "view"
    ANSWER = "answer"  # give or change one's own answer, consent, message
    CREATE = "create"
    ACT = "act"  # handle: acknowledge, contact, close, decide
    ASSIGN = "assign"


class Scope(StrEnum):
    NONE = "none"
    OWN = "own"  # her own record
    TREATED = "treated"  # people she answers for, or covers
    CLINIC = "clinic"  # everybody of her clinics
    STUDY_PSEUDONYM = "study-pseudonym"
    ALL = "all"


# The widest first: with several roles the widest scope counts.
_WIDTH = (Scope.ALL, Scope.CLINIC, Scope.TREATED, Scope.OWN, Scope.STUDY_PSEUDONYM, Scope.NONE)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a person with roles at clinics, or nobody (`ANYBODY`)."""

    person_id: uuid.UUID | None = None
    roles: frozenset[tuple[Role, uuid.UUID]] = field(default_factory=frozenset)  # (role, clinic)
    strong: bool = False  # a second factor was given in this session
    covers: frozenset[uuid.UUID] = field(default_factory=frozenset)  # clinicians who are away now and named her cover
    service: bool = False  # the service itself: a flow that nobody asked for, the clock, a command

    def clinics(self, resource: Resource, action: Action, scope: Scope) -> frozenset[uuid.UUID]:
        """The clinics at which one of her roles has this scope."""
        return frozenset(clinic for role, clinic in self.roles if TABLE.get((role, resource, action)) is scope)

    def holds(self, *roles: Role) -> bool:
        return any(role in roles for role, _ in self.roles)

    @property
    def staff(self) -> bool:
        return any(role in STAFF for role, _ in self.roles)

    def main_role(self) -> str:
        """The role an audit entry names: the first of the table's order that she holds."""
        if self.service:
            return "service"
        held = {role for role, _ in self.roles}
        return next((role for role in reversed(list(Role)) if role in held), "")


ANYBODY = Asker()
SERVICE = Asker(service=True)  # never a request's asker: the guard refuses it

_OWN_RECORD = (
    Resource.PERSON, Resource.EPISODE, Resource.CONSENT, Resource.ASSESSMENT, Resource.MESSAGE, Resource.COURSE,
)  # fmt: skip
_CARE = (
    Resource.ALERT, Resource.CONTACT, Resource.SESSION, Resource.NOTE, Resource.GROUP, Resource.LETTER,
    Resource.RESCUE, Resource.HARM, Resource.DISCHARGE,
)  # fmt: skip
_CLINICAL = (*_OWN_RECORD, Resource.SCORE, *_CARE, Resource.ACCOUNTABILITY)

Rows = dict[tuple[Role, Resource, Action], Scope]


def _rows(role: Role, resources: tuple[Resource, ...], actions: tuple[Action, ...], scope: Scope) -> Rows:
    return {(role, resource, action): scope for resource in resources for action in actions}


def _table() -> Rows:
    table: Rows = {}
    for role in (Role.APPLICANT, Role.PATIENT):
        table |= _rows(role, _OWN_RECORD, (Action.VIEW, Action.ANSWER), Scope.OWN)
        seen = (Resource.SCORE, Resource.SESSION, Resource.GROUP, Resource.LETTER)
        table |= _rows(role, seen, (Action.VIEW,), Scope.OWN)
        table |= _rows(role, (Resource.COMPLAINT,), (Action.VIEW, Action.CREATE), Scope.OWN)
    for role in (Role.THERAPIST, Role.FACILITATOR):
        table |= _rows(role, _CLINICAL, (Action.VIEW,), Scope.TREATED)
        table |= _rows(role, (*_CARE, Resource.COURSE), (Action.CREATE, Action.ACT), Scope.TREATED)
        table |= _rows(role, (Resource.MESSAGE,), (Action.ANSWER,), Scope.TREATED)
        table |= _rows(role, (Resource.ACCOUNTABILITY,), (Action.ASSIGN,), Scope.TREATED)
    for role in (Role.SUPERVISOR, Role.DUTY_CLINICIAN):
        table |= _rows(role, _CLINICAL, (Action.VIEW,), Scope.CLINIC)
        table |= _rows(role, (*_CARE, Resource.COURSE), (Action.CREATE, Action.ACT), Scope.CLINIC)
        table |= _rows(role, (Resource.MESSAGE,), (Action.ANSWER,), Scope.CLINIC)
        table |= _rows(role, (Resource.ACCOUNTABILITY,), (Action.ASSIGN,), Scope.CLINIC)
        table |= _rows(role, (Resource.DUTY, Resource.STAFF_LIST, Resource.SERVICE_STATE), (Action.VIEW,), Scope.CLINIC)
    coordinates = (Resource.PERSON, Resource.EPISODE, Resource.ACCOUNTABILITY, Resource.DUTY, Resource.STAFF_LIST)
    table |= _rows(Role.COORDINATOR, (*coordinates, Resource.SERVICE_STATE), (Action.VIEW,), Scope.CLINIC)
    table |= _rows(Role.COORDINATOR, (Resource.PERSON, Resource.EPISODE), (Action.CREATE, Action.ACT), Scope.CLINIC)
    table |= _rows(Role.COORDINATOR, (Resource.ACCOUNTABILITY, Resource.DUTY), (Action.ASSIGN,), Scope.CLINIC)
    office = (Resource.GROUP, Resource.LETTER, Resource.RESCUE, Resource.COMPLAINT, Resource.DISCHARGE)
    table |= _rows(Role.COORDINATOR, office, (Action.VIEW, Action.CREATE, Action.ACT), Scope.CLINIC)
    table |= _rows(Role.COORDINATOR, (Resource.CERTIFICATE,), (Action.VIEW, Action.ASSIGN), Scope.CLINIC)
    manages = (
        Resource.STAFF_LIST, Resource.SERVICE_STATE, Resource.DUTY, Resource.CERTIFICATE, Resource.REVIEW,
        Resource.COMPLAINT, Resource.SETTINGS,
    )  # fmt: skip
    table |= _rows(Role.MANAGER, manages, (Action.VIEW,), Scope.CLINIC)
    table |= _rows(Role.MANAGER, (Resource.STAFF_LIST,), (Action.ASSIGN,), Scope.CLINIC)
    table |= _rows(Role.MANAGER, (Resource.COMPLAINT, Resource.SETTINGS, Resource.REVIEW), (Action.ACT,), Scope.CLINIC)
    for role in (Role.RESEARCHER, Role.STATISTICIAN, Role.DATA_MANAGER):
        table |= _rows(role, (Resource.EXPORT, Resource.REVIEW), (Action.VIEW,), Scope.CLINIC)
        table |= _rows(role, (Resource.EXPORT,), (Action.CREATE,), Scope.CLINIC)
    table |= _rows(Role.TECHNICAL_SUPPORT, (Resource.SERVICE_STATE,), (Action.VIEW,), Scope.ALL)
    table |= _rows(Role.OPERATOR, (Resource.SERVICE_STATE,), (Action.VIEW,), Scope.ALL)
    table |= _rows(Role.OPERATOR, (Resource.SETTINGS,), (Action.VIEW, Action.ACT), Scope.CLINIC)
    return table


TABLE: Rows = _table()


def scope_of(asker: Asker, resource: Resource, action: Action) -> Scope:
    """The widest scope that her roles give her; NONE for what no row names. Open pages are everybody's to view."""
    if asker.service:
        return Scope.ALL
    if resource is Resource.OPEN_PAGE and action in (Action.VIEW, Action.CREATE):
        return Scope.ALL
    scopes = {TABLE.get((role, resource, action), Scope.NONE) for role, _ in asker.roles}
    return next((scope for scope in _WIDTH if scope in scopes), Scope.NONE)
