from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "huoshui.intake.devices"
    label = "devices"
