"""Start and stay: who is listed and whose turn it is; one contact a day; what counts as a contact; what is sent."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.table import SERVICE
from accord.service.audit.models import Entry
from accord.service.care import actions, queries
from accord.service.care.models import Contact, Rescue
from accord.service.care.rules.handling import OUTCOMES
from accord.service.care.rules.rescue import (
    ATTEMPTS,
    CALL,
    KINDS,
    LATER,
    NO_BASELINE,
    NO_CONSENT,
    REST,
    STOP,
    TECHNICAL_HELP,
    THEN,
    Stuck,
    Tried,
    Turn,
    known_reason,
    place,
    stuck,
    turn,
    unreached,
    wrong_rescue,
)
from accord.service.care.rules.watching import Watched
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.flows.check_message import Message, Unwanted, check_message
from accord.service.flows.rescue_person import rescue_person
from accord.service.outbox.models import Work
from plugins.world import enrolled

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
TODAY = NOON.date()


def days(count):
    return timedelta(days=count)


def watched(**more):
    return Watched(**{"course_began": NOON - days(40), "begun_first_lesson": True, "last_heard": NOON, **more})


def called(ago=0, **more):
    at = NOON - days(ago)
    return Tried(**{"kind": CALL, "on": at.date(), "at": at, "outcome": "not-reached", **more})


# ------------------------------------------------------------------------------------------------ who is on the list


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"watched": watched(course_began=NOON - days(3), begun_first_lesson=False)}, ("not-started", 3)),
        ({"watched": watched(course_began=NOON - days(2), begun_first_lesson=False)}, None),
        ({"watched": watched(course_began=NOON - days(9), begun_first_lesson=False, in_flare=True)}, None),
        ({"watched": watched(last_heard=NOON - days(14))}, ("quiet", 7)),
        ({"watched": watched(last_heard=NOON - days(13))}, None),
        ({"watched": watched(last_heard=NOON - days(21))}, ("quiet", 14)),
        ({"watched": watched(last_heard=NOON - days(30), in_flare=True)}, None),
        ({"watched": watched(last_heard=NOON - days(30), in_flare=True, last_tier=2)}, None),
        ({"watched": watched(last_heard=NOON - days(30), finished=True)}, None),
        ({"eligible_since": NOON - days(3)}, (NO_CONSENT, 3)),
        ({"eligible_since": NOON - days(2)}, None),
        ({"baseline_since": NOON - days(5)}, (NO_BASELINE, 5)),
        ({}, None),
    ],
)
def test_who_is_on_the_list(known, expected):
    one = stuck(**{"eligible_since": None, "baseline_since": None, "watched": None, "now": NOON, **known})
    assert (one and (one.why, one.days)) == expected


def test_whose_turn_it_is():
    one = Stuck("quiet", NOON - days(10), 10)

    def now(*tried, contacted=None, theirs=False):
        return turn(one, tried, therapist_has=theirs, contacted_on=contacted, today=TODAY)

    assert now() == (Turn.NOW, None)
    assert now(theirs=True) == (Turn.THERAPIST, None)
    assert now(called(), contacted=TODAY)[0] is Turn.TODAY
    assert now(contacted=TODAY) == (Turn.TODAY, TODAY + days(1))
    assert now(called(1)) == (Turn.LATER, TODAY - days(1) + REST)
    assert now(called(3)) == (Turn.NOW, None)
    assert now(called(1, then="again", again_on=TODAY + days(9))) == (Turn.LATER, TODAY + days(9))
    assert now(called(8, then="again", again_on=TODAY)) == (Turn.NOW, None)
    assert now(called(1, then=STOP)) == (Turn.NOW, None)
    assert now(called(11, then="again", again_on=TODAY + days(9))) == (Turn.NOW, None), "that was another silence"


@given(
    st.lists(st.builds(
        Tried, st.sampled_from(KINDS), st.dates(TODAY - days(30), TODAY),
        st.timedeltas(days(0), days(30)).map(lambda ago: NOON - ago), st.sampled_from(OUTCOMES),
        st.sampled_from(("", *THEN)), st.none() | st.dates(TODAY - days(5), TODAY + days(60)),
    )),
    st.booleans(), st.none() | st.dates(TODAY - days(3), TODAY),
)  # fmt: skip
def test_nobody_is_contacted_twice_on_a_day_whatever_was_tried(tried, theirs, contacted):
    """Property: after a contact today it is nobody's turn, and while her therapist has her it is hers alone."""
    one = Stuck("quiet", NOON - days(15), 15)
    whose, back = turn(one, tried, therapist_has=theirs, contacted_on=contacted, today=TODAY)
    if theirs:
        assert whose is Turn.THERAPIST
    elif contacted == TODAY:
        assert whose is Turn.TODAY
    assert (back is not None and back > TODAY) == (whose in (Turn.TODAY, Turn.LATER))
    assert place(one, tried, TODAY) == place(one, tried[::-1], TODAY) or len({row.at for row in tried}) < len(tried)


def test_the_order_is_a_promised_call_then_need_then_time():
    rows = [
        ("promised", Stuck("no-consent", NOON - days(4), 4), [called(3, then="again", again_on=TODAY)]),
        ("quiet for two weeks", Stuck("quiet", NOON - days(15), 15), []),
        ("not started, longest", Stuck("not-started", NOON - days(30), 30), []),
        ("not started", Stuck("not-started", NOON - days(4), 4), []),
        ("quiet", Stuck("quiet", NOON - days(8), 8), []),
        ("baseline", Stuck("no-baseline", NOON - days(60), 60), []),
        ("consent", Stuck("no-consent", NOON - days(90), 90), []),
    ]
    mixed = rows[::-1]
    assert sorted(mixed, key=lambda row: place(row[1], row[2], TODAY)) == rows


def test_what_is_counted_of_what_was_tried():
    one = Stuck("quiet", NOON - days(10), 10)
    tries = [called(n) for n in range(1, 1 + ATTEMPTS)]
    assert unreached(one, tries) == ATTEMPTS
    assert unreached(one, [*tries, called(0, outcome="reached")]) == 0
    assert unreached(one, [called(12), called(1, kind=LATER)]) == 0
    assert (
        known_reason([called(5, reason="no-time"), called(3, reason="unsure"), called(1, reason="unknown")]) == "unsure"
    )
    assert known_reason([]) == ""


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, ""), ({"kind": "pigeon"}, "kind"), ({"outcome": ""}, "outcome"), ({"reason": "lazy"}, "reason"),
        ({"then": "never"}, "then"), ({"then": "again"}, "again_on"), ({"minutes": -1}, "minutes"),
        ({"then": "start", "again_on": TODAY}, "again_on"), ({"minutes": 601}, "minutes"),
        ({"then": "again", "again_on": TODAY + days(93)}, "again_on"), ({"kind": LATER, "outcome": ""}, "again_on"),
        ({"then": "again", "again_on": TODAY + days(1)}, ""), ({"kind": TECHNICAL_HELP, "outcome": ""}, ""),
    ],
)  # fmt: skip
def test_what_can_be_logged(change, wrong):
    base = {"kind": CALL, "outcome": "reached", "reason": "", "then": "", "again_on": None, "minutes": 5}
    assert wrong_rescue(**{**base, **change}, today=TODAY) == wrong


# ------------------------------------------------------------------------------------------------ rows


def waits(world, person, ago=5):
    """She could say yes since then and has not."""
    return enrolled(person, world.now - days(ago), ("referred", "screening", "eligible"))


def rescue(world, by, person, **more):
    given_ = {"kind": CALL, "outcome": "reached", "minutes": 7, "key": uuid.uuid4(), **more}
    return rescue_person(person_id=person.pk, by=world.asker(by), now=given_.pop("now", world.now), **given_)


@pytest.mark.both
def test_a_call_of_her_therapist_is_one_rescue_and_one_contact_however_often_it_is_sent(world):
    waits(world, world.ana)
    key = uuid.uuid4()
    first = rescue(world, world.bea, world.ana, key=key, note="Zqsaid")
    assert rescue(world, world.bea, world.ana, key=key).pk == first.pk
    contact = Contact.objects.get()
    assert (contact.mode, contact.minutes, contact.outcome, contact.note) == ("phone", 7, "reached", "Zqsaid")
    assert (first.why, first.on) == (NO_CONSENT, world.now.astimezone(world.clinic.zone()).date())
    entry = Entry.objects.get(action="rescue.logged")
    assert entry.stream == f"person:{world.ana.pk}"
    assert "Zqsaid" not in str(entry.facts)


@pytest.mark.both
def test_a_call_of_the_office_is_no_contact(world):
    waits(world, world.ana)
    rescue(world, world.dora, world.ana)
    assert (Rescue.objects.count(), Contact.objects.count()) == (1, 0)


@pytest.mark.both
def test_nobody_is_contacted_twice_on_one_day(world):
    waits(world, world.ana)
    rescue(world, world.dora, world.ana, kind=TECHNICAL_HELP, outcome="", minutes=0)
    for kind in (TECHNICAL_HELP, CALL):
        with pytest.raises(NotNow, match="contacted her today"):
            rescue(world, world.bea, world.ana, kind=kind)
    assert (Rescue.objects.count(), Work.objects.filter(kind="way-back-in").count()) == (1, 1)
    rescue(world, world.dora, world.ana, kind=LATER, outcome="", again_on=today_of(world) + days(5))
    assert rescue(world, world.dora, world.ana, now=world.now + days(6)).on > today_of(world)


def today_of(world):
    return world.now.astimezone(world.clinic.zone()).date()


@pytest.mark.both
def test_the_database_itself_refuses_a_second_contact_on_a_day(world, monkeypatch):
    """Two posts at the same moment both find her free: one row stays, the other is told kindly."""
    waits(world, world.ana)
    from accord.service.care.actions import rescues

    rescue(world, world.dora, world.ana)
    row = queries.stuck_row(world.asker(world.dora), world.ana.pk, world.now)
    monkeypatch.setattr(rescues, "stuck_row", lambda *_asked: row)
    monkeypatch.setattr(rescues, "check_can_rescue", _only_today(rescues.check_can_rescue))
    with pytest.raises(NotNow, match="contacted her today"):
        rescue(world, world.dora, world.ana)
    assert Rescue.objects.count() == 1


def _only_today(real):
    seen = []

    def check(whose, kind):
        if seen:
            real(whose, kind)
        seen.append(kind)

    return check


@pytest.mark.both
def test_a_contact_or_a_message_of_today_counts_whoever_made_it(world):
    from accord.service.flows.send_message import send_message

    waits(world, world.ana)
    bea = world.asker(world.bea)
    send_message(person_id=world.ana.pk, text="A word to you", key=uuid.uuid4(), by=bea, now=world.now)
    assert queries.stuck_row(bea, world.ana.pk, world.now).turn is Turn.TODAY
    with pytest.raises(NotNow):
        rescue(world, world.dora, world.ana)
    later = world.now + days(1)
    assert queries.stuck_row(bea, world.ana.pk, later).turn is Turn.NOW


@pytest.mark.both
def test_after_r2_nobody_calls_instead_of_her_therapist(world):
    episode = waits(world, world.ana)
    said = tier_of(load_ladder(), {"safety_check.item_1": 2, "follow_up_minutes": 0})
    actions.raise_alert(
        person=world.ana, episode=episode, assessment_id=None, occasion="x:1", track="risk", outcome=said,
        ladder=load_ladder(), by=SERVICE, now=world.now,
    )  # fmt: skip
    row = queries.stuck_row(world.asker(world.dora), world.ana.pk, world.now)
    assert (row.turn, row.clinician) == (Turn.THERAPIST, world.bea)
    for by in (world.dora, world.bea):
        with pytest.raises(NotNow, match="therapist has this"):
            rescue(world, by, world.ana)
    assert Rescue.objects.count() == 0


@pytest.mark.both
def test_who_may(world):
    waits(world, world.ana)
    for who in (world.carl, world.gus, world.hal, world.joy, world.ana, None):
        with pytest.raises(NotAllowed):
            rescue(world, who, world.ana)
    listed = {name: [row.person.pk for row in queries.start_and_stay(world.asker(getattr(world, name)), world.now)]
              for name in ("bea", "carl", "dora", "eli", "fay", "gus", "hal", "ana")}  # fmt: skip
    seen = [world.ana.pk]
    assert listed == {"bea": seen, "carl": [], "dora": seen, "eli": seen, "fay": seen, "gus": [], "hal": [], "ana": []}


@pytest.mark.both
def test_who_is_not_on_the_list_is_left_in_peace(world):
    enrolled(world.ana, world.now - days(1), ("referred", "screening", "eligible"))
    with pytest.raises(NotNow, match="Nothing holds her up"):
        rescue(world, world.dora, world.ana)
    with pytest.raises(Refusal, match="what came of it"):
        rescue(world, world.dora, world.ana, outcome="")
    assert Rescue.objects.count() == 0


@pytest.mark.both
def test_the_way_back_in_is_a_neutral_mail_that_is_not_sent_when_she_is_back(world, published):
    episode = waits(world, world.ana)
    made = rescue(world, world.dora, world.ana, kind=TECHNICAL_HELP, outcome="", minutes=0)
    work = Work.objects.get(kind="way-back-in")
    assert (work.to, work.subject_id) == (str(world.ana.pk), made.pk)
    noon = world.now.replace(hour=12)
    said = check_message(work=work, now=noon)
    assert isinstance(said, Message)
    assert (said.text, said.page) == ("mail-way-back-in", "patient:today")
    from accord.service.messaging.actions import send

    send(person_id=world.ana.pk, text="I am in", key=uuid.uuid4(), reply_due_at=None, by=world.asker(world.ana),
         now=made.at + timedelta(minutes=1))  # fmt: skip
    assert isinstance(check_message(work=work, now=noon), Unwanted)
    assert episode.pk == made.episode_id


@pytest.mark.both
def test_without_an_address_there_is_nothing_to_send(world):
    person = world.add_patient("una", world.bea, account=False)
    waits(world, person)
    from accord.service.people.actions import change_contact

    change_contact(person=person, email="", by=SERVICE, now=world.now)
    with pytest.raises(NotNow, match="no mail address"):
        rescue(world, world.dora, person, kind=TECHNICAL_HELP, outcome="")
    assert Rescue.objects.count() == 0


def test_the_list_takes_as_many_queries_for_many_as_for_few(world):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as found:
            rows = queries.start_and_stay(world.asker(world.dora), world.now)
        return len(rows), len(found)

    waits(world, world.ana)
    few = count()
    for number in range(12):
        waits(world, world.add_patient(f"pat{number}", world.bea, account=False))
    many = count()
    assert (few[0], many[0]) == (1, 13)
    assert few[1] == many[1]
