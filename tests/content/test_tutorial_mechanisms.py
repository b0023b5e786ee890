"""The tutorial on mechanisms and power runs, finds what it put in, and its reference page names every key."""

import importlib
import importlib.util
import json
from pathlib import Path

import pytest

from accord.cli.main import main

ROOT = Path(__file__).parents[2]


def test_the_tutorial_finds_what_it_put_in(capsys):
    spec = importlib.util.spec_from_file_location("mechanisms", ROOT / "docs/tutorials/mechanisms_and_power.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.main()
    said = capsys.readouterr().out
    assert found["indirect"] == pytest.approx(0.2, abs=0.1)
    assert 0 < found["acme"] < 0.15
    assert 0.2 < found["rho"] < 0.6
    assert 0.1 < found["power"] < 0.7
    assert "would vanish" in said
    assert "months after the first referral" in said


def test_the_command_prints_the_keys_that_its_page_names(capsys, tmp_path, monkeypatch):
    out = tmp_path / "power"
    call = ["accord", "power", "mair", "--n", "20:40:20", "--replicates", "3", "--per-month", "8", "--json"]
    monkeypatch.setattr("sys.argv", [*call, "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    made = json.loads(capsys.readouterr().out)
    page = (ROOT / "docs/reference/power.md").read_text(encoding="utf-8")
    keys = {*made, *made["curves"][0], *made["curves"][0]["points"][0], *made["accrual"][0]}
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert [point["n"] for point in made["curves"][0]["points"]] == [20, 40]
    assert {file.name for file in out.iterdir()} == {"power.svg", "power.csv", "power.json"}


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [(["--n", "many"], "Write a number"), (["--target", "hope"], "Use one of"), (["--per-month", "0"], "above 0")],
)
def test_what_is_refused_is_one_message_before_any_work_and_nothing_is_written(
    capsys, tmp_path, monkeypatch, wrong, cure
):
    out = tmp_path / "power"
    module = importlib.import_module("accord.science.power.protocol_power")
    monkeypatch.setattr(module, "judge_batch", None)  # a study that is simulated would fail otherwise
    monkeypatch.setattr("sys.argv", ["accord", "power", "mair", *wrong, "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert cure in capsys.readouterr().err
    assert not out.exists()
