from django.apps import AppConfig


class PortraitsConfig(AppConfig):
    name = "huoshui.insight.portraits"
    label = "portraits"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.insight.portraits import erasing

        registry.eraser("典型顾客", "tables", erasing.erase)
        registry.copy_part("作为典型顾客", erasing.told_of)
