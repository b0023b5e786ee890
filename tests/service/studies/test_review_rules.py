"""The rules of counting: what a manager may see, when it is counted by itself, how two counts compare, what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.service.studies.rules.reviews import compared, is_due, kept, may_be_seen, shows_picture

SYDNEY, LONDON = ZoneInfo("Australia/Sydney"), ZoneInfo("Europe/London")


def at(zone, hour, day=10, month=3):
    return datetime(2026, month, day, hour, 30, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    "name",
    ["icc.therapist.bpi.post", "icc_latent.therapist.x", "association.alliance.within", "odds_ratio.start.age",
     "synchrony.heart", "g.wai_sr.total.post", "change.wai.total.post", "caterpillar.t1", "fidelity.mean",
     "prediction.start", "load", ""],
)  # fmt: skip
def test_c13_what_is_not_named_or_is_about_therapists_is_not_seen(name):
    assert may_be_seen({"id": name, "scale": None}) is (name == "load")


@pytest.mark.parametrize("name", ["funnel.started", "g.phq_9.total.post", "alerts.open", "load.abc", "cover.away"])
def test_what_a_manager_asks_for_is_seen(name):
    assert may_be_seen({"id": name, "scale": None})


def test_c13_a_therapists_alliance_rating_is_not_seen_by_its_scale_either():
    assert not may_be_seen({"id": "change.alliance.post", "scale": "wai_sr_t.total"})


def test_c13_nothing_of_the_differences_between_therapists_is_kept():
    text = {"kind": "text", "text": "words with 12 numbers"}
    caution = {"kind": "caution", "text": "mind this"}
    picture = {"kind": "picture", "id": "caterpillar_therapist_x"}
    result = {
        "title": "t", "eyebrow": "", "protocol": "p", "protocol_version": 1, "protocol_hash": "", "origin": "real",
        "invented": False, "seed": None, "facts": {}, "lead": ["secret"], "notes": [],
        "sections": [
            {"id": "variance", "heading": "Differences between therapists", "blocks": [caution, text, picture]},
            {"id": "harms", "heading": "Harms", "blocks": [caution, text, {"kind": "table", "id": "adverse_events"}]},
        ],
        "estimates": [{"id": "icc.therapist.x", "scale": None}, {"id": "harms.any", "scale": None}],
    }  # fmt: skip
    told = kept(result)
    assert [section["id"] for section in told["sections"]] == ["harms"]
    assert told["sections"][0]["blocks"] == [caution]
    assert [one["id"] for one in told["estimates"]] == ["harms.any"]
    assert "lead" not in told
    assert not shows_picture("caterpillar_therapist_bpi_interference_total")
    assert not shows_picture("load")


def test_it_is_counted_once_in_the_clinics_own_night():
    assert is_due(at(SYDNEY, 3), SYDNEY, None)
    assert not is_due(at(SYDNEY, 3), LONDON, None)  # afternoon there
    assert not is_due(at(LONDON, 9), LONDON, None)
    assert is_due(at(LONDON, 3), LONDON, at(LONDON, 16, day=9))
    assert not is_due(at(LONDON, 4), LONDON, at(LONDON, 3))


@given(
    st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    st.sampled_from(["Europe/London", "Asia/Kolkata", "Pacific/Apia", "America/New_York"]),
)
def test_every_night_has_a_quiet_hour_whatever_the_clock_does(day, zone):
    here = ZoneInfo(zone)
    begin = datetime.combine(day, time.min, here).astimezone(UTC)
    assert any(is_due(begin + timedelta(minutes=10 * k), here, None) for k in range(6 * 24))


def test_a_number_is_the_same_as_before_while_that_lies_within_its_interval():
    now = {"value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    assert compared(now, {"value": 0.41}).word == "same"
    assert compared(now, {"value": 0.3}).word == "higher"
    assert compared(now, {"value": 0.7}).word == "lower"
    assert compared(now, {"value": None}) is None
    assert compared(now, None) is None
    assert compared({"value": 3.0}, {"value": 3.0}).word == "same"  # counted: no interval
    assert compared({"value": 4.0}, {"value": 3.0}).word == "higher"
    assert compared({"value": None}, {"value": 3.0}) is None
