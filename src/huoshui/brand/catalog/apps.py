from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "huoshui.brand.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.AutoField"
