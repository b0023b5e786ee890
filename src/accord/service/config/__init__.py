"""Settings and root urls; alone reads the environment."""
