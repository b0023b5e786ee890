"""Effect sizes of single studies with their sampling variances: what pooling starts from. One idea a file."""

from accord.science.estimates.effect_sizes.effect_size import EffectSize, effect_size
from accord.science.estimates.effect_sizes.effects_of_studies import EffectTable
from accord.science.estimates.effect_sizes.measure import Measure
from accord.science.estimates.effect_sizes.measures import FAMILIES, MEASURES, measure_named
from accord.science.estimates.effect_sizes.table import effect_table, from_table
from accord.science.estimates.effect_sizes.values import YiVi

__all__ = [
    "FAMILIES", "MEASURES", "EffectSize", "EffectTable", "Measure", "YiVi", "effect_size", "effect_table",
    "from_table", "measure_named",
]  # fmt: skip
