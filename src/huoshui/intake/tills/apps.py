from django.apps import AppConfig


class TillsConfig(AppConfig):
    name = "huoshui.intake.tills"
    label = "tills"
