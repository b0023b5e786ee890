"""One person's way through one protocol: referral, screening, consent, enrolment, anchors, discharge."""
