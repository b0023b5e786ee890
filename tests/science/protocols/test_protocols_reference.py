"""The reference of protocols says what the schema, the facts and the checker say."""

import re
from pathlib import Path

import pytest

from accord.science.definitions.document import parse_document
from accord.science.protocols import check, check_protocol, model
from accord.science.protocols.facts import FACTS
from accord.science.protocols.model import Clause

REFERENCE = (Path(__file__).parents[3] / "docs/reference/protocols.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`]+)`", REFERENCE))))
CLAUSES = [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, Clause)]


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda kind: kind.__name__)
def test_every_field_of_the_schema_is_documented(clause):
    assert sorted(set(clause.model_fields) - WORDS) == []


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_is_documented_with_its_meaning(fact):
    assert f"| `{fact}` | {FACTS[fact][3]} |" in REFERENCE


def test_every_rule_that_the_checker_names_is_documented():
    code = "".join(path.read_text() for path in Path(check.__file__).parent.glob("*.py"))
    table = REFERENCE[REFERENCE.index("## What the check finds") : REFERENCE.index("## Commands")]
    listed = set(re.findall(r"\b(?:[CE]\d+|simulate)\b", table))
    assert set(re.findall(r'rule="([CE]\d+)"', code)) | {"simulate"} <= listed | {"C37"}
    assert len(listed) > 20


def test_the_protocol_of_the_how_to_page_holds():
    page = Path(__file__).parents[3] / "docs/how-to/write-a-protocol.md"
    example = re.search(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)[1]
    findings = check_protocol(parse_document(example, file="example.yaml"))
    assert [str(finding) for finding in findings] == []
