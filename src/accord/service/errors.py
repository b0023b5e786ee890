"""Refusals, worded for the person who reads them: what happened, what was kept, what to do."""

from __future__ import annotations

from accord.science.errors import AccordError


class Refusal(AccordError):
    """Something was asked that cannot be done. `message` and `cure` are shown to the person as they stand."""

    status = 400

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message, cure=cure)
        self.message, self.cure = str(message), str(cure)


class NotAllowed(Refusal):
    """She may not do this. The page answers as if the thing did not exist, so that nothing is told to strangers."""

    status = 404


class NotNow(Refusal):
    """She may do this, but the state of things does not allow it (already closed, not yet open, window past)."""

    status = 409


class Stale(Refusal):
    """The page was older than what is stored; nothing was overwritten. `held` is what stands, `given` what came."""

    status = 409

    def __init__(self, message: str, *, cure: str = "", held: object = None, given: object = None) -> None:
        super().__init__(message, cure=cure)
        self.held, self.given = held, given


class TooMany(Refusal):
    """Asked too often; try again after `retry_after` seconds."""

    status = 429

    def __init__(self, message: str, *, cure: str = "", retry_after: int = 60) -> None:
        super().__init__(message, cure=cure)
        self.retry_after = retry_after
