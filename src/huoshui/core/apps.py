from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "huoshui.core"
    label = "core"
