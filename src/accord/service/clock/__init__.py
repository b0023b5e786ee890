"""What happens by itself: a table of (every, flow), the sender of the outbox, the watchdog outside the process."""
