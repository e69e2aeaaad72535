from django.apps import AppConfig


class BondsConfig(AppConfig):
    name = "huoshui.trade.bonds"
    label = "bonds"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.bonds import card, erasing, reads

        registry.card_part("bonds", card.rewrite)
        registry.state_source("bonds", reads.state_changes)
        registry.eraser("顾客归属", "tables", erasing.erase)
        registry.copy_part("顾客归属", erasing.told_of)
        registry.copy_part("关于归属的争议", erasing.disputed)
