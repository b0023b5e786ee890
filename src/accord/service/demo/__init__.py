"""The invented clinic: seeding, the door, moving the clock. Not installed in production."""
