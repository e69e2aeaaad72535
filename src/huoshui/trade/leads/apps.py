from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "huoshui.trade.leads"
    label = "leads"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.leads import erasing

        registry.eraser("线索", "tables", erasing.erase)
        registry.copy_part("留过的需求", erasing.told_of)
