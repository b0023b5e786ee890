"""Log-in through django-allauth: e-mail and password, TOTP, passkeys; staff must have a second factor."""
