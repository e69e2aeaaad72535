from django.apps import AppConfig


class DealersConfig(AppConfig):
    name = "huoshui.trade.dealers"
    label = "dealers"
