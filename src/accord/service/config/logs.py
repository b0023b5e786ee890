"""Log lines without personal data (P20): when, how bad, which part, and for an error its kind and where in the code.

Never a message's arguments, a path, an id, a parameter or a body: an address can name a person, and a database's error
quotes the row. Whoever must know more reads the audit, which is kept for that.
"""

from __future__ import annotations

import logging
import traceback


class Neutral(logging.Formatter):
    """`2026-11-22T10:00:00Z ERROR django.request status=500 IntegrityError at care/actions.py:81`"""

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), record.levelname, record.name]
        status = getattr(record, "status_code", None)
        if status:
            parts.append(f"status={status}")
        if record.name.startswith("accord."):
            parts.append(str(record.msg))  # our own words; what is put into them is left out
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(f"{record.exc_info[0].__name__}{_where(record.exc_info[2])}")
        return " ".join(parts)


def _where(trace: object) -> str:
    frames = traceback.extract_tb(trace)  # type: ignore[arg-type]
    ours = [frame for frame in frames if "/accord/" in frame.filename] or frames[-1:]
    return "".join(f" at {frame.filename.rsplit('/accord/', 1)[-1]}:{frame.lineno}" for frame in ours[-3:])
