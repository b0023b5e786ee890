"""C35: the nearest mark holds; at the top it holds for plain values only; single fields and entries may be assumed."""

from tiny_protocol import GOOD, as_document

from accord.science.protocols import statements
from accord.science.protocols.marks import spoken_path
from accord.science.protocols.model import Protocol


def marks(**changes) -> dict[str, str]:
    """Path -> source, 'assumed' or '-' for every statement; entries in brackets."""
    found = as_document(GOOD | changes).validated(Protocol)
    return {
        ".".join(str(key) for key in s.path) + (f"[{','.join(s.members)}]" if s.members else ""): (
            s.source or ("assumed" if s.assumed else "-")
        )
        for s in statements(found)
    }


SIZE = {"n": 40, "reasoning": "An example."}


def test_own_mark():
    assert marks(sample_size=SIZE | {"source": "book"})["sample_size.n"] == "book"
    assert marks(sample_size=SIZE | {"assumed": "all"})["sample_size.n"] == "assumed"
    assert marks(sample_size=SIZE)["sample_size.n"] == "-"


def test_single_assumed_fields_of_a_sourced_clause():
    found = marks(sample_size=SIZE | {"source": "book", "assumed": ["reasoning"]})
    assert (found["sample_size.n"], found["sample_size.reasoning"]) == ("book", "assumed")


def test_single_entries_of_a_list_are_told_apart():
    baseline = GOOD["schedule"]["baseline"] | {"source": "book", "assumed": ["patient.pseq", "days"]}
    found = marks(schedule=GOOD["schedule"] | {"baseline": baseline})
    assert found["schedule.baseline.patient[bpi_interference,phq_9]"] == "book"
    assert found["schedule.baseline.patient[pseq]"] == "assumed"
    assert found["schedule.baseline.days"] == "assumed"
    assert found["schedule.baseline.record"] == "book"


def test_a_mark_is_inherited_until_a_nearer_one():
    arms = {
        "one": GOOD["arms"]["one"]
        | {"assumed": ["contact"], "source": "book", "contact": {"mode": "mixed", "sessions": 3}},
        "two": GOOD["arms"]["two"] | {"contact": {"mode": "mixed", "sessions": 3, "source": "book"}},
    }
    found = marks(arms=arms)
    assert found["arms.one.contact.sessions"] == "assumed"
    assert found["arms.one.format"] == "book"
    assert found["arms.two.contact.sessions"] == "book"
    assert found["arms.two.format"] == "assumed"


def test_a_mark_at_the_top_never_covers_a_block():
    found = marks(source="book", assumed=["minimum"], sample_size=SIZE)
    assert found["nesting"] == "book"
    assert found["minimum"] == "assumed"
    assert found["sample_size.n"] == "-"


def test_names_titles_and_labels_need_no_mark():
    found = marks()
    assert not {"protocol", "title", "kind", "summary", "version", "arms.one.label"} & set(found)


def test_defaults_of_the_schema_are_no_statements_of_the_protocol():
    assert "endpoints.responder" not in marks()
    assert "arms.one.role" not in marks()


def test_a_path_for_reading_says_what_an_entry_is_about():
    found = as_document(GOOD).validated(Protocol)
    assert spoken_path(found, ("endpoints", "secondary", 0)) == "endpoints.secondary[phq_9.total at post]"
    assert spoken_path(found, ("population", "eligible_if", 0)) == "population.eligible_if[age]"
    assert spoken_path(found, ("arms", "one", "contact")) == "arms.one.contact"
