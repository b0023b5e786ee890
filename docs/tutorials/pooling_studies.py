# %% [markdown]
# # Pooling studies, from a file to a defensible sentence
#
# You will pool two real bodies of evidence: trials of internet programmes for chronic pain, and trials of
# psychotherapy for fibromyalgia. You need a clone with `make setup` done. Type the cells into Python one after the
# other in the folder of the clone, open this file in an editor that knows `# %%` cells, or run all of it:
#
# ```
# python docs/tutorials/pooling_studies.py
# ```
#
# Every figure named in these notes is checked whenever the program's tests run.

# %%
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from accord.science.estimates.effect_sizes import effect_table
from accord.science.figures import ContourFunnel, ForestRow, FunnelPoint
from accord.science.figures.drawing import standalone
from accord.science.synthesis import (
    bayesian,
    egger,
    influence,
    leave_one_out,
    outliers,
    pet_peese,
    pool,
    rho_sensitivity,
    subgroups,
    tau2_interval,
    three_level,
    trim_and_fill,
)

EVIDENCE = Path("examples/evidence")

# %% [markdown]
# ## 1. Read the studies
#
# Gandy et al. (2022, PAIN 163:e1041) pooled internet programmes for pain. The file holds 23 of their rows on pain
# interference: those in the stored copy of a supplement, which breaks off in the middle of the alphabet. So whatever
# we find is about these rows, and must not be laid beside the published mean of all (0.28) as if it were a
# replication. Positive favours the programme.

# %%
interference = pl.read_csv(EVIDENCE / "gandy2022_forest_interference.csv", comment_prefix="#")
print(interference.select("study", "g", "se").head())

# %% [markdown]
# The effects are there already, with standard errors; the variance is their square. (The file has a column of variances
# too, rounded to three decimals. Square the standard errors: 0.006 may be anything from 0.0055 to 0.0065.)

# %%
yi = interference["g"].to_numpy()
vi = interference["se"].to_numpy() ** 2
studies = interference["study"].to_list()

# %% [markdown]
# ## 2. Pool, and say how much the studies differ
#
# Random effects, τ² by REML. `test="knha"` takes Hartung and Knapp's interval, which holds better than the usual
# one when studies are few.

# %%
pooled = pool(yi, vi, labels=studies, test="knha")
print(pooled.summary())

# %% [markdown]
# The mean has an interval, and so has the spread. I² alone says what share of what we see is not sampling error;
# it does not say how far effects lie apart. The prediction interval does.

# %%
spread = tau2_interval(pooled)
print(spread.summary())

# %% [markdown]
# ## 3. Draw it
#
# Every result has `.table()`, `.to_dict()`, `.summary()` and `.plot()`; a picture has `.svg()` and `.table()`.

# %%
picture = pooled.plot(title="Internet programmes and pain interference", measure="Hedges g, end of treatment")
prediction = ForestRow("prediction interval", low=pooled.pi_low, high=pooled.pi_high, kind="prediction")
picture = replace(picture, rows=[*picture.rows, prediction], left="favours control", right="favours programme")
forest_svg = standalone(picture.svg())

# %% [markdown]
# ## 4. Ask which study carries the result

# %%
without = leave_one_out(pooled)
print(f"Without any one study the mean lies between {min(without.estimate):.2f} and {max(without.estimate):.2f}.")
carried = influence(pooled)
print(carried.summary())

# %% [markdown]
# One study stands out. Look it up before you do anything else: Hedman-Lagerlöf 2018 treated fibromyalgia, with
# exposure, against a waiting list. Being different is no reason to leave it out, but the reader should see both.

# %%
far = outliers(pooled)
print(far.summary())

# %% [markdown]
# ## 5. Ask whether small studies tell another story

# %%
small = egger(yi, vi)
print(small.summary())
filled = trim_and_fill(yi, vi, labels=studies)
print(filled.summary())
corrected = pet_peese(yi, vi)
print(corrected.summary())

# %%
points = [FunnelPoint(name, float(y), float(np.sqrt(v))) for name, y, v in zip(studies, yi, vi, strict=True)]
funnel = ContourFunnel("Funnel", "Effects by standard error.", points, "Hedges g", centre=pooled.estimate)
funnel_svg = standalone(funnel.svg())

# %% [markdown]
# None of these tests shows that studies are missing, or that none are. With fewer than ten they show next to nothing.
#
# ## 6. Effects from means and SDs
#
# The second set has 161 effects of 25 trials (derived from the Metapsy database, ODC-BY 1.0), with means, SDs and
# group sizes as coded. All scales count symptoms, so low is good: `direction` turns effects, and positive is benefit.

# %%
coded = pl.read_csv(EVIDENCE / "fibromyalgia_psychotherapy_smd.csv")
columns = {
    "m1i": "mean_arm1", "sd1i": "sd_arm1", "n1i": "n_arm1", "m2i": "mean_arm2", "sd2i": "sd_arm2", "n2i": "n_arm2",
    "label": "study",
}  # fmt: skip
effects = effect_table(coded, "SMD", columns)
print(effects.summary())

# %% [markdown]
# Some scales count ability instead, so the file has a column `yi` in which each effect was turned by hand. Check that
# nothing but the sign differs from ours, then go on with it. What `effect_table` flags is to be looked up: Castel 2012
# seems to have standard errors where SDs should stand, which makes an effect of nearly five SDs. It is kept here.

# %%
turned = coded["yi"].to_numpy()
largest_difference = float(np.max(np.abs(np.abs(effects.yi) - np.abs(turned))))
print(f"Largest difference in size: {largest_difference:.1e}")

# %% [markdown]
# ## 7. Several effects a study: do not count people twice
#
# A trial with twelve outcomes is not twelve trials. The three-level model has a variance between studies and one
# between the effects of a study; CR2 standard errors with Satterthwaite's degrees of freedom hold even when the
# model of the dependence is wrong.

# %%
nested = three_level(turned, coded["vi"].to_numpy(), coded["study"].to_list())
print(nested.summary())
naive = pool(turned, coded["vi"].to_numpy())
print(f"As if independent, the interval would have had {naive.se / nested.se:.0%} of this width.")

# %% [markdown]
# The outcomes of one trial share their people, so their sampling errors are correlated. It is seldom reported
# how much: assume a correlation, and show that the answer does not hang on it.

# %%
over_rho = rho_sensitivity(turned, coded["vi"].to_numpy(), coded["study"].to_list())
print(over_rho)

# %% [markdown]
# ## 8. Groups of studies
#
# One effect a study again: of each trial the most precise somatic outcome after treatment. Does it matter what therapy
# was compared with? (Nobody drew lots over that: what differs between these trials may be anything.)

# %%
somatic = (
    coded.filter((pl.col("outcome_domain") == "som") & (pl.col("time") == "post"))
    .sort("study", "vi")
    .unique("study", keep="first", maintain_order=True)
)
after = pool(somatic["yi"].to_numpy(), somatic["vi"].to_numpy(), labels=somatic["study"].to_list(), test="knha")
print(after.summary())
controls = {"wl": "waiting list", "tau": "usual care", "att plac": "placebo", "psy plac": "placebo"}
by_control = subgroups(after, [controls[one] for one in somatic["condition_arm2"]], tau2="common", by="control")
print(by_control.summary())

# %% [markdown]
# ## 9. The same question with a prior
#
# Where studies are few, say beforehand what spread is plausible. Here there are enough that it hardly matters.

# %%
posterior = bayesian(yi, vi)
print(posterior.summary())

# %% [markdown]
# ## 10. The sentence
#
# Report the mean, the prediction interval, what was left out and what you could not see:

# %%
sentence = (
    f"In {pooled.k} comparisons the programmes lowered interference by {pooled.estimate:.2f} SD "
    f"(95 % {pooled.ci_low:.2f} to {pooled.ci_high:.2f}); in a new study the true effect would lie between "
    f"{pooled.pi_low:.2f} and {pooled.pi_high:.2f}. Comparisons that share a control group were counted as "
    "independent, and the rows after M are not in the file."
)
print(sentence)

# %% [markdown]
# The same from the command line, with a report:
#
# ```
# accord pool examples/evidence/gandy2022_forest_interference.csv --effect g --se se --label study --knha
# ```
#
# Next: how each number is computed (docs/explanation/synthesis.md, synthesis-bias-and-dependence.md), the measures
# (docs/reference/effect-sizes.md), all pictures (docs/reference/gallery.md).
