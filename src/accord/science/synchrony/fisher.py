"""Fisher's Z of many correlations at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LARGEST = 10.0  # |Z| is cut here, as rMEA does: a correlation of 1 to rounding would be infinite
_R = float(np.tanh(LARGEST))


def fisher_z(r: Array) -> Array:
    """atanh(r), cut at ±10; NaN stays. Written as ½ ln((1+r)/(1−r)), which numpy does ten times faster than atanh."""
    cut = np.clip(r, -_R, _R)
    z: Array = 0.5 * np.log((1.0 + cut) / (1.0 - cut))
    return z


def fisher_z_into(r: Array) -> None:
    """The same in place, for tables of millions of correlations without NaN."""
    np.clip(r, -_R, _R, out=r)
    below = 1.0 - r
    r += 1.0
    r /= below
    np.log(r, out=r)
    r *= 0.5
