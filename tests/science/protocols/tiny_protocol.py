"""A good protocol of one's own, small and complete, and ways to spoil it."""

import io
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML

from accord.science.definitions import Document
from accord.science.definitions.document import parse_document

# Two group arms, everything that the rules ask for, nothing more. Built from plain values so that a test can change
# one of them and see exactly one rule speak.
GOOD: dict[str, Any] = {
    "protocol": "tiny", "version": 1, "title": "A tiny trial", "kind": "randomised",
    "summary": "Two groups.", "sources": {"book": {"citation": "A book.", "read": "full"}},
    "assumed": ["nesting", "minimum"],
    "consent": {"patient": {"scopes": ["questionnaires", "physiology"]},
                "therapist": {"scopes": ["ratings", "physiology"]}, "assumed": "all"},
    "population": {
        "target": 40, "description": "Adults", "ask_first": ["contact", "where_you_are"], "background": ["age"],
        "eligible_if": [{"ask": "age", "rule": "answer >= 18", "otherwise": "This is for adults."}], "assumed": "all",
    },
    "arms": {
        "one": {"label": "One", "format": "group", "group_size": "6-10", "assumed": "all",
                "contact": {"mode": "synchronous", "sessions": 8, "minutes": 90, "every_days": 7}},
        "two": {"label": "Two", "format": "group", "group_size": "6-10", "assumed": "all",
                "contact": {"mode": "synchronous", "sessions": 8, "minutes": 90, "every_days": 7}},
    },
    "nesting": ["patient", "group"],
    "allocation": {"method": "permuted-blocks", "ratio": {"one": 1, "two": 1}, "in_batches_of": "two-groups",
                   "conceal_until": "enrolment is final", "assumed": "all"},
    "schedule": {
        "baseline": {"anchor": "enrolment", "days": "0..14", "repeat_if_older_than": 28, "assumed": "all",
                     "patient": ["bpi_interference", "phq_9", "pseq"], "record": ["medicines", "other_treatment"]},
        "weekly": {"anchor": "group-start", "days": "5..9", "every": 7, "times": 7, "patient": ["diary"],
                   "informs": "monitoring", "assumed": "all"},
        "session_4": {"anchor": "session:4", "days": "0..3", "patient": ["bpi_interference", "phq_9", "wai_sr"],
                      "therapist": ["wai_s_t"], "member": ["gcq_s"], "assumed": "all"},
        "post": {"anchor": "group-end", "days": "0..14", "same_as": "baseline", "assumed": "all"},
        "follow_up": {"anchor": "group-end", "days": "84..112", "same_as": "baseline", "assumed": "all"},
    },
    "always": {"patient": ["safety_check"], "assumed": "all"},
    "minimum": ["bpi_interference", "safety_check"],
    "safety": {"ladder": "service-default@2", "assumed": "all",
               "deterioration": {"scales": ["bpi_interference.total", "phq_9.total"], "occasions": 2}},
    "visibility": {"alliance": {"therapist_sees": "never", "rupture_prompt": "off"},
                   "cohesion": {"leader_sees": "never"}, "assumed": "all"},
    "endpoints": {
        "contrasts": {"one_two": {"label": "One v. two", "arms": ["one", "two"], "source": "book"}},
        "primary": {"scale": "bpi_interference.total", "at": "post", "contrasts": ["one_two"], "source": "book"},
        "secondary": [{"scale": "phq_9.total", "at": "post", "contrasts": ["one_two"], "assumed": "all"}],
        "mechanism": {"mediators": ["pseq.total"], "mediators_at": "post", "outcome": "bpi_interference.total",
                      "outcome_at": "follow_up", "contrast": "one_two", "model": "parallel-paths", "assumed": "all"},
        "associations": {
            "alliance": {"predictor": "wai_sr.total", "predictor_at": ["session_4"], "outcome": "phq_9.total",
                         "outcome_at": ["post"], "parts": ["between"], "assumed": "all"},
        },
        "covariates": ["age"], "assumed": ["covariates"],
    },
    "analysis": {
        "populations": {"itt": "allocated", "per_protocol": "sessions_attended >= 6"},
        "models": ["constrained-mmrm", "ancova-cluster-cr2"], "cluster": "group",
        "missing": {"primary": "mar", "sensitivity": ["jump-to-reference"]},
        "multiplicity": {"family": "secondary", "method": "holm"},
        "seal_before": "first unblinding", "words": "comparison", "assumed": "all",
    },
    "sample_size": {"n": 40, "reasoning": "An example.", "assumed": "all"},
    "simulate": {
        "scales": {
            "bpi_interference.total": {"mean": 6, "sd": 2, "change": {
                "session_4": 0.2, "post": {"one": 0.5, "two": 0.2}, "follow_up": {"one": 0.5, "two": 0.2}}},
            "phq_9.total": {"mean": 11, "sd": 5, "change": {"session_4": 0.1, "post": 0.3, "follow_up": 0.3}},
            "pseq.total": {"mean": 25, "sd": 11, "change": {"post": 0.3, "follow_up": 0.3}},
            "wai_sr.total": {"mean": 43, "sd": 8},
        },
        "attrition": {"session_4": 0.05, "post": 0.1, "follow_up": 0.2},
        "clusters": {"group": {"share": 0.05, "size": 8}},
        "associations": {"alliance": {"between": 0.2}},
        "assumed": "all",
    },
}  # fmt: skip

Spoil = Callable[[dict[str, Any]], object]


def as_text(data: object) -> str:
    """YAML without anchors, whatever stands in it twice."""
    yaml, out = YAML(), io.StringIO()
    yaml.representer.ignore_aliases = lambda data: True
    yaml.dump(data, out)
    return out.getvalue()


def as_document(data: object, *, file: str = "tiny.yaml") -> Document:
    return parse_document(as_text(data), file=file)


def put(path: str, value: object) -> Spoil:
    """Set the value at a dotted path; an integer is a place in a list, `None` removes."""

    def spoil(data: dict[str, Any]) -> None:
        here: Any = data
        *parents, last = [int(key) if key.isdigit() else key for key in path.split("/")]
        for key in parents:
            here = here[key]
        if value is None:
            del here[last]
        else:
            here[last] = value

    return spoil
