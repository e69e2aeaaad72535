from django.apps import AppConfig


class WecomConfig(AppConfig):
    name = "huoshui.intake.wecom"
    label = "wecom"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.wecom import erasing

        registry.eraser("企业微信", "tables", erasing.erase)
        registry.copy_part("企业微信", erasing.told_of)
