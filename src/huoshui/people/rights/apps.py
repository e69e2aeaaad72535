from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "huoshui.people.rights"
    label = "rights"
