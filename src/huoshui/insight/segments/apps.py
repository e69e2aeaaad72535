from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "huoshui.insight.segments"
    label = "segments"

    def ready(self) -> None:
        from huoshui.core.subscribers import registry
        from huoshui.insight import kept
        from huoshui.insight.segments import erasing, plans, state

        registry.state_source("segments", state.changes)
        # The lake still tells of the erased until its files are written anew: what was judged meanwhile goes too
        registry.eraser("人群", "tables", erasing.erase)
        registry.eraser("人群（复查）", "files", erasing.erase)
        registry.eraser("导出的人群文件", "tables", plans.erase)
        registry.eraser("每天算好的结果", "tables", kept.forget)
        registry.eraser("每天算好的结果（复查）", "files", kept.forget)
        registry.copy_part("所在的人群", erasing.told_of)
