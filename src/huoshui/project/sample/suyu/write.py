"""The whole world as files in a folder, made once: lists, exports, what was sent to the API, and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from huoshui.core.errors import Refused
from huoshui.project.sample.suyu import signals
from huoshui.project.sample.suyu.files import Written, write_lists, write_shard
from huoshui.project.sample.suyu.names import words
from huoshui.project.sample.suyu.plan import TRUTHS, Plan
from huoshui.project.sample.suyu.world import shards

MARKER: Final = ".done"
TRUTH_FILE: Final = "真相.json"

Progress = Callable[[str], None]
"""Called with the name of each file when it is there."""


@dataclass(frozen=True)
class Summary:
    directory: Path
    files: tuple[Written, ...]
    people: int
    orders: int
    lines: int

    def paths(self, kind: str) -> list[Path]:
        return sorted(self.directory / file.name for file in self.files if file.kind == kind)


def write(plan: Plan, directory: Path, progress: Progress = lambda _: None) -> Summary:
    """Write all files into `directory`, made if absent; when this very world is there already, only say so."""
    directory.mkdir(parents=True, exist_ok=True)
    marker, source = directory / MARKER, _source(plan)
    known = _known(marker, source)
    if known is not None:
        return known
    _clear(directory, marker)
    summary = _all(plan, directory, progress)
    figures = {"people": summary.people, "orders": summary.orders, "lines": summary.lines}
    noted = {"source": source, "figures": figures, "files": [asdict(file) for file in summary.files]}
    marker.write_text(json.dumps(noted, ensure_ascii=False), encoding="utf-8")
    return summary


def _clear(directory: Path, marker: Path) -> None:
    """What an earlier or a broken-off world left goes; a folder of somebody else's is left alone."""
    old = list(directory.iterdir())
    if old and not marker.exists():
        raise Refused(f"文件夹里已有别的东西（{old[0].name}）。请换一个空的文件夹。")
    for file in old:
        file.unlink()
    marker.write_text(json.dumps({"source": "", "files": []}), encoding="utf-8")


def _source(plan: Plan) -> str:
    """The plan alone: files once written stay as they are, since what has been imported of them cannot change."""
    return repr((plan.seed, plan.people, str(plan.last), sorted(plan.without)))


def _known(marker: Path, source: str) -> Summary | None:
    try:
        noted = json.loads(marker.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    files = tuple(Written(**file) for file in noted["files"])
    if noted["source"] != source or not all((marker.parent / file.name).is_file() for file in files):
        return None
    return Summary(marker.parent, files, **noted["figures"])


def _all(plan: Plan, directory: Path, progress: Progress) -> Summary:
    files: list[Written] = []
    people = orders = lines = 0
    truths: list[dict[int, Any]] = []
    with duckdb.connect() as database:
        database.execute("set threads = 2; set enable_progress_bar = false")
        files += _told(write_lists(database, plan, directory), progress)
        for shard in shards(plan):
            files += _told(write_shard(database, plan, shard, directory), progress)
            files += _told(signals.write(plan, shard, directory), progress)
            people += int(shard.people.is_known.sum())
            orders, lines = orders + len(shard.orders), lines + len(shard.orders.sku)
            truths.append(shard.truths)
    _write_truths(plan, directory / TRUTH_FILE, truths)
    return Summary(directory, tuple(files), people, orders, lines)


def _told(written: Iterator[Written], progress: Progress) -> Iterator[Written]:
    for file in written:
        progress(file.name)
        yield file


def _write_truths(plan: Plan, path: Path, of_shards: list[dict[int, Any]]) -> None:
    """People are named by their numbers, as in the external ids of 企微 (wmSY…); counts are of all shards together."""
    found = {
        "world": "粟屿轻养（虚构品牌，演示数据）",
        "seed": plan.seed,
        "people": plan.people,
        "from": str(plan.first),
        "to": str(plan.last),
        "truths": {str(n): {"name": TRUTHS[n], **_sum([shard[n] for shard in of_shards])} for n in TRUTHS},
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


_LISTS: Final = frozenset(
    ["held_out", "stopped", "contacted", "not_contacted", "members", "members_on_tablet", "families_of"]
)
_COUNTS: Final = frozenset(
    words(
        "treated_people held_out_people orders_without_coupon orders_with_coupon orders_of_held_out tea_lovers "
        "people_who_stopped orders_after_without orders_after_with lines_wanted lines_of_other_nuts lines_lost "
        "lines_taken lines_of_its_own city_members people_contacted people_not_contacted bought_contacted "
        "bought_not_contacted complaints_contacted complaints_not_contacted sign_ups families women supers "
        "new_members brought_by_supers brought_by_others"
    )
)


def _sum(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What is counted of each shard, added up; parameters are the same in all."""
    found = dict(parts[0])
    for part in parts[1:]:
        for name, value in part.items():
            if name in _COUNTS or name in _LISTS or (name == "people" and isinstance(value, int)):
                found[name] = found.get(name, type(value)()) + value
    return found
