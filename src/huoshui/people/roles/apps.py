from django.apps import AppConfig


class RolesConfig(AppConfig):
    name = "huoshui.people.roles"
    label = "roles"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.roles import erasing, reads

        registry.state_source("roles", reads.state_changes)
        registry.eraser("身份", "tables", erasing.erase)
        registry.copy_part("身份", erasing.told_of)
