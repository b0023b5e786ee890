"""Django's way to send, by what ACCORD_EMAIL names."""

from django.core.mail.backends.locmem import EmailBackend


class Backend(EmailBackend):
    """To come: SMTP, file, outbox."""
