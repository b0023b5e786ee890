"""A protocol is found by slug or path, and a wrong file gets one clear message with file and line."""

import pytest
from tiny_protocol import GOOD, as_document

from accord.science.definitions.document import MAX_BYTES
from accord.science.errors import AccordError, BadContent, NotFound
from accord.science.protocols import load_protocol, protocol_hash, protocol_names


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(as_document(GOOD).text)
    return path


def test_by_path(file):
    assert load_protocol(file).slug == "tiny"
    assert load_protocol(str(file)).arms["one"].group_size.largest == 10


@pytest.mark.parametrize("spelling", ["routine-care", "Routine-Care", "routine_care", "ROUTINE CARE"])
def test_by_slug_in_any_spelling(spelling):
    assert load_protocol(spelling).slug == "routine-care"


def test_a_site_brings_its_own(tmp_path, file):
    folder = tmp_path / "protocols"
    folder.mkdir()
    file.rename(folder / "tiny.yaml")
    assert "tiny" in protocol_names(site=tmp_path)
    assert load_protocol("tiny", site=tmp_path).title == "A tiny trial"


def test_an_unknown_slug_names_the_nearest():
    with pytest.raises(NotFound, match="Did you mean mair"):
        load_protocol("mairr")


def test_an_unknown_path():
    with pytest.raises(NotFound, match=r"no protocol file somewhere/tiny\.yaml"):
        load_protocol("somewhere/tiny.yaml")


def test_the_hash_is_of_the_text_whatever_the_line_ends():
    assert protocol_hash("a: 1\r\nb: 2\r\n") == protocol_hash("a: 1\nb: 2\n")
    assert protocol_hash("a: 1\n") != protocol_hash("a: 2\n")
    assert protocol_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


# (what stands in the good file, what is written instead, what the message says)
WRONG = {
    "typo in a key": ("repeat_if_older_than: 28", "repeat_if_older_then: 28", "repeat_if_older_then: Extra inputs"),
    "wrong type": ("target: 40", "target: many", "population.target: Input should be a valid integer"),
    "number too large": ("target: 40", "target: 40000000000", "less than or equal to 10000000"),
    "unknown anchor": ("anchor: session:4", "anchor: sesion:4", "schedule.session_4.anchor"),
    "window backwards": ("days: 84..112", "days: 112..84", "ends before it begins: 112..84"),
    "window as words": ("days: 84..112", "days: three months", "write a window of days as first..last"),
    "window true": ("days: 84..112", "days: true", "write a window of days as first..last"),
    "window of a century": ("days: 84..112", "days: 0..99999", "less than or equal to 36500"),
    "group of nobody": ("group_size: 6-10", "group_size: about ten", "smallest-largest"),
    "group backwards": ("group_size: 6-10", "group_size: 10-6", "below its smallest"),
    "scale without instrument": ("scale: phq_9.total", "scale: phq_9", "endpoints.secondary.0.scale"),
    "percent": ("improved_by: 30%", "improved_by: 0.3", "improved_by"),
    "not a number": ("mean: 43", "mean: .nan", "found '.nan'"),
    "share of more than one": ("share: 0.05", "share: 5", "less than or equal to 1"),
    "unknown model": ("- constrained-mmrm", "- magic", "analysis.models.0"),
    "a list for a mapping": ("sample_size:\n  n: 40\n  reasoning: An example.\n  assumed: all", "sample_size: [40]",
                             "sample_size"),
    "nothing": ("sample_size:\n  n: 40\n  reasoning: An example.\n  assumed: all\n", "", "sample_size: Field required"),
}  # fmt: skip
TEXT = as_document(GOOD).text.replace(
    "  covariates:\n",
    "  responder:\n    scale: phq_9.total\n    at: post\n    improved_by: 30%\n    assumed: all\n  covariates:\n", 1,
)  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_shape_is_named_with_its_line(tmp_path, case):
    found, instead, words = WRONG[case]
    assert found in TEXT
    path = tmp_path / "wrong.yaml"
    path.write_text(TEXT.replace(found, instead, 1))
    with pytest.raises(BadContent) as error:
        load_protocol(path)
    assert words in str(error.value)
    lines = [finding.where.line for finding in error.value.findings if words in finding.what]
    first = instead.split("\n")[0].strip()
    expected = next((n for n, line in enumerate(path.read_text().split("\n"), 1) if first and first in line), 1)
    assert lines == [expected]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("protocol: tiny\nprotocol: again\n", "line 2: a key stands twice"),
        ("protocol: [tiny\n", "not valid YAML"),
        ("protocol: &a tiny\ntitle: *a\n", "line 1: anchors, aliases and tags"),
        ("protocol: !!python/object:os.system x\n", "anchors, aliases and tags"),
        ("", "cannot be used"),
        ("- a\n- b\n", "cannot be used"),
        ("just words\n", "cannot be used"),
        ("a: " * 5 + "1\n", "not valid YAML"),
        ("x: " + "[" * 200 + "]" * 200 + "\n", "nested"),
    ],
)
def test_a_file_that_is_no_protocol(tmp_path, text, words):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(AccordError) as error:
        load_protocol(path)
    assert words in str(error.value)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_bytes(b"protocol: tiny\ntitle: caf\xe9\n")
    with pytest.raises(AccordError, match=r"line 2: this is not UTF-8"):
        load_protocol(path)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.yaml"
    path.write_text("# padding\n" * (MAX_BYTES // 10 + 1))
    with pytest.raises(AccordError, match="at most 1,000,000 are read"):
        load_protocol(path)
