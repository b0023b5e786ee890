"""Published snapshots of content: what was shown stays readable, by id, version and hash. Not the files."""
