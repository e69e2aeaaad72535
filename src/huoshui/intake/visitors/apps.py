from django.apps import AppConfig


class VisitorsConfig(AppConfig):
    name = "huoshui.intake.visitors"
    label = "visitors"
