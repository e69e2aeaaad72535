from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "huoshui.people.profiles"
    label = "profiles"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.profiles import reads

        registry.state_source("profiles", reads.changes)
