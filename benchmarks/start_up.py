"""How long `import accord` and `accord --help` take, beside a bare interpreter."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time


def seconds(*command: str) -> float:
    taken = []
    for _ in range(7):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    bare = seconds("-c", "pass")
    rows = []
    for work, command, target in (
        ("import accord", ("-c", "import accord"), 0.3),
        ("accord --help", ("-m", "accord", "--help"), None),
    ):
        ours = seconds(*command) - bare
        row = {"work": work, "reference": f"bare interpreter {bare:.3f} s", "ours": f"{ours:.3f} s more"}
        if target:
            row |= {"target": f"under {target} s", "reached": "yes" if ours < target else "no"}
        rows.append(row)
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
