"""Whoever runs the service: the clinic's own facts, what is published, what is unsafe. No patient stands here."""
