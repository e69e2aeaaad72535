from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "huoshui.intake.imports"
    label = "imports"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.imports import erasing, retention

        registry.eraser("导入", "words", erasing.erase)
        registry.expiry("imports.files", retention.FILES)
        registry.expiry("imports.aside", retention.ASIDE)
