"""Run every benchmark here, or those named, in a process of its own and write docs/reference/benchmarks.md.

A benchmark prints one JSON object on its last line: {"rows": [{"work", "reference", "ours", "ratio", "target"}], …};
`reference` and `ours` are readings with their unit, `ratio` how many times better ours is. Nothing asserts a time; a
missed target is written down with its reason.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"
PACKAGES = ("numpy", "scipy", "polars", "statsmodels", "pydantic", "altair")


def measure(script: Path) -> dict[str, object]:
    print(f"{script.name} …", file=sys.stderr, flush=True)
    done = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return {"rows": [], "note": f"{script.name} left with {done.returncode}."}
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def table(rows: list[dict[str, object]]) -> list[str]:
    lines = ["| work | reference | ours | ratio | target | reached |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = [str(row.get(key, "") or "") for key in ("work", "reference", "ours", "ratio", "target", "reached")]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def sections() -> dict[str, list[str]]:
    """The page as it stands, by heading: what is not measured again stays."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []:
        if line.startswith("## "):
            title = line[3:]
        if title:
            found.setdefault(title, []).append(line)
    return {title: [*lines[:-1], ""] if lines[-1] == "" else [*lines, ""] for title, lines in found.items()}


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=HERE
    )
    return done.stdout.strip() or "unknown"


def main() -> None:
    scripts = sorted(path for path in HERE.glob("*.py") if path.name != "run.py" and not path.name.startswith("_"))
    chosen = [path for path in scripts if not sys.argv[1:] or path.stem in sys.argv[1:]]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios within one run on one machine; nothing is asserted.",
        "",
    ]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines += [f"{datetime.now(tz=UTC):%Y-%m-%d}, commit {commit()}, Python {platform.python_version()}, {packages}, "
              f"{platform.system()} {platform.machine()}.", ""]  # fmt: skip
    before = sections()
    for script in scripts:
        title = script.stem.replace("_", " ")
        if script not in chosen:
            lines += before.get(title, [])
            continue
        result = measure(script)
        lines += [f"## {title}", "", *table(result["rows"]), ""]  # type: ignore[arg-type]
        if note := result.get("note"):
            lines += [str(note), ""]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(PAGE.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
