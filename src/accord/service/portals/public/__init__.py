"""Everybody: the front page, sign-up and referral, crisis help."""
