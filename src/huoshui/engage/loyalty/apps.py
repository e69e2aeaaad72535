from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "huoshui.engage.loyalty"
    label = "loyalty"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.engage.loyalty import card, erasing, reads

        registry.card_part("loyalty", card.rewrite)
        registry.eraser("会员", "tables", erasing.erase)
        registry.state_source("loyalty", reads.state_changes)
