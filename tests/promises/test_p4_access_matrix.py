"""P4 and P6: nobody sees or changes another person's data without a relation of care; counted, and tried on faults."""

import uuid

import pytest

from accord.service.access import guard
from accord.service.access.table import TABLE, Action, Resource, Scope
from plugins.matrix import ASKERS, FEW, PATIENTS, Matrix, Oracle, fill, golden
from plugins.promises import FULL, counted


@pytest.fixture
def matrix(published):
    return Matrix(fill(published), askers=ASKERS if FULL else FEW)


def test_the_table_is_the_one_that_was_agreed():
    assert {(str(a), str(b), str(c)): str(scope) for (a, b, c), scope in TABLE.items()} == golden()


def test_nobody_sees_or_changes_what_is_not_hers(matrix):
    matrix.run(wide=FULL)
    counted(
        "P4", "access matrix", requests=matrix.asked, addresses=len(matrix.patterns), askers=len(matrix.askers),
        canaries=len(matrix.filled.canaries), wrong=len(matrix.wrong),
    )  # fmt: skip
    assert not matrix.wrong, "\n".join(matrix.wrong[:200])
    assert {200, 404, 302} <= set(matrix.statuses)


def test_the_matrix_shows_what_should_be_seen(matrix):
    """A matrix in which nobody sees anything would find no leak: the right people do see the canaries."""
    seen = set()
    for address in matrix.addresses(wide=False):
        for asker in ("ana", "bea", "dora", "eli", "hal", "pia", "gus"):
            body = matrix.ask(asker, address).content.decode(errors="replace")
            seen |= {(asker, matrix.filled.canaries[text]) for text in matrix.filled.canaries if text in body}
    for needed in (
        ("ana", ("message", "ana")), ("bea", ("message", "ana")), ("bea", ("alert", "ana")), ("bea", ("person", "ana")),
        ("dora", ("person", "ivo")), ("eli", ("alert", "ivo")), ("hal", ("person", "joy")),
        ("dora", ("rescue", "ivo")), ("bea", ("harm", "ana")), ("dora", ("complaint", "ivo")),
        ("ana", ("complaint", "ana")),
        ("ana", ("course", "ana")), ("bea", ("course", "ana")), ("hal", ("course", "joy")),
        ("ana", ("group", "ana")), ("bea", ("group", "ana")), ("dora", ("group", "ivo")), ("hal", ("letter", "joy")),
        ("dora", ("letter", "ivo")), ("ana", ("letter", "ana")), ("pia", ("export", "ana")),
        ("gus", ("review", "ivo")),
    ):  # fmt: skip
        assert needed in seen


ROWS = (
    "Person",
    "Episode",
    "Referral",
    "Assessment",
    "Alert",
    "Contact",
    "Thread",
    "Course",
    "Session",
    "Flag",
    "Note",
    "Rescue",
    "Harm",
    "Complaint",
    "Onward",
    "Certificate",
    "Group",
    "Letter",
    "Export",
    "Tally",
    "Review",
)


def test_every_filter_is_the_table_and_the_relation(matrix):
    """`for_` of every table, for every asker, action and resource, against the oracle that was written by hand."""
    from django.apps import apps

    oracle, pairs, wrong = Oracle(), 0, []
    people = matrix.filled.world.people
    by_key = {people[name].pk: name for name in PATIENTS}
    scoped = {m for m in apps.get_models() if m.__module__.startswith("accord.") and hasattr(m.objects.all(), "for_")}
    assert {model.__name__ for model in scoped} == set(ROWS)
    for model in scoped:
        for resource in resources_of(model):
            for action in Action:
                for asker in ASKERS:
                    who = matrix.filled.world.asker(people.get(asker))
                    extra = {"resource": resource} if takes_resource(model) else {}
                    rows = model.objects.for_(who, action, **extra)
                    found = {whose(row) for row in rows} & set(by_key)
                    expected = {name for name in PATIENTS if oracle.may(asker, str(resource), str(action), name)}
                    pairs += 1
                    if {by_key[key] for key in found} != expected:
                        wrong.append(f"{model.__name__} {resource} {action} {asker}: {found} for {expected}")
    counted("P4", "filters", compared=pairs, wrong=len(wrong))
    assert wrong == []


def whose(row):
    """The person whose row it is; of a group, its one member; of what is a clinic's, whom it was made for."""
    match type(row).__name__:
        case "Person":
            return row.pk
        case "Group":
            return row.members.get().person_id
        case "Export":
            return row.key
        case "Tally":
            return uuid.UUID(row.counts["whose"])
        case "Review":
            return uuid.UUID(row.cohort_hash[-32:])
    return row.person_id


def takes_resource(model):
    from inspect import signature

    return "resource" in signature(model.objects.all().for_).parameters


def resources_of(model):
    fixed = {"Referral": [Resource.EPISODE], "Alert": [Resource.ALERT], "Contact": [Resource.CONTACT]}
    fixed |= {"Thread": [Resource.MESSAGE], "Course": [Resource.COURSE]}
    fixed |= {"Session": [Resource.SESSION], "Flag": [Resource.NOTE], "Note": [Resource.NOTE]}
    fixed |= {"Rescue": [Resource.RESCUE], "Harm": [Resource.HARM], "Complaint": [Resource.COMPLAINT]}
    fixed |= {"Onward": [Resource.DISCHARGE], "Certificate": [Resource.CERTIFICATE]}
    fixed |= {"Group": [Resource.GROUP], "Letter": [Resource.LETTER]}
    fixed |= {"Export": [Resource.EXPORT], "Tally": [Resource.EXPORT]}
    fixed |= {"Review": [Resource.REVIEW]}
    return list(Resource)[1:] if takes_resource(model) else fixed[model.__name__]


# ------------------------------------------------------------------------------------------------ planted faults


def everybody_passes(monkeypatch):
    monkeypatch.setattr(guard, "scope_of", lambda *_given: Scope.ALL)


def no_filter(monkeypatch):
    import sys

    from django.db.models import Q

    from accord.service.people.models import reach

    for module in list(sys.modules.values()):
        if getattr(module, "reach", None) is reach:
            monkeypatch.setattr(module, "reach", lambda *_given, **_more: Q())


def treated_means_clinic(monkeypatch):
    """The commonest slip: a colleague of the same clinic sees what only the therapist may."""
    for key, scope in list(TABLE.items()):
        if scope is Scope.TREATED:
            monkeypatch.setitem(TABLE, key, Scope.CLINIC)


def clinic_means_all(monkeypatch):
    for key, scope in list(TABLE.items()):
        if scope is Scope.CLINIC:
            monkeypatch.setitem(TABLE, key, Scope.ALL)


def a_coordinator_reads_messages(monkeypatch):
    from accord.service.access.table import Role

    for resource in (Resource.MESSAGE, Resource.ALERT):
        monkeypatch.setitem(TABLE, (Role.COORDINATOR, resource, Action.VIEW), Scope.CLINIC)


def a_hand_over_that_keeps_the_old(monkeypatch):
    """Relations that have ended still count."""
    from plugins import matrix as module

    monkeypatch.setitem(module.TREATS, "bea", set())


FAULTS = [everybody_passes, no_filter, treated_means_clinic, clinic_means_all, a_coordinator_reads_messages,
          a_hand_over_that_keeps_the_old]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_matrix_finds_a_planted_fault(matrix, monkeypatch, fault):
    fault(monkeypatch)
    matrix.askers = FEW
    assert matrix.finds_something()
