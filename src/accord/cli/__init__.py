"""`accord …`: one file per command; thin: parse, call, print."""
