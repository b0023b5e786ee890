"""The office's pages: referrals, one person, who waits, colleagues and certificates, loops to close."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Read
from accord.service.access.table import SERVICE, Role
from accord.service.episodes import actions, queries
from accord.service.episodes.models import Acknowledgement, Episode, Onward, Referral
from accord.service.episodes.rules import State
from accord.service.flows.discharge_person import discharge_person
from accord.service.flows.enter_referral import enter_referral
from accord.service.people import actions as people
from accord.service.people import queries as people_queries
from accord.service.people.models import Capacity, Certificate, Override
from plugins.world import enrolled

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def world(published):
    """Ana is enrolled since yesterday."""
    published.__dict__["episode"] = enrolled(published.ana, published.now - timedelta(days=1))
    return published


def enter(world, name="Zqnewname", **more):
    given = {
        "clinic": world.clinic, "protocol": "routine-care", "source": "general_practitioner", "came": "letter",
        "name": name, "phone": "+44 20 7000", "referrer": "Zqreferrer", "key": uuid.uuid4(),
        "by": world.asker(world.dora), "now": world.now,
    }  # fmt: skip
    return enter_referral(**given | more)


def onward(world, **more):
    given = {"to": "pain_clinic", "reason": "needs-more", "key": uuid.uuid4(), "by": SERVICE, "now": world.now}
    return actions.refer_onward(episode=world.episode, **given | more)


def status(world, who, address):
    return world.client_of(who).get(address).status_code


def page(world, address, who="dora"):
    response = world.client_of(world.people[who]).get(address)
    assert response.status_code == 200
    return response.content.decode()


# ------------------------------------------------------------------------------------------------ who sees what


def test_the_pages_of_one_person_are_the_offices_own(world):
    ana = world.ana.pk
    for address in (f"/office/people/{ana}/", f"/office/waiting/{ana}/"):
        seen = {name: status(world, who, address) for name, who in world.five().items()}
        expected = {"owner": 404, "therapist": 404, "colleague": 404, "stranger": 404, "nobody": 302}
        if "waiting" in address:  # whoever may hand her over may look who could take her
            expected["therapist"] = 404
        assert seen == expected, address
        assert status(world, world.dora, address) == 200
        for who in (world.hal, world.gus):
            assert status(world, who, address) == 404
    assert Read.objects.filter(by=world.dora.pk, person_id=ana).count() == 2


def test_the_lists_are_for_coordinators_and_certificates_for_managers_too(world):
    for address in ("/office/", "/office/referrals/enter/", "/office/waiting/", "/office/loops/"):
        for who in (*world.five().values(), world.gus, world.fay, world.hal):
            assert status(world, who, address) in (302, 404), address
        assert status(world, world.dora, address) == 200
    for address in ("/office/certificates/", f"/office/staff/{world.bea.pk}/"):
        for who in (*world.five().values(), world.fay, world.hal):
            assert status(world, who, address) in (302, 404), address
        for who in (world.dora, world.gus):
            assert status(world, who, address) == 200
    assert status(world, world.dora, f"/office/staff/{world.hal.pk}/") == 404
    assert "Set the places" not in page(world, f"/office/staff/{world.bea.pk}/", "gus")


def test_nobody_else_posts_anything(world):
    row, loop = enter(world), onward(world)
    certificate = Certificate.objects.filter(person=world.bea).first()
    bea, ana = world.bea.pk, world.ana.pk
    addresses = [
        "/office/referrals/enter/", f"/office/referrals/{row.pk}/acknowledge/", f"/office/referrals/{row.pk}/link/",
        f"/office/people/{ana}/discharge/", f"/office/people/{ana}/send-on/", f"/office/people/{ana}/again/",
        f"/office/loops/{loop.pk}/", f"/office/staff/{bea}/certificates/", f"/office/staff/{bea}/places/",
        f"/office/certificates/{certificate.pk}/withdraw/",
    ]  # fmt: skip
    given = {
        "key": str(uuid.uuid4()), "how": "phone", "reason": "lost_contact", "to": "pain_clinic", "kind": "sent",
        "places": "3", "covers": "risk-duty", "given_on": "2026-01-01", "email": "zqx@example.org", "came": "letter",
        "source": "pain_clinic", "name": "Zq", "phone": "1",
    }  # fmt: skip
    before = (Referral.objects.count(), Onward.objects.count(), Certificate.objects.count())
    for address in addresses:
        for who in (world.ana, world.carl, world.joy, world.gus, world.hal, None):
            answer = world.client_of(who).post(address, given)
            assert answer.status_code in (302, 404), (address, who)
            assert answer.status_code == 404 or "/accounts/login/" in answer["Location"]
    assert (Referral.objects.count(), Onward.objects.count(), Certificate.objects.count()) == before
    assert Acknowledgement.objects.count() == Capacity.objects.count() == 0
    assert queries.state(world.episode) is State.ENROLLED


def test_no_clinical_fact_and_no_name_in_a_title(world):
    from accord.science.protocols.ladder import load_ladder, tier_of
    from accord.service.care.actions import raise_alert

    ladder = load_ladder()
    said = tier_of(ladder, {"safety_check.item_1": 2, "follow_up_minutes": 0})
    raise_alert(
        person=world.ana, episode=world.episode, assessment_id=None, occasion="x:1", track="risk", outcome=said,
        ladder=ladder, by=SERVICE, now=world.now,
    )  # fmt: skip
    text = page(world, f"/office/people/{world.ana.pk}/")
    assert said.reasons[0] not in text
    assert world.ana.name in text
    assert world.ana.name not in text.split("<title>")[1].split("</title>")[0]


# ------------------------------------------------------------------------------------------------ referrals


def test_c39_an_overdue_acknowledgement_stands_first_and_says_since_when(world):
    enter(world, "Zqlate", now=world.now - 3 * DAY)
    enter(world, "Zqfresh")
    text = page(world, "/office/")
    assert text.index("Zqlate") < text.index("Zqfresh") < text.index(world.ana.name)
    assert "overdue since" in text
    assert "2 referrals have not been acknowledged" in text
    dora = world.client_of(world.dora)
    row = Referral.objects.order_by("made_at").first()
    assert dora.post(f"/office/referrals/{row.pk}/acknowledge/", {"how": "pigeon"}).status_code == 400
    assert dora.post(f"/office/referrals/{row.pk}/acknowledge/", {"how": "letter"}).status_code == 302
    assert "1 referral has not been acknowledged" in page(world, "/office/")


def test_a_referral_is_entered_and_leads_to_her_page(world):
    dora = world.client_of(world.dora)
    form = dora.get("/office/referrals/enter/").content.decode()
    key = form.split('name="key" value="')[1].split('"')[0]
    given = {"key": key, "came": "phone", "source": "self", "name": "Zqcaller", "email": "zqcaller@example.org"}
    kept = dora.post("/office/referrals/enter/", {**given, "source": "astrologer", "note": "Zqnote"})
    assert kept.status_code == 400
    assert all(one in kept.content.decode() for one in ("Zqcaller", "Zqnote", "zqcaller@example.org"))
    first = dora.post("/office/referrals/enter/", {**given, "told": "yes"})
    again = dora.post("/office/referrals/enter/", {**given, "told": "yes"})
    assert first["Location"] == again["Location"]
    text = dora.get(first["Location"]).content.decode()
    assert "the link was not used yet" in text
    assert "Acknowledged by telephone" in text


def test_a_link_is_sent_again_from_its_list(world):
    row = enter(world, "Zqunused", told=True)
    text = page(world, "/office/?show=link")
    assert "Zqunused" in text
    assert "Zqunused" not in page(world, "/office/?show=link&source=pain_clinic")
    dora = world.client_of(world.dora)
    assert dora.post(f"/office/referrals/{row.pk}/link/", {"email": ""}).status_code == 400
    assert dora.post(f"/office/referrals/{row.pk}/link/", {"email": "zqanamail@example.org"}).status_code == 409
    assert dora.post(f"/office/referrals/{row.pk}/link/", {"email": "zqunused@example.org"}).status_code == 302
    assert people_queries.address_of(row.person_id) == "zqunused@example.org"


def test_a_refused_link_stays_on_its_list_with_what_was_typed(world):
    row = enter(world, "Zqunused", told=True)
    dora, address = world.client_of(world.dora), f"/office/referrals/{row.pk}/link/"
    taken = {"email": "zqanamail@example.org", "referral": str(row.pk)}
    kept = dora.post(address, taken).content.decode()
    assert "Zqunused" in kept
    assert 'value="zqanamail@example.org"' in kept
    kept = dora.post(address, taken | {"from": "person"}).content.decode()
    assert "What comes next" in kept
    assert 'value="zqanamail@example.org"' in kept
    sent = dora.post(address, {"email": "zqunused@example.org"})
    assert sent["Location"] == "/office/?show=link"
    assert "The link is on its way" in dora.get(sent["Location"]).content.decode()
    sent = dora.post(address, {"email": "zqunused@example.org", "from": "person"})
    assert sent["Location"] == f"/office/people/{row.person_id}/"


def test_a_referral_is_acknowledged_from_her_page_and_says_so(world):
    row = enter(world, "Zqletter")
    dora, address = world.client_of(world.dora), f"/office/people/{row.person_id}/"
    assert f"referrals/{row.pk}/acknowledge/" in page(world, address)
    done = dora.post(f"/office/referrals/{row.pk}/acknowledge/", {"how": "letter", "from": "person"})
    assert done["Location"] == address
    text = dora.get(address).content.decode()
    assert "Acknowledged by letter" in text
    assert f"referrals/{row.pk}/acknowledge/" not in text


def test_an_address_that_is_known_leads_to_whose_it_is(world):
    dora = world.client_of(world.dora)
    given = {"key": str(uuid.uuid4()), "came": "phone", "source": "self", "name": "Zqcaller"}
    for mail, whose in (("zqanamail@example.org", world.ana), ("zqbeamail@example.org", world.bea)):
        text = dora.post("/office/referrals/enter/", given | {"email": mail}).content.decode()
        assert "has an account already" in text
        assert (f"/office/people/{whose.pk}/" in text) is (whose == world.ana)


def test_a_number_that_is_known_is_asked_about_and_counts_once_it_is_somebody_else(world):
    dora = world.client_of(world.dora)
    given = {"key": str(uuid.uuid4()), "came": "phone", "source": "self", "name": "Zqcaller"}
    local = "0" + world.ana.phone.removeprefix("+44").lstrip("0")
    for typed in (world.ana.phone, local, f"{local[:4]} / {local[4:]}"):
        text = dora.post("/office/referrals/enter/", given | {"phone": typed}).content.decode()
        assert "Somebody with this telephone number is known already." in text
        assert f"/office/people/{world.ana.pk}/" in text
        assert typed in text
    text = dora.post("/office/referrals/enter/", given | {"phone": world.bea.phone}).content.decode()
    assert "is known already" not in text  # a colleague's
    for _twice in range(2):
        made = dora.post(
            "/office/referrals/enter/", given | {"key": str(uuid.uuid4()), "phone": world.ana.phone, "new": "yes"}
        )
        assert made.status_code == 302
    once = given | {"key": str(uuid.uuid4()), "phone": "+49 40 777 888 99"}
    first = dora.post("/office/referrals/enter/", once)
    assert first.status_code == 302
    assert dora.post("/office/referrals/enter/", once)["Location"] == first["Location"]  # pressed twice
    short = given | {"key": str(uuid.uuid4()), "phone": world.ana.phone[-4:]}  # the end of many numbers
    assert dora.post("/office/referrals/enter/", short).status_code == 302


def test_the_list_is_cut_by_state_and_source(world):
    first = enrolled(world.ivo, world.now)
    row = Referral.objects.create(
        person=world.ivo, clinic=world.clinic, protocol="routine-care", source="pain_clinic", made_at=world.now,
        confirmed_at=world.now,
    )  # fmt: skip
    Episode.objects.filter(pk=first.pk).update(referral=row)
    text = page(world, "/office/?source=pain_clinic")
    assert world.ivo.name in text
    assert world.ana.name not in text
    discharge_person(person_id=world.ivo.pk, reason="lost_contact", by=world.asker(world.dora), now=world.now + HOUR)
    assert world.ivo.name not in page(world, "/office/")
    assert world.ivo.name in page(world, "/office/?show=ended")
    for odd in ("?show=nonsense&source=nonsense&page=x", "?page=999"):
        assert world.ana.name in page(world, f"/office/{odd}")


# ------------------------------------------------------------------------------------------------ one person


def test_from_her_page_she_is_discharged_and_referred_again(world):
    dora, address = world.client_of(world.dora), f"/office/people/{world.ana.pk}/"
    text = page(world, address)
    assert f"{world.bea.name} is the therapist" in text
    assert "Refer again" not in text
    kept = dora.post(f"{address}discharge/", {"form": "discharge", "reason": "bored", "note": "Zqkept"})
    assert kept.status_code == 400
    assert "Zqkept" in kept.content.decode()
    assert dora.post(f"{address}discharge/", {"reason": "referred_on"}).status_code == 302
    text = page(world, address)
    assert "goes on elsewhere" in text
    key = str(uuid.uuid4())
    given = {"key": key, "came": "letter", "source": "pain_clinic"}
    assert dora.post(f"{address}again/", {**given, "source": ""}).status_code == 400
    assert dora.post(f"{address}again/", given).status_code == 302
    assert dora.post(f"{address}again/", given).status_code == 302
    assert Episode.objects.filter(person=world.ana).count() == 2
    text = page(world, address)
    assert "Here before" in text
    assert "discharged: goes on elsewhere" in text
    assert "has not been told that it arrived" in text
    assert dora.post(f"{address}again/", {**given, "key": str(uuid.uuid4())}).status_code == 409


def test_u16_what_comes_next_leads_to_the_page_where_it_is_done(world):
    enrolled(world.ivo, world.now)
    address = f"/office/people/{world.ivo.pk}/"
    assert f'href="/office/waiting/{world.ivo.pk}/"' in page(world, address).replace(
        "../../waiting/", "/office/waiting/"
    )
    assert "goes on from here" in page(world, f"/office/people/{world.ana.pk}/")


# ------------------------------------------------------------------------------------------------ who waits


def test_the_longest_wait_stands_first_with_its_days(world):
    enrolled(world.ivo, world.now - 9 * DAY)
    enrolled(world.add("jan", Role.APPLICANT), world.now - 20 * DAY, steps=("referred", "screening", "eligible"))
    text = page(world, "/office/waiting/")
    assert text.index(world.jan.name) < text.index(world.ivo.name)
    assert ">20<" in text.replace(" ", "")
    assert world.ana.name not in text


def test_free_places_are_counted_where_somebody_can_be_taken_today(world):
    for who, places in ((world.bea, 5), (world.carl, 7), (world.add("nan", Role.THERAPIST), 9)):
        people.set_places(person=who, clinic=world.clinic, places=places, by=SERVICE, now=world.now)
    assert "20 places are free" in page(world, "/office/waiting/")  # 5 + 7 + 9, and Ana has one of Bea's
    Certificate.objects.filter(person=world.nan).update(withdrawn_at=world.now)
    assert "11 places are free" in page(world, "/office/waiting/")
    people.set_absence(
        person=world.carl, cover=world.bea, since=world.now - DAY, until=world.now + DAY, by=SERVICE, now=world.now
    )
    assert "4 places are free" in page(world, "/office/waiting/")


def test_c40_who_has_no_certificate_or_place_is_shown_as_such_and_chosen_only_with_a_reason(world):
    enrolled(world.ivo, world.now)
    new = world.add("nan", Role.THERAPIST)
    Certificate.objects.filter(person=new).update(withdrawn_at=world.now)
    people.set_places(person=world.bea, clinic=world.clinic, places=1, by=SERVICE, now=world.now)
    quick = page(world, "/office/waiting/")
    assert f'value="{world.carl.pk}"' in quick
    assert f'value="{new.pk}"' not in quick
    assert f'value="{world.bea.pk}"' not in quick
    text = page(world, f"/office/waiting/{world.ivo.pk}/")
    assert "no certificate: only with a reason" in " ".join(text.split())
    assert "no free place: only with a reason" in " ".join(text.split())
    dora, address = world.client_of(world.dora), f"/office/waiting/{world.ivo.pk}/assign/"
    refused = dora.post(address, {"therapist": str(new.pk)})
    assert refused.status_code == 409
    assert "A coordinator enters the certificate" in refused.content.decode()
    assert dora.post(address, {"therapist": "x", "reason": "Zqtyped"}).status_code == 400
    assert dora.post(address, {"therapist": str(new.pk), "reason": "Zqlanguage"}).status_code == 302
    assert Override.objects.get().patient_id == world.ivo.pk
    assert "Zqlanguage" in page(world, f"/office/people/{world.ivo.pk}/")
    assert "Zqlanguage" in page(world, f"/office/staff/{new.pk}/")


# ------------------------------------------------------------------------------------------------ colleagues


def test_certificates_are_entered_listed_and_withdrawn(world):
    dora, address = world.client_of(world.dora), f"/office/staff/{world.bea.pk}/"
    today = world.now.date()
    Certificate.objects.filter(person=world.bea, covers="risk-duty").update(withdrawn_at=world.now)  # it has no end
    given = {"key": str(uuid.uuid4()), "covers": "risk-duty", "given_on": str(today), "note": "Zqexaminer",
             "expires_on": str(today + 30 * DAY)}  # fmt: skip
    for wrong in ({"covers": "x"}, {"given_on": "soon"}, {"expires_on": "never"}, {"expires_on": "2001-01-01"}):
        kept = dora.post(f"{address}certificates/", given | wrong)
        assert kept.status_code == 400
        assert "Zqexaminer" in kept.content.decode()
    assert dora.post(f"{address}certificates/", given).status_code == 302
    assert "Zqexaminer" in page(world, address)
    listed = page(world, "/office/certificates/")
    assert "1 runs out within 60 days" in listed
    assert listed.index("Zqexaminer") < listed.index(world.carl.name)
    assert "1 certificate to renew" in page(world, "/office/staff/")
    later = given | {"key": str(uuid.uuid4()), "expires_on": str(today + 700 * DAY), "note": "Zqrenewed"}
    assert dora.post(f"{address}certificates/", later).status_code == 302
    assert "to renew" not in page(world, "/office/staff/")
    assert "None runs out within 60 days" in page(world, "/office/certificates/")
    row = Certificate.objects.get(person=world.bea, expires_on=today + 30 * DAY)
    assert dora.post(f"/office/certificates/{row.pk}/withdraw/").status_code == 302
    assert "withdrawn" in page(world, address)
    assert "Zqexaminer" not in page(world, "/office/certificates/")


def test_places_are_set_and_shown(world):
    dora, address = world.client_of(world.dora), f"/office/staff/{world.bea.pk}/"
    for wrong in ("", "many", "-1", "999"):
        assert dora.post(f"{address}places/", {"places": wrong}).status_code == 400
    assert dora.post(f"{address}places/", {"places": "12"}).status_code == 302
    assert "1 of 12 places taken, 11 free" in page(world, address)
    assert "11 places are free" in page(world, "/office/waiting/")


def test_duty_without_certificate_needs_its_reason(world):
    Certificate.objects.filter(person=world.fay, covers="risk-duty").update(withdrawn_at=world.now)
    dora = world.client_of(world.dora)
    refused = dora.post("/office/staff/duty/", {"person": str(world.fay.pk)})
    assert refused.status_code == 409
    assert "no certificate that counts today: duty for alerts of risk" in refused.content.decode()
    assert dora.post("/office/staff/duty/", {"person": str(world.fay.pk), "reason": "Eli is ill"}).status_code == 302
    assert people_queries.duty_of(world.clinic.pk, world.now) == world.fay


def test_a_refused_absence_keeps_its_own_and_changes_nothing_else_and_one_to_come_is_said(world):
    dora = world.client_of(world.dora)
    first, last = world.now.date() + 9 * DAY, world.now.date() + 12 * DAY
    given = {"person": str(world.fay.pk), "cover": str(world.bea.pk), "since": str(last), "until": str(first),
             "form": "absence"}  # fmt: skip
    text = dora.post("/office/staff/absence/", given).content.decode()
    assert text.count(f'value="{world.fay.pk}" selected') == 1  # who is away, not who is to have the duty
    assert f'value="{world.eli.pk}" selected' in text
    assert f'value="{last}"' in text
    kept = dora.post("/office/staff/absence/", given | {"since": str(first), "until": str(last)})
    assert kept.status_code == 302
    assert f"Kept: away from {first:%A} {first.day} {first:%B} to" in dora.get(kept["Location"]).content.decode()


def test_an_absence_now_or_to_come_stands_on_the_page_of_staff_and_ends_there(world):
    dora, to_come = world.client_of(world.dora), world.now + 9 * DAY
    people.set_absence(
        person=world.carl, cover=world.bea, since=world.now - DAY, until=world.now + DAY, by=SERVICE, now=world.now
    )
    people.set_absence(
        person=world.bea, cover=world.carl, since=to_come, until=to_come + DAY, by=SERVICE, now=world.now
    )
    enrolled(world.ivo, world.now)
    for path in ("/office/waiting/", f"/office/waiting/{world.ivo.pk}/"):
        assert f"away from {to_come.day} {to_come:%B}" in page(world, path)
    text = page(world, "/office/staff/")
    assert text.index("She is back") < text.index("Call it off")
    for one in people_queries.absences_of([world.bea.pk, world.carl.pk], world.now):
        assert world.client_of(world.bea).post(f"/office/staff/absence/{one.pk}/end/").status_code in (403, 404)
        assert dora.post(f"/office/staff/absence/{one.pk}/end/").status_code == 302
    assert people_queries.absences_of([world.bea.pk, world.carl.pk], world.now + HOUR) == []
    text = page(world, "/office/staff/")
    assert "Away, now and to come" not in text
    assert "away from" not in page(world, "/office/waiting/")


# ------------------------------------------------------------------------------------------------ loops


def test_a_loop_that_is_open_for_two_weeks_is_to_be_closed(world):
    onward(world, now=world.now - 20 * DAY)
    text = page(world, "/office/loops/")
    assert "1 loop is open" in text
    assert "Of 1 person nothing was heard for two weeks" in text
    assert "For 1 person nothing has gone out yet" in text
    assert "pain clinic" in text
    dora, row = world.client_of(world.dora), Onward.objects.get()
    address = f"/office/loops/{row.pk}/"
    said = {"note": "Zqring <b>again", "onward": str(row.pk)}
    refused = dora.post(address, {"key": str(uuid.uuid4()), "kind": "seen", **said})
    assert refused.status_code == 409
    assert 'value="Zqring &lt;b&gt;again"' in refused.content.decode(), "what she typed is still there"
    key = str(uuid.uuid4())
    for _time in range(2):
        assert dora.post(address, {"key": key, "kind": "sent"}).status_code == 302
    text = page(world, "/office/loops/")
    assert "1 loop is open" in text
    assert "nothing was heard for two weeks" not in text
    assert "nothing has gone out yet" not in text
    assert dora.post(address, {"key": str(uuid.uuid4()), "kind": "declined", **said}).status_code == 302
    assert "No loop is open" in page(world, "/office/loops/")
    assert "they declined. Zqring &lt;b&gt;again" in page(world, f"/office/people/{world.ana.pk}/")


def test_she_is_sent_on_from_her_page(world):
    dora, address = world.client_of(world.dora), f"/office/people/{world.ana.pk}/send-on/"
    given = {"key": str(uuid.uuid4()), "to": "pain_clinic", "reason": "her-wish", "form": "send-on", "note": "Zqkept"}
    kept = dora.post(address, given | {"to": "spa"})
    assert kept.status_code == 400
    assert "Zqkept" in kept.content.decode()
    assert dora.post(address, given).status_code == 302
    assert dora.post(address, given).status_code == 302
    assert Onward.objects.count() == 1


# ------------------------------------------------------------------------------------------------ what it costs


def fill(world, count):
    for number in range(count):
        person = world.add(f"w{count}n{number}", Role.APPLICANT, account=False)
        people.make_accountable(person=person, clinician=world.eli, reason="duty", by=SERVICE, now=world.now)
        episode = enrolled(person, world.now)
        enter(world, f"Zq{count}n{number}", email="", now=world.now)
        actions.refer_onward(
            episode=episode, to="pain_clinic", reason="needs-more", key=uuid.uuid4(), by=SERVICE, now=world.now
        )
        if number % 5 == 0:
            world.add(f"s{count}n{number}", Role.THERAPIST, account=False)


def costs(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_every_list_costs_the_same_whatever_its_length_and_shows_fifty(world):
    dora = world.client_of(world.dora)
    addresses = [
        "/office/", "/office/?show=link", "/office/?show=all", "/office/waiting/", "/office/loops/", "/office/staff/",
        "/office/certificates/", f"/office/people/{world.ana.pk}/", f"/office/staff/{world.bea.pk}/",
        f"/office/waiting/{world.ana.pk}/",
    ]  # fmt: skip
    fill(world, 5)
    few = [costs(dora, address) for address in addresses]
    fill(world, 52)
    assert [costs(dora, address) for address in addresses] == few
    assert max(few) < 40
    for address in ("/office/?show=link", "/office/waiting/", "/office/loops/"):
        text = page(world, address)
        assert "Page 1 of 2" in text
        assert len(text) < 100_000


# ------------------------------------------------------------------------------------------------ the therapist's side


def test_her_therapist_sends_her_on_follows_it_and_discharges_her(world):
    address = f"/clinic/people/{world.ana.pk}/way-on/"
    seen = {name: status(world, who, address) for name, who in world.five().items()}
    assert seen == {"owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302}
    bea = world.client_of(world.bea)
    given = {"form": "send-on", "key": str(uuid.uuid4()), "to": "pain_clinic", "reason": "needs-more", "note": "Zqkept"}
    kept = bea.post(address, given | {"to": "spa"})
    assert kept.status_code == 400
    assert "Zqkept" in kept.content.decode()
    for _time in range(2):
        assert bea.post(address, given).status_code == 302
    row = Onward.objects.get()
    for who in (world.ana, world.carl, world.joy, None):
        answer = world.client_of(who).post(f"{address}{row.pk}/", {"key": str(uuid.uuid4()), "kind": "sent"})
        assert answer.status_code in (302, 404)
        assert row.steps.count() == 0
    assert bea.post(f"{address}{row.pk}/", {"key": str(uuid.uuid4()), "kind": "seen"}).status_code == 409
    assert bea.post(f"{address}{row.pk}/", {"key": str(uuid.uuid4()), "kind": "sent"}).status_code == 302
    assert "has arrived there" in bea.get(address).content.decode()
    assert bea.post(address, {"form": "discharge", "reason": "bored"}).status_code == 400
    assert bea.post(address, {"form": "discharge", "reason": "programme_completed"}).status_code == 302
    assert queries.state(world.episode) is State.DISCHARGED
    assert "Why it ends" not in bea.get(address).content.decode()
    assert bea.get(f"/clinic/people/{world.ana.pk}/").status_code == 200


def test_a_loop_of_somebody_else_is_not_closed_through_her_page(world):
    row = onward(world)
    world.add_patient("kai", world.bea)
    bea = world.client_of(world.bea)
    address = f"/clinic/people/{world.kai.pk}/way-on/{row.pk}/"
    assert bea.post(address, {"key": str(uuid.uuid4()), "kind": "sent"}).status_code == 404
