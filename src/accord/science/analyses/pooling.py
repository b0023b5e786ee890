"""A file of studies pooled as asked: one model, groups where named, and everything that looks wrong on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from accord.science.analyses.studies import Studies, group_names
from accord.science.errors import BadInput, Finding, NotEstimable, Place
from accord.science.synthesis import Pooled, Subgroups, ThreeLevel, pool, subgroups, swapped_arms, three_level
from accord.science.synthesis.fitting import Test

# What the warnings of the synthesis advise, in words of the command line.
_CURES = {
    "dependent": "Add --cluster with the column that names the study, or keep one effect a study.",
    "narrow": "Add --truncated to --knha.",
}


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """How to pool: estimator of τ², test, a column of groups, columns of moderators, the column that names the study
    of each effect; and the column of risk of bias, which the forest shows."""

    method: str = "REML"
    test: Test = "z"
    by: str | None = None
    mods: Sequence[str] = ()
    cluster: str | None = None
    rob: str | None = None


@dataclass(frozen=True)
class PooledStudies:
    """The pool (`Pooled`, or `ThreeLevel` with a cluster), its groups, and all warnings with file and row."""

    studies: Studies
    plan: PoolPlan
    pooled: Pooled | ThreeLevel
    groups: Subgroups | None
    warnings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """What `accord pool --json` prints; keys in docs/reference/pool.md."""
        effects = self.studies.effects
        result = {
            **self.pooled.to_dict(), "file": self.studies.path.name, "origin": self.studies.origin,
            "invented": self.studies.invented, "measure": effects.measure.name, "columns": dict(effects.columns),
            "guessed": [str(one) for one in effects.guessed], "notes": list(effects.notes),
            "mods": list(self.plan.mods), "cluster": self.plan.cluster, "by": self.plan.by,
            "subgroups": self._groups(), "studies_used": effects.to_dict()["effects"],
            "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip
        plain: dict[str, Any] = _plain(result)
        return plain

    def _groups(self) -> dict[str, Any] | None:
        if self.groups is None:
            return None
        test = {key: value for key, value in self.groups.to_dict().items() if key not in ("groups", "whole")}
        return {**test, "groups": self.groups.table().to_dicts()}


def pool_studies(studies: Studies, plan: PoolPlan) -> PooledStudies:
    """Pool the effects of a file.

    With `cluster` a three-level model with CR2 standard errors and Satterthwaite df; else fixed or random effects.
    Raises BadInput for options that exclude each other or columns that are not there, NotEstimable as `pool` does.
    """
    _refuse_contradictions(plan)
    effects = studies.effects
    if plan.rob:
        studies.words(plan.rob)
    mods = {name: studies.values(name) for name in plan.mods} or None
    pooled: Pooled | ThreeLevel
    if plan.cluster:
        clusters = _clusters(studies, plan.cluster)
        pooled = three_level(
            effects.yi,
            effects.vi,
            clusters,
            mods=mods,
            method="ML" if plan.method == "ML" else "REML",
        )
        found = pooled.warnings
    else:
        measure = "SMD" if effects.measure.standardised else None
        pooled = pool(
            effects.yi, effects.vi, mods=mods, method=plan.method, test=plan.test,
            labels=effects.labels, measure=measure,
        )  # fmt: skip
        found = (*pooled.warnings, *_swapped(pooled))
    groups = _groups(studies, plan, pooled) if plan.by and isinstance(pooled, Pooled) else None
    cured = [replace(one, cure=_CURES.get(one.rule, one.cure)) for one in (*effects.findings, *found)]
    return PooledStudies(studies, plan, pooled, groups, studies.placed(cured))


def _refuse_contradictions(plan: PoolPlan) -> None:
    if plan.by and plan.mods:
        raise BadInput("--by divides a pool without moderators.", cure="Leave out --mod, or give --by's column to it.")
    if plan.cluster and plan.by:
        raise BadInput("--by does not go with --cluster.", cure="Give its column to --mod: the groups share one model.")
    if plan.cluster and plan.rob:
        raise BadInput("--rob does not go with --cluster.", cure="Leave it out: the forest has a row a study.")
    if plan.cluster and plan.test != "z":
        raise BadInput(
            "--knha does not go with --cluster.", cure="Leave it out: CR2 errors with their own t are used anyway."
        )
    if plan.cluster and plan.method not in ("REML", "ML"):
        raise BadInput(f"--method {plan.method} does not go with --cluster.", cure="Use REML or ML.")


def _clusters(studies: Studies, column: str) -> list[str]:
    words = studies.words(column)
    there = np.isfinite(studies.effects.yi)
    for row, word in enumerate(words):
        if word is None and there[row]:
            raise BadInput("an effect has no study.", cure="Name the study of each effect.",
                           where=studies.source.place(row, column))  # fmt: skip
    used = [word for word, yes in zip(words, there.tolist(), strict=True) if yes]
    if len(set(used)) == len(used):
        what = f"each of the {len(used)} effects has its own {column}: nothing is nested."
        raise NotEstimable(what, cure="Leave --cluster out.", where=Place(studies.source.shown, column=column))
    return [word or "" for word in words]


def _groups(studies: Studies, plan: PoolPlan, pooled: Pooled) -> Subgroups:
    names = group_names(studies.words(str(plan.by)))
    return subgroups(pooled, [names[row] for row in pooled.effects.kept.tolist()], by=str(plan.by))


def _swapped(pooled: Pooled) -> list[Finding]:
    return [
        Finding(f"{label} is far from what the others predict, and near it with its sign turned.",
                "Look whether its arms are swapped, or its scale runs the other way.", warning=True, rule="swapped",
                where=Place(row=int(pooled.effects.kept[pooled.labels.index(label)]) + 1))
        for label in swapped_arms(pooled)
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """NaN and infinities as None, however deep."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
