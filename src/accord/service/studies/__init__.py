"""What a protocol's data need: pseudonyms, exports, the numbers of a service and who signed their definitions. Not for
what is done with one person: that is care. A trial's allocation, blinding and visits come here."""
