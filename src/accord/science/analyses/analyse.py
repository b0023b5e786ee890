"""A protocol judged on a cohort: every story that the protocol asks for and the cohort can tell, in reading order.

What is told is decided by what the protocol says (endpoints, analysis, kind), never by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from accord.science.analyses.benchmark import benchmark_part
from accord.science.analyses.biomarkers import biomarkers_part
from accord.science.analyses.change import Changes, change_estimates, changes
from accord.science.analyses.change_section import change_part
from accord.science.analyses.consort import flow_part
from accord.science.analyses.contrast_section import contrasts_part
from accord.science.analyses.contrasts import comparisons
from accord.science.analyses.costs import costs_part
from accord.science.analyses.counted import counted_part
from accord.science.analyses.course_lines import courses_part
from accord.science.analyses.expected_bands import expected_part
from accord.science.analyses.for_whom import for_whom_part
from accord.science.analyses.funnel import funnel_part
from accord.science.analyses.guesses import guesses_part
from accord.science.analyses.harms import harms_part
from accord.science.analyses.leaving import leaving_part
from accord.science.analyses.mechanism import mechanism_part
from accord.science.analyses.minutes import minutes_part
from accord.science.analyses.missing import missing_part
from accord.science.analyses.parts import Part
from accord.science.analyses.plan import ROLES
from accord.science.analyses.predictors import predictors_part
from accord.science.analyses.process_section import process_part
from accord.science.analyses.put_in import put_in_part
from accord.science.analyses.responders import responders_part
from accord.science.analyses.result import AnalysisResult
from accord.science.analyses.satisfaction import satisfaction_part
from accord.science.analyses.service.parts import SERVICE
from accord.science.analyses.shares_by_cluster import clustered_shares_part
from accord.science.analyses.single_people import individual_part
from accord.science.analyses.sources import measures_part, sources_part
from accord.science.analyses.study import Study, make_study
from accord.science.analyses.table_one import table_one_part
from accord.science.analyses.variance import share_estimates, variance_part
from accord.science.analyses.wording import INVENTED, NO_COMPARISON, refuse_claims
from accord.science.cohort import Cohort
from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate
from accord.science.protocols import Protocol

STORIES: dict[str, Callable[[Study], Part]] = {"process": process_part, "mechanism": mechanism_part}
ONLY = (*ROLES, "cluster", *STORIES)
_KINDS = {"routine-care": "Routine care", "single-arm": "Single arm", "randomised": "Randomised trial",
          "observational": "Observational study"}  # fmt: skip


def analyse(
    protocol: Protocol,
    cohort: Cohort,
    *,
    only: set[str] | None = None,
    seed: int = 1,
    protocol_hash: str = "",
    allow_invented: bool = False,
    said: Callable[[str], None] = lambda _: None,
) -> AnalysisResult:
    """Judge a cohort by a protocol. A cohort and a protocol, and nothing else.

    `only` limits the work to the estimates named (of `ONLY`), without texts, tables and pictures: for coverage, where
    this runs thousands of times. `seed` is for what is drawn (imputations, folds, Monte Carlo limits). `protocol_hash`
    is that of the protocol's text, to say when a cohort was made under another one. `allow_invented` lets a simulated
    cohort stand beside published figures (C12). `said` hears what is being done.

    Raises BadInput for a cohort that is not of this protocol: no people, no scores, other arms, none of its outcomes,
    nothing at baseline. What is merely absent is listed in the result (E8).
    """
    if only is not None:
        return _estimates_only(protocol, cohort, only, seed)
    study = make_study(protocol, cohort, seed=seed, allow_invented=allow_invented, said=said)
    parts = [part for part in _told(study, protocol_hash) if part.section is not None or part.estimates]
    estimates = _once(estimate for part in parts for estimate in part.estimates)
    checked = put_in_part(study, estimates)
    sections = [part.section for part in parts if part.section is not None]
    if checked.section is not None:
        sections.insert(-1, checked.section)
    result = AnalysisResult(
        title=protocol.title, eyebrow=_eyebrow(study), protocol=protocol.slug, protocol_version=protocol.version,
        protocol_hash=protocol_hash, origin=cohort.origin, seed=cohort.manifest.seed, lead=_lead(study, parts),
        sections=tuple(sections), estimates=tuple(estimates), notes=_notes(study), facts=_facts(study, seed),
    )  # fmt: skip
    if not study.plan.comparison:
        refuse_claims(result, quoted=[study.words_for(scale) for scale in study.scores.scales])
    return result


def _told(study: Study, protocol_hash: str) -> Iterator[Part]:
    """The stories in reading order: the main result first, then who the people are, then all that qualifies it."""
    stories: list[tuple[str, Callable[[Study], Part]]] = [
        ("counting people", funnel_part), ("drawing the flow", flow_part), ("describing the people", table_one_part),
    ]  # fmt: skip
    for words, story in stories:
        study.said(words)
        yield story(study)
    study.said("fitting the models")
    found = [changes(study, outcome) for outcome in study.plan.outcomes]
    if study.plan.comparison:
        study.said("comparing the arms")
        yield contrasts_part(study, found)
    yield change_part(study, found)
    study.said("laying the published figures beside")
    yield benchmark_part(study, found)
    rest: list[tuple[str, Callable[[Study], Part]]] = [
        ("counting who improved", responders_part), ("looking at single people", individual_part),
        ("laying bands", expected_part), ("drawing lines", courses_part), ("following who stayed", leaving_part),
        ("improved by therapist or group", clustered_shares_part), ("looking at what is missing", missing_part),
        ("process and outcome", process_part), ("paths", mechanism_part), ("shares of variance", variance_part),
        ("predicting", predictors_part), ("asking for whom", for_whom_part),
        ("laboratory markers", biomarkers_part), ("minutes", minutes_part),
        ("satisfaction", satisfaction_part), ("harms", harms_part), ("counting", counted_part), *SERVICE.items(),
        ("looking at guesses", guesses_part), ("costs", costs_part), ("measures", measures_part),
        ("sources", lambda s: sources_part(s, protocol_hash)),
    ]  # fmt: skip
    for words, story in rest:
        study.said(words)
        yield story(study)


def _once(estimates: Iterator[Estimate]) -> list[Estimate]:
    """Every number once: the first of an id stands."""
    found: dict[str, Estimate] = {}
    for estimate in estimates:
        found.setdefault(estimate.id, estimate)
    return list(found.values())


def _estimates_only(protocol: Protocol, cohort: Cohort, only: set[str], seed: int) -> AnalysisResult:
    unknown = only - set(ONLY)
    if unknown:
        raise BadInput(f"There is nothing called {sorted(unknown)[0]!r} to limit an analysis to.",
                       cure=f"Use some of: {', '.join(ONLY)}.")  # fmt: skip
    clauses = protocol.endpoints.variance if "cluster" in only else []
    roles = tuple(role for role in ROLES if role in only)
    stories = [story for name, story in STORIES.items() if name in only]
    scales = None if stories else _scales(protocol, roles) | {clause.scale for clause in clauses}
    study = make_study(protocol, cohort, seed=seed, roles=ROLES if clauses or stories else roles, scales=scales)
    estimates = [e for outcome in study.plan.outcomes if outcome.role in roles
                 for e in _numbers(study, changes(study, outcome))]  # fmt: skip
    estimates += list(share_estimates(study)) if clauses else []
    estimates += [estimate for story in stories for estimate in story(study).estimates]
    return AnalysisResult(
        title=protocol.title, eyebrow="", protocol=protocol.slug, protocol_version=protocol.version, protocol_hash="",
        origin=cohort.origin, seed=cohort.manifest.seed, estimates=tuple(_once(iter(estimates))),
    )  # fmt: skip


def _scales(protocol: Protocol, roles: tuple[str, ...]) -> set[str]:
    ends = {"primary": [protocol.endpoints.primary], "key": protocol.endpoints.key,
            "secondary": protocol.endpoints.secondary}  # fmt: skip
    return {endpoint.scale for role in roles for endpoint in ends[role]}


def _numbers(study: Study, found: Changes) -> Iterator[Estimate]:
    yield from change_estimates(found)
    if study.plan.comparison:
        for compared in comparisons(found):
            yield compared.points
            yield compared.sds


# --- the top and the foot of the report ---------------------------------------------------------------------------


def _eyebrow(study: Study) -> str:
    manifest = study.cohort.manifest
    origin = {"simulated": "invented cohort", "mapped": "mapped cohort", "real": "cohort of a service"}[manifest.origin]
    seed = f", seed {manifest.seed}" if manifest.seed is not None else ""
    return " · ".join((
        _KINDS[study.protocol.kind], f"{origin}{seed}",
        f"protocol {study.protocol.slug}, version {study.protocol.version}",
        f"{int(study.primary.members.sum()):,} people analysed",
    ))  # fmt: skip


def _lead(study: Study, parts: list[Part]) -> tuple[str, ...]:
    """First what must be said of all of it, then the main result, then the rest."""
    first = [INVENTED] if study.cohort.manifest.invented else []
    if not study.plan.comparison:
        first.append(NO_COMPARISON)
    order = ("contrasts", "change", "funnel", "variance")
    ranked = sorted(
        (part for part in parts if part.section is not None and part.lead),
        key=lambda part: order.index(part.section.id) if part.section and part.section.id in order else len(order),
    )
    return (*first, *(sentence for part in ranked for sentence in part.lead))


def _notes(study: Study) -> tuple[str, ...]:
    notes = [population.note for population in study.populations if population.note]
    notes.append(
        "Intervals are 95 %. p values are two-sided; where several are looked at, the text says what was done."
    )
    notes.append("Not a medical device; not reviewed for clinical use.")
    return tuple(notes)


def _facts(study: Study, seed: int) -> dict[str, str | int | float | None]:
    manifest = study.cohort.manifest
    return {
        "cohort": manifest.title, "people": len(study.people), "analysed": int(study.primary.members.sum()),
        "population": study.primary.name, "rule": study.primary.rule, "program": manifest.program,
        "made_on": manifest.made_on, "analysis_seed": seed, "licence": manifest.licence or None,
        "cohort_protocol_hash": manifest.protocol_hash,
    }  # fmt: skip
