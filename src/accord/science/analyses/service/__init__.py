"""What a service says of itself: waits, replies, alerts, complaints, rescues, load and cover, equity.

Each file is one story over the optional tables of a cohort. A table that is absent is no section: what is absent is
listed once, at the end of the report.
"""
