"""Every effect measure by name: `MEASURES["SMD"](columns) -> (yi, vi)`.

Names are metafor's where it has the measure. docs/reference/effect-sizes.md says the same in a table, and a test holds
the two together.
"""

from __future__ import annotations

import difflib
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import NotFound
from accord.science.estimates.effect_sizes import (
    change_scores,
    conversions,
    correlation,
    five_numbers,
    from_groups,
    from_tests,
    mean_difference,
    one_group,
    pre_post_control,
    ratio_of_means,
    reported,
    standardised,
    two_by_two,
    variability,
    within,
)
from accord.science.estimates.effect_sizes.measure import Measure
from accord.science.estimates.effect_sizes.values import YiVi

GROUPS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
CHANGES = ("mc1i", "sdc1i", "n1i", "mc2i", "sdc2i", "n2i")
TABLE = ("ai", "n1i", "ci", "n2i")
PRE_POST = ("m_pre", "sd_pre", "m_post", "sd_post", "ni", "ri")
TWICE_TWO = ("m_pre1", "sd_pre1", "m_post1", "n1i", "m_pre2", "sd_pre2", "m_post2", "n2i")
MEDIANS = ("med1i", "n1i", "med2i", "n2i")
AROUND = tuple(f"{name}{group}i" for group in (1, 2) for name in ("min", "lq", "uq", "max"))
GIVEN_RATIO = ("ratio", "ratio_low", "ratio_high")


def _table_to_d(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, assumption: Any, **zeros: Any) -> YiVi:
    return conversions.log_odds_to_d(*two_by_two.odds_ratio(ai, n1i, ci, n2i, **zeros), assumption=assumption)


def _ratio_to_d(ratio: ArrayLike, ratio_low: ArrayLike, ratio_high: ArrayLike, **options: Any) -> YiVi:
    level = options.pop("level", 0.95)
    return conversions.log_odds_to_d(
        *reported.ratio_with_interval(ratio, ratio_low, ratio_high, level=level), **options
    )


def _medians(standardise: bool, *, mean_method: Any = "luo", sd_method: Any = "wan", **columns: Any) -> YiVi:
    """Means and SDs of both groups from five numbers, then their difference, raw or standardised."""
    summary: list[Any] = []
    options = {key: columns.pop(key) for key in ("vtype", "correction") if key in columns}
    for group in "12":
        low, q1, median, q3, high, n = (columns[f"{name}{group}i"] for name in ("min", "lq", "med", "uq", "max", "n"))
        summary.append(five_numbers.mean_from_five(low, q1, median, q3, high, n, method=mean_method))
        summary.append(five_numbers.sd_from_five(low, q1, q3, high, n, method=sd_method))
        summary.append(np.asarray(n, float))
    function: Any = standardised.smd if standardise else mean_difference.mean_difference
    result: YiVi = function(*summary, **options)
    return result


_SD = "standard deviations"
_SCALE = "points of the scale"

_ALL = [
    # Two groups, from means
    Measure("SMD", "Hedges g", "means", standardised.smd, GROUPS, _SD, "J(n1+n2-2)·(m1-m2)/s pooled",
            "Hedges 1981, 1982, 1983; Borenstein 2009 (LS2)", standardised=True, aliases=("g", "hedges_g")),
    Measure("SMDH", "standardised by the average SD", "means", standardised.smdh, GROUPS, _SD,
            "J(n1+n2-2)·(m1-m2)/√((s1²+s2²)/2)", "Bonett 2008, 2009", standardised=True, aliases=("average",)),
    Measure("SMD1", "Glass's delta", "means", standardised.smd1, ("m1i", "n1i", "m2i", "sd2i", "n2i"), _SD,
            "J(n2-1)·(m1-m2)/s2", "Glass 1976; Hedges 1981", standardised=True, aliases=("glass",)),
    Measure("SMD1H", "Glass's delta, variances differ", "means", standardised.smd1h, GROUPS, _SD, "J(n2-1)·(m1-m2)/s2",
            "Bonett 2009", standardised=True),
    Measure("MD", "mean difference", "means", mean_difference.mean_difference, GROUPS, _SCALE, "m1-m2",
            "Borenstein 2009"),
    Measure("ROM", "log ratio of means", "means", ratio_of_means.ratio_of_means, GROUPS, "log ratio", "log(m1/m2)",
            "Hedges et al. 1999", log=True),
    Measure("VR", "log ratio of SDs", "means", variability.variability_ratio, ("sd1i", "n1i", "sd2i", "n2i"),
            "log ratio", "log(s1/s2) + 1/(2(n1-1)) - 1/(2(n2-1))", "Nakagawa et al. 2015", log=True, turns=False),
    Measure("CVR", "log ratio of coefficients of variation", "means", variability.coefficient_of_variation_ratio,
            GROUPS, "log ratio", "log((s1/m1)/(s2/m2)) + 1/(2(n1-1)) - 1/(2(n2-1))", "Nakagawa et al. 2015", log=True,
            turns=False),
    Measure("RPB", "point-biserial correlation", "means", from_groups.point_biserial, GROUPS, "correlation",
            "d/√(d²+h), h = m/n1+m/n2, m = n1+n2-2", "Tate 1954"),
    Measure("RBIS", "biserial correlation", "means", from_groups.biserial, GROUPS, "correlation", "√(pq)/φ(z)·r",
            "Soper 1914; Jacobs & Viechtbauer 2017"),
    Measure("D2ORL", "log odds ratio from d, logistic", "means", from_groups.log_odds_from_groups, GROUPS,
            "log odds ratio", "d·π/√3", "Hasselblad & Hedges 1995; Chinn 2000", log=True),
    Measure("D2ORN", "log odds ratio from d, normal", "means",
            partial(from_groups.log_odds_from_groups, assumption="normal"), GROUPS, "log odds ratio", "d·1.65",
            "Cox & Snell 1989", log=True),
    Measure("SMD_MEDIANS", "Hedges g from medians", "medians", partial(_medians, True), MEDIANS, _SD,
            "SMD of means (Luo or Wan) and SDs (Wan or Shi)", "Luo et al. 2018; Wan et al. 2014; Shi et al. 2020",
            standardised=True, optional=AROUND),
    Measure("MD_MEDIANS", "mean difference from medians", "medians", partial(_medians, False), MEDIANS, _SCALE,
            "MD of means (Luo or Wan) and SDs (Wan or Shi)", "Luo et al. 2018; Wan et al. 2014; Shi et al. 2020",
            optional=AROUND),
    # Two groups, from tests
    Measure("SMD_T", "Hedges g from t", "t", from_tests.smd_from_t, ("ti", "n1i", "n2i"), _SD, "J·t·√(1/n1+1/n2)",
            "Borenstein 2009", standardised=True),
    Measure("SMD_F", "Hedges g from F", "f", from_tests.smd_from_f, ("fi", "signi", "n1i", "n2i"), _SD,
            "J·(±√F)·√(1/n1+1/n2)", "Borenstein 2009", standardised=True),
    Measure("SMD_P", "Hedges g from p", "p", from_tests.smd_from_p, ("pi", "signi", "n1i", "n2i"), _SD,
            "J·(±t at p/2)·√(1/n1+1/n2)", "Borenstein 2009", standardised=True),
    Measure("SMD_D", "Hedges g from Cohen's d", "d", standardised.smd_from_d, ("cohens_d", "n1i", "n2i"), _SD, "J·d",
            "Hedges 1981", standardised=True),
    # Two groups, from changes
    Measure("MD_CHANGE", "difference of changes", "change", change_scores.change_difference, CHANGES, _SCALE,
            "change1-change2", "Borenstein 2009"),
    Measure("SMD_CHANGE", "difference of changes by their SD", "change", change_scores.smd_of_changes, CHANGES,
            "standard deviations of the change", "J·(change1-change2)/s change", "Hedges 1981", standardised=True),
    Measure("SMD_CHANGE_R", "difference of changes by the SD of scores", "change",
            change_scores.smd_of_scores_from_changes, (*CHANGES, "ri"), _SD,
            "J·(change1-change2)·√(2(1-r))/s change", "Borenstein et al. 2009, chapter 4", standardised=True),
    Measure("PPC2", "difference of changes by the pooled baseline SD", "pre-post-control", pre_post_control.d_ppc2,
            (*TWICE_TWO, "ri"), _SD, "J·(change1-change2)/s pre pooled", "Morris 2008, equations 8 and 25",
            standardised=True, aliases=("d_ppc2", "morris")),
    Measure("PPC1", "difference of two standardised changes", "pre-post-control", pre_post_control.d_ppc1,
            (*TWICE_TWO, "r1i", "r2i"), _SD, "J1·change1/s1 pre - J2·change2/s2 pre", "Becker 1988; Morris 2008",
            standardised=True, aliases=("d_ppc1",)),
    # One group over time
    Measure("SMCR", "d_baseline", "within", within.d_baseline, ("m_pre", "sd_pre", "m_post", "ni", "ri"), _SD,
            "J(n-1)·(post-pre)/s pre", "Becker 1988", standardised=True, aliases=("d_baseline",)),
    Measure("SMCRH", "d_baseline, variances differ", "within", within.d_baseline_heteroscedastic, PRE_POST, _SD,
            "J(n-1)·(post-pre)/s pre", "Bonett 2008", standardised=True),
    Measure("SMCRP", "d_av", "within", within.d_average, PRE_POST, _SD,
            "J(2(n-1)/(1+r²))·(post-pre)/√((s pre²+s post²)/2)", "Cousineau 2020", standardised=True,
            aliases=("d_av",)),
    Measure("SMCC", "d_z", "within", within.d_z, PRE_POST, "standard deviations of the change",
            "J(n-1)·(post-pre)/s change", "Gibbons et al. 1993", standardised=True, aliases=("d_z",)),
    Measure("SMCC_CHANGE", "d_z from the change", "within", within.d_z_from_change, ("m_change", "sd_change", "ni"),
            "standard deviations of the change", "J(n-1)·change/s change", "Gibbons et al. 1993", standardised=True),
    Measure("SMCC_T", "d_z from a paired t", "within", within.d_z_from_t, ("ti", "ni"),
            "standard deviations of the change", "J(n-1)·t/√n", "Gibbons et al. 1993", standardised=True),
    Measure("MC", "mean change", "within", within.mean_change, PRE_POST, _SCALE, "post-pre", "Borenstein 2009"),
    Measure("ROMC", "log ratio of means, after to before", "within", within.ratio_of_means_change, PRE_POST,
            "log ratio", "log(post/pre)", "Lajeunesse 2011", log=True),
    # Two groups, an outcome of yes or no
    Measure("OR", "log odds ratio", "2x2", two_by_two.odds_ratio, TABLE, "log odds ratio", "log(ad/bc)",
            "Woolf 1955", log=True),
    Measure("RR", "log risk ratio", "2x2", two_by_two.risk_ratio, TABLE, "log risk ratio", "log((a/n1)/(c/n2))",
            "Katz et al. 1978", log=True),
    Measure("RD", "risk difference", "2x2", two_by_two.risk_differences, TABLE, "share of people", "a/n1-c/n2",
            "Fleiss & Berlin 2009"),
    Measure("PETO", "Peto's log odds ratio", "2x2", two_by_two.peto_odds_ratio, TABLE, "log odds ratio", "(O-E)/V",
            "Yusuf et al. 1985", log=True),
    Measure("AS", "arcsine difference", "2x2", two_by_two.arcsine_difference, TABLE, "radians", "asin√p1-asin√p2",
            "Rücker et al. 2009"),
    Measure("PBIT", "SMD from risks, probit", "2x2", two_by_two.probit_difference, TABLE, _SD, "Φ⁻¹(p1)-Φ⁻¹(p2)",
            "Sánchez-Meca et al. 2003", standardised=True),
    Measure("OR2DL", "SMD from the odds ratio, logistic", "2x2", partial(_table_to_d, assumption="logistic"), TABLE,
            _SD, "log OR·√3/π", "Hasselblad & Hedges 1995; Chinn 2000", standardised=True),
    Measure("OR2DN", "SMD from the odds ratio, normal", "2x2", partial(_table_to_d, assumption="normal"), TABLE, _SD,
            "log OR/1.65", "Cox & Snell 1989", standardised=True),
    # Correlations
    Measure("ZCOR", "Fisher's z", "r", correlation.fisher_z, ("ri", "ni"), "Fisher's z", "artanh(r)", "Fisher 1921"),
    Measure("COR", "correlation", "r", correlation.raw_correlation, ("ri", "ni"), "correlation", "r",
            "Borenstein 2009"),
    Measure("UCOR", "correlation without bias", "r", correlation.unbiased_correlation, ("ri", "ni"), "correlation",
            "r·F(½,½;(n-2)/2;1-r²)", "Olkin & Pratt 1958; Hedges 1989"),
    # One group
    Measure("PLO", "log odds of a share", "share", one_group.log_odds_of_share, ("xi", "ni"), "log odds",
            "log(x/(n-x))", "Fleiss & Berlin 2009", log=True, turns=False),
    Measure("PR", "share", "share", one_group.share, ("xi", "ni"), "share of people", "x/n", "Fleiss & Berlin 2009",
            turns=False),
    Measure("PAS", "arcsine of a share", "share", one_group.arcsine_of_share, ("xi", "ni"), "radians", "asin√(x/n)",
            "Rücker et al. 2009", turns=False),
    Measure("MN", "mean", "mean", one_group.mean, ("mi", "sdi", "ni"), _SCALE, "m", "Borenstein 2009", turns=False),
    Measure("MNLN", "log mean", "mean", partial(one_group.mean, scale="log"), ("mi", "sdi", "ni"), "log of the scale",
            "log(m)", "Hedges et al. 1999", log=True, turns=False),
    # Given by the paper
    Measure("GEN", "effects as given", "given", reported.with_variance, ("yi", "vi"), "their own unit", "yi, vi",
            "the paper"),
    Measure("GEN_SE", "effects as given, with their SE", "given", reported.with_se, ("yi", "sei"), "their own unit",
            "yi, se²", "the paper"),
    Measure("GEN_CI", "effects as given, with their interval", "given", reported.with_interval,
            ("yi", "ci_low", "ci_high"), "their own unit", "yi, ((high-low)/(2z))²", "Borenstein 2009"),
    Measure("RATIO", "log of a ratio as given", "ratio", reported.ratio_with_interval, GIVEN_RATIO, "log ratio",
            "log(ratio), ((log high-log low)/(2z))²", "Borenstein 2009", log=True),
    Measure("RATIO2D", "SMD from an odds ratio as given", "ratio", _ratio_to_d, GIVEN_RATIO, _SD, "log OR·√3/π",
            "Hasselblad & Hedges 1995; Chinn 2000", standardised=True),
]  # fmt: skip

MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}

# What `--from` means when no measure is named: the first of its family.
FAMILIES: dict[str, str] = {}
for _measure in _ALL:
    FAMILIES.setdefault(_measure.family, _measure.name)

_NAMES = {alias.lower(): measure for measure in _ALL for alias in (measure.name, *measure.aliases)}


def measure_named(name: str) -> Measure:
    """A measure by its name, an alias or a family (`SMD`, `d_av`, `means`), in any case. Raises NotFound."""
    key = name.strip().lower().replace("-", "_")
    if found := _NAMES.get(key):
        return found
    family = name.strip().lower()
    if family in FAMILIES:
        return MEASURES[FAMILIES[family]]
    near = difflib.get_close_matches(key, [*_NAMES, *FAMILIES], n=3)
    hint = f"Do you mean {' or '.join(near)}? " if near else ""
    raise NotFound(f"There is no effect measure {name!r}.", cure=f"{hint}There are: {', '.join(MEASURES)}.")
