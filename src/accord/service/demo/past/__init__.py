"""Five years before the clinic came to Accord: invented people in bulk, as an earlier record would bring them in."""
