from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "huoshui.intake.imports"
    label = "imports"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.imports import erasing

        registry.eraser("导入", "words", erasing.erase)
