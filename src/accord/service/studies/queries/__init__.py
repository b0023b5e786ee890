"""Reads of this room. One module for each story: the ways of a protocol and their tables, exports, reviews."""
