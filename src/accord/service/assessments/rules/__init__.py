"""Decisions of this room in plain values: questions and safety facts, windows and sittings, change of one person."""
