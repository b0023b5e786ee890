"""Pages of start and stay, complaints, adverse events: who sees what, what a refused form keeps, what it costs."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Read
from accord.service.access.table import SERVICE
from accord.service.care.actions import acknowledge_complaint, answer_complaint, make_complaint
from accord.service.care.models import Alert, Complaint, ComplaintStep, Contact, Harm, Rescue
from accord.service.outbox.models import Work
from accord.service.studies.models import Review
from plugins.world import enrolled, snapshot

LIST = "/office/start-and-stay/"


@pytest.fixture
def waits(world):
    """Ana may take part since five days and has not said yes."""
    return enrolled(world.ana, world.now - timedelta(days=5, hours=1), ("referred", "screening", "eligible"))


def get(world, who, address):
    return world.client_of(who).get(address)


def post(world, who, address, **given):
    return world.client_of(who).post(address, {"key": str(uuid.uuid4()), **given})


def body(page):
    return page.content.decode()


def one(world):
    return f"{LIST}{world.ana.pk}/"


# ------------------------------------------------------------------------------------------------ start and stay


def test_who_sees_the_list_and_a_person_of_it(world, waits):
    everybody = {**world.five(), "office": world.dora, "manager": world.gus, "elsewhere": world.hal, "lead": world.fay}
    seen = {name: get(world, who, one(world)).status_code for name, who in everybody.items()}
    assert seen == {
        "owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302, "office": 200, "manager": 404,
        "elsewhere": 404, "lead": 200,
    }  # fmt: skip
    listed = {name: world.ana.name in body(get(world, who, LIST)) for name, who in everybody.items()}
    assert {name for name, there in listed.items() if there} == {"therapist", "office", "lead"}


def test_a_row_says_why_since_when_and_what_was_tried(world, waits):
    page = body(get(world, world.dora, LIST))
    for words in ("1 person waits for a word", "has not said yes or no", "5 days", world.ana.phone, "nothing yet"):
        assert words in page
    post(world, world.dora, f"{one(world)}call/", outcome="not-reached", reason="no-time", then="again",
         again_on=str((world.now + timedelta(days=4)).date()), minutes="3", note="Zqrang")  # fmt: skip
    assert "Nobody waits for a word" in body(get(world, world.dora, LIST))
    later = body(get(world, world.dora, f"{LIST}?show=later"))
    day = world.now.date() + timedelta(days=4)
    for words in ("not reached", f"call again on {day:%a} {day.day} {day:%b}", "no time", "Contacted today"):
        assert words in later
    assert "Zqrang" in body(get(world, world.bea, one(world)))
    assert "Zqrang" not in later


def test_one_tap_sends_the_way_back_in_and_the_second_is_refused_kindly(world, waits):
    dora = world.client_of(world.dora)
    key = str(uuid.uuid4())
    for _tap in range(2):
        said = dora.post(f"{one(world)}help/", {"key": key, "from": "list"}, follow=True)
        assert "Sent: a neutral mail" in body(said)
    second = post(world, world.dora, f"{one(world)}help/", **{"from": "list"})
    assert second.status_code == 409
    assert "Nobody is contacted twice on one day" in body(second)
    assert (Rescue.objects.count(), Work.objects.filter(kind="way-back-in").count()) == (1, 1)


def test_her_therapist_reads_what_the_office_tried(world, waits):
    post(world, world.dora, f"{one(world)}call/", outcome="reached", reason="no-time", minutes="3", note="Zqtold")
    page = body(get(world, world.bea, f"/clinic/people/{world.ana.pk}/"))
    assert "Start and stay: call, reached (no time)" in page
    assert "Zqtold" in page


def test_minutes_of_the_therapist_count_as_a_contact(world, waits):
    post(world, world.bea, f"{one(world)}call/", outcome="reached", minutes="12")
    assert [(row.minutes, row.by) for row in Contact.objects.all()] == [(12, world.bea.pk)]
    assert "Start and stay: call" not in body(get(world, world.bea, f"/clinic/people/{world.ana.pk}/")), "told once"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"outcome": ""}, "what came of it"), ({"outcome": "reached", "minutes": "soon"}, "number from 0"),
        ({"outcome": "reached", "then": "again"}, "Choose the day"), ({"outcome": "reached", "reason": "x"}, "reason"),
        ({"outcome": "reached", "note": "x" * 900_000}, "5000"),
        ({"outcome": "reached", "kind": "fax"}, "what you did"),
        ({"outcome": "reached", "again_on": "2026-02-30", "then": "start"}, "Choose the day"),
    ],
)  # fmt: skip
def test_a_refused_call_comes_back_with_what_was_typed(world, waits, given, words):
    page = post(world, world.dora, f"{one(world)}call/", **{"note": "Zqkept", "minutes": "4", **given})
    assert page.status_code == 400
    assert words in body(page)
    assert ("Zqkept" in body(page)) == ("note" not in given)
    assert Rescue.objects.count() == 0


def test_nobody_posts_what_she_may_not(world, waits):
    for step in ("help", "call", "later"):
        for who in (world.ana, world.carl, world.joy, world.gus, world.hal, None):
            page = post(world, who, f"{one(world)}{step}/", outcome="reached", again_on="2030-01-01")
            assert page.status_code in (302, 404)
    assert post(world, world.dora, f"{one(world)}nonsense/").status_code == 404
    assert post(world, world.dora, f"{one(world)}call/", key="x", outcome="reached").status_code == 400
    assert (Rescue.objects.count(), Work.objects.count()) == (0, 0)


def test_the_call_list_holds_numbers_and_writes_down_who_opened_it(world, waits):
    from accord.service.people.actions import change_contact

    page = body(get(world, world.dora, f"{LIST}call-list/"))
    assert world.ana.phone in page
    assert [(row.by, row.person_id) for row in Read.objects.all()] == [(world.dora.pk, world.ana.pk)]
    assert body(get(world, world.bea, f"{LIST}call-list/")).count(world.ana.phone) == page.count(world.ana.phone)
    assert world.ana.phone not in body(get(world, world.hal, f"{LIST}call-list/"))
    change_contact(person=world.ana, phone="", by=SERVICE, now=world.now)
    assert "1 person has given no number" in body(get(world, world.dora, f"{LIST}call-list/"))


def test_no_clinical_fact_reaches_the_office(world, waits):
    """After R2 the office reads that her therapist has this, and nothing of why."""
    from accord.science.protocols.ladder import load_ladder, tier_of
    from accord.service.care.actions import raise_alert

    said = tier_of(load_ladder(), {"safety_check.item_1": 2, "follow_up_minutes": 0})
    alert = raise_alert(
        person=world.ana, episode=waits, assessment_id=None, occasion="x:1", track="risk", outcome=said,
        ladder=load_ladder(), by=SERVICE, now=world.now,
    )  # fmt: skip
    page = body(get(world, world.dora, f"{LIST}?show=therapist"))
    assert f"{world.bea.name} has this." in page
    assert alert.reasons[0] not in page
    assert "Send the way back in" not in page
    assert alert.reasons[0] not in body(get(world, world.dora, one(world)))
    assert post(world, world.dora, f"{one(world)}help/").status_code == 409


def test_what_rescues_did_is_read_from_the_stored_count_and_small_groups_are_not_shown(world, waits):
    def share(what, value, n, **more):
        return {"id": f"rescue.quiet.call.{what}", "value": value, "n": n, "ci_low": 0.1, "ci_high": 0.5, **more}

    def kept(n):
        return {"estimates": [
            share("given", 14.0, 14), share("came", 0.4, n), share("others", 0.25, 40), share("difference", 0.15, 52),
            {"id": "rescues.given", "value": 14.0, "n": 14},
        ]}  # fmt: skip

    protocol = snapshot("protocol", "routine-care", world.now)
    for minute, n in enumerate((9, 12)):
        Review.objects.create(clinic=world.clinic, protocol="routine-care", snapshot=protocol, result=kept(n),
                              counted_at=world.now + timedelta(minutes=minute), cohort_hash="0" * 64)  # fmt: skip
        page = body(get(world, world.dora, f"{LIST}what-helped/"))
        assert ("fewer than ten" in page) == (n == 9)
        assert ('data-id="rescue.quiet.call.came"' in page) == (n == 12)
    assert '<data value="0.4" data-id="rescue.quiet.call.came">40 %</data>' in page
    assert ">+15</data>" in page  # points, not per cent of anything
    assert "shows no effect" in page
    assert get(world, world.gus, f"{LIST}what-helped/").status_code == 404
    assert "routine-care" not in body(get(world, world.hal, f"{LIST}what-helped/"))


def test_a_list_costs_as_many_queries_for_many_as_for_few(world, waits):
    dora = world.client_of(world.dora)

    def cost(address):
        dora.get(address)
        with CaptureQueriesContext(connection) as found:
            dora.get(address)
        return len(found)

    make_complaint(about="waiting", text="x", key=uuid.uuid4(), person_id=world.ana.pk, by=world.asker(world.ana),
                   now=world.now)  # fmt: skip
    addresses = (LIST, f"{LIST}call-list/", "/office/complaints/")
    few = [cost(address) for address in addresses]
    for number in range(12):
        person = world.add_patient(f"pat{number}", world.bea, account=False)
        enrolled(person, world.now - timedelta(days=6), ("referred", "screening", "eligible"))
        make_complaint(about="waiting", text="x", key=uuid.uuid4(), person_id=person.pk, by=world.asker(world.dora),
                       now=world.now)  # fmt: skip
    assert [cost(address) for address in addresses] == few


# ------------------------------------------------------------------------------------------------ complaints


def test_she_says_it_and_reads_the_answer_on_the_same_page(world):
    ana = world.client_of(world.ana)
    first = body(ana.get("/my/say"))
    for words in ("not your therapist", "you get an answer by", "I need help now"):
        assert words in first
    sent = ana.post(
        "/my/say", {"key": str(uuid.uuid4()), "about": "waiting", "text": "Zqlong <b>wait</b>"}, follow=True
    )
    assert "It has arrived" in body(sent)
    complaint = Complaint.objects.get()
    acknowledge_complaint(complaint_id=complaint.pk, key=uuid.uuid4(), by=world.asker(world.dora), now=world.now)
    assert "Somebody has looked into it" in body(ana.get("/my/say"))
    answer_complaint(complaint_id=complaint.pk, way="page", text="Zqsorry", key=uuid.uuid4(),
                     by=world.asker(world.gus), now=world.now)  # fmt: skip
    page = body(ana.get("/my/say"))
    assert "Zqsorry" in page
    assert "&lt;b&gt;wait" in page
    assert "/my/say" in body(ana.get("/my/settings"))


def test_who_reaches_the_page_of_what_was_not_right(world):
    seen = {name: get(world, who, "/my/say").status_code for name, who in world.five().items()}
    assert seen == {"owner": 200, "therapist": 404, "colleague": 404, "stranger": 200, "nobody": 302}


@pytest.mark.parametrize(
    ("given", "words"),
    [({"about": "waiting", "text": " "}, "Write what was not right"), ({"about": "", "text": "Zqkept"}, "it is about"),
     ({"about": "waiting", "text": "Zqkept\0"}, "cannot be stored"),
     ({"about": "waiting", "text": "x" * 900_000}, "5000"),
     ({"about": "waiting", "text": "Zqkept", "key": "old"}, "not complete")],
)  # fmt: skip
def test_a_refused_complaint_comes_back_with_what_was_typed(world, given, words):
    page = post(world, world.ana, "/my/say", **given)
    assert page.status_code == 400
    assert words in body(page)
    assert ("Zqkept" in body(page)) == ("Zqkept" in given["text"])
    assert Complaint.objects.count() == 0


def test_a_complaint_goes_its_way_in_the_office(world):
    complaint = make_complaint(about="therapist", text="Zqwords", key=uuid.uuid4(), person_id=world.ana.pk,
                               by=world.asker(world.ana), now=world.now - timedelta(days=40))  # fmt: skip
    address = f"/office/complaints/{complaint.pk}/"
    everybody = {**world.five(), "office": world.dora, "manager": world.gus, "elsewhere": world.hal, "lead": world.fay}
    seen = {name: get(world, who, address).status_code for name, who in everybody.items()}
    assert {name for name, status in seen.items() if status == 200} == {"office", "manager"}
    assert "overdue" in body(get(world, world.gus, "/office/complaints/"))
    assert "Zqwords" not in body(get(world, world.gus, "/office/complaints/"))
    assert world.ana.name in body(get(world, world.dora, address))
    assert f"/office/people/{world.ana.pk}/" in body(get(world, world.dora, address))
    assert f"/office/people/{world.ana.pk}/" not in body(get(world, world.gus, address))
    assert world.ana.name not in body(get(world, world.gus, address)), "a manager opens nobody's record"
    assert {row.by for row in Read.objects.filter(person_id=world.ana.pk)} == {world.dora.pk, world.gus.pk}
    refused = post(world, world.dora, f"{address}answer/", text="Zqkept", way="")
    assert refused.status_code == 400
    assert "Zqkept" in body(refused)
    for step, given in (
        ("acknowledge", {}),
        ("answer", {"way": "page", "text": "Sorry"}),
        ("close", {"outcome": "explained"}),
    ):
        assert post(world, world.gus, f"{address}{step}/", **given).status_code == 302
    assert [row.kind for row in ComplaintStep.objects.order_by("revision")] == ["acknowledged", "answered", "closed"]
    assert post(world, world.dora, f"{address}close/", outcome="explained").status_code == 409
    assert "No complaint is open" in body(get(world, world.dora, "/office/complaints/"))
    assert "a therapist or a colleague" in body(get(world, world.dora, "/office/complaints/?show=all"))


def test_one_that_came_by_telephone_is_entered(world):
    address = "/office/complaints/enter/"
    assert "not named" in body(get(world, world.dora, address))
    assert world.ana.name in body(get(world, world.dora, f"{address}?person={world.ana.pk}"))
    for who, status in ((world.gus, 404), (world.bea, 404), (world.ana, 404), (None, 302)):
        assert get(world, who, address).status_code == status
    assert get(world, world.dora, f"{address}?person={world.joy.pk}").status_code == 404
    kept = post(world, world.dora, address, about="", text="Zqkept", person=str(world.ana.pk))
    assert (kept.status_code, "Zqkept" in body(kept)) == (400, True)
    assert post(world, world.dora, address, about="waiting", text="x", person=str(world.ana.pk)).status_code == 302
    assert Complaint.objects.get().person == world.ana


# ------------------------------------------------------------------------------------------------ adverse events


def test_an_event_is_written_down_corrected_and_told(world):
    assert world.episode
    address, day = f"/clinic/people/{world.ana.pk}/harms/", str((world.now - timedelta(days=1)).date())
    seen = {name: get(world, who, address).status_code for name, who in world.five().items()}
    assert seen == {"owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302}
    assert get(world, world.dora, address).status_code == 404
    given = {"what": "fall", "severity": "mild", "causality": "possible", "on": day, "note": "Zqfell"}
    assert post(world, world.bea, address, **given).status_code == 302
    harm = Harm.objects.get()
    again = body(get(world, world.bea, f"{address}?correct={harm.pk}"))
    assert "Correct an event" in again
    assert again.count("Zqfell") == 2, "in the list and in the form"
    told = world.client_of(world.bea).post(
        address, {**given, "severity": "serious", "corrects": str(harm.pk), "key": str(uuid.uuid4())}, follow=True
    )
    assert "the supervisors are told now" in body(told)
    assert "What stood here before" in body(told)
    assert Alert.objects.get().note == "Zqfell"
    assert "adverse event" in body(get(world, world.fay, "/clinic/"))
    assert "Adverse event: a fall or an injury, serious" in body(
        get(world, world.bea, f"/clinic/people/{world.ana.pk}/")
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [({"what": ""}, "what happened"), ({"on": "soon"}, "the day"), ({"severity": ""}, "how bad"),
     ({"what": "hospital"}, "always serious"), ({"note": "a\0b"}, "NUL"), ({"corrects": "x"}, "too old")],
)  # fmt: skip
def test_a_refused_event_comes_back_with_what_was_typed(world, change, words):
    assert world.episode
    given = {
        "what": "fall",
        "severity": "mild",
        "causality": "possible",
        "on": "2026-01-02",
        "note": "Zqkept",
        **change,
    }
    page = post(world, world.bea, f"/clinic/people/{world.ana.pk}/harms/", **given)
    assert page.status_code == 400
    assert words in body(page)
    assert ("Zqkept" in body(page)) == (given["note"] == "Zqkept")
    assert Harm.objects.count() == 0


def test_what_nobody_may_is_not_written(world):
    assert world.episode
    address = f"/clinic/people/{world.ana.pk}/harms/"
    given = {"what": "fall", "severity": "mild", "causality": "possible", "on": "2026-01-02"}
    for who in (world.ana, world.carl, world.joy, world.dora, world.gus, world.hal, None):
        assert post(world, who, address, **given).status_code in (302, 404)
    assert Harm.objects.count() == 0
