"""The lists of the reference: what there is, read off the code and the content, so that no list goes stale."""

from __future__ import annotations

import inspect

from accord.science.instruments.load import instrument_ids, load_instrument
from accord.science.protocols import load_protocol, protocol_names
from accord.service.access.table import TABLE
from accord.service.config import environment

_MADE = "Written by `make docs` from the code."
_WORDS = {"higher_worse": "higher is worse", "higher_better": "higher is better"}


def settings_page() -> str:
    """Every variable of the environment, as `config/environment.py` names them."""
    lines = ["# Settings", "", f"{_MADE} One file reads the environment: `service/config/environment.py`.", ""]
    lines += ["| variable | what it says |", "|---|---|"]
    for line in inspect.getdoc(environment).splitlines():  # type: ignore[union-attr]
        name, _, words = line.strip().partition(" ")
        if name.startswith("ACCORD_"):
            lines.append(f"| `{name}` | {words.strip()} |")
    return "\n".join(lines) + "\n"


def instruments_page() -> str:
    """Every questionnaire with its scales."""
    lines = ["# All instruments", "", f"{_MADE} How a file reads: [instruments](instruments.md).", ""]
    lines += ["| id | name | who answers | wording | scale | range | direction |", "|---|---|---|---|---|---|---|"]
    for name in instrument_ids():
        one = load_instrument(name)
        wording = "ours" if one.own else "a pack of the site"
        who = ", ".join(one.informants)
        scales = list(one.scales.values())
        if not scales:
            lines.append(f"| `{one.id}` | {one.name} | {who} | {wording} | not scored | | |")
        for place, scale in enumerate(scales):
            first = f"`{one.id}` | {one.name} | {who} | {wording}" if place == 0 else " | | |"
            ends = f"{scale.minimum:g} to {scale.maximum:g}"
            lines.append(f"| {first} | `{scale.ref}` | {ends} | {_WORDS.get(scale.direction, 'no direction')} |")
    return "\n".join(lines) + "\n"


def protocols_page() -> str:
    """Every protocol: what it is, how many people, what is asked when, what it promises to judge."""
    lines = ["# All protocols", "", f"{_MADE} How a file reads: [protocols](protocols.md).", ""]
    for name in protocol_names():
        one = load_protocol(name)
        primary = one.endpoints.primary
        lines += [
            f"## {one.title}", "", f"`{name}`, version {one.version}, {one.kind}. {one.summary}", "",
            f"* planned: {one.sample_size.n if one.sample_size else one.population.target} people",
            f"* arms: {'; '.join(arm.label for arm in one.arms.values())}",
            f"* time-points: {', '.join(point.label.lower() for point in one.schedule.values())}",
            f"* primary outcome: `{primary.scale}` at {primary.at}" if primary else "* no primary outcome",
            f"* sources: {'; '.join(' '.join(source.citation.split()) for source in one.sources.values())}", "",
        ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def access_page() -> str:
    """Who may do what: the table of `access/table.py`, row by row."""
    lines = [
        "# Who may do what",
        "",
        f"{_MADE} What is not here is refused. *own*: her own record; *treated*: people",
        "",
    ]
    lines[-2] += " she answers for or covers; *clinic*: everybody of her clinics; *all*: everywhere."
    roles = dict.fromkeys(role for role, _, _ in TABLE)
    for role in roles:
        lines += [f"## {role}", "", "| what | view | answer | create | act | assign |", "|---|---|---|---|---|---|"]
        resources = dict.fromkeys(resource for one, resource, _ in TABLE if one is role)
        for resource in resources:
            cells = [
                next((str(scope) for (r, what, action), scope in TABLE.items()
                      if (r, what, str(action)) == (role, resource, name)), "")
                for name in ("view", "answer", "create", "act", "assign")
            ]  # fmt: skip
            lines.append(f"| {resource} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
