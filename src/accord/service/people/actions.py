"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited."""
