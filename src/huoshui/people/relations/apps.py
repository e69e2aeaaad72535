from django.apps import AppConfig


class RelationsConfig(AppConfig):
    name = "huoshui.people.relations"
    label = "relations"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.people.relations import erasing, reads

        registry.state_source("relations", reads.state_changes)
        registry.eraser("推荐人", "words", erasing.unname)
        registry.eraser("关系", "tables", erasing.erase)
        registry.copy_part("关系", erasing.told_of)
