"""What is asked of a method: seconds as a person says them, and the same in samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

from accord.science.errors import BadInput


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of one measurement. Times are seconds; a method uses those it names and leaves the others alone.

    `window` is the length of a window (SUSY and SUCO call it a segment) and `step` how far the next one starts after
    it. `max_lag` is the largest delay looked at, to either side. `absolute` takes |Z|, so that moving against each
    other counts like moving together. `slope` is the span of the slopes of SUCO and Marci's index. `region` is how
    near a peak of peak picking knows no higher value. `band` is the frequencies (Hz) of coherence. `malus`,
    `threshold` and `rise` belong to the matching of skin responses.
    """

    rate_hz: float
    window: float
    step: float
    max_lag: float
    absolute: bool = False
    slope: float = 2.0
    region: float = 0.5
    band: tuple[float, float] = (0.04, 0.15)
    malus: float = 0.5
    threshold: float = 0.1
    rise: float = 0.05

    @property
    def width(self) -> int:
        return samples(self.window, self.rate_hz)

    @property
    def shift(self) -> int:
        return max(samples(self.step, self.rate_hz), 1)

    @property
    def reach(self) -> int:
        return samples(self.max_lag, self.rate_hz)

    def checked(self) -> Settings:
        """These settings, or `BadInput` with the first that cannot be."""
        for name in ("rate_hz", "window", "step", "slope"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise BadInput(f"{_SPOKEN[name]} is {value:g}.", cure="It must be a number above 0.")
        if not (math.isfinite(self.max_lag) and self.max_lag >= 0):
            raise BadInput(f"The largest lag is {self.max_lag:g} s.", cure="It must be 0 or a number of seconds.")
        if self.max_lag > self.window:
            raise BadInput(
                f"The largest lag ({self.max_lag:g} s) is longer than the window ({self.window:g} s).",
                cure="Take a lag below the window; a fifth of it is usual.",
            )
        if self.width < 4:
            raise BadInput(
                f"A window of {self.window:g} s holds {self.width} samples at {self.rate_hz:g} Hz.",
                cure="Take a longer window or a higher rate: at least 4 samples.",
            )
        return self


_SPOKEN = {"rate_hz": "The rate (Hz)", "window": "The window (s)", "step": "The step (s)", "slope": "The slope (s)"}


def samples(seconds: float, rate_hz: float) -> int:
    """How many samples a time is, rounded; 2.5 s at 10 Hz are 25."""
    return round(seconds * rate_hz)
