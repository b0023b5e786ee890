"""How often 1,000 pairs between whom nothing passes are called synchronous (C25): three to seven of 100, at 5 %.

The pairs are those of tests/science/synchrony/null_pairs.py: 1/f and AR(1) variation, a common fall after arrival,
turns to speak. Sessions of 20 minutes at 4 Hz. Prints a table and, on the last line, one JSON object.

    python benchmarks/synchrony_type_one.py [--quick]
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "science" / "synchrony"))

import numpy as np
from null_pairs import null_pairs

from accord.science.synchrony import synchrony

PAIRS = 100 if "--quick" in sys.argv else 1000
DYADS = 10
SEED = 2500
ALONE: dict[str, tuple[dict[str, Any], float, bool]] = {  # what is asked, beats of the common fall, is 3 to 7 aimed at
    "the default: detrended, signed, 199 circular shifts": ({"surrogates": 199}, 8, True),
    "detrended, signed, segments shuffled 39 times": ({"surrogate": "segment-shuffle", "surrogates": 39}, 8, True),
    "detrended, signed, 39 times phases drawn anew": ({"surrogate": "phase-randomised", "surrogates": 39}, 8, True),
    "detrended, |Z|, 39 circular shifts": ({"absolute": True, "surrogates": 39}, 8, False),
    "a fall of 25 beats in 4 minutes, windows of 2 minutes, not detrended, segments shuffled 39 times": (
        {"surrogate": "segment-shuffle", "surrogates": 39, "detrend": False, "window": 120.0, "step": 60.0}, 25, False),
    "the same fall, the default with 39 circular shifts": ({"surrogates": 39}, 25, True),
    "the same fall, windows of 2 minutes, detrended over 90 s, segments shuffled 39 times": (
        {"surrogate": "segment-shuffle", "surrogates": 39, "detrend": 90.0, "window": 120.0, "step": 60.0}, 25, True),
}  # fmt: skip


def study(first: int, fall: float = 8) -> Any:
    """Ten dyads, the same whoever asks."""
    settle = 300.0 if fall == 8 else 240.0
    return null_pairs(DYADS, np.random.default_rng([SEED, first]), minutes=20, rate_hz=4, fall=fall, settle_s=settle)


def alone(options: dict[str, Any], fall: float, first: int) -> list[tuple[bool, bool]]:
    """Synchronous, and with a leader: each pair of a study by itself."""
    found = [synchrony(a, b, rate_hz=4, **options) for a, b in study(first, fall)]
    return [(one.p <= 0.05, one.leader != "none") for one in found]


def among_dyads(first: int) -> list[tuple[bool, bool]]:
    """The same against the other dyads of the study."""
    pairs = [tuple(pair) for pair in study(first)]
    found = [
        synchrony(*pair, rate_hz=4, surrogate="pseudo-dyads", others=pairs[:i] + pairs[i + 1 :])
        for i, pair in enumerate(pairs)
    ]
    return [(one.p <= 0.05, one.leader != "none") for one in found]


def row(what: str, calls: list[tuple[bool, bool]], aimed: bool) -> dict[str, Any]:
    called, led = 100 * np.mean(calls, axis=0)
    return {
        "work": f"{len(calls):,} independent pairs, {what}", "reference": "5 in 100",
        "ours": f"{called:.1f} in 100 called synchronous, {led:.1f} given a leader",
        "target": "3 to 7" if aimed else "", "reached": ("yes" if 3 <= called <= 7 else "no") if aimed else "",
    }  # fmt: skip


def main() -> None:
    studies = range(0, PAIRS, DYADS)
    found = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        waiting = {
            what: [pool.submit(alone, options, fall, i) for i in studies] for what, (options, fall, _) in ALONE.items()
        }
        dyads = [pool.submit(among_dyads, i) for i in studies]
        for what, futures in waiting.items():
            found.append(row(what, [call for future in futures for call in future.result()], ALONE[what][2]))
        what = f"detrended, signed, all {DYADS * (DYADS - 1)} pseudo dyads of {DYADS} dyads"
        found.append(row(what, [call for future in dyads for call in future.result()], True))
    for entry in found:
        print(f"{entry['work']}: {entry['ours']}")
    # fmt: off
    note = ("|Z| lies below 5 where turns to speak make two people breathe unlike each other. Without detrending, long "
            "windows take the common fall for coupling; detrended over less than a window nearly all of it is gone.")
    # fmt: on
    print(json.dumps({"rows": found, "note": note}))


if __name__ == "__main__":
    main()
