"""What a measure is: a function of columns, and what a reader has to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, YiVi

CORRELATION_ROLES = ("ri", "r1i", "r2i")


@dataclass(frozen=True, slots=True)
class Measure:
    """`MEASURES["SMD"](columns, **options) -> (yi, vi)`.

    `needs` are the roles of the columns (metafor's names), `family` what kind of table it is made from (the word of
    `accord pool --from`), `unit` what one of it is. `log`: an effect of 0.69 is a ratio of 2. `standardised`: in SDs.
    `turns`: its sign follows the direction of the scale. `aliases` are other names of it. Of
    `optional` roles some must be there, but not all (the quartiles or the range of a median).
    """

    name: str
    label: str
    family: str
    function: Callable[..., YiVi]
    needs: tuple[str, ...]
    unit: str
    formula: str
    source: str
    log: bool = False
    standardised: bool = False
    turns: bool = True
    aliases: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def __call__(self, columns: Mapping[str, ArrayLike], *, correlation: float | None = None, **options: Any) -> YiVi:
        """Effects and variances from columns by role; `correlation` stands in for a pre-post r that no column gives.

        Options are those of the function (vtype, correction, add, to, level …). Raises BadInput for a missing role or
        an unknown option, and what the function raises.
        """
        given = dict(columns)
        if correlation is not None:
            given = {**dict.fromkeys(CORRELATION_ROLES, correlation), **given}
        given |= {role: np.nan for role in self.optional if role not in given}
        lacking = [role for role in self.needs if role not in given]
        if lacking:
            raise BadInput(f"{self.name} needs {', '.join(lacking)}.", cure=_cure(lacking))
        try:
            return self.function(**{role: given[role] for role in (*self.needs, *self.optional)}, **options)
        except TypeError as error:
            if "unexpected keyword argument" not in str(error):
                raise
            raise BadInput(
                f"{self.name} has no such option: {', '.join(options)}.", cure="See its docstring."
            ) from None

    @property
    def assumes_correlation(self) -> bool:
        return any(role in CORRELATION_ROLES for role in self.needs) and self.family != "r"

    def size(self, columns: Mapping[str, ArrayLike], k: int) -> Array:
        """How many people carry each effect: n1i + n2i, or ni; NaN where no column says."""
        if "n1i" in columns and "n2i" in columns:
            return np.broadcast_to(np.asarray(columns["n1i"], float) + np.asarray(columns["n2i"], float), (k,))
        return np.broadcast_to(np.asarray(columns.get("ni", np.nan), float), (k,))


def _cure(lacking: list[str]) -> str:
    cure = f"Name the columns: {', '.join(f'{role}=…' for role in lacking)}."
    if set(lacking) <= set(CORRELATION_ROLES):
        return cure + " Or state an assumed pre-post correlation (correlation=0.5) and vary it."
    if set(lacking) == {"signi"}:
        return cure + " F and p do not say which group did better: give 1 or -1 a study."
    return cure
