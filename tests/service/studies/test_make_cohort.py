"""The cohort that the service makes of itself: what stands in it, and what does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from accord.science.cohort import read_cohort
from accord.service.studies.actions import make_cohort


def made(world, tmp_path: Path, **more):
    return make_cohort(
        protocol="routine-care",
        clinic_ids=[world.clinic.pk],
        out=tmp_path / "cohort",
        now=world.now + timedelta(hours=1),
        **more,
    )


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_an_empty_clinic_gives_every_table_with_no_row(world, published, tmp_path, kind):
    written = made(world, tmp_path, kind=kind)
    cohort = read_cohort(written.folder)
    assert written.people == written.enrolled == 0
    assert {name: cohort.table(name).height for name in cohort.names if name != "therapists"} == dict.fromkeys(
        (name for name in cohort.names if name != "therapists"), 0
    )
    assert cohort.table("therapists").height == 3  # two therapists and the supervisor


def test_who_was_enrolled_stands_there_under_another_name(world, published, tmp_path):
    assert world.episode
    written = made(world, tmp_path)
    cohort = read_cohort(written.folder)
    people = cohort.table("participants")
    assert people.height == written.people == written.enrolled == 1
    assert people["answers"].to_list() == ["not_asked"]
    assert cohort.table("events")["kind"].to_list()[0] == "referral"
