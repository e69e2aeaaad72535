from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "huoshui.intake.tracking"
    label = "tracking"
