"""What every table is made of: keys (UUIDv7), encrypted fields, the class of each field. For all rooms; knows none."""
