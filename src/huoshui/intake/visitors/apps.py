from django.apps import AppConfig


class VisitorsConfig(AppConfig):
    name = "huoshui.intake.visitors"
    label = "visitors"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.visitors import erasing

        registry.eraser("进店未购", "tables", erasing.erase)
        registry.copy_part("进店没买和没付款的购物车", erasing.told_of)
