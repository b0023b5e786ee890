"""Decisions of this room, plain values in and out: what may leave the service, and how it is counted."""
