from django.apps import AppConfig


class TagsConfig(AppConfig):
    name = "huoshui.insight.tags"
    label = "tags"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.insight.segments import keepers
        from huoshui.insight.tags import erasing, keeping, state

        keepers.register("tag", keeping.KEEPER)
        registry.state_source("tags", state.changes)
        # Rules may speak of the erased until the lake's files are written anew
        registry.eraser("标签", "tables", erasing.erase)
        registry.eraser("标签（复查）", "files", erasing.erase)
        registry.copy_part("标签", erasing.told_of)
