from django.apps import AppConfig


class ContextConfig(AppConfig):
    name = "huoshui.insight.context"
    label = "context"
