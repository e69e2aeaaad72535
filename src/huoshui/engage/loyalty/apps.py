from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "huoshui.engage.loyalty"
    label = "loyalty"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.engage.loyalty import card, reads

        registry.card_part("loyalty", card.rewrite)
        registry.state_source("loyalty", reads.state_changes)
