"""Who comes in: one folder for each kind of visitor. Pages are thin and never touch a table."""
