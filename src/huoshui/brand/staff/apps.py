from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "huoshui.brand.staff"
    label = "staff"
    default_auto_field = "django.db.models.AutoField"
