"""The service in tests: fixed keys, quick password hashes, mails in memory; ACCORD_DATABASE chooses the base."""

import os
import tempfile

os.environ["ACCORD_MODE"] = "test"
os.environ.setdefault("ACCORD_DATA", os.path.join(tempfile.gettempdir(), f"accord-test-{os.getuid()}"))

from accord.service.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
