"""Write docs/explanation/evidence.md and its figures: what the sources say, what we could check, and what we could not.

Published values are read from examples/evidence as they were copied; ours are computed from its rows, here, each time.
The two never stand in one table. The words are in evidence.template.txt, the numbers come from this script.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template

import numpy as np
import polars as pl

from accord.science.figures import Forest, ForestRow
from accord.science.figures.drawing import standalone
from accord.science.figures.numbers import number
from accord.science.synthesis import (
    Equivalence,
    Pooled,
    ThreeLevel,
    moderation,
    pool,
    three_level,
    working_covariance,
)

ROOT = Path(__file__).parents[1]
DATA = ROOT / "examples" / "evidence"
TEMPLATE = Path(__file__).parent / "evidence.template.txt"
PAGE = Path(__file__).parent / "explanation" / "evidence.md"
IMAGES = Path(__file__).parent / "images" / "evidence"

CASTEL = "Castel, 2012"
MARGIN = 0.2  # stated before the comparison was run: below this a difference between approaches is called small
RHO = 0.6
LIN_GROUP = 100  # people a group: the trial's registered aim was 300 in three groups
DEAR_2015 = {"Dear, 2015a": 143, "Dear, 2015b": 141, "Dear, 2015c": 131}  # arms of 490 people, 75 of them waiting
DEAR_2015_WAITING = 75
OUTCOMES = {
    "interference_disability": "interference or disability", "depression": "depression", "anxiety": "anxiety",
    "pain_intensity": "pain intensity", "self_efficacy": "pain self-efficacy",
    "pain_catastrophizing": "catastrophizing",
}  # fmt: skip


def rows(name: str) -> pl.DataFrame:
    """A file of examples/evidence, notes at its head left out."""
    return pl.read_csv(DATA / f"{name}.csv", comment_prefix="#", null_values=["NA", ""], infer_schema_length=None)


# --- ours ------------------------------------------------------------------------------------------------------------


def interference(method: str = "REML") -> Pooled:
    """The 23 rows; SE², since the variances are printed with three decimals only."""
    table = rows("gandy2022_forest_interference")
    return pool(
        table["g"].to_numpy(), table["se"].to_numpy() ** 2, method=method, labels=table["study"].to_list(), measure="g"
    )


def interference_by_trial() -> ThreeLevel:
    """The same rows in 20 trials, with the covariance that Lin's shared waiting group gives (Gleser & Olkin 2009)."""
    table = rows("gandy2022_forest_interference")
    y, v = table["g"].to_numpy(), table["se"].to_numpy() ** 2
    names = table["study"].to_list()
    trial = [name[:-1] if name.startswith(("Dear, 2015", "Lin, 2017")) else name for name in names]
    one, other = names.index("Lin, 2017a"), names.index("Lin, 2017b")
    covariance = np.diag(v)
    shared = 1 / LIN_GROUP + y[one] * y[other] / (2 * 3 * LIN_GROUP)
    covariance[one, other] = covariance[other, one] = shared
    return three_level(y, covariance, trial)


def dear_errors(waiting: float) -> dict[str, float]:
    """Standard errors of Dear 2015's three rows, were each compared with this many waiting people."""
    table = rows("gandy2022_forest_interference")
    effect = dict(zip(table["study"], table["g"], strict=True))
    return {
        name: float(np.sqrt(1 / n + 1 / waiting + effect[name] ** 2 / (2 * (n + waiting))))
        for name, n in DEAR_2015.items()
    }


def fibromyalgia(*, castel: bool = True, rho: float | None = None) -> ThreeLevel:
    """161 effects of 25 trials, or 157 of 24 without Castel 2012; with rho the CHE model. CR2 in both."""
    table = rows("fibromyalgia_psychotherapy_smd")
    kept = table if castel else table.filter(pl.col("study") != CASTEL)
    effects = (kept["yi"].to_numpy(), kept["vi"].to_numpy(), kept["study"].to_list())
    return three_level(*effects) if rho is None else working_covariance(*effects, rho=rho)


def approaches() -> tuple[ThreeLevel, Equivalence]:
    """Acceptance- or mindfulness-based against cognitive behavioural therapy, without Castel 2012 and mixed arms."""
    table = rows("fibromyalgia_psychotherapy_smd")
    kept = table.filter((pl.col("study") != CASTEL) & pl.col("condition_arm1").is_in(["cbt", "ambt"]))
    fitted = three_level(
        kept["yi"].to_numpy(), kept["vi"].to_numpy(), kept["study"].to_list(),
        mods={"approach": kept["condition_arm1"].to_list()}, reference={"approach": "cbt"},
    )  # fmt: skip
    return fitted, moderation(fitted.coefficient("approach=ambt"), margin=MARGIN, moderator="approach")


def extreme_tenths(
    icc: float, *, therapists: int = 40, patients: int = 15, responders: float = 0.31
) -> tuple[float, float]:
    """Expected response rate of the best and of the worst tenth of therapists, exactly (no random numbers).

    Responder counts are binomial given a therapist; therapists differ by a normal of share `icc` on the probit scale.
    The mean of the r-th smallest of n counts is the sum over x of P(r-th smallest > x).
    """
    from scipy.stats import binom, norm

    nodes, weights = np.polynomial.hermite_e.hermegauss(81)
    chance = norm.cdf((norm.ppf(responders) + np.sqrt(icc) * nodes) / np.sqrt(1 - icc))
    below = (weights / weights.sum()) @ binom.cdf(np.arange(patients)[None, :], patients, chance[:, None])
    ordered = [binom.cdf(r - 1, therapists, below).sum() / patients for r in range(1, therapists + 1)]
    tenth = therapists // 10
    return float(np.mean(ordered[-tenth:])), float(np.mean(ordered[:tenth]))


# --- tables ----------------------------------------------------------------------------------------------------------


def markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def span(low: float, high: float, digits: int = 2) -> str:
    return f"{number(low, digits)} to {number(high, digits)}"


def cell(value: float | None, digits: int = 2) -> str:
    return "not given" if value is None else number(value, digits)


def terpstra_table() -> str:
    body = []
    for row in rows("terpstra2022_pooled").iter_rows(named=True):
        ranged = row["es"] is None
        value = span(row["es_low_of_range"], row["es_high_of_range"]) if ranged else number(row["es"])
        note = "lowest to highest outcome; not an interval" if ranged else (row["note"] or "")
        what = row["outcome_group"] if ranged else row["outcome"]
        body.append([row["comparison"], what, value, "not given", "not given", note])
    return markdown(["control", "outcome", "published effect", "k", "95 % interval", "remark"], body)


def gandy_table() -> str:
    body = [
        [
            OUTCOMES[row["outcome"]], number(row["g"]), span(row["ci_low"], row["ci_high"]), "not given",
            *(cell(row[key]) for key in ("g_guided", "g_unguided", "g_inactive_control", "g_active_control")),
        ]
        for row in rows("gandy2022_pooled").iter_rows(named=True)
    ]  # fmt: skip
    head = ["outcome", "published g", "95 % interval", "k", "guided", "unguided", "inactive control", "active control"]
    return markdown(head, body)


def interference_table() -> str:
    body = []
    for name, fitted in (("REML", interference()), ("DerSimonian-Laird", interference("DL"))):
        body.append([
            name, f"{fitted.k} rows", number(fitted.estimate, 4), span(fitted.ci_low, fitted.ci_high),
            number(fitted.tau2, 5), f"{number(fitted.i2, 0)} %", span(fitted.pi_low, fitted.pi_high),
        ])  # fmt: skip
    nested = interference_by_trial()
    body.append([
        "three-level, Lin's shared group modelled, CR2", f"{nested.k} rows, {nested.studies} trials",
        number(nested.estimate, 4), span(nested.ci_low, nested.ci_high), number(nested.tau2, 5),
        f"{number(nested.i2, 0)} %", span(nested.pi_low, nested.pi_high),
    ])  # fmt: skip
    head = ["our model", "k", "our g", "95 % interval", "τ²", "I²", "a new trial's true effect (95 %)"]
    return markdown(head, body)


def dear_table() -> str:
    table = rows("gandy2022_forest_interference")
    printed = dict(zip(table["study"], table["se"], strict=True))
    whole, third = dear_errors(DEAR_2015_WAITING), dear_errors(DEAR_2015_WAITING / 3)
    body = [
        [name, str(n), number(printed[name], 3), number(third[name], 3), number(whole[name], 3)]
        for name, n in DEAR_2015.items()
    ]
    head = ["row", "people treated", "SE as printed", "SE if 25 wait beside each (ours)", "SE if all 75 do (ours)"]
    return markdown(head, body)


def fibromyalgia_models() -> dict[str, ThreeLevel]:
    return {
        "three-level, all": fibromyalgia(),
        "CHE, ρ = .6, all": fibromyalgia(rho=RHO),
        "three-level, without Castel 2012": fibromyalgia(castel=False),
        "CHE, ρ = .6, without Castel 2012": fibromyalgia(castel=False, rho=RHO),
    }


def fibromyalgia_table() -> str:
    body = [
        [
            name, f"{m.k} effects, {m.studies} trials", number(m.estimate), span(m.ci_low, m.ci_high),
            number(m.tau2_between, 3), number(m.tau2_within, 3), span(m.pi_low, m.pi_high),
        ]
        for name, m in fibromyalgia_models().items()
    ]  # fmt: skip
    head = ["our model", "k", "our g", "95 % interval", "τ² between", "τ² within", "one new outcome, new trial (95 %)"]
    return markdown(head, body)


def alliance_table() -> str:
    """Rows that were read in their source; what somebody only remembered is not shown."""
    body = [
        [
            row["factor"], row["effect"],
            "not given" if row["ci_low"] is None else span(row["ci_low"], row["ci_high"], 3),
            str(row["k"] or "not given"), str(row["n"] or "not given"), row["source"],
        ]
        for row in alliance().iter_rows(named=True)
    ]  # fmt: skip
    return markdown(["what", "published", "95 % interval", "k", "people", "source"], body)


def alliance() -> pl.DataFrame:
    table = rows("alliance_effects")
    same = pl.when(pl.col("source") == "same").then(None).otherwise(pl.col("source")).forward_fill()
    return table.with_columns(source=same).filter(pl.col("verified") == "S")


def abstracts_table() -> str:
    """Two trials that give one effect in their abstract and another in the meta-analysis; both published."""
    trials, forest = rows("guided_icbt_trials"), rows("gandy2022_forest_interference")
    pairs = [("Dear", 2013, "disability", "Dear, 2013"), ("Friesen", 2017, "FM impact", "Friesen, 2017")]
    body = []
    for study, year, outcome, name in pairs:
        told = trials.filter(study=study, year=year, outcome=outcome).row(0, named=True)
        drawn = forest.filter(study=name).row(0, named=True)
        body.append([
            f"{study} {year}", str(told["n_total"]), f"{outcome}: d {number(float(told['effect']))}",
            f"g {number(drawn['g'], 3)} ({span(drawn['ci_low'], drawn['ci_high'], 3)})",
        ])  # fmt: skip
    return markdown(["trial", "people", "in its abstract", "in Gandy's forest plot"], body)


def tenths_table() -> str:
    body = []
    for icc in (0.0, 0.05, 0.07):
        best, worst = extreme_tenths(icc)
        share = "none at all" if icc == 0 else f"{100 * icc:.0f} %"
        body.append([share, f"{100 * best:.0f} %", f"{100 * worst:.0f} %", number(best / worst, 1)])
    head = ["what therapists account for", "best tenth responds", "worst tenth responds", "ratio"]
    return markdown(head, body)


# --- figures ---------------------------------------------------------------------------------------------------------


def gandy_figure() -> Forest:
    found = [
        ForestRow(OUTCOMES[row["outcome"]], row["g"], row["ci_low"], row["ci_high"])
        for row in rows("gandy2022_pooled").iter_rows(named=True)
    ]
    return Forest(
        title="Published by Gandy 2022: internet pain programmes against control",
        description="Six published pooled effects with their 95 % intervals, from the abstract; all favour programmes.",
        rows=found, measure="Hedges g as published", left="favours control", right="favours the programme",
    )  # fmt: skip


def models_figure() -> Forest:
    found = [
        ForestRow(name, m.estimate, m.ci_low, m.ci_high, kind="summary", note=f"{m.k} effects, {m.studies} trials")
        for name, m in fibromyalgia_models().items()
    ]
    return Forest(
        title="Ours: psychotherapy for fibromyalgia, four models",
        description="Four pooled effects of ours. Leaving out Castel 2012 moves the mean more than the model does.",
        rows=found, measure="Hedges g", left="favours control", right="favours therapy",
    )  # fmt: skip


FIGURES: dict[str, Callable[[], Forest]] = {
    "gandy2022-published": gandy_figure,
    "interference-23-rows": lambda: interference().plot(
        title="Ours: the 23 readable rows on interference", measure="Hedges g"
    ),
    "fibromyalgia-trials": lambda: fibromyalgia().plot(
        title="Ours: psychotherapy for fibromyalgia, 25 trials", measure="Hedges g, mean of a trial's effects"
    ),
    "fibromyalgia-models": models_figure,
}


# --- page ------------------------------------------------------------------------------------------------------------


def values() -> dict[str, str]:
    """What the words of the page need."""
    fitted, tost = approaches()
    whole, without = fibromyalgia(), fibromyalgia(castel=False)
    reml = interference()
    best, worst = extreme_tenths(0.0)
    fibro = rows("fibromyalgia_psychotherapy_smd")
    return {
        "terpstra": terpstra_table(), "gandy": gandy_table(), "interference": interference_table(),
        "dear": dear_table(), "abstracts": abstracts_table(), "fibromyalgia": fibromyalgia_table(),
        "alliance": alliance_table(), "high_risk": f"{(fibro['rob'] == 'high').sum()} of {fibro.height} effects",
        "chance_ratio": number(best / worst, 1),
        "tenths": tenths_table(), "reml": number(reml.estimate, 4), "q": number(reml.q, 1), "q_df": str(reml.q_df),
        "q_p": number(reml.q_p, 3), "with_castel": number(whole.estimate), "without_castel": number(without.estimate),
        "approaches_k": f"{fitted.k} effects of {fitted.studies} trials", "approaches": tost.summary(),
        "margin": number(MARGIN), "unverified": str(rows("alliance_effects").height - alliance().height),
        "trials": str(rows("guided_icbt_trials").height),
    }  # fmt: skip


def page() -> str:
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values())


def figures() -> dict[str, str]:
    return {f"{name}.svg": standalone(make().svg(ident=name)) for name, make in FIGURES.items()}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write("docs/explanation/evidence.md\n")
    for name, drawn in figures().items():
        (IMAGES / name).write_text(drawn, encoding="utf-8")
        sys.stdout.write(f"docs/images/evidence/{name}\n")


if __name__ == "__main__":
    main()
