"""Write docs/safety/promises.md from what `make promises` counted (var/promises): numbers, seeds, date and commit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
COUNTED = ROOT / "var" / "promises"
PAGE = ROOT / "docs" / "safety" / "promises.md"

# What is promised, in one sentence each, and where the proof stands.
PROMISES = {
    "P1": ("An answer of which the page said that it was saved is there, whatever was killed.", "test_p1_kills.py"),
    "P2": ("A submission is stored once, however often it is sent.", "test_p2_cut_wires.py"),
    "P4": ("Nobody sees or changes what is not hers to see or change.", "test_p4_access_matrix.py"),
    "P9": ("A change of the audit is found.", "test_p9_tampering.py"),
    "P17": ("A restore brings back what was backed up, or nothing, and says why.", "test_p17_restore.py"),
    "P28": ("An upgrade from the state before loses nothing.", "test_p28_upgrade.py"),
    "P21": ("A public form answers the same for an address that is known and one that is not.", "test_p21_telling.py"),
    "P11": (
        "A risk answer has its alert at once; it is acknowledged, or it rises, in time.",
        "test_p11_risk_answers.py",
    ),
}


def page(reports: Iterable[dict[str, object]], *, stamp: str) -> str:
    """The page; a promise without a full run says so instead of showing a number."""
    found: dict[str, list[dict[str, object]]] = {}
    for report in reports:
        found.setdefault(str(report["promise"]), []).append(report)
    lines = [
        "# What is promised, and what was counted",
        "",
        "Written by `make promises`; nothing is typed in by hand.",
        "",
    ]
    lines += [stamp, ""]
    for name, (promise, test) in PROMISES.items():
        lines += [f"## {name}", "", promise, "", f"Proof: `tests/promises/{test}`.", ""]
        lines += _table(found.get(name, []))
    lines += ["## What is not shown here", "", *LIMITS, ""]
    return "\n".join(lines)


LIMITS = [
    "* A power cut is not a kill: the embedded database writes with `synchronous=FULL`, PostgreSQL with `fsync`; that",
    "  the disk keeps what it said it wrote is the machine's promise.",
    "* No human penetration test, no user testing with patients, no clinical safety officer has signed anything.",
    "* The clocks of the ladder are a proposal until a clinician of the site signs them.",
]


def _table(reports: list[dict[str, object]]) -> list[str]:
    if not reports:
        return ["Not run at full size yet.", ""]
    lines = ["| run | counted |", "|---|---|"]
    for report in sorted(reports, key=lambda one: str(one["where"])):
        told = [f"{key.replace('_', ' ')}: {value}" for key, value in report.items() if key not in ("promise", "where")]
        lines.append(f"| {report['where']} | {'; '.join(told)} |")
    return [*lines, ""]


def main() -> None:
    reports = [json.loads(path.read_text()) for path in sorted(COUNTED.glob("*.json"))]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the git of who runs it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    PAGE.parent.mkdir(exist_ok=True)
    today = datetime.now(tz=UTC)  # noqa: TID251 - the day of the run
    stamp = f"{today:%Y-%m-%d}, commit {commit or 'unknown'}."
    PAGE.write_text(page(reports, stamp=stamp), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
