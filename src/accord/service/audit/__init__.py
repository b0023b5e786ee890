"""Who did what when: append-only, one hash chain per person, study or system stream. Features never read it."""
