from django.apps import AppConfig


class EpisodesConfig(AppConfig):
    name = "accord.service.episodes"
    label = "episodes"
    default_auto_field = "django.db.models.BigAutoField"
