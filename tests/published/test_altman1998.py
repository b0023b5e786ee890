"""Altman 1998, BMJ 317:1309: confidence intervals of the number needed to treat run through infinity."""

from accord.science.estimates.nnt import notation, number_needed_to_treat


def test_the_papers_example():
    """Risk difference 10 % (-5 % to 25 %): NNTB 10 (NNTB 4 to infinity to NNTH 20)."""
    assert notation(0.10, -0.05, 0.25) == "NNTB 10 (NNTB 4.0 to infinity to NNTH 20)"


def test_rule_c21():
    found = number_needed_to_treat((8, 20), (3, 21), responder="50 % better", time_point="post", missing="left out")
    assert found.text.startswith("NNTB 3.9 (NNTB 2.0 to infinity to NNTH 65); 8 of 20 against 3 of 21; ")
