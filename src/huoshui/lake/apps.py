from collections.abc import Mapping

from django.apps import AppConfig

from huoshui.core.subscribers import Erased, registry


class LakeConfig(AppConfig):
    name = "huoshui.lake"
    label = "lake"

    def ready(self) -> None:
        registry.eraser("数据仓", "files", _erase)


def _erase(whom: Erased) -> Mapping[str, int]:
    # The lake's libraries take seconds to load: only whoever needs them pays for them
    from huoshui.lake.erasing import erase

    return erase(whom)
