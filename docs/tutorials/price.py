# %% [markdown]
# # What help costs, and what may be said about it
#
# You will price an invented trial by hand: from visits and minutes to costs, from answers to QALYs, from two arms to a
# sentence. You need a clone with `make setup` done. Type the cells into Python one after the other in the folder of the
# clone, open this file in an editor that knows `# %%` cells, or run all of it:
#
# ```
# python docs/tutorials/price.py
# ```
#
# Everything here is invented: the people, the prices and the value set. Every figure named in these notes is checked
# whenever the program's tests run.

# %%
import numpy as np

from accord.science.errors import BadInput
from accord.science.estimates.health_economics import (
    ValueSet,
    cost_effectiveness,
    cost_per,
    costs_of,
    load_tariff,
    over_horizon,
    qalys,
)

# %% [markdown]
# ## 1. A tariff is data
#
# Prices stand in a file with a name, a currency, a year and a source. The one that ships holds round numbers, so that
# you can follow the arithmetic: a visit to a family doctor is 30, a therapist's minute 1.

# %%
tariff = load_tariff("demonstration")
print(tariff.words)
print(tariff.price("doctor_visits"))

# %% [markdown]
# ## 2. From reports to costs
#
# 240 people are asked three times how often they saw a doctor in the last three months (91 days): after 91, 182 and 364
# days. Half had the programme. A report stands for the time since the visit before, so the last one counts twice.

# %%
rng = np.random.default_rng(20_240_118)
programme = np.repeat([1.0, 0.0], 120)
need = rng.gamma(4, 0.5, 240)
reports = rng.poisson((need * (1 - 0.25 * programme))[:, None], (240, 3)).astype(float)
visits = over_horizon(reports, [91, 182, 364], recall_days=91, horizon_days=364)
by_hand = reports[0, 0] + reports[0, 1] + 2 * reports[0, 2]
print(visits[0], by_hand)

minutes = programme * rng.gamma(9, 15, 240)
costs = costs_of({"doctor_visits": visits, "therapist_minutes": minutes, "platform": programme}, tariff)
print(costs.total[programme == 1].mean(), costs.total[programme == 0].mean())

# %% [markdown]
# A cost below zero is a slip of the pen, and is refused with the place and the cure:

# %%
try:
    costs_of({"doctor_visits": [-2]}, tariff)
except BadInput as error:
    negative = str(error)
    print(negative)

# %% [markdown]
# ## 3. From answers to QALYs
#
# A value set says how much a public minds each state of health. None ships with this program; a clinic lays the one of
# its country beside its tariff. Ours is invented: every level of five questions takes 0, 0.04, 0.08, 0.14 or 0.2 away.

# %%
values = ValueSet(
    value_set="invented", title="Invented values", instrument="eq_5d_5l", version="five levels", country="nowhere",
    year=2024, source="this tutorial", invented=True, decrements=[[0, 0.04, 0.08, 0.14, 0.2]] * 5,
)  # fmt: skip
print(values.index([11111, 21345, 55555], instrument="eq_5d_5l", version="five levels"))

# %% [markdown]
# The same digits from the version with three levels mean other states. A value set of another version is refused:

# %%
try:
    values.index([21323], instrument="eq_5d_5l", version="three levels")
except BadInput as error:
    refused = str(error)
    print(refused)

# %% [markdown]
# QALYs are the area under the course of utility in years. Somebody at 0.5 who gains 0.1 in a line over the first 91
# days and keeps it to day 364 has 0.5 + 0.1 · (91/2 + 273)/364 of a year, less a little: a year has 365.25 days.

# %%
days = [0, 91, 182, 364]
one = qalys([[0.5, 0.6, 0.6, 0.6]], days, values, instrument="eq_5d_5l", version="five levels")[0]
print(round(one, 4))

baseline = np.clip(rng.normal(0.55, 0.12, 240), 0, 1)
course = [baseline, *(np.clip(baseline + 0.04 * programme + rng.normal(0, 0.07, 240), 0, 1) for _ in range(3))]
gained = qalys(np.column_stack(course), days, values, instrument="eq_5d_5l", version="five levels")

# %% [markdown]
# ## 4. A description, and no more
#
# What the programme cost, over those who completed it, is a fair question of a manager. The answer is no cost per
# benefit: some would have completed, or improved, anyway. It says so itself.

# %%
completed = (rng.random(240) < 0.7).astype(float)
own = programme == 1
description = cost_per(minutes[own] + 50, completed[own], "cost_per.completed", "Programme per completed")
print(round(description.value), description.note)

# %% [markdown]
# ## 5. The comparison
#
# Both differences come from one bootstrap: the people of a sample are the same for cost and effect. The effect is
# adjusted for the utility at baseline, since a small difference there would be carried over the whole year.

# %%
found = cost_effectiveness(
    costs.total, gained, programme, for_effect={"utility": baseline}, prices=(0, 2_000, 4_000, 6_000), seed=1
)
print(found.summary())
print({name: round(share, 2) for name, share in found.shares.items()})

# %% [markdown]
# The ratio stands only where more effect is bought for more money. How sure it is rises with the price one would pay;
# it does not say what anybody should pay. Turned around, the same numbers have no ratio:

# %%
turned = cost_effectiveness(costs.total, gained, 1 - programme, for_effect={"utility": baseline}, seed=1)
print(turned.quadrant, turned.icer.value, turned.icer.note)

# %% [markdown]
# `found.plot()` is the plane and `found.curve()` the acceptability curve; both are pictures with `.svg()`. In a report
# all of this is the section on costs of `accord analyse`, for protocols with a `costs:` clause.

# %%
plane, curve = found.plot(invented=True), found.curve(invented=True)
print(len(plane.svg()), len(curve.svg()))
