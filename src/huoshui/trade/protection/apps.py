from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "huoshui.trade.protection"
    label = "protection"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.trade.protection import reads

        registry.dealers_word(reads.words, reads.closed)
