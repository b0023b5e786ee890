"""The files of deploy/ are what they should be: parsed as far as their programs are here, and each command exists."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import Context, Group
from ruamel.yaml import YAML

from accord.cli.main import Commands
from accord.service.config import environment

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
ACCORD = Path(sys.executable).with_name("accord")


def compose() -> dict[str, Any]:
    return dict(YAML(typ="safe").load((ROOT / "compose.yaml").read_text()))


def check_command(words: list[str]) -> None:
    """The command exists and takes these options."""
    command = Commands().get_command(Context(Group("accord")), words[0])
    assert command is not None, words
    known = {option for parameter in command.params for option in getattr(parameter, "opts", ())}
    assert {word for word in words[1:] if word.startswith("--")} <= known, words


# --- the image --------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.split("#")[0] if line.startswith("#") else line for line in text.splitlines()]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines if line.strip()]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def test_the_image_runs_a_command_that_exists_as_nobody_in_particular():
    last = dict(last_stage())
    assert last["ENTRYPOINT"] == '["accord"]'
    check_command(re.findall(r'"([^"]*)"', last["CMD"]))
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"])


def test_the_image_has_the_python_that_is_tested():
    """The lock holds what this Python needs; another could need more, and would have it unhashed or not at all."""
    bases = [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert bases == [f"python:{sys.version_info.major}.{sys.version_info.minor}-slim-bookworm"] * 2


def test_the_image_installs_by_hash_only_and_keeps_no_tools():
    found = instructions()
    installs = [words for name, text in found if name == "RUN" for words in text.split("&&") if "pip install" in words]
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or ("--no-index" in words and "--no-deps" in words), words
    last = " ".join(text for _, text in last_stage())
    assert "pip install" not in last
    assert "apt" not in last
    assert "/opt/build" not in last
    text = (ROOT / "Dockerfile").read_text() + (ROOT / "compose.yaml").read_text()
    assert not re.search(r"https?://|--index-url|--extra-index|\w+\.\w+/\w+:\w+@sha", text), "no registry is named"


def test_what_the_image_copies_is_there_and_let_through():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for name, text in instructions():
        if name == "COPY" and not text.startswith("--from"):
            for source in text.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in allowed, source
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*", "nothing goes in that is not named"


def test_the_locks_of_the_image_are_part_of_the_whole_lock():
    spec = importlib.util.spec_from_file_location("deploy_lock", ROOT / "deploy" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    for name, text in lock.locks().items():
        assert (ROOT / "deploy" / name).read_text() == text, f"deploy/{name}: run python deploy/lock.py"
    runs = lock.locks()["requirements.lock"]
    assert "django==" in runs
    assert "psycopg==" in runs
    for tool in ("pytest", "playwright", "mypy", "ruff", "hatchling"):
        assert f"{tool}==" not in runs


# --- compose ----------------------------------------------------------------------------------------------------


def test_compose_has_database_web_clock_and_watchdog_locked_down():
    services = compose()["services"]
    assert services.keys() == {"database", "web", "clock", "watchdog", "backup"}
    for name in ("web", "clock", "watchdog", "backup"):
        service = services[name]
        check_command([str(word) for word in service["command"]])
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in services["database"]
    assert compose()["networks"]["inside"]["internal"] is True
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"], "only the proxy reaches it"
    assert "--data-checksums" in services["database"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_every_variable_of_the_environment_is_one_that_is_read():
    known = set(re.findall(r"^(ACCORD_[A-Z]+) ", environment.__doc__ or "", flags=re.MULTILINE))
    example = re.findall(r"^(\w+)=", (ROOT / "deploy" / "environment.example").read_text(), flags=re.MULTILINE)
    in_image = re.findall(r"(ACCORD_[A-Z]+)=", (ROOT / "Dockerfile").read_text())
    in_compose = list(compose()["x-accord"]["environment"])
    assert {*example, *in_image, *in_compose} <= known
    assert {"ACCORD_MODE", "ACCORD_KEYS", "ACCORD_CHECKPOINTS"} <= set(example)


# --- systemd ----------------------------------------------------------------------------------------------------

HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "CapabilityBoundingSet": "", "IPAddressDeny": "any", "RestrictNamespaces": "yes",
    "UMask": "0077", "User": "accord",
}  # fmt: skip


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_hardened(path):
    lines = [line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#")]
    said = dict(lines)
    for name, value in HARDENED.items():
        assert said[name] == value, name
    words = shlex.split(said["ExecStart"])
    assert words[0] == "/opt/accord/bin/accord"
    check_command(words[1:])


def test_systemd_reads_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        return  # a machine without systemd: what is above holds there too
    for path in (ROOT / "deploy" / "systemd").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/accord/bin/accord", str(ACCORD)))
    words = ["systemd-analyze", "verify", "--man=no", "--generators=no", *map(str, sorted(tmp_path.iterdir()))]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    planted = tmp_path / "accord-web.service"
    planted.write_text(planted.read_text().replace("ProtectSystem=strict", "ProtectSystem=mostly"))
    ran = subprocess.run([*words[:4], str(planted)], capture_output=True, text=True, check=False)
    assert "protect system" in ran.stderr, "a word that systemd does not know is found"


STATIC = "/var/lib/accord/static"  # where the web process leaves the crisis page


def test_what_nginx_reads_is_where_compose_and_systemd_leave_it():
    """A volume of Docker's own is closed to nginx: the folder is one of the machine's."""
    for name in ("web", "clock", "watchdog"):
        assert f"${{HELP_FOLDER:-{STATIC}}}:{STATIC}" in compose()["services"][name]["volumes"]
    unit = (ROOT / "deploy" / "systemd" / "accord-web.service").read_text()
    assert "StateDirectory=accord " in unit
    assert "StateDirectoryMode=0711" in unit


# --- nginx ------------------------------------------------------------------------------------------------------


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """(block, directives) of a configuration, in order; every brace is closed, every directive ends."""
    found: list[tuple[str, list[str]]] = []
    stack: list[tuple[str, list[str]]] = [("", [])]
    for piece in re.findall(r"[^;{}]+[;{]|\}", re.sub(r"#.*", "", text)):
        words = " ".join(piece[:-1].split())
        if piece == "}":
            found.append(stack.pop())
            assert stack, "one brace too many"
        elif piece.endswith("{"):
            stack.append((words, []))
        else:
            stack[-1][1].append(words)
    assert len(stack) == 1, "a brace is missing"
    return [*found, *stack]


def test_nginx_shows_the_crisis_page_and_hides_what_came_in():
    text = (ROOT / "deploy" / "nginx" / "accord.conf").read_text()
    found = blocks(text)
    by_name = dict(found)
    assert {"location /", "location = /help", "location @help", "location @down"} <= by_name.keys()
    assert "error_page 500 502 503 504 =200 @help" in by_name["location = /help"]
    assert "try_files /help.html =503" in by_name["location @help"]
    server = next(lines for name, lines in found if name == "server" and any("ssl" in line for line in lines))
    assert {"proxy_set_header X-Forwarded-Proto https", 'proxy_set_header X-Forwarded-For ""',
            "server_tokens off", "ssl_protocols TLSv1.2 TLSv1.3"} <= set(server)  # fmt: skip
    for name in ("location @help", "location @down"):
        assert f"root {STATIC}" in by_name[name]
        headers = " ".join(by_name[name])
        for header in ("Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security", "no-store"):
            assert header in headers
    assert "$request_uri" not in "".join(line for line in by_name[""] if line.startswith("log_format"))
