"""A patient or applicant: what to do today, questions, consent, messages."""
