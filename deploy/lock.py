"""Write deploy/requirements.lock (what a clinic runs) and deploy/build.lock (what makes the wheel) from the whole lock.

The versions and hashes are those of requirements.lock; what follows from what is read from the installed packages.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
EXTRAS = ("service", "postgres", "pdf")  # of what a clinic runs; the science needs no more


def blocks() -> dict[str, str]:
    """Package -> its lines of the whole lock; several versions where they differ by Python."""
    text = (ROOT / "requirements.lock").read_text()
    found: dict[str, str] = {}
    for part in re.split(r"\n(?=[a-z0-9.-]+==)", text.strip()):
        name = canonicalize_name(part.partition("==")[0])
        found[name] = found.get(name, "") + f"{part.rstrip()}\n"
    return found


def wanted() -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(one for name in EXTRAS for one in project["optional-dependencies"][name])]
    return [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]


def closure(asked: list[Requirement], seen: set[tuple[str, str]] | None = None) -> set[str]:
    """Everything that these need, by name; for this system, as the whole lock is."""
    seen = set() if seen is None else seen
    for requirement in asked:
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            needs = [Requirement(one) for one in distribution(name).requires or []]
            closure([one for one in needs if one.marker is None or one.marker.evaluate({"extra": extra})], seen)
    return {name for name, _ in seen}


def locks() -> dict[str, str]:
    """Each file with what it should hold."""
    known = blocks()
    runs = closure(wanted())
    makes = closure([Requirement("hatchling")])
    return {
        name: "".join(known[package] for package in sorted(packages))
        for name, packages in (("requirements.lock", runs), ("build.lock", makes))
    }


def main() -> None:
    for name, text in locks().items():
        (ROOT / "deploy" / name).write_text(text)
        sys.stdout.write(f"deploy/{name}: {text.count('==')} packages\n")


if __name__ == "__main__":
    main()
