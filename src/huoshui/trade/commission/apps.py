from django.apps import AppConfig


class CommissionConfig(AppConfig):
    name = "huoshui.trade.commission"
    label = "commission"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.commission import erasing

        registry.eraser("推荐关系", "tables", erasing.erase)
        registry.copy_part("推荐奖励", erasing.told_of)
