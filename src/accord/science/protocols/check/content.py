"""The programmes, parts, lengths and questions that a protocol names exist, and eligibility rules can be decided."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.conditions import check
from accord.science.errors import AccordError, Finding
from accord.science.programmes import Programme, Question, load_programme, programme_ids
from accord.science.programmes.words import unwanted
from accord.science.protocols.check import definitions
from accord.science.protocols.check.context import Context, Key
from accord.science.protocols.check.near import near
from accord.science.protocols.model import Arm

KNOWN_WITHOUT_ASKING = ("site",)


def check_content(context: Context) -> Iterator[Finding]:
    read: dict[str, Programme | Finding] = {}
    for name, arm in context.protocol.arms.items():
        if arm.programme:
            yield from _programme(context, name, arm, arm.programme, read)
    try:
        questions = definitions.questions(context.site)
    except AccordError as error:
        finding = error.findings[0]
        yield context.finding(f"The questions cannot be used: {finding.what}", "population", cure=finding.cure)
        return
    yield from _questions(context, questions)
    yield from _eligibility(context, questions)
    yield from _covariates(context, questions)


def _programme(
    context: Context, arm_name: str, arm: Arm, slug: str, read: dict[str, Programme | Finding]
) -> Iterator[Finding]:
    here = ("arms", arm_name)
    known = programme_ids(site=context.site)
    if slug not in known:
        yield context.finding(f"There is no programme '{slug}'.", *here, "programme", cure=near(slug, known), rule="E5")
        return
    first = slug not in read
    if first:
        read[slug] = _read(context, slug)
    programme = read[slug]
    if isinstance(programme, Finding):
        what = f"The programme {slug} cannot be used: {programme.what}"
        yield context.finding(what, *here, "programme", cure="See accord content check.", rule="E5")
        return
    for module in [module for module in arm.modules if module not in programme.modules]:
        yield context.finding(f"{slug} has no module '{module}'.", *here, "modules",
                              cure=near(module, programme.modules), rule="E5")  # fmt: skip
    left_out = [module for module in programme.core_modules() if arm.modules and module not in arm.modules]
    if left_out:
        what = f"{arm_name} leaves out {', '.join(left_out)}, which every version of {slug} has."
        yield context.finding(what, *here, "modules", cure=f"Add {', '.join(left_out)}.", rule="E5")
    if first and programme.status == "outline" and programme.lessons:
        what = f"{slug} is an outline: this can be checked, simulated and analysed, but not published."
        yield context.finding(what, *here, "programme", cure="Write its lessons.", rule="E18", warning=True)
    if arm.length and arm.length not in programme.lengths:
        yield context.finding(f"{slug} has no length '{arm.length}'.", *here, "length",
                              cure=near(arm.length, programme.lengths), rule="E5")  # fmt: skip


def _read(context: Context, slug: str) -> Programme | Finding:
    try:
        return load_programme(slug, site=context.site)
    except AccordError as error:
        return error.findings[0]


def _questions(context: Context, questions: dict[str, Question]) -> Iterator[Finding]:
    population = context.protocol.population
    named: list[tuple[tuple[Key, ...], str]] = [
        (("population", "eligible_if", index, "ask"), criterion.ask)
        for index, criterion in enumerate(population.eligible_if)
    ]
    named += [(("population", "ask_first"), name) for name in population.ask_first]
    named += [(("population", "background"), name) for name in population.background]
    for path, name in named:
        if name not in questions:
            cure = f"{near(name, questions)} Or write it in content/questions."
            yield context.finding(f"There is no question '{name}'.", *path, cure=cure, rule="E5")


def _eligibility(context: Context, questions: dict[str, Question]) -> Iterator[Finding]:
    fields = {name: question.field() for name, question in questions.items()}
    for index, criterion in enumerate(context.protocol.population.eligible_if):
        here = ("population", "eligible_if", index)
        if criterion.ask in fields:
            for problem in check(criterion.rule, fields | {"answer": fields[criterion.ask]}):
                cure = f"`answer` is the answer to {criterion.ask}. See docs/reference/conditions.md."
                yield context.finding(f"'{criterion.rule:.60}': {problem}", *here, "rule", cure=cure, rule="E10")
        for word, instead, rule, _ in unwanted(criterion.otherwise):
            yield context.finding(f"'{word}' does not stand on a patient's page.", *here, "otherwise", cure=instead,
                                  rule=rule)  # fmt: skip


def _covariates(context: Context, questions: dict[str, Question]) -> Iterator[Finding]:
    """Covariates, moderators and predictors are known before treatment: background questions and baseline scales."""
    protocol = context.protocol
    lists: list[tuple[tuple[Key, ...], list[str]]] = [
        (("endpoints", "covariates"), protocol.endpoints.covariates),
        (("endpoints", "moderators"), protocol.endpoints.moderators),
        (("analysis", "covariates"), protocol.analysis.covariates),
    ]
    lists += [(("analysis", "predictors", part), names) for part, names in protocol.analysis.predictors.items()]
    known = [*protocol.population.background, *KNOWN_WITHOUT_ASKING]
    for path, name in [(path, name) for path, names in lists for name in names]:
        if "." in name:
            yield from _baseline_scale(context, name, path)
        elif name not in known:
            cure = f"{near(name, known)} Or write <instrument>.<scale> of a scale asked at baseline."
            yield context.finding(f"'{name}' is not asked as background.", *path, cure=cure, rule="E5")


def _baseline_scale(context: Context, ref: str, path: tuple[Key, ...]) -> Iterator[Finding]:
    name = ref.split(".")[0]
    instrument = context.instrument(name)
    if instrument is None or ref.split(".")[1] not in instrument.scales:
        yield context.finding(f"There is no scale '{ref}'.", *path, cure="See accord instruments list.", rule="E5")
    elif not context.informants(name, "baseline"):
        what = f"{ref} is used as known before treatment, but {name} is not asked at baseline."
        yield context.finding(what, *path, cure=f"Add {name} to baseline.", rule="E5")
