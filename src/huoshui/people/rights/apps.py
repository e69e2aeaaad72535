from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "huoshui.people.rights"
    label = "rights"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.rights import glass, logs, sensitive

        registry.eraser("日志", "words", logs.erase)
        registry.expiry("rights.opened", glass.EXPIRY)
        registry.expiry("people.sensitive", sensitive.EXPIRY)
