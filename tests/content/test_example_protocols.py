"""The example studies judge data that exist; their protocols hold as such, and only scales of the data are foreign."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.science.protocols import check_protocol, protocol_document

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["ashar2022", "antidepressant"])
def test_the_protocol_of_an_example_holds(name: str) -> None:
    findings = check_protocol(protocol_document(EXAMPLES / name / "protocol.yaml"))
    assert [str(finding) for finding in findings if not finding.warning] == []
    assert {finding.rule for finding in findings} == {"E8"}


@pytest.mark.parametrize("name", ["ashar2022", "antidepressant"])
def test_data_of_an_example_come_with_source_and_licence(name: str) -> None:
    folder = EXAMPLES / name
    for data in folder.glob("*.csv"):
        told = (folder / f"{data.stem}.source.txt").read_text()
        assert "CC0" in told or "Apache-2.0" in told
    assert (folder / "README.md").is_file()
