"""E29: what a slow link has to carry. Every page with its one stylesheet stays under 100 kB, uncompressed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

LIMIT = 100_000
OPEN = ["/", "/help", "/about", "/begin", "/refer", "/accounts/login/", "/demo/"]
HERS = ["/my/", "/my/contact", "/my/help-now", "/my/messages"]
STAFF = ["/clinic/", "/clinic/?show=all"]
OFFICE = ["/office/", "/office/waiting/", "/office/staff/"]


def weigh(page) -> int:
    """Bytes of the page and of everything it makes a browser fetch; one stylesheet, nothing from elsewhere."""
    html = page.content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    assert len(sheets) == 1
    fetched = [*sheets, *re.findall(r'(?:src|<link rel="icon" href)="([^"]+)"', html)]
    assert all(address.startswith("/static/") for address in fetched), fetched
    files = [finders.find(address.removeprefix("/static/").split("?")[0]) for address in fetched]
    return len(page.content) + sum(Path(str(file)).stat().st_size for file in files)


@pytest.mark.parametrize(
    ("who", "path"),
    [*((None, path) for path in OPEN), *(("ana", path) for path in HERS),
     *(("bea", path) for path in STAFF), *(("dora", path) for path in OFFICE)],
)  # fmt: skip
def test_a_page_is_light(world, who, path):
    if path == "/demo/":
        from accord.service.demo.actions import mark_demonstration

        mark_demonstration(now=world.now)
    page = world.client_of(getattr(world, who) if who else None).get(path)
    assert page.status_code == 200
    assert weigh(page) < LIMIT
