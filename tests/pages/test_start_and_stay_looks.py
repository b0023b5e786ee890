"""Start and stay, complaints and adverse events in Chromium: three widths, light and dark; axe finds nothing (P27)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.care.actions import answer_complaint, make_complaint, record_harm
from accord.service.care.rules.rescue import CALL, LATER, TECHNICAL_HELP
from accord.service.flows.rescue_person import rescue_person
from accord.service.studies.models import Review
from pages.test_course_version_looks import looked_at
from plugins.world import enrolled, snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BEFORE = ("referred", "screening", "eligible")
LIST = "/office/start-and-stay/"


@pytest.fixture
def office(published):
    """A list with everybody a list can hold, a complaint that is overdue and one that is answered, an event."""
    world = published
    enrolled(world.ana, world.now - timedelta(days=12), BEFORE)
    for number, name in enumerate(("una", "vera", "wim", "xenia")):
        person = world.add_patient(name, world.bea, account=name != "una")
        enrolled(person, world.now - timedelta(days=4 + number, hours=1), BEFORE)

    def rescue(person, days, **more):
        rescue_person(person_id=person.pk, key=uuid.uuid4(), by=world.asker(world.dora),
                      now=world.now - timedelta(days=days), **more)  # fmt: skip

    day = world.now.date()
    rescue(world.ana, 6, kind=CALL, outcome="not-reached", minutes=2, note="Nobody at home.")
    rescue(world.ana, 3, kind=CALL, outcome="reached", reason="no-time", then="again", again_on=day, minutes=6)
    rescue(world.vera, 0, kind=TECHNICAL_HELP)
    rescue(world.wim, 1, kind=LATER, again_on=day + timedelta(days=8), reason="pain-too-bad")
    rescue(world.xenia, 1, kind=CALL, outcome="reached", then="stop", reason="changed-mind", minutes=4)
    late = make_complaint(about="waiting", text="I rang four times and nobody rang back.", key=uuid.uuid4(),
                          person_id=world.ana.pk, by=world.asker(world.ana),
                          now=world.now - timedelta(days=40))  # fmt: skip
    said = make_complaint(about="therapist", text="Two words that hurt me.", key=uuid.uuid4(), person_id=world.ana.pk,
                          by=world.asker(world.ana), now=world.now - timedelta(days=2))  # fmt: skip
    answer_complaint(complaint_id=said.pk, way="page", text="We are sorry. We have spoken about it and will call you.",
                     key=uuid.uuid4(), by=world.asker(world.dora), now=world.now)  # fmt: skip
    written = {"severity": "mild", "causality": "possible", "key": uuid.uuid4()}
    harm = record_harm(person_id=world.ana.pk, what="fall", on=day, note="On the stairs.", by=world.asker(world.bea),
                       now=world.now, **written)  # fmt: skip
    written |= {"severity": "serious", "key": uuid.uuid4()}
    record_harm(person_id=world.ana.pk, what="hospital", on=day, corrects_id=harm.pk, note="A night in hospital.",
                by=world.asker(world.bea), now=world.now, **written)  # fmt: skip
    shares = {"given": (14.0, 14), "came": (0.43, 14), "others": (0.29, 41), "difference": (0.14, 55)}
    counted = [{"id": f"rescue.quiet.call.{what}", "value": value, "n": n, "ci_low": 0.1, "ci_high": 0.6}
               for what, (value, n) in shares.items()]  # fmt: skip
    Review.objects.create(
        clinic=world.clinic, protocol="routine-care", snapshot=snapshot("protocol", "routine-care", world.now),
        result={"estimates": counted}, counted_at=world.now, cohort_hash="0" * 64,
    )  # fmt: skip
    return world, late


def test_the_pages_fit_every_screen(office, live_server):
    world, late = office
    dora, ana, bea, gus = (world.client_of(one).cookies["sessionid"].value
                           for one in (world.dora, world.ana, world.bea, world.gus))  # fmt: skip
    person, complaint = world.ana.pk, f"/office/complaints/{late.pk}/"
    pages = [
        (dora, LIST), (dora, f"{LIST}?show=later"), (dora, f"{LIST}{person}/"), (dora, f"{LIST}call-list/"),
        (dora, f"{LIST}what-helped/"), (gus, "/office/complaints/"), (dora, complaint),
        (dora, f"/office/complaints/enter/?person={person}"), (ana, "/my/say"),
        (bea, f"/clinic/people/{person}/harms/"),
    ]  # fmt: skip
    assert [wrong for session, page in pages for wrong in looked_at(live_server, session, page)] == []
