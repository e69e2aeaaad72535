"""What logs say of the erased: only the word goes, the line stays for whoever looks for a fault.

Names go too: that a namesake's goes with them harms nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from huoshui.core.blotting import blot, pattern
from huoshui.core.postgres import cluster
from huoshui.core.subscribers import Erased


def erase(whom: Erased) -> Mapping[str, int]:
    """Every `*.log` in the home, and those of our own server. One that may not be written is told as left, not passed over."""
    found = pattern(whom.words | whom.names)
    masked = left = 0
    for path in sorted(set(_logs())) if found else ():
        try:
            masked += blot(path, found, whole_line=False)  # type: ignore[arg-type]  # there is one, or the loop is empty
        except PermissionError:
            left += 1
    return {"日志里的号码": masked, **({"打不开、要请管理员处理的日志": left} if left else {})}


def _logs() -> Iterator[Path]:
    home = Path(settings.HUOSHUI_HOME)
    for folder in (home, home / "log", home / "logs"):
        yield from folder.glob("*.log*")
    own = cluster.existing(home)
    if own is not None:
        yield from own.log.glob("*")
