"""Why it works, and how many people it takes: a tutorial that runs.

    python docs/tutorials/mechanisms_and_power.py

It invents a trial in which confidence carries a part of the effect, finds that part again, asks how sure one may be of
it, and then how many people such a trial needs.
"""

from __future__ import annotations

import numpy as np

from accord.science.estimates.mediation.causal import causal_mediation
from accord.science.estimates.mediation.indirect import mediate
from accord.science.estimates.mediation.sensitivity import sensitivity
from accord.science.power import people_for_two_means, protocol_power
from accord.science.power.accrual import accrual
from accord.science.protocols import load_protocol


def main() -> dict[str, float]:
    # A trial of 400 people: half are offered the programme; confidence rises by .5, and .4 of that reaches pain.
    random = np.random.default_rng(1)
    offered = random.integers(0, 2, 400).astype(float)
    before = random.normal(size=400)
    confidence = 0.5 * offered + 0.5 * before + random.normal(size=400)
    pain_relief = 0.4 * confidence + 0.1 * offered + random.normal(size=400)

    # 1. The part that runs along confidence: a product of two slopes, with limits that know it is skew.
    found = mediate(offered, {"confidence": confidence}, pain_relief, covariates={"before": before}, limits="bca")
    print(found.summary())

    # 2. The same in the language of causes, where improvement is yes or no. A log odds ratio is never multiplied.
    better = (pain_relief > 0.3).astype(float)
    causal = causal_mediation(offered, confidence, better, covariates={"before": before}, outcome_model="logit")
    print(causal.summary())

    # 3. Confidence was not allocated. How strong would something unmeasured have to be?
    hidden = sensitivity(offered, confidence, pain_relief, covariates={"before": before}, draws=200)
    print(hidden.summary())

    # 4. How many people: a formula first, then the protocol's own analysis on its own invented studies.
    print(f"By formula: {people_for_two_means(0.5)} people an arm for half a standard deviation.")
    protocol = load_protocol("mair")
    curve = protocol_power(protocol, [41], replicates=60)[0]
    print(curve.summary())
    print(accrual(protocol, 41, referred_a_month=10).summary())
    return {
        "indirect": float(found.indirect[0].value or 0.0),
        "acme": float(causal.effect("acme").value or 0.0),
        "rho": hidden.rho_at_zero,
        "power": curve.points[0].power,
    }


if __name__ == "__main__":
    main()
