from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "accord.service.ui"
    label = "ui"
