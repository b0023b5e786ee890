"""Who stands in for whom: pure decisions."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from accord.service.people.rules.cover import Away, cover_of, covered_by, first_present

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEA, CARL, FAY, ELI = (UUID(int=number) for number in range(1, 5))


def away(who, cover, start=-1, end=1):
    return Away(who, NOON + timedelta(days=start), NOON + timedelta(days=end), cover)


def test_who_is_there_acts_herself():
    assert cover_of(BEA, [], NOON) == BEA


@pytest.mark.parametrize(("start", "end", "expected"), [(-1, 1, CARL), (0, 1, CARL), (-1, 0, BEA), (1, 2, BEA)])
def test_an_absence_counts_from_its_first_moment_to_before_its_last(start, end, expected):
    assert cover_of(BEA, [away(BEA, CARL, start, end)], NOON) == expected


def test_a_cover_who_is_away_passes_on_to_hers():
    assert cover_of(BEA, [away(BEA, CARL), away(CARL, FAY)], NOON) == FAY


def test_two_who_cover_each_other_and_are_both_away_leave_nobody():
    assert cover_of(BEA, [away(BEA, CARL), away(CARL, BEA)], NOON) is None


def test_a_later_absence_of_the_same_person_counts():
    assert cover_of(BEA, [away(BEA, CARL), away(BEA, FAY)], NOON) == FAY


def test_who_is_covered_by_whom():
    rows = [away(BEA, CARL), away(FAY, BEA), away(ELI, FAY, 1, 2)]
    assert covered_by(CARL, rows, NOON) == {BEA, FAY}
    assert covered_by(BEA, rows, NOON) == set()


@pytest.mark.parametrize(
    ("candidates", "able", "expected"),
    [
        ([BEA, ELI], {BEA, ELI}, BEA),
        ([BEA, ELI], {ELI}, ELI),  # her role has ended: the next who may
        ([None, ELI], {ELI}, ELI),  # nobody was named
        ([BEA], set(), BEA),  # nobody may: the one who was named is told all the same
        ([], {ELI}, None),
        ([CARL, ELI], {FAY, ELI}, FAY),  # Carl is away, Fay covers
    ],
)
def test_the_first_who_is_there_and_may(candidates, able, expected):
    assert first_present(candidates, frozenset(able), [away(CARL, FAY)], NOON) == expected
