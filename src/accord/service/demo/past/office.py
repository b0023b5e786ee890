"""Of each person of the past: who she is, how she came, what was decided, who answered for her, how it ended."""

from __future__ import annotations

from datetime import timedelta

from accord.service.access.table import Role
from accord.service.audit.actions import Beginning
from accord.service.demo.past.life import AGREED, DECIDED, Life
from accord.service.demo.past.words import FAMILY, GIVEN
from accord.service.episodes.models import Acknowledgement, Anchor, Consent, Episode, Onward, OnwardStep, Referral, Step
from accord.service.people.models import Accountability, Person, RoleHeld
from accord.service.people.rules.fitness import DISCHARGED

SEEN_AFTER = 30.0  # days, where the record does not say when the other service saw her


def name_of(one: Life) -> str:
    drawn = one.chance("name")
    return f"{drawn.choice(GIVEN)} {drawn.choice(FAMILY)}"


def write_person(one: Life) -> Beginning:
    """Herself, her referral and her way; what the audit says of it."""
    scene, came = one.scene, one.came
    clinic = scene.clinic
    row = Person(id=one.person, clinic=clinic, name=name_of(one), country=clinic.country, made_at=came)
    scene.store.put(row, came)
    enrolled = one.enrolled is not None and one.enrolled <= scene.now
    role = Role.PATIENT if enrolled else Role.APPLICANT
    one.put(
        RoleHeld, came, person_id=one.person, role=str(role), clinic=clinic, since=one.enrolled if enrolled else came
    )
    _steps(one, _referral(one))
    _consent(one)
    _who_answered(one)
    _onward(one)
    return Beginning(f"person:{one.person}", one.person, {"made_at": came.isoformat()})


def _referral(one: Life) -> Episode | None:
    """How she came, and her way; None where she has not come yet."""
    scene, came = one.scene, one.came
    source = one.history.facts.get("referral_source") or "self"
    referral = one.put(
        Referral, came, person_id=one.person, clinic=scene.clinic, protocol=scene.protocol.slug, source=source,
        made_at=came, confirmed_at=came + timedelta(minutes=20), came="page" if source == "self" else "letter",
        made_by=one.person if source == "self" else scene.coordinator,
    )  # fmt: skip
    told = one.history.first("acknowledged")
    hours = (told or {}).get("hours") or one.chance("acknowledged").uniform(1, 46)
    at = came + timedelta(hours=hours)
    how = one.chance("how").choice(("letter", "letter", "phone")) if source != "self" else "page"
    if referral is None:
        return None
    one.put(Acknowledgement, at, referral=referral, how=how, at=at, by=scene.coordinator)
    episode = Episode(
        id=one.episode, person_id=one.person, clinic=scene.clinic, protocol=scene.protocol.slug,
        snapshot=scene.snapshots["protocol"], ladder=scene.snapshots["ladder"], referral=referral, opened_at=came,
    )  # fmt: skip
    scene.store.put(episode, came)
    return episode


def _steps(one: Life, episode: Episode | None) -> None:
    ended, reason, end = one.end
    decided = one.when("eligible", DECIDED) or one.screened + timedelta(hours=1)
    agreed = one.when("consent", AGREED)
    taken = [("referred", one.came, ""), ("screening", one.screened, "")]
    taken += [("eligible", decided, "")] if ended != "not-eligible" else []
    taken += [("consented", agreed, "")] if agreed else []
    taken += [("enrolled", one.enrolled, "")] if one.enrolled else []
    for kind, at, why in [*taken, (ended, max(end, decided), reason)]:
        step = one.put(Step, at, episode_id=one.episode, kind=kind, at=at, by=_by(one, kind), reason=why)
        if step and episode and (episode.state_since is None or at >= episode.state_since):
            episode.state, episode.state_since = kind, at  # as `Step.save` does it


def _by(one: Life, kind: str) -> object:
    return one.person if kind in ("consented", "withdrawn") else None


def _consent(one: Life) -> None:
    agreed, scene = one.when("consent", AGREED), one.scene
    if agreed is None:
        return
    ended, _reason, end = one.end
    left = end if ended == "withdrawn" and end <= scene.now else None
    one.put(
        Consent, agreed, episode_id=one.episode, person_id=one.person, snapshot=scene.snapshots["consent"],
        scopes=list(scene.protocol.consent.patient.scopes), given_at=agreed, withdrawn_at=left,
    )  # fmt: skip
    anchors = {"enrolment": one.enrolled, "treatment-start": one.started}
    for name, at in anchors.items():
        if at is not None:
            one.put(Anchor, at, episode_id=one.episode, name=name, at=at, set_at=at)


def _who_answered(one: Life) -> None:
    """The duty clinician until a therapist was found, then she; after the end she is named still."""
    scene, end = one.scene, one.end[2]
    spans = [(scene.on_duty, one.came, "duty")]
    if one.assigned is not None and one.assigned < end:
        spans.append((one.therapist, one.assigned, "therapist"))  # type: ignore[arg-type]
    spans.append((spans[-1][0], max(end, spans[-1][1]), DISCHARGED))
    ends = [*(since for _, since, _ in spans[1:]), None]
    for (clinician, since, reason), until in zip(spans, ends, strict=True):
        one.put(
            Accountability, since, person_id=one.person, clinician_id=clinician, since=since, reason=reason,
            until=until if until and until <= scene.now else None,
            by=scene.coordinator if reason == "therapist" else None,
        )  # fmt: skip


def _onward(one: Life) -> None:
    """Who was sent on, and what became of it; the loop is closed in most."""
    event, scene = one.history.first("onward"), one.scene
    if event is None:
        return
    at = one.days.at(event["day"], 14)
    sent = one.put(
        Onward, at, person_id=one.person, episode_id=one.episode, to=event["reason"], reason="not-eligible", made_at=at,
        by=scene.coordinator, key=scene.keys.free(),
    )  # fmt: skip
    if sent is None:
        return
    drawn, closed = one.chance("onward"), one.history.day("onward_closed")
    after = SEEN_AFTER * drawn.uniform(0.3, 2) if closed is None else closed - event["day"]
    last = drawn.choices(("seen", "declined", "not-wanted"), (8, 1, 1))[0]
    for revision, (kind, days) in enumerate(
        (("sent", 0.02), ("received", min(after, 4.0) / 2), (last, after)), start=1
    ):
        then = at + timedelta(days=days)
        one.put(OnwardStep, then, onward=sent, kind=kind, revision=revision, at=then, by=scene.coordinator,
                key=scene.keys.free())  # fmt: skip
