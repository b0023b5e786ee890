"""Running the service: backup, restore, and what is unsafe in this deployment. No page and no patient's story."""
