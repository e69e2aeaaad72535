from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "huoshui.brand.stock"
    label = "stock"
    default_auto_field = "django.db.models.AutoField"
