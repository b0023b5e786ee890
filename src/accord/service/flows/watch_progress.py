"""Courses are watched: who gets worse, is no better half way, falls quiet, or does not start is put on a list once.

A flag is for a person to act on; it claims nothing that the scores do not show (C16, C38). Where the ladder has a tier
for it, an alert with that tier's clock is raised with the flag.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.science.errors import AccordError
from accord.science.protocols.deterioration import limit_of
from accord.science.protocols.ladder import Ladder, Outcome, tier_of
from accord.service.access.table import SERVICE
from accord.service.assessments import queries as assessments
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.care.rules.support import QUIET, WORSE, SupportStage
from accord.service.care.rules.watching import Finding, Measured, Nominated, Watched, findings
from accord.service.episodes.queries import overview
from accord.service.episodes.rules import State
from accord.service.library.queries import protocol

if TYPE_CHECKING:
    from accord.science.protocols.model import Protocol
    from accord.service.episodes.models import Episode


def watch_progress(*, now: datetime) -> int:
    """Flag what watching finds in every course under way; returns how many flags are new. Safe to run twice."""
    ways = {row.episode.person_id: row.episode for row in reversed(overview(SERVICE, State.ENROLLED))}
    raised = 0
    for who, watched in _watched(ways, now).items():
        for finding in findings(watched, now):
            with transaction.atomic(durable=True):
                raised += _flag(ways[who], finding, watched, now)
    return raised


def _watched(ways: dict[uuid.UUID, Episode], now: datetime) -> dict[uuid.UUID, Watched]:
    """What is known of each person in a course: one call for each room, whatever the number of people."""
    known = care.signs_of({who: way.pk for who, way in ways.items()}, now)
    signs = {who: one.watched for who, one in known.items() if one.watched is not None}
    scores, flags = assessments.series(list(signs)), care.unsettled(signs, now)
    found = {}
    for who, watched in signs.items():
        way, rules, mine = ways[who], _protocol(ways[who]), flags.get(who, ())
        found[who] = replace(
            watched, nominated=_nominated(rules, way, scores[who]), half_way=_half_way(rules),
            flagged=frozenset((one.flag.kind, one.flag.scale) for one in mine),
            open_flags=frozenset((one.flag.kind, one.flag.scale) for one in mine
                                 if one.support.stage is SupportStage.OPEN),
        )  # fmt: skip
    return found


def _protocol(way: Episode) -> Protocol | None:
    try:
        return protocol(way.snapshot_id)
    except AccordError:
        return None


def _nominated(
    rules: Protocol | None, way: Episode, scores: dict[str, list[assessments.Point]]
) -> tuple[Nominated, ...]:
    """The scales that the protocol nominates and whose limit is founded, with her official scores of this episode."""
    if rules is None or rules.safety.deterioration is None:
        return ()
    found = []
    for ref in rules.safety.deterioration.scales:
        points = [one for one in scores.get(ref, ()) if not one.demo and one.at >= way.opened_at]
        name, _dot, scale = ref.partition(".")
        definition = assessments.instrument(name).scales[scale]
        limit = limit_of(rules, ref, definition)
        if points and limit:
            measured = tuple(Measured(one.at, one.time_point, one.occasion, one.value) for one in points)
            found.append(Nominated(definition, limit, measured))
    return tuple(found)


def _half_way(rules: Protocol | None) -> str:
    """The time-point that looks back half way: monitoring, asked once."""
    points = rules.schedule.items() if rules else ()
    return next((name for name, point in points if point.informs == "monitoring" and not point.every), "")


def _flag(way: Episode, finding: Finding, watched: Watched, now: datetime) -> int:
    """One flag with the alerts that the ladder has for it; 0 when it stood before."""
    ladder = care.ladder_of(way)
    occasion = f"{finding.occasion}:{way.pk}"
    said: dict[str, Any] = {"person": way.person, "episode": way, "occasion": occasion, "by": SERVICE, "now": now}
    alert = None
    for track, outcome in _outcomes(ladder, finding, watched.last_tier):
        more = actions.raise_alert(assessment_id=None, track=track, outcome=outcome, ladder=ladder, **said)
        alert = more if track != "risk" else alert
    if (finding.kind, finding.scale) in watched.open_flags:
        return 0
    flag = actions.raise_flag(
        kind=finding.kind,
        scale=finding.scale,
        reasons=_reasons(finding),
        numbers=_numbers(finding),
        alert=alert,
        **said,
    )
    return flag is not None


def _outcomes(ladder: Ladder | None, finding: Finding, last_tier: int) -> list[tuple[str, Outcome]]:
    """What the ladder says of it, track by track; a tier that asks for nobody is left out."""
    asked: dict[str, dict[str, object]] = {}
    if finding.kind == WORSE:
        asked = {"change": {"deterioration": True}}
    elif finding.kind == QUIET:
        overdue: dict[str, object] = {"days_overdue": finding.days, "last_tier": last_tier, "safety_check.asked": False}
        asked = {"silence": overdue} | ({"risk": overdue} if last_tier >= 2 else {})
    if ladder is None:
        return []
    said = [(track, tier_of(ladder, record, track=track)) for track, record in asked.items() if ladder.track(track)]
    return [(track, outcome) for track, outcome in said if outcome.clock is not None and outcome.tier != "unknown"]


def _reasons(finding: Finding) -> list[str]:
    """Facts in words, without a claim about what they mean or what would help."""
    if finding.worse and finding.nominated:
        return [_worse(finding)]
    if finding.same:
        return [_same(one) for one in finding.same]
    if finding.kind == QUIET:
        return [_("Nothing was heard for %(days)s days after something was due.") % {"days": finding.days}]
    return [_("The course has been open for %(days)s days; no lesson has been begun.") % {"days": finding.days}]


def _worse(finding: Finding) -> str:
    assert finding.worse is not None
    assert finding.nominated is not None
    worse, limit = finding.worse, finding.worse.limit
    latest = _(" and ").join(f"{value:.1f}" for value in worse.latest)
    said = {"scale": finding.nominated.scale.name, "first": f"{worse.first:.1f}", "latest": latest}
    if worse.large_step:
        text = _("%(scale)s: %(first)s at the start, %(latest)s now, a step of more than %(points)s points.")
        return text % {**said, "points": f"{limit.large:.1f}"}
    text = _("%(scale)s: %(first)s at the start, then %(latest)s; the limit is %(points)s points (%(origin)s).")
    return text % {**said, "points": f"{limit.points:.1f}", "origin": limit.origin}


def _same(one: Nominated) -> str:
    said = {"scale": one.scale.name, "first": f"{one.points[0].value:.1f}", "now": f"{one.points[-1].value:.1f}"}
    return _("%(scale)s: %(first)s at the start, %(now)s half way: about the same so far.") % said


def _numbers(finding: Finding) -> dict[str, object]:
    if finding.worse:
        limit = finding.worse.limit
        return {
            "first": finding.worse.first, "latest": list(finding.worse.latest), "points": limit.points,
            "large_step": limit.large if finding.worse.large_step else None, "origin": limit.origin,
        }  # fmt: skip
    if finding.same:
        return {one.limit.ref: [one.points[0].value, one.points[-1].value, one.limit.points] for one in finding.same}
    return {"days": finding.days, "since": finding.since.isoformat() if finding.since else ""}
