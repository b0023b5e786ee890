"""docs/reference/effect-sizes.md says of each measure what the code says, and of options what they do."""

import re
from pathlib import Path

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes import FAMILIES, MEASURES, effect_size

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "effect-sizes.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PAGE.splitlines()
    if line.startswith("| `") and len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 6
}


def test_the_page_lists_every_measure_and_no_other():
    assert list(ROWS) == [
        measure.name for family in FAMILIES for measure in MEASURES.values() if measure.family == family
    ]


@pytest.mark.parametrize("name", MEASURES)
def test_a_row_says_what_the_code_says(name):
    measure = MEASURES[name]
    what, columns, formula, unit, source = ROWS[name]
    assert what.split(" (also")[0] == measure.label
    assert set(re.findall(r"`(\w+)`", what)) == set(measure.aliases)
    assert tuple(re.split(r"; some of |, ", columns)) == (*measure.needs, *measure.optional)
    assert (formula, unit, source) == (measure.formula, measure.unit, measure.source)


def test_families_are_named():
    assert re.findall(r"^### .* \(`(.+)`\)$", PAGE, re.MULTILINE) == list(FAMILIES)


def test_every_variance_on_the_page_is_taken_and_no_other():
    choices = {}
    for line in PAGE.split("## Variances")[1].split("`correction`")[0].splitlines():
        if match := re.match(r"\| ([A-Z][A-Z0-9_, ]+) \| (.+) \|$", line):
            for name in match[1].split(", "):
                choices[name] = re.findall(r"\b(LS2|LS|UB|AVHO|AV|HO|ST|CS)\b", match[2])
    values = dict.fromkeys(("m1i", "m2i", "mc1i", "mc2i"), 5.0)
    values |= {"m2i": 6.0, "mc2i": 6.0, "ai": 4, "ci": 6, "ri": 0.3, "ni": 40, "ti": 1.2, "fi": 2.0, "pi": 0.2,
               "signi": 1, "cohens_d": 0.3, "med1i": 5.0, "med2i": 6.0, "n1i": 20, "n2i": 30}  # fmt: skip
    values |= {f"{name}{g}i": v for g in (1, 2) for name, v in (("sd", 2.0), ("sdc", 2.0), ("lq", 4.0), ("uq", 7.0))}
    for name, measure in MEASURES.items():
        if measure.assumes_correlation or not {*measure.needs} <= set(values):
            continue
        for vtype in ("LS", "LS2", "UB", "AV", "AVHO", "HO", "ST", "CS"):
            if vtype in choices.get(name, []):
                assert np.isfinite(measure(values, vtype=vtype).vi)
            else:
                with pytest.raises(BadInput):
                    measure(values, vtype=vtype)
        if name in choices:
            assert measure(values).vi == measure(values, vtype=choices[name][0]).vi


def test_the_first_example_runs():
    code = re.search(r"one = effect_size\((.*)\)\n", PAGE)[1]
    found = eval(f"effect_size({code})", {"effect_size": effect_size})
    assert found.yi > 0
