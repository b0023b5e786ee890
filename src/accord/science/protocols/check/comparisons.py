"""C22, C23, C30: arms, factors, levels, contrasts and allocation agree."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context
from accord.science.protocols.check.near import near
from accord.science.protocols.model import Contrast

MARGIN_AIMS = ("non-inferiority", "equivalence")
MODE = "mode"  # the factor whose comparisons need a margin (C22)


def check_comparisons(context: Context) -> Iterator[Finding]:
    yield from _levels(context)
    for name, contrast in context.protocol.endpoints.contrasts.items():
        yield from _contrast(context, name, contrast)
        yield from _margin(context, name, contrast)
    yield from _contrast_is_judged(context)
    yield from _waiting_lists(context)
    yield from _ratio(context)
    yield from _method(context)


def _levels(context: Context) -> Iterator[Finding]:
    factors = context.protocol.factors
    for name, factor in factors.items():
        if factor.reference not in factor.levels:
            cure = near(factor.reference, factor.levels)
            yield context.finding(f"The reference '{factor.reference}' is no level of {name}.", "factors", name,
                                  "reference", cure=cure, rule="C22")  # fmt: skip
        held = {arm.levels.get(name) for arm in context.protocol.arms.values()}
        for level in [level for level in factor.levels if level not in held]:
            what = f"No arm has the level '{level}' of {name}."
            yield context.finding(what, "factors", name, "levels", cure="Give it to an arm, or remove it.", rule="C22")
    for arm_name, arm in context.protocol.arms.items():
        for name, level in arm.levels.items():
            known = factors[name].levels if name in factors else factors
            wrong = level if name in factors else name
            if wrong not in known:
                what = f"There is no {'level' if name in factors else 'factor'} '{wrong}'."
                yield context.finding(what, "arms", arm_name, "levels", cure=near(wrong, known), rule="C22")


def _contrast(context: Context, name: str, contrast: Contrast) -> Iterator[Finding]:
    protocol, here = context.protocol, ("endpoints", "contrasts", name)
    by_arms, by_levels = contrast.arms is not None, contrast.factor is not None and contrast.levels is not None
    if by_arms == by_levels or (contrast.factor is None) != (contrast.levels is None):
        cure = "Write arms: [first, second], or factor: … with levels: [first, second]."
        yield context.finding(f"The contrast {name} compares neither two arms nor two levels.", *here, cure=cure,
                              rule="C22")  # fmt: skip
        return
    known = list(protocol.arms)
    if contrast.factor is not None:
        if contrast.factor not in protocol.factors:
            cure = near(contrast.factor, protocol.factors)
            yield context.finding(f"There is no factor '{contrast.factor}'.", *here, "factor", cure=cure, rule="C22")
            return
        known = list(protocol.factors[contrast.factor].levels)
    pair = list(contrast.arms or contrast.levels or ())
    for one in pair:
        if one not in known:
            yield context.finding(f"There is no {'arm' if by_arms else 'level'} '{one}'.", *here,
                                  cure=near(one, known), rule="C22")  # fmt: skip
    if len(set(pair)) < len(pair):
        yield context.finding(f"The contrast {name} compares {pair[0]} with itself.", *here, cure="Name two.",
                              rule="C22")  # fmt: skip


def _margin(context: Context, name: str, contrast: Contrast) -> Iterator[Finding]:
    here = ("endpoints", "contrasts", name)
    if contrast.aim in MARGIN_AIMS and contrast.margin is None:
        what = f"{contrast.aim.capitalize()} without a margin cannot be shown."
        yield context.finding(what, *here, cure="Add margin: (in baseline SDs).", rule="C22")
    if contrast.aim not in MARGIN_AIMS and contrast.margin is not None:
        cure = "Take aim: non-inferiority or equivalence, or remove the margin."
        yield context.finding("Superiority has no margin.", *here, "margin", cure=cure, rule="C22")
    if contrast.factor == MODE and contrast.aim not in MARGIN_AIMS:
        what = f"{name} compares modes of contact; 'no difference shown' would not mean 'equal'."
        cure = "Take aim: non-inferiority with a margin."
        yield context.finding(what, *here, "aim", cure=cure, rule="C22", warning=True)


def _contrast_is_judged(context: Context) -> Iterator[Finding]:
    """A randomised protocol names what its primary endpoint compares; every contrast is used somewhere."""
    ends = context.protocol.endpoints
    if context.protocol.kind == "randomised" and not ends.primary.contrasts:
        cure = "Add contrasts: [name] to the primary endpoint."
        yield context.finding("The primary endpoint compares nothing.", "endpoints", "primary", cure=cure, rule="C24")
    used = {name for endpoint in (ends.primary, *ends.key, *ends.secondary) for name in endpoint.contrasts}
    used |= {clause.contrast for clause in (ends.responder, ends.mechanism) if clause and clause.contrast}
    for name in [name for name in ends.contrasts if name not in used]:
        yield context.finding(f"The contrast {name} is never judged.", "endpoints", "contrasts", name,
                              cure="Name it in an endpoint, or remove it.", rule="C22", warning=True)  # fmt: skip


def _waiting_lists(context: Context) -> Iterator[Finding]:
    for name, arm in context.protocol.arms.items():
        if (arm.role == "waiting-list") != (arm.waiting_list is not None):
            cure = "Add waiting_list: {until: …, then: …, safety: same} and role: waiting-list."
            yield context.finding(f"{name} is a waiting list in role or clause only.", "arms", name, cure=cure,
                                  rule="C30")  # fmt: skip


def _ratio(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    if protocol.allocation is None:
        return
    ratio, arms = set(protocol.allocation.ratio), set(protocol.arms)
    for name in sorted(ratio ^ arms):
        what = f"{name} is {'in the ratio, but no arm' if name in ratio else 'an arm, but not in the ratio'}."
        yield context.finding(what, "allocation", "ratio", cure="List every arm once.", rule="C23")


def _method(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    allocation = protocol.allocation
    if allocation is None:
        return
    minimised = allocation.method == "minimisation"
    if minimised != bool(allocation.minimise_over) or minimised != (allocation.random_element is not None):
        what = "Minimisation, what it minimises over and its random element go together."
        cure = "Give minimise_over and random_element (at most .8) with method: minimisation, and only then."
        yield context.finding(what, "allocation", cure=cure, rule="C30")
    known = [*protocol.population.background, "site"]
    for key, names in (("strata", allocation.strata), ("minimise_over", allocation.minimise_over)):
        for name in [name for name in names if name not in known]:
            what = f"'{name}' is not known before allocation."
            yield context.finding(what, "allocation", key, cure=near(name, known), rule="C30")
        for name in [name for name in names if name in known and name not in protocol.analysis.covariates]:
            what = f"Allocation is balanced by {name}, but the analysis leaves it out."
            yield context.finding(what, "allocation", key, cure=f"Add {name} to analysis.covariates.", rule="C30",
                                  warning=True)  # fmt: skip
    groups = [name for name, arm in protocol.arms.items() if arm.format == "group"]
    if groups and allocation.in_batches_of != "two-groups":
        what = f"{groups[0]} is a group; allocated one by one, the next arm can be foreseen while a group fills."
        yield context.finding(what, "allocation", cure="Add in_batches_of: two-groups.", rule="C23")
