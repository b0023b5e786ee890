"""Whom to call: real numbers only, each with a source, a day and an expiry (C5)."""

from datetime import date

import pytest

from accord.science.errors import BadContent
from accord.science.programmes.crisis import crisis_countries, crisis_findings, load_crisis


def test_every_packaged_file_can_be_used():
    assert crisis_findings() == []
    assert {"GB", "US", "AU", "DE"} <= set(crisis_countries())


@pytest.mark.parametrize("country", crisis_countries())
def test_every_number_has_a_source_and_nothing_is_signed_by_us(country):
    crisis = load_crisis(country)
    assert all(line.source.startswith("https://") for line in crisis.lines)
    assert crisis.signed is None
    assert not crisis.usable(date(2026, 12, 1))


def test_a_country_nobody_has_checked_has_no_numbers():
    assert load_crisis("ZZ") is None


def write(site, **changes):
    text = {
        "country": "FR", "name": "France", "version": 1, "status": "signed",
        "signed": '{by: "Dr A", role: psychiatrist, on: 2026-11-01}', "checked": "2026-11-01", "expires": "2027-11-01",
        "emergency": '{number: "112", says: In danger}', "lines": "[]",
    } | changes  # fmt: skip
    (site / "crisis").mkdir(exist_ok=True)
    (site / "crisis" / "fr.yaml").write_text("\n".join(f"{key}: {value}" for key, value in text.items()))
    return site


def test_a_site_signs_its_own_and_it_expires(tmp_path):
    crisis = load_crisis("fr", site=write(tmp_path))
    assert crisis.usable(date(2027, 10, 31))
    assert not crisis.usable(date(2027, 11, 1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signed": "null"}, "Status and signature"),
        ({"expires": "2026-10-01"}, "expire before"),
        ({"country": "BE"}, "BE stands in fr.yaml"),
        ({"emergency": '{number: "call us", says: x}'}, "emergency"),
        ({"lines": "[{name: A, how: x, hours: y, source: z}]"}, "number"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, changes, message):
    with pytest.raises(BadContent, match=message) as caught:
        load_crisis("fr", site=write(tmp_path, **changes))
    assert "fr.yaml" in str(caught.value)
