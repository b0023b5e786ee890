"""Alerts and their handling, contacts and minutes. It never closes anything by itself."""
