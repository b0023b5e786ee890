"""Wording packs: read, checked against the definition, kept in the site; hostile ones refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotFound
from accord.science.instruments.wording import load_wording, read_wording, save_wording, wording_languages

SAID = {"instrument": "peg", "language": "en", "version": "2009", "licence": "our agreement"}


def questionnaire(**changes: Any) -> dict[str, Any]:
    """A FHIR Questionnaire with invented words; no real wording stands in this repository."""
    item = [
        {
            "linkId": f"item_{number}", "text": f"invented question {number}", "type": "choice",
            "answerOption": [{"valueCoding": {"code": "0", "display": "nothing"}}],
        }
        for number in (1, 2, 3)
    ]  # fmt: skip
    said = {"name": "peg", "language": "en", "version": "2009", "copyright": "our agreement"}
    return {"resourceType": "Questionnaire", **said, "item": item, **changes}


def fhir(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "pack.json"
    path.write_text(json.dumps(questionnaire(**changes)), encoding="utf-8")
    return path


def sheet(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pack.csv"
    path.write_text(text, encoding="utf-8")
    return path


CSV = "item,text,option_0,option_10\nitem_1,one,none,most\nitem_2,two,none,most\nitem_3,three,,\n"


def test_a_fhir_pack_goes_in_and_comes_out(tmp_path: Path) -> None:
    pack = read_wording(fhir(tmp_path))
    assert (pack.instrument, pack.language, pack.version, pack.licence) == ("peg", "en", "2009", "our agreement")
    path = save_wording(pack, site=tmp_path)
    assert path == tmp_path / "wording" / "peg.en.json"
    again = load_wording("PEG", language="en", site=tmp_path)
    assert again == pack
    assert again is not None
    assert again.items["item_2"].text == "invented question 2"
    assert again.items["item_2"].options == {"0": "nothing"}
    assert wording_languages("peg", site=tmp_path) == ["en"]
    assert not list(tmp_path.glob("wording/*.part"))


def test_a_csv_pack(tmp_path: Path) -> None:
    pack = read_wording(sheet(tmp_path, CSV), **SAID)
    assert pack.items["item_1"].options == {"0": "none", "10": "most"}
    assert pack.items["item_3"].options == {}
    assert read_wording(sheet(tmp_path, CSV.replace(",", ";")), **SAID) == pack


def test_groups_are_opened_and_displays_left_out(tmp_path: Path) -> None:
    items = questionnaire()["item"]
    group = [{"type": "display", "linkId": "x", "text": "hello"}, {"type": "group", "linkId": "g", "item": items}]
    assert len(read_wording(fhir(tmp_path, item=group)).items) == 3


def test_numbers_alone_name_items(tmp_path: Path) -> None:
    assert list(read_wording(sheet(tmp_path, CSV.replace("item_", "")), **SAID).items) == ["item_1", "item_2", "item_3"]


def test_no_pack_no_wording(tmp_path: Path) -> None:
    assert load_wording("peg", language="it", site=tmp_path) is None
    assert load_wording("peg", language="en", site=None) is None
    assert load_wording("peg", language="../../etc", site=tmp_path) is None
    assert wording_languages("peg", site=None) == []


def many(depth: int) -> list[dict[str, Any]]:
    inner: list[dict[str, Any]] = questionnaire()["item"]
    for _ in range(depth):
        inner = [{"type": "group", "linkId": "g", "item": inner}]
    return inner


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"resourceType": "Patient"}, "resourceType is 'Patient'"),
        ({"item": questionnaire()["item"][:2]}, "2 of 3 items; item_3 missing"),
        ({"item": [*questionnaire()["item"], questionnaire()["item"][0]]}, "item_1 stands twice"),
        ({"item": [{"linkId": "item_9", "text": "x"}]}, "peg has no item 'item_9'.*item_1, item_2, item_3"),
        ({"item": "nothing"}, "no list of questions"),
        ({"item": [1]}, "one of its items is no object"),
        ({"item": many(40)}, "no list of questions"),
        ({"item": [{"linkId": "item_1"}]}, "item_1 has no text"),
        ({"item": [{"linkId": "item_1", "text": "<script>alert(1)</script>"}]}, "markup or control characters"),
        ({"item": [{"linkId": "item_1", "text": "a\u0007b"}]}, "markup or control characters"),
        ({"item": [{"linkId": "item_1", "text": "x" * 3000}]}, "3,000 characters; at most 2,000"),
        ({"language": "../../x"}, "no language code"),
        ({"language": 7}, "language has no text"),
        ({"copyright": ""}, "copyright has no text"),
        ({"version": None}, "version has no text"),
        ({"description": "javascript:alert(1)"}, "description holds markup"),
        ({"name": "safety_check", "item": [{"linkId": "item_1", "text": "x"}]}, "wording of safety_check is our own"),
        ({"item": [{**entry, "answerOption": [{"valueCoding": {"code": "11", "display": "x"}}]}
                   for entry in questionnaire()["item"]]}, "has an answer 11; it runs from 0 to 10"),
        ({"item": [{**questionnaire()["item"][0], "answerOption": [{"valueCoding": {"code": "LA6", "display": "x"}}]}]},
         "the answer 'LA6' is no number"),
    ],
)  # fmt: skip
def test_a_wrong_or_hostile_questionnaire_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_wording(fhir(tmp_path, **changes))
    assert not (tmp_path / "wording").exists()


def test_an_unknown_instrument_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Did you mean peg"):
        read_wording(fhir(tmp_path, name="pegg"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CSV.replace("item,text", "item,words"), "the columns item and text are needed"),
        (CSV.replace("item_3,three,,", "item_3,three"), "row 3.*number of fields"),
        (CSV.replace("item_3", "item_2"), "item_2 stands twice"),
        (CSV.replace("option_10", "option_11"), "has an answer 11"),
        (CSV.replace("option_10", "option_x"), "the answer 'x' is no number"),
        (CSV + 'item_3,"x,y,z\n', "cannot be read"),
        ("", "the columns item and text are needed"),
        ('{"a": 1, "a": 2}', "a key stands twice"),
        ('{"a": ', "not valid JSON"),
        ("[1, 2]", "no JSON object"),
        ("[" * 5000, "not valid JSON|nested deeper"),
        ("x" * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_wording(sheet(tmp_path, text), **SAID)


def test_a_csv_must_be_told_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"language, licence of this pack is not known.*--language, --licence"):
        read_wording(sheet(tmp_path, CSV), instrument="peg", version="1")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "pack.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_wording(path, **SAID)


def test_a_spoilt_stored_pack_says_how_to_mend_it(tmp_path: Path) -> None:
    save_wording(read_wording(fhir(tmp_path)), site=tmp_path)
    (tmp_path / "wording" / "peg.en.json").write_text('{"items": {"item_1": 3}}', encoding="utf-8")
    with pytest.raises(BadInput, match="Import it again"):
        load_wording("peg", language="en", site=tmp_path)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["item", "linkId", "text", "type", "answerOption", "valueCoding", "code", "display"]), inner, max_size=4)),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item=JSON, language=JSON)
def test_whatever_the_questionnaire_it_is_refused_in_words(tmp_path: Path, item: Any, language: Any) -> None:
    with pytest.raises(BadInput):
        read_wording(fhir(tmp_path, item=item, language=language))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.one_of(st.binary(max_size=100), st.text(max_size=100).map(lambda text: text.encode())))
def test_whatever_the_bytes_they_are_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "pack"
    path.write_bytes(raw)
    with pytest.raises(BadInput):
        read_wording(path, **SAID)
