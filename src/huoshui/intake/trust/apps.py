from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "huoshui.intake.trust"
    label = "trust"
