from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "huoshui.people.matching"
    label = "matching"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.matching import actions

        registry.eraser("疑似同一人", "tables", actions.erase)
        registry.copy_part("是否和别的资料是同一个人", actions.told_of)
