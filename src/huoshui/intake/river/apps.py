from django.apps import AppConfig


class RiverConfig(AppConfig):
    name = "huoshui.intake.river"
    label = "river"
