from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "huoshui.engage.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.engage.campaigns import effects, erasing

        registry.eraser("优惠券", "tables", erasing.erase)
        registry.copy_part("优惠券", erasing.told_of)
        registry.reached_by(effects.KIND, effects.reached_by)
