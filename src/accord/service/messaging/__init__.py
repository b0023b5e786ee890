"""Conversations between a patient and her service. Not alerts, and not mail: that is outbox and gateways."""
