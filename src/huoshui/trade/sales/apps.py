from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "huoshui.trade.sales"
    label = "sales"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.sales import card, erasing

        registry.card_part("sales", card.rewrite)
        registry.eraser("订单", "tables", erasing.erase)
