from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "huoshui.lake"
    label = "lake"
