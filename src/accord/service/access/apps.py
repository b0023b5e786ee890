from django.apps import AppConfig
from django.db.backends.signals import connection_created

from accord.service.fields.moments import read_quickly


class AccessConfig(AppConfig):
    name = "accord.service.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        connection_created.connect(read_quickly, dispatch_uid="accord: moments are read quickly")
