"""Drafts: a first mapping and a minimal protocol from files that nobody prepared for. Guesses, and says so."""

from accord.science.cohort.draft.draft import Draft, draft_mapping, write_draft

__all__ = ["Draft", "draft_mapping", "write_draft"]
