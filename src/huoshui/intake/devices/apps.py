from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "huoshui.intake.devices"
    label = "devices"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.intake.devices import erasing, retention

        registry.eraser("设备（没收下的）", "words", erasing.erase_asides)
        registry.eraser("设备", "tables", erasing.erase)
        registry.copy_part("身体读数", erasing.readings_of)
        registry.expiry("devices.readings", retention.READINGS)
        registry.expiry("devices.aside", retention.ASIDE)
