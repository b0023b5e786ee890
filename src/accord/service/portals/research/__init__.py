"""A researcher, statistician or data manager: protocols, recruitment, completeness, exports and their reports."""
