"""A therapist, supervisor or duty clinician: caseload, alerts, one patient, messages."""
