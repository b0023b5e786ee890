"""C1, C2, C4, C9, C13: somebody asks about safety every time, and somebody answers for everyone."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.conditions import Field as Fact
from accord.science.conditions import check, names
from accord.science.errors import AccordError, Finding
from accord.science.protocols.check import definitions
from accord.science.protocols.check.context import Context
from accord.science.protocols.ladder import Ladder, fact_fields

SAFETY = "safety_check"
ASK_FIRST = ("contact", "where_you_are")
PREVIOUS = "previous"


def check_safety(context: Context) -> Iterator[Finding]:
    yield from _asked_every_time(context)
    yield from _asked_again_and_again(context)
    yield from _ladder(context)
    yield from _asked_first(context)
    yield from _red_flags(context)
    yield from _therapists_consent(context)


def _asked_every_time(context: Context) -> Iterator[Finding]:
    for name in context.protocol.schedule:
        asked = next((o.asked for o in context.all_occasions if o.time_point == name), {})
        if (asked.get("patient") or asked.get("member")) and SAFETY not in asked.get("patient", ()):
            cure = f"Add always: {{patient: [{SAFETY}]}}."
            yield context.finding(f"Patients answer at {name} without {SAFETY}.", "schedule", name, cure=cure,
                                  rule="C1")  # fmt: skip


def _asked_again_and_again(context: Context) -> Iterator[Finding]:
    for arm in context.protocol.arms:
        recurring = [
            name
            for name, point in context.protocol.schedule.items()
            if point.every and (not point.arms or arm in point.arms)
            and any(SAFETY in o.asked.get("patient", ()) for o in context.all_occasions if o.time_point == name)
        ]  # fmt: skip
        if not recurring:
            what = f"Nobody in {arm} is asked about safety between the assessments."
            cure = "Add a recurring time-point, for example weekly: {anchor: …, days: 5..9, every: 7, times: 8}."
            yield context.finding(what, "schedule", cure=cure, rule="C1")


def _ladder(context: Context) -> Iterator[Finding]:
    safety = context.protocol.safety
    if "@" not in safety.ladder:
        what = f"The ladder '{safety.ladder}' has no version."
        yield context.finding(what, "safety", "ladder", cure="Write name@version.", rule="C1")
        return
    try:
        ladder = definitions.ladder(safety.ladder, context.site)
    except AccordError as error:
        finding = error.findings[0]
        yield context.finding(f"The ladder cannot be used: {finding.what}", "safety", "ladder", cure=finding.cure,
                              rule="C1")  # fmt: skip
        return
    yield from _ladder_reads(context, ladder)
    yield from _own_rules(context, ladder)


def _ladder_reads(context: Context, ladder: Ladder) -> Iterator[Finding]:
    """Items that the ladder reads must be asked, unless the ladder knows what their absence means."""
    for fact in ladder.reads():
        instrument = fact.split(".")[0]
        sure = ladder.facts.get(fact)
        if "." not in fact or sure is None or sure.default is not None or _optional(instrument, ladder):
            continue
        if instrument != PREVIOUS and not context.asked_when(instrument):
            what = f"The ladder {ladder.name} reads {fact}, but {instrument} is never asked."
            cure = f"Add {instrument} to a time-point, or take another ladder."
            yield context.finding(what, "safety", "ladder", cure=cure, rule="C1")


def _optional(instrument: str, ladder: Ladder) -> bool:
    """The ladder says of an instrument that it may not have been asked (`phq_9.asked`, with a default)."""
    asked = ladder.facts.get(f"{instrument}.asked")
    return asked is not None and asked.default is not None


def _own_rules(context: Context, ladder: Ladder) -> Iterator[Finding]:
    for name, rule in context.protocol.safety.rules.items():
        here = ("safety", "rules", name)
        for key, tier in (("tier", rule.tier), ("unknown", rule.unknown)):
            if tier not in ladder.tiers:
                cure = f"Name one of its tiers: {', '.join(ladder.tiers)}."
                yield context.finding(f"'{tier}' is no tier of {ladder.name}.", *here, key, cure=cure, rule="C2")
        yield from _rule_is_decidable(context, ladder, rule.rule, *here, "rule")


def _rule_is_decidable(context: Context, ladder: Ladder, rule: str, *path: str) -> Iterator[Finding]:
    unasked = [fact for fact in _read_by(rule) if _never_asked(context, fact)]
    for fact in unasked:
        instrument = fact.removeprefix(f"{PREVIOUS}.").split(".")[0]
        what = f"The rule reads {fact}, but {instrument} is never asked."
        yield context.finding(what, *path, cure=f"Add {instrument} to a time-point.", rule="C1")
    if unasked:
        return
    for problem in check(rule, fact_fields(ladder) | scale_fields(context)):
        yield context.finding(problem, *path, cure="See docs/reference/conditions.md.", rule="C1")
        return
    for fact in _read_by(rule):
        if fact.startswith(f"{PREVIOUS}.") and fact not in ladder.facts:
            cure = "Read a fact of the ladder that has a default, or add one to the site's ladder."
            yield context.finding(f"{fact} has no default for the first time.", *path, cure=cure, rule="C1")


def _read_by(rule: str) -> list[str]:
    try:
        return names(rule)
    except AccordError:
        return []  # `check` says what is wrong with it


def _never_asked(context: Context, fact: str) -> bool:
    instrument = fact.removeprefix(f"{PREVIOUS}.").split(".")[0]
    return "." in fact and context.instrument(instrument) is not None and not context.asked_when(instrument)


def scale_fields(context: Context) -> dict[str, Fact]:
    """Every scale that is asked somewhere, and the same the time before, as fields for a condition."""
    asked = {name for occasion in context.all_occasions for names in occasion.asked.values() for name in names}
    scales = {
        scale.ref: Fact("number", scale.minimum, scale.maximum)
        for name in sorted(asked)
        if (instrument := context.instrument(name))
        for scale in instrument.scales.values()
    }
    return scales | {f"{PREVIOUS}.{ref}": field for ref, field in scales.items()}


def _asked_first(context: Context) -> Iterator[Finding]:
    missing = [name for name in ASK_FIRST if name not in context.protocol.population.ask_first]
    if missing:
        what = f"Applicants are not asked first: {', '.join(missing)}. An answer about risk would reach nobody."
        yield context.finding(what, "population", "ask_first", cure=f"Add {', '.join(missing)}.", rule="C4")


def _red_flags(context: Context) -> Iterator[Finding]:
    if context.protocol.population.red_flags == "none":
        what = "Nobody asks about signs that a doctor should see first."
        cure = "Take red_flags: default, unless a doctor sees everybody before."
        yield context.finding(what, "population", "red_flags", cure=cure, rule="C9", warning=True)


def _therapists_consent(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    rated = any(occasion.asked.get("therapist") or occasion.asked.get("leader") for occasion in context.all_occasions)
    recorded = protocol.recordings is not None and "therapist" in protocol.recordings.who
    if (rated or recorded) and protocol.consent.therapist is None:
        what = f"Therapists are {'recorded' if recorded else 'asked to rate'} without a consent of their own."
        yield context.finding(what, "consent", cure="Add therapist: {scopes: [ratings]}.", rule="C13")
    for who in protocol.recordings.who if protocol.recordings else []:
        scopes = getattr(protocol.consent, who)
        if protocol.recordings and scopes and protocol.recordings.consent not in scopes.scopes:
            what = f"Recordings need the consent '{protocol.recordings.consent}', which the {who} is not asked for."
            cure = f"Add it to consent.{who}.scopes."
            yield context.finding(what, "recordings", "consent", cure=cure, rule="C13")
