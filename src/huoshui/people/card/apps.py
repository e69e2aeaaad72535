from django.apps import AppConfig


class CardConfig(AppConfig):
    name = "huoshui.people.card"
    label = "card"
