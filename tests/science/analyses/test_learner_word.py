"""`analysis.learner` of a protocol says what predicts; the report names it."""

from __future__ import annotations

import pytest
from made_up import made_up

from accord.science.analyses.predictors import predictors_part
from accord.science.analyses.study import make_study
from accord.science.protocols import load_protocol


@pytest.mark.parametrize(
    ("learner", "words"),
    [
        ("ridge", "logistic regression"),
        ("elastic-net", "elastic-net logistic regression"),
        ("boosting", "boosted trees"),
    ],
)
def test_the_protocol_chooses_what_predicts(learner, words):
    protocol = load_protocol("routine-care")
    known = {"improvement": ["age", "bpi_interference.total"]}
    analysis = protocol.analysis.model_copy(update={"learner": learner, "predictors": known})
    study = make_study(
        protocol.model_copy(update={"analysis": analysis}), made_up("routine-care", n=200), allow_invented=True
    )
    found = predictors_part(study)
    estimate = next(one for one in found.estimates if one.id == "prediction.improvement")
    assert estimate.method.startswith(words)
    first = " ".join(next(iter(found.section.blocks)).texts())
    assert first.lower().startswith(words)
