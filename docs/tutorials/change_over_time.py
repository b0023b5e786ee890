# %% [markdown]
# # Change over time, when people drop out
#
# You will analyse one real trial in several ways and see which answers agree: 172 people with depression, drug or
# placebo, rated in weeks 1, 2, 4 and 6; one in four left early. You need a clone with `make setup` done. Type the
# cells into Python one after the other in the folder of the clone, open this file in an editor that knows `# %%`
# cells, or run all of it:
#
# ```
# python docs/tutorials/change_over_time.py
# ```
#
# Every figure named in these notes is checked whenever the program's tests run.

# %%
import numpy as np
import polars as pl

from accord.science.errors import BadInput
from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.coefficient_table import coefficient_summary, coefficient_table
from accord.science.estimates.gee import gee
from accord.science.estimates.linear_mixed import Factor, difference_at, linear_mixed, random_effects
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.multiple_imputation import pool
from accord.science.estimates.repeated_design import visit_design
from accord.science.estimates.repeated_outcome import repeated_outcome

rows = pl.read_csv("examples/antidepressant/rbmi_antidepressant.csv", null_values="NA", infer_schema_length=None)
rows = rows.with_columns(week=pl.col("VISIT").cast(pl.Int64).replace_strict({4: 1, 5: 2, 6: 4, 7: 6}))

# %% [markdown]
# ## 1. Lay the table out
#
# A row per person and visit becomes a row per person. Two rows of one person at one visit would be an error, and a
# column of times that is text is refused: letters would put week 10 before week 2.

# %%
outcome = repeated_outcome(rows["PATIENT"].to_numpy(), rows["week"].to_numpy(), rows["CHANGE"].to_numpy())
arm = outcome.of_person(rows["THERAPY"].to_numpy())
baseline = outcome.of_person(rows["BASVAL"].to_numpy().astype(float))
seen = np.isfinite(outcome.values).mean(axis=0)
print(dict(zip(outcome.visits, seen.round(2).tolist(), strict=True)))

refused = ""
try:
    repeated_outcome(rows["PATIENT"].to_numpy(), rows["VISIT"].cast(pl.String).to_numpy(), rows["CHANGE"].to_numpy())
except BadInput as error:
    refused = str(error.finding.what)
print(refused)

# %% [markdown]
# ## 2. The usual analysis of a trial: every value that there is, nothing filled in
#
# A mean for each arm at each visit, the baseline with a slope of its own at each, and a covariance that is left free.
# Change is negative when people improve.

# %%
design = visit_design(arm, outcome.visits, covariates={"baseline": baseline})
model = mmrm(outcome.values, design)
at_end = model.difference("DRUG", "PLACEBO", "6")
print(f"Drug less placebo in week 6: {at_end.value:.2f} (95 % {at_end.ci_low:.2f} to {at_end.ci_high:.2f})")

# %% [markdown]
# ## 3. A line for each person
#
# Where visits are irregular, or many, a line with a random intercept and slope says it in fewer numbers. It claims
# more too: that the difference between arms grows evenly.

# %%
week, drug = rows["week"].to_numpy().astype(float), (rows["THERAPY"] == "DRUG").to_numpy().astype(float)
fixed = {"baseline": rows["BASVAL"].to_numpy(), "week": week, "drug": drug, "week:drug": week * drug}
people = {"person": Factor(rows["PATIENT"].to_numpy(), {"week": week})}
lines = linear_mixed(rows["CHANGE"].to_numpy(), people, fixed=fixed)
print(lines.summary())
print(coefficient_table(lines))
print(coefficient_summary(lines, "week:drug"))
line_at_end = difference_at(lines, {"week": 6, "drug": 1}, {"week": 6, "drug": 0})
print(f"By the lines: {line_at_end.value:.2f} ({line_at_end.ci_low:.2f} to {line_at_end.ci_high:.2f})")

# %% [markdown]
# Each person's own line is drawn towards the mean by how little she told us. Somebody with one visit gets nearly the
# mean slope; that is no finding about her.

# %%
effects = random_effects(lines, "person")
slope = effects.effects[:, effects.terms.index("week")]
few = effects.rows == 1
print(f"SD of the slopes shown: one visit {slope[few].std():.3f}, four visits {slope[effects.rows == 4].std():.3f}")

# %% [markdown]
# ## 4. What if the model of who is missing differs?
#
# Chained equations fill each gap twenty times from all that is known of a person, and Rubin's rules put the twenty
# answers together. Under the same assumption (missing at random) it should agree with section 2, and does. Estimating
# equations use what was seen as if leaving told nothing; where that is wrong, theirs is the odd one out. Not here.

# %%
columns = {"baseline": baseline, "drug": (arm == "DRUG").astype(float)}
visits = {f"week {visit}": outcome.values[:, k] for k, visit in enumerate(outcome.visits)}
imputed = impute_chained({**columns, **visits}, kinds=dict.fromkeys(visits, "pmm"), seed=7)
x = np.column_stack([np.ones(len(arm)), columns["drug"], baseline])
inverse, free = np.linalg.inv(x.T @ x), len(arm) - 3
found = []
for one in imputed.sets:
    beta = inverse @ x.T @ one["week 6"]
    left = one["week 6"] - x @ beta
    found.append((beta[1], left @ left / free * inverse[1, 1]))
filled = pool([b for b, _ in found], [v for _, v in found], df_complete=free)
print(
    f"Chained equations: {filled.contrast.value:.2f}, {100 * filled.missing_information:.0f} % of information missing"
)

seen_only = gee(outcome.values, design)
as_seen = seen_only.contrast(design.difference("DRUG", "PLACEBO", "6"))
print(f"Estimating equations: {as_seen.value:.2f} ({as_seen.ci_low:.2f} to {as_seen.ci_high:.2f})")

# %% [markdown]
# ## 5. The sentence

# %%
sentence = (
    f"After six weeks people on the drug had improved by {-at_end.value:.1f} points more than those on placebo (95 % "
    f"{-at_end.ci_high:.1f} to {-at_end.ci_low:.1f}; repeated measures, unstructured covariance, Kenward–Roger). "
    f"With missing values imputed it was {-filled.contrast.value:.1f}. If those who left did worse than their own "
    "earlier values foretell, both are too large: that is what the tipping point of `accord analyse` is for."
)
print(sentence)

# %% [markdown]
# The same from the command line, with jump to reference and the tipping point:
#
# ```
# accord cohort map examples/antidepressant/mapping.yaml examples/antidepressant/rbmi_antidepressant.csv --out trial
# accord analyse examples/antidepressant/protocol.yaml --cohort trial --out report
# ```
#
# Next: each model's formula, estimator, degrees of freedom and limits (docs/explanation/estimates.md).
