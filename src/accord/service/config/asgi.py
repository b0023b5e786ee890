"""The application that `accord serve` runs."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.service.config.settings")

application = get_asgi_application()
