"""However a good protocol is spoilt, what comes back is findings or an AccordError: never anything else."""

from contextlib import suppress
from copy import deepcopy

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tiny_protocol import GOOD, as_text

from accord.science.definitions.document import parse_document
from accord.science.errors import AccordError
from accord.science.protocols import inspect_protocol, load_protocol, protocol_document, schedule, schedule_picture

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**7), 10**12), st.floats(allow_nan=True), st.text(max_size=12),
    st.sampled_from([
        "baseline", "post", "one", "two", "0..14", "session:4", "session:99999", "phq_9.total", "demo:phq_9.total",
        "a.b", ".", "all", "100%", "answer ==", "x" * 400, "<b>", "synchrony:", "patient", "same", "enrolment", "[]",
    ]),
    st.lists(st.sampled_from(["phq_9", "nobody", "", 3, None, {}]), max_size=3),
    st.dictionaries(st.sampled_from(["one", "post", "assumed", "source", "x"]), st.integers(0, 9), max_size=3),
)  # fmt: skip
QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole protocol would take minutes
)  # fmt: skip


def paths(data: object, here: tuple = ()) -> list[tuple]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [here, *(path for key, value in below for path in paths(value, (*here, key)))]


PATHS = paths(GOOD)[1:]
TEXT = as_text(GOOD)


def found(data: object, path: tuple) -> object:
    """What stands at a path, None where an earlier change took it away."""
    for key in path:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def everything(text: str) -> None:
    """Check it; and when its shape is right, lay it out and draw it. What is no YAML is refused by name."""
    try:
        document = parse_document(text, file="spoilt.yaml")
    except AccordError:
        return
    report = inspect_protocol(document)
    assert report.protocol is not None or report.findings
    assert all(str(finding) and finding.to_dict() for finding in report.findings)
    if report.protocol is not None:
        assert all(row.to_dict() for row in schedule(report.protocol))
        schedule_picture(report.protocol).svg()


@QUICK
@given(st.lists(st.tuples(st.sampled_from(PATHS), JUNK), min_size=1, max_size=3))
def test_values_of_any_kind_anywhere(changes):
    data = deepcopy(GOOD)
    for path, value in changes:
        parent = found(data, path[:-1])
        if isinstance(parent, dict) or (isinstance(parent, list) and path[-1] < len(parent)):
            parent[path[-1]] = value
    everything(as_text(data))


@QUICK
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3))
def test_anything_left_out(gone):
    data = deepcopy(GOOD)
    for path in gone:
        parent = found(data, path[:-1])
        if found(parent, path[-1:]) is not None:
            del parent[path[-1]]
    everything(as_text(data))


@QUICK
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 40),
    st.one_of(st.text(max_size=10), st.sampled_from(["\t", "\x00", "\x85", "{{", "&a", "*a", "!!x ", "? ", "---"])),
)
def test_any_text_in_the_file(tmp_path_factory, at, length, junk):
    path = tmp_path_factory.mktemp("fuzz") / "spoilt.yaml"
    path.write_text(TEXT[:at] + junk + TEXT[at + length :], encoding="utf-8", errors="surrogatepass")
    with suppress(AccordError):
        load_protocol(path)
        everything(protocol_document(path).text)
