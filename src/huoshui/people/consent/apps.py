from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "huoshui.people.consent"
    label = "consent"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.consent import reads

        registry.state_source("consent", reads.state_changes)
