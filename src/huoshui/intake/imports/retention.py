"""Files that came in, and rows of them that could not be read, are not kept for ever: what they told is in the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from huoshui.core.subscribers import Expiry
from huoshui.intake.imports.erasing import drop_uploads, root
from huoshui.intake.imports.models import ImportRun

_FILES = "导入时留下的文件"
_ASIDE = "没读进来的行"
_KEPT_IN = ("files", "preview", "work")
_PROBLEMS = ("problems.csv", "problems.parquet")


def _over(before: datetime) -> Iterator[int]:
    """Runs that ended before then, in order. What still waits for somebody, or for its release, is not over."""
    over = ImportRun.objects.filter(state=ImportRun.DONE, ended_at__lt=before)
    yield from over.order_by("id").values_list("id", flat=True)


def _folder(run_id: int) -> Path:
    return root() / str(run_id)


def _uploads(run_id: int) -> list[Path]:
    found = (path for name in _KEPT_IN for path in (_folder(run_id) / name).rglob("*"))
    return [path for path in found if path.is_file()]


def _problems(before: datetime) -> list[Path]:
    asked = (_folder(run_id) / name for run_id in _over(before) for name in _PROBLEMS)
    return [path for path in asked if path.exists()]


def _count_files(before: datetime) -> Mapping[str, int]:
    return {_FILES: sum(len(_uploads(run_id)) for run_id in _over(before))}


def _take_files(before: datetime) -> Mapping[str, int]:
    return {_FILES: sum(drop_uploads(run_id) for run_id in _over(before))}


def _count_aside(before: datetime) -> Mapping[str, int]:
    return {_ASIDE: len({path.parent for path in _problems(before)})}


def _take_aside(before: datetime) -> Mapping[str, int]:
    gone = _problems(before)
    for path in gone:
        path.unlink(missing_ok=True)
    return {_ASIDE: len({path.parent for path in gone})}


FILES = Expiry(
    label=_FILES,
    why="半年里可以对照原表；里面的内容已经记进来了，导入照样可以撤销。",
    days=180,
    count=_count_files,
    take=_take_files,
)
ASIDE = Expiry(
    label=_ASIDE,
    why="半年没人改，多半不会再改了；原样的行里有姓名和号码。按导入的次数数。",
    days=180,
    count=_count_aside,
    take=_take_aside,
)
