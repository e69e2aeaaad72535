from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "huoshui.intake.tracking"
    label = "tracking"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.tracking import erasing, lake, retention

        registry.eraser("行为接入", "words", erasing.erase)
        registry.property_source("tracking", lake.properties)
        registry.expiry("tracking.bodies", retention.BODIES)
        registry.expiry("tracking.aside", retention.ASIDE)
