"""The pages of groups and letters in Chromium: three widths, light and dark; axe finds nothing, nothing runs out."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from accord.service.care import actions as care
from accord.service.care.models import Meeting
from accord.service.episodes import actions as letters
from accord.service.library.queries import latest
from plugins.chromium import chromium, somebody
from plugins.world import enrolled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (320, 768, 1280)
SMALL = """() => [...document.querySelectorAll(
    "main button, .button, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea, " +
    "label.choice, label.chip, .bar a, summary")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 90))"""
BODY = (
    """4 May 2026

About: Ana

These words stand for a letter. """
    + "A sentence that is as long as sentences in letters are. " * 8
    + """

## What was answered, first and last

- Pain interference: 6.1 on 4 May 2026, 4.3 on 13 July 2026 (from 0 to 10, lower is better)
- Low mood: 14 on 4 May 2026

Kind regards
Bea"""
)


@pytest.fixture
def filled(published):
    """A group that has met once and meets again, two members, one who waits; a letter that has gone."""
    world, office = published, published.asker(published.dora)
    then = world.now - timedelta(days=10)
    for name in ("zoe", "wim"):
        world.add_patient(name, world.bea)
    for name in ("ana", "zoe", "wim"):
        enrolled(world.people[name], then - timedelta(days=1))
    group = care.make_group(
        clinic=world.clinic, protocol="routine-care", name="Tuesday circle", form="open", places=8,
        leaders=[world.bea.pk, world.carl.pk], key=uuid.uuid4(), by=office, now=then,
    )  # fmt: skip
    for name in ("ana", "zoe"):
        care.join_group(group_id=group.pk, person_id=world.people[name].pk, by=office, now=then)
    care.plan_meetings(
        group_id=group.pk, first=world.now - timedelta(days=2), every_days=7, number=4, minutes=90, mode="video",
        place="https://meet.example.org/" + "a-long-name-of-a-room-" * 3, key=uuid.uuid4(), by=office, now=then,
    )  # fmt: skip
    from accord.service.episodes.queries import current_episode

    by = world.asker(world.bea)
    letter = letters.write_letter(
        episode=current_episode(by, world.ana.pk), kind="discharge_summary", addressee="Dr Sample\n1 High Street",
        subject="What was done, and where things stand", body=BODY, head="North clinic\n020 7946 0000",
        snapshot_id=latest("text", "letter-end", "en").pk, key=uuid.uuid4(), by=by, now=world.now,
    )  # fmt: skip
    letters.send_letter(letter_id=letter.pk, how="post", by=by, now=world.now)
    return world, group, letter


def pages(world, group, letter):
    her = f"/clinic/people/{world.ana.pk}/letters/"
    met = Meeting.objects.get(group=group, number=1)
    return {
        "dora": ["/office/groups/", f"/office/groups/{group.pk}/", f"/office/people/{world.ana.pk}/letters/",
                 f"/office/people/{world.ana.pk}/letters/write/start/"],
        "bea": ["/clinic/groups/", f"/clinic/groups/{group.pk}/", f"/clinic/meetings/{met.pk}/", her,
                f"{her}write/assessment_summary/", f"{her}{letter.pk}/"],
        "ana": ["/my/group", "/my/letters", f"/my/letters/{letter.pk}"],
    }  # fmt: skip


def test_every_page_fits_every_screen(filled, live_server):
    world, wrong = filled[0], []
    shots = os.environ.get("ACCORD_SHOTS")
    sessions = {who: world.client_of(world.people[who]).cookies["sessionid"].value for who in ("dora", "bea", "ana")}
    asked = pages(*filled)  # rows are read before Chromium starts
    with chromium() as browser:
        for who, addresses in asked.items():
            session = sessions[who]
            one = somebody(browser, live_server.url, "desk")
            one.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            for number, address in enumerate(addresses):
                one.go(address)
                one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                for scheme in ("light", "dark"):
                    one.page.emulate_media(color_scheme=scheme)
                    for width in WIDTHS:
                        one.page.set_viewport_size({"width": width, "height": 800})
                        wide = one.page.evaluate(
                            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                        )
                        wrong += [(address, width, f"runs {wide} px out")] * (wide > 0)
                        wrong += [(address, width, "low", small) for small in one.page.evaluate(SMALL)]
                        if shots:
                            name = f"{who}-{number}-{width}-{scheme}.png"
                            one.page.screenshot(path=Path(shots) / name, full_page=True)
                    found = Axe().run(one.page).response["violations"]
                    wrong += [(address, scheme, row["id"], row["nodes"][0]["html"][:140]) for row in found]
            assert one.foreign == []
            assert one.complaints == []
    assert wrong == []
