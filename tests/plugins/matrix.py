"""The access matrix: every address of the service, asked by everybody, in a world in which every text is a canary.

What may be seen is said here a second time, by hand: who holds which role where, who treats whom, and the table of
`tests/service/access/access-table.txt`, so that a slip in the service's own table or filters is a difference.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accord.service.access.table import SERVICE, Role
from plugins.visitor import Page
from plugins.world import World, enrolled

TABLE_FILE = Path(__file__).parents[1] / "service" / "access" / "access-table.txt"
NORTH, SOUTH = "north", "south"
HOLDS: dict[str, tuple[str, str]] = {  # who -> (role, clinic)
    "ana": ("patient", NORTH), "ivo": ("applicant", NORTH), "joy": ("patient", SOUTH),
    "bea": ("therapist", NORTH), "carl": ("therapist", NORTH), "dora": ("coordinator", NORTH),
    "eli": ("duty-clinician", NORTH), "fay": ("supervisor", NORTH), "gus": ("manager", NORTH),
    "hal": ("therapist", SOUTH), "kit": ("coordinator", SOUTH), "lou": ("supervisor", SOUTH),
    "moe": ("supporter", NORTH), "ned": ("referrer", NORTH), "ola": ("facilitator", NORTH),
    "pia": ("researcher", NORTH), "quy": ("statistician", NORTH), "rex": ("assessor", NORTH),
    "sue": ("data-manager", NORTH), "tom": ("technical-support", NORTH), "uma": ("operator", NORTH),
}  # fmt: skip
TREATS = {"bea": {"ana"}, "eli": {"ivo"}, "hal": {"joy"}}
PATIENTS = ("ana", "ivo", "joy")
ASKERS = (*HOLDS, "nobody")
FEW = ("ana", "joy", "bea", "carl", "dora", "fay", "gus", "hal", "lou", "pia", "nobody")
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE")
HARMLESS = ("django_session", "usersessions_usersession", "access_read", "access_bucket", "account_emailaddress")


def golden() -> dict[tuple[str, str, str], str]:
    """The table as it was agreed: (role, resource, action) -> scope."""
    rows = (line.split() for line in TABLE_FILE.read_text().splitlines() if line and not line.startswith("#"))
    return {(role, resource, action): scope for role, resource, action, scope in rows}


@dataclass(frozen=True)
class Oracle:
    """Who may do what to whose, by hand."""

    table: dict[tuple[str, str, str], str] = field(default_factory=golden)

    def scope(self, asker: str, resource: str, action: str) -> str:
        if resource == "open-page":
            return "all"
        return self.table.get((HOLDS[asker][0], resource, action), "none") if asker != "nobody" else "none"

    def may(self, asker: str, resource: str, action: str, whose: str) -> bool:
        scope = self.scope(asker, resource, action)
        if scope == "own":
            return asker == whose
        if scope == "treated":
            return whose in TREATS.get(asker, ())
        if scope == "clinic":
            return HOLDS[asker][1] == HOLDS[whose][1]
        return scope == "all"

    def sees(self, asker: str, resource: str, whose: str) -> bool:
        """May she see a canary of this kind? How to reach a member of staff stands on the list of staff."""
        if resource == "staff":
            listed = any(self.may(asker, kind, "view", whose) for kind in ("staff-list", "person"))
            return asker == whose or listed
        if resource == "self":
            return asker == whose
        return self.may(asker, resource, "view", whose)


@dataclass
class Filled:
    """The world with a row of everything for three people, and the canary in each."""

    world: World
    canaries: dict[str, tuple[str, str]] = field(default_factory=dict)  # canary -> (resource, whose)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)  # kind -> whose -> id

    def owner(self, value: str) -> str | None:
        return next((whose for rows in self.ids.values() for whose, key in rows.items() if key == value), None)

    def canary(self, resource: str, whose: str, text: str) -> str:
        self.canaries[text] = (resource, whose)
        return text

    def keep(self, kind: str, whose: str, row: Any) -> Any:
        self.ids.setdefault(kind, {})[whose] = str(row.pk)
        return row


def fill(world: World) -> Filled:
    """Everybody of `HOLDS`, and for Ana, Ivo and Joy an episode, answers, an alert, a contact, a conversation."""
    filled = Filled(world)
    for name, (role, clinic) in HOLDS.items():
        if name not in world.people:
            world.add(name, Role(role), clinic=world.clinic if clinic == NORTH else world.elsewhere)
    for name in HOLDS:
        person = world.people[name]
        kind = "person" if name in PATIENTS else "staff"
        hidden = world.canaries(person) if name in PATIENTS else [person.phone, person.where, person.emergency_contact]
        for text in hidden:
            filled.canary(kind, name, text.removeprefix(f"{name.title()} "))
        filled.keep("person" if name in PATIENTS else "staff", name, person)
        _keep_certificate(filled, name, person)
        if name not in PATIENTS:
            _keep_absence(filled, name, person)
    for name in PATIENTS:
        _fill_person(filled, name)
    return filled


def _keep_certificate(filled: Filled, name: str, person: Any) -> None:
    """One certificate of each colleague who has any: the one whose owner an address can be asked for."""
    from accord.service.people.models import Certificate

    first, *others = Certificate.objects.filter(person=person).order_by("covers") or [None]
    if first is not None:
        filled.keep("certificate", name, first)
    Certificate.objects.filter(pk__in=[one.pk for one in others]).update(withdrawn_at=filled.world.now)


def _keep_absence(filled: Filled, name: str, person: Any) -> None:
    """She goes away next month: until then it moves nobody's alerts."""
    from accord.service.people.models import Absence

    since, cover = filled.world.now + timedelta(days=30), filled.world.people["carl" if name == "bea" else "bea"]
    row = Absence.objects.create(
        person=person, since=since, until=since + timedelta(days=7), cover=cover, made_at=filled.world.now
    )
    filled.keep("absence", name, row)


def _fill_person(filled: Filled, name: str) -> None:
    from accord.science.protocols.ladder import Outcome, load_ladder
    from accord.service.assessments.models import Answer, Draft
    from accord.service.care.actions import raise_alert
    from accord.service.care.models import AlertStep, Contact
    from accord.service.episodes.models import Episode, Referral, Step
    from accord.service.flows.open_screening import open_screening
    from accord.service.messaging.models import Message, MessageDraft, Thread

    world, person, now = filled.world, filled.world.people[name], filled.world.now

    def said(resource: str, what: str) -> str:
        return filled.canary(resource, name, f"Zq{name}{what}")

    episode = filled.keep("episode", name, enrolled(person, now, ()))
    referral = Referral.objects.create(
        person=person, clinic=person.clinic, protocol="routine-care", source="self", made_at=now, confirmed_at=now,
        note=said("episode", "referralnote"), token_hash="0" * 64,
    )  # fmt: skip
    filled.keep("referral", name, referral)
    Episode.objects.filter(pk=episode.pk).update(referral=referral)
    before = now - timedelta(hours=1)
    Step.objects.create(episode=episode, kind="referred", at=before, note=said("episode", "stepnote"))
    asked = open_screening(episode_id=episode.pk, by=world.asker(person), now=now)
    filled.keep("assessment", name, asked)
    for number, kind in enumerate(() if name == "ivo" else ("eligible", "consented", "enrolled"), start=1):
        Step.objects.create(episode=episode, kind=kind, at=now + timedelta(seconds=number))
    Answer.objects.create(
        assessment=asked, instrument="safety_check", item="item_1", revision=1, key=uuid.uuid4(), value=2,
        text=said("assessment", "answertext"), at=now,
    )  # fmt: skip
    Draft.objects.create(
        assessment=asked, instrument="safety_check", item="item_2", revision=1, at=now, text=said("assessment", "draft")
    )
    outcome = Outcome("r2", (said("alert", "reason"),), "r2", rules=("r2",))
    alert = raise_alert(
        person=person, episode=episode, assessment_id=asked.pk, occasion=f"assessment:{asked.pk}", track="risk",
        outcome=outcome, ladder=load_ladder("service-default"), by=SERVICE, now=now, note=said("alert", "alertnote"),
    )  # fmt: skip
    filled.keep("alert", name, alert)
    AlertStep.objects.create(alert=alert, kind="note", at=now, note=said("alert", "notestep"))
    Contact.objects.create(
        person=person, episode=episode, mode="phone", outcome="reached", minutes=5, at=now,
        note=said("contact", "contactnote"),
    )  # fmt: skip
    thread = filled.keep("thread", name, Thread.objects.create(person=person, made_at=now))
    message = Message.objects.create(
        thread=thread, sequence=1, author=person, key=uuid.uuid4(), text=said("message", "messagetext"), sent_at=now
    )
    filled.keep("message", name, message)
    _fill_course(filled, name, episode, said)
    _fill_care(filled, name, episode, said)
    _fill_rescues(filled, name, episode, said)
    _fill_office(filled, name, episode, said)
    _fill_groups(filled, name, episode, said)
    _fill_letters(filled, name, episode, said)
    _fill_exports(filled, name, episode, said)
    _fill_review(filled, name, episode, said)
    MessageDraft.objects.create(thread=thread, author=person, revision=1, text=said("self", "messagedraft"), at=now)
    assert world.people[name]


def _fill_course(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """Her course, with something in every table that holds her own words."""
    from accord.service.library.queries import latest
    from accord.service.programmes.models import Course, Entry, EntryDraft, Mark, PathChange, Practised

    person, now, snapshot = filled.world.people[name], filled.world.now, latest("programme", "living-with-pain")
    course = Course.objects.create(
        episode=episode, person=person, snapshot=snapshot, length="standard", began_at=now
    )  # fmt: skip
    filled.keep("course", name, course)
    at = {"course": course, "lesson": "understanding_pain", "at": now}
    Mark.objects.create(**at, kind="begun")
    words = json.dumps({"pain_in_my_words": said("course", "entry")})
    Entry.objects.create(**at, snapshot=snapshot, block="my_pain", revision=1, value=words, key=uuid.uuid4())
    EntryDraft.objects.create(
        **at, block="before_you_go", revision=1, value=json.dumps({"takes_along": said("self", "entrydraft")})
    )
    PathChange.objects.create(**at, kind="hold", reason=said("course", "pathreason"), key=uuid.uuid4())
    Practised.objects.create(
        course=course, practice="settling", on=now.date(), revision=1, minutes=6, note=said("course", "practisednote"),
        key=uuid.uuid4(), at=now,
    )  # fmt: skip


def _fill_care(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """A session, a flag with what was chosen about it, and a note."""
    from accord.service.care.models import Flag, Note, Session, SessionStep, SupportStep

    person, now = filled.world.people[name], filled.world.now
    session = filled.keep(
        "session", name, Session.objects.create(person=person, episode=episode, number=1, key=uuid.uuid4(), made_at=now)
    )
    SessionStep.objects.create(
        session=session, kind="planned", revision=1, mode="phone", starts_at=now + timedelta(days=1), minutes=20,
        place=said("session", "sessionplace"), key=uuid.uuid4(), at=now,
    )  # fmt: skip
    flag = Flag.objects.create(
        person=person, episode=episode, kind="worse", occasion="matrix:1", reasons=[said("note", "flagreason")],
        raised_at=now,
    )  # fmt: skip
    filled.keep("flag", name, flag)
    SupportStep.objects.create(
        flag=flag, kind="chosen", revision=1, option="smaller-steps", note=said("note", "supportnote"),
        key=uuid.uuid4(), at=now,
    )  # fmt: skip
    note = Note.objects.create(person=person, text=said("note", "notetext"), key=uuid.uuid4(), at=now)
    filled.keep("note", name, note)


def _fill_groups(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """A group of her own, led by whoever treats her, that met yesterday and meets again tomorrow."""
    from accord.service.care.models import Group, GroupLeader, GroupMember, Meeting, MeetingStep

    person, now = filled.world.people[name], filled.world.now
    before = now - timedelta(days=9)
    leader = next(who for who, treated in TREATS.items() if name in treated)
    group = Group.objects.create(
        clinic=person.clinic, protocol="routine-care", name=said("group", "groupname"), form="open", places=8,
        made_at=before, key=uuid.uuid4(),
    )  # fmt: skip
    filled.keep("group", name, group)
    GroupLeader.objects.create(group=group, person=filled.world.people[leader], since=before)
    member = GroupMember.objects.create(group=group, person=person, episode=episode, since=before)
    filled.keep("member", name, member)
    for number, days in enumerate((1, -1), start=1):
        meeting = Meeting.objects.create(group=group, number=number, made_at=before, key=uuid.uuid4())
        MeetingStep.objects.create(
            meeting=meeting, kind="planned", revision=1, mode="video", starts_at=now + timedelta(days=days),
            minutes=90, place=said("group", f"groupplace{number}"), at=before, key=uuid.uuid4(),
        )  # fmt: skip
        filled.keep("meeting", name, meeting)


def _fill_letters(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """A clinical letter, which the office never reads, and an administrative one. The address of Ana is the first's."""
    from accord.service.episodes.models import Letter, LetterStep
    from accord.service.episodes.rules import Wording

    person, now = filled.world.people[name], filled.world.now
    for kind, resource in (("risk", "score"), ("start", "letter")):
        words = Wording("Zqhead", said(resource, f"{kind}subject"), said(resource, f"{kind}text"))
        letter = Letter.objects.create(
            person=person, episode=episode, kind=kind, snapshot_id=episode.snapshot_id, text=words.text(),
            addressee=said(resource, f"{kind}addressee"), made_at=now, key=uuid.uuid4(),
        )  # fmt: skip
        if kind == "risk" or name != "ana":
            filled.keep("letter", name, letter)
        if name == "ana":
            LetterStep.objects.create(letter=letter, kind="sent", how="post", at=now)


def _fill_exports(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """An export of her clinic, and its counts; the key of the one and the counts of the other say whose they are."""
    from accord.service.studies.models import Export, Tally

    person, now = filled.world.people[name], filled.world.now
    export = Export.objects.create(
        clinic=person.clinic, protocol="routine-care", snapshot_id=episode.snapshot_id, asked_at=now, key=person.pk,
        purpose=said("export", "exportpurpose"),
    )  # fmt: skip
    filled.keep("export", name, export)
    filled.keep("clinic", name, person.clinic)
    Tally.objects.create(
        clinic=person.clinic, protocol=f"matrix-{name}", counted_at=now, counts={"whose": str(person.pk)}
    )


def _fill_review(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """A count of her clinic, under a protocol of her own; the hash of its cohort says whose it is."""
    from accord.service.library.queries import protocol
    from accord.service.studies.models import Review
    from accord.service.studies.rules.kept import nothing_counted

    person = filled.world.people[name]
    result = nothing_counted(
        protocol(episode.snapshot_id), origin="real", problem=said("review", "reviewproblem"), cure="", facts={}
    )
    Review.objects.create(
        clinic=person.clinic, protocol="routine-care", snapshot_id=episode.snapshot_id, counted_at=filled.world.now,
        cohort_hash=f"{person.pk.hex:0>64}", result=result,
    )  # fmt: skip


def _fill_office(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """Where she is sent on to; and a certificate, as a colleague has one."""
    from accord.service.episodes.models import Onward, OnwardStep
    from accord.service.people.models import Certificate

    person, now = filled.world.people[name], filled.world.now
    row = Onward.objects.create(
        person=person, episode=episode, to="pain_clinic", reason="needs-more", made_at=now, key=uuid.uuid4(),
        note=said("discharge", "onwardnote"),
    )  # fmt: skip
    filled.keep("onward", name, row)
    OnwardStep.objects.create(
        onward=row, kind="sent", revision=1, at=now, key=uuid.uuid4(), note=said("discharge", "onwardstep")
    )
    certificate = Certificate.objects.create(
        person=person, clinic=person.clinic, covers="risk-duty", given_on=now.date(), made_at=now, key=uuid.uuid4(),
        note=said("certificate", "certificatenote"),
    )  # fmt: skip
    filled.keep("certificate", name, certificate)


def _fill_rescues(filled: Filled, name: str, episode: Any, said: Callable[[str, str], str]) -> None:
    """What was tried with her, an adverse event, and a complaint with its answer."""
    from accord.service.care.models import Complaint, ComplaintStep, Harm, Rescue

    person, now = filled.world.people[name], filled.world.now
    rescue = Rescue.objects.create(
        person=person, episode=episode, why="quiet", kind="call", outcome="not-reached", on=now.date(), at=now,
        note=said("rescue", "rescuenote"), key=uuid.uuid4(),
    )  # fmt: skip
    filled.keep("rescue", name, rescue)
    harm = Harm.objects.create(
        person=person, episode=episode, what="fall", severity="mild", causality="unrelated", on=now.date(), at=now,
        note=said("harm", "harmnote"), key=uuid.uuid4(),
    )  # fmt: skip
    filled.keep("harm", name, harm)
    complaint = Complaint.objects.create(
        clinic=person.clinic, person=person, about="waiting", text=said("complaint", "complainttext"), made_at=now,
        answer_by=now + timedelta(days=14), key=uuid.uuid4(),
    )  # fmt: skip
    filled.keep("complaint", name, complaint)
    ComplaintStep.objects.create(
        complaint=complaint, kind="answered", revision=1, reason="page", note=said("complaint", "complaintanswer"),
        at=now, key=uuid.uuid4(),
    )  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One address to ask: its path, what its guard names, and whose row it is about."""

    path: str
    name: str
    resource: str
    action: str
    whose: str | None  # None: nobody's; "?": of a row that does not exist


@dataclass
class Matrix:
    """Asks, and keeps every answer that was wrong."""

    filled: Filled
    oracle: Oracle = field(default_factory=Oracle)
    askers: tuple[str, ...] = ASKERS
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, asker: str) -> Client:
        if asker not in self.clients:
            person = None if asker == "nobody" else self.filled.world.people[asker]
            self.clients[asker] = self.filled.world.client_of(person, raise_request_exception=False)
        return self.clients[asker]

    @cached_property
    def patterns(self) -> list[tuple[str, str, URLPattern]]:
        """(namespaced name, route, pattern) of every address of our own."""
        every = _patterns(get_resolver().url_patterns)
        return [row for row in every if ":" in row[0] and not row[0].startswith("demo:")]

    def addresses(self, *, wide: bool) -> list[Address]:
        return [address for name, route, pattern in self.patterns for address in self._of(name, route, pattern, wide)]

    def _of(self, name: str, route: str, pattern: URLPattern, wide: bool) -> Iterator[Address]:
        resource, action = (str(part) for part in pattern.callback.guards)
        parameters = re.findall(r"<(\w+):(\w+)>", route)
        keys = [key for converter, key in parameters if converter == "uuid"]
        plain = f"/{route}"
        for converter, key in parameters:
            word = SLUGS.get(f"{name} {key}") or SLUGS.get(key, "note")
            value = {"int": "1", "slug": word, "str": "unknown-token"}.get(converter)
            plain = plain.replace(f"<{converter}:{key}>", value) if value else plain
        if not keys:
            yield Address(plain, name, resource, action, None)
            return
        for whose, ids in self._targets(name, keys, wide=wide):
            path = plain
            for key, value in zip(keys, ids, strict=True):
                path = path.replace(f"<uuid:{key}>", value)
            yield Address(path, name, resource, action, whose)

    def _targets(self, name: str, keys: list[str], *, wide: bool) -> Iterator[tuple[str, list[str]]]:
        """Whose rows, and their ids: each person's own, one person's with another's, and such as do not exist."""
        kinds = [key.removesuffix("_id") for key in keys]
        for kind in kinds:
            assert kind in self.filled.ids, f"{name}: teach the matrix what {kind}_id is"
        unknown = str(uuid.UUID(int=7))
        people = list(self.filled.ids[kinds[0]])
        for whose in people:
            yield whose, [self.filled.ids[kind][whose] for kind in kinds]
        yield "?", [unknown] * len(kinds)
        for whose, other in zip(people, [*people[1:], people[0]], strict=True) if len(kinds) > 1 else ():
            yield "?", [self.filled.ids[kinds[0]][whose], *(self.filled.ids[kind][other] for kind in kinds[1:])]
        if wide:  # a row of another kind in its place is a row that does not exist
            for kind, rows in self.filled.ids.items():
                yield from (("?", [key] * len(kinds)) for key in rows.values() if kind not in kinds)

    # -------------------------------------------------------------------------------------------- asking

    def ask(self, asker: str, address: Address, method: str = "GET", data: dict[str, Any] | None = None) -> Any:
        """Ask once and judge the answer. A post is undone afterwards, whatever it did."""
        client = self.client(asker)
        with _undone(), _writes() as written:
            if method == "POST":
                response = client.post(address.path, data or {})
            else:
                response = client.generic(method, address.path)
            body = b"".join(response) if response.streaming else response.content
        self.asked += 1
        self.statuses[response.status_code] += 1
        where = f"{asker} {method} {address.name} of {address.whose or 'nobody'}"
        self._judge(where, asker, address, response, body.decode(errors="replace"), written, method)
        return response

    def _judge(
        self, where: str, asker: str, address: Address, response: Any, body: str, written: list[str], method: str
    ) -> None:
        status = response.status_code
        told = body + response.headers.get("Location", "")
        for text, (resource, whose) in self.filled.canaries.items():
            if text in told and not self.oracle.sees(asker, resource, whose):
                self.wrong.append(f"{where}: shows {resource} of {whose} ({text})")
        if status >= 500:
            self.wrong.append(f"{where}: answers {status}")
        if self._allowed(asker, address):
            return
        to_log_in = status == 302 and response.headers["Location"].startswith("/accounts/login/")
        unread = method == "POST" and status == 400  # refused for what the form lacks, before anybody was looked up
        if status not in (404, 405) and not unread and not (to_log_in and asker == "nobody"):
            self.wrong.append(f"{where}: answers {status} instead of 404")
        if written:
            self.wrong.append(f"{where}: wrote {sorted(set(written))}")

    def _allowed(self, asker: str, address: Address) -> bool:
        if self.oracle.scope(asker, address.resource, address.action) == "none":
            return False
        if address.whose is None:
            return True
        return address.whose != "?" and self.oracle.may(asker, address.resource, address.action, address.whose)

    # -------------------------------------------------------------------------------------------- rounds

    def run(self, *, wide: bool) -> None:
        """Everybody asks for and posts to everything; then what the right person's forms hold, sent by everybody."""
        addresses = self.addresses(wide=wide)
        for address in addresses:
            for asker in self.askers:
                for method in METHODS if wide else METHODS[:2]:
                    self.ask(asker, address, method)
        self.replay([address for address in addresses if address.whose != "?"])

    def replay(self, addresses: list[Address]) -> None:
        """Posts the forms of one person's pages as somebody else, and as herself with another person's id in them."""
        seen: set[tuple[str, tuple[str, ...]]] = set()
        for address in addresses:
            for asker in self.askers:
                if not self._allowed(asker, address):
                    continue
                page = self.ask(asker, address)
                if page.status_code != 200:
                    continue
                for form in Page(200, f"http://testserver{address.path}", {}, page.content).forms:
                    target = self.known(form.action.removeprefix("http://testserver"))
                    if form.method != "post" or target is None or (target.path, tuple(sorted(form.values))) in seen:
                        continue
                    seen.add((target.path, tuple(sorted(form.values))))
                    self._replay_form(asker, target, form)

    def _replay_form(self, asker: str, target: Address, form: Any) -> None:
        data = {name: values[0] for name, values in form.values.items() if values and name != "csrfmiddlewaretoken"}
        data |= {name: next((one for one in values if one), "") for name, values in form.choices.items()}
        data |= dict.fromkeys(form.texts, "words")
        named = (self.filled.owner(value) for value in data.values())
        owner = target.whose or next((one for one in named if one), None)
        for other in self.askers:
            whose = target.whose or (owner if owner in PATIENTS else None)
            self.ask(other, Address(target.path, target.name, target.resource, target.action, whose), "POST", data)
        for name, value in data.items():
            if foreign := self._foreign(value, asker):
                called = f"{target.name} with another {name}"
                changed = Address(target.path, called, target.resource, target.action, "?")
                self.ask_forged(asker, changed, data | {name: foreign})

    def ask_forged(self, asker: str, address: Address, data: dict[str, Any]) -> None:
        """A form with a foreign id in it may be refused in any words, but it must write nothing."""
        client = self.client(asker)
        with _undone(), _writes() as written:
            response = client.post(address.path, data)
        self.asked += 1
        if written:
            what = f"answers {response.status_code} and wrote {sorted(set(written))}"
            self.wrong.append(f"{asker} POST {address.name}: {what}")

    def _foreign(self, value: str, asker: str) -> str | None:
        """The id of the same kind at the other clinic, for an id that a form holds."""
        owner = self.filled.owner(value)
        if owner is None:
            return None
        kind = next(kind for kind, rows in self.filled.ids.items() if rows.get(owner) == value)
        here = HOLDS[asker][1]
        return next((key for whose, key in self.filled.ids[kind].items() if HOLDS[whose][1] != here), None)

    def finds_something(self) -> bool:
        """Whether anybody gets a wrong answer: for trying planted faults, so it stops at the first."""
        for address in sorted(self.addresses(wide=False), key=lambda one: one.whose is None):
            for asker in self.askers:
                for method in METHODS[:2]:
                    self.ask(asker, address, method)
                    if self.wrong:
                        return True
        return False

    def known(self, path: str) -> Address | None:
        """The address of a path, if it is one of ours."""
        from django.urls import Resolver404, resolve

        try:
            match = resolve(path.partition("?")[0])
        except Resolver404:
            return None
        if not match.namespace or not hasattr(match.func, "guards"):
            return None
        owners = {self.filled.owner(str(value)) for value in match.kwargs.values() if isinstance(value, uuid.UUID)}
        resource, action = (str(part) for part in match.func.guards)
        whose = (owners.pop() or "?") if len(owners) == 1 else "?" if owners else None
        return Address(path, match.view_name, resource, action, whose)


# What stands for a slug in an address: by the address's name and the slug's own, or by the slug's own.
SLUGS = {
    "research:protocol slug": "routine-care",
    "therapist:group_step step": "cancel", "coordinator:group_step step": "leave",
    "therapist:letter_step step": "sent", "coordinator:letter_step step": "sent",
    "therapist:letter_desk kind": "risk", "coordinator:letter_desk kind": "start",
    "therapist:act step": "acknowledge", "therapist:session step": "held",
    "coordinator:rescue_act step": "call", "coordinator:complaint_act step": "answer", "lesson": "understanding_pain",
    "slug": "understanding_pain", "block_id": "my_pain", "patient:guide block_id": "week_one",
    "patient:practice slug": "settling", "patient:practised slug": "settling", "patient:steady slug": "settling",
}  # fmt: skip


def _patterns(
    patterns: list[Any], names: tuple[str, ...] = (), route: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from _patterns(entry.url_patterns, inner, route + str(entry.pattern))
        else:
            yield ":".join((*names, entry.name or "")), route + str(entry.pattern), entry


@contextmanager
def _undone() -> Iterator[None]:
    """Whatever happens inside is taken back, also what a flow commits."""
    block = transaction.atomic()
    block._from_testcase = True  # so that a durable block inside it is allowed, as in any test
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def _writes() -> Iterator[list[str]]:
    """The tables that were written to inside, but for those that every visit may touch."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', sql)
        if found and found[1] not in HARMLESS:
            written.append(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written
