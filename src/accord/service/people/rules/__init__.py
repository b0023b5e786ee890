"""Decisions about people in plain values: who stands in for whom, when a reminder may leave."""
