from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "huoshui.trade.codes"
    label = "codes"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.codes import erasing

        registry.eraser("扫码记录", "tables", erasing.erase)
        registry.copy_part("扫过的码", erasing.told_of)
        registry.copy_part("自己的推荐码", erasing.own_codes)
