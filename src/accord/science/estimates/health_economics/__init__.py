"""What help costs, and what is had for it: tariffs, value sets, QALYs, and the comparison of arms."""

from accord.science.estimates.health_economics.cost_effectiveness import (
    CostEffectiveness,
    cost_effectiveness,
    fieller,
)
from accord.science.estimates.health_economics.per_person import cost_per
from accord.science.estimates.health_economics.qaly import qalys
from accord.science.estimates.health_economics.tariff import (
    Costs,
    Price,
    Tariff,
    costs_of,
    load_tariff,
    over_horizon,
)
from accord.science.estimates.health_economics.value_set import ValueSet, load_value_set

__all__ = [
    "CostEffectiveness", "Costs", "Price", "Tariff", "ValueSet", "cost_effectiveness", "cost_per", "costs_of",
    "fieller", "load_tariff", "load_value_set", "over_horizon", "qalys",
]  # fmt: skip
