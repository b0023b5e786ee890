"""A manager: the numbers of the service, what each of them means, and who signed the definitions."""
