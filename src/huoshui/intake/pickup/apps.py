from django.apps import AppConfig


class PickupConfig(AppConfig):
    name = "huoshui.intake.pickup"
    label = "pickup"
