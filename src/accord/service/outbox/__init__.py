"""Work to be done: messages to send and jobs to run, with leases and reasons. It does none of it itself."""
