from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "huoshui.intake.imports"
    label = "imports"
