"""The manager's pages: who sees them, what stands on them, and that nothing stands there that was not counted."""

from __future__ import annotations

import re
from html import unescape

import pytest

from accord.service.studies.models import Review
from plugins.counted import review_of

DATA = re.compile(r'<data value="([^"]+)" data-id="([^"]+)">')


@pytest.fixture
def counted(published):
    """North, with a count of 300 invented people."""
    review_of(published, published.clinic)
    return published


def words(page) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def test_every_number_stands_in_the_stored_count_and_leads_to_its_definition(counted):
    gus = counted.client_of(counted.gus)
    page = gus.get("/manage/")
    assert page.status_code == 200
    stored = {one["id"]: one for one in Review.objects.get().result["estimates"]}
    found = DATA.findall(page.content.decode())
    assert len(found) > 40
    for value, name in found:
        assert float(value) == stored[name]["value"]
    for name in {name for _value, name in found}:
        what = gus.get(f"/manage/what/{name}/")
        assert what.status_code == 200
        assert stored[name]["label"] in unescape(what.content.decode())
