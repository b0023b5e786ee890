"""Readers of recordings: `read_recording` and one file per format."""
