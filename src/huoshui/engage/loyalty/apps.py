from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "huoshui.engage.loyalty"
    label = "loyalty"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.engage.loyalty import card, erasing, reads

        registry.card_part("loyalty", card.rewrite)
        registry.eraser("会员", "tables", erasing.erase)
        registry.copy_part("会员等级怎么来的", erasing.tier_of)
        registry.copy_part("积分怎么来的", erasing.points_of)
        registry.state_source("loyalty", reads.state_changes)
        registry.state_source("points", reads.balance_changes)
