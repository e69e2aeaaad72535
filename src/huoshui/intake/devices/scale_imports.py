"""A file of an app of body scales, taken in for a device: as readings, through the door of all readings."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.unmet import sentence
from huoshui.intake.devices import scale_files
from huoshui.intake.devices.actions import take
from huoshui.intake.devices.models import Device
from huoshui.intake.devices.reading import MOST_MEMBER
from huoshui.intake.devices.registry import forget, known
from huoshui.intake.devices.types import ACCEPTED, DUPLICATE, SCALE, Post, Verdict

_AT_ONCE = 200
_SHOWN = 5


@dataclass(frozen=True)
class Taken:
    """`wrong`: (row of the file, why), the first of `refused` in all."""

    accepted: int
    known: int
    refused: int
    wrong: tuple[tuple[int, str], ...]


def take_file(device_id: int, data: bytes, *, member: str = "", height: str = "", actor: Actor) -> Taken:
    """Commits in slices; killed, it may be taken in again. The same time of a member is the same reading, in whichever export.

    `height` (cm) picks one of a family whose file it is. Raises NotFound; Refused."""
    device = Device.objects.filter(id=device_id).first()
    if device is None:
        raise NotFound
    if device.kind != SCALE:
        raise Refused("只有体脂秤可以导入量体的文件。")
    member = member.strip()
    if len(member) > MOST_MEMBER:
        raise Refused("成员最多写 40 个字。")
    file = scale_files.read(data, ZoneInfo(settings.HUOSHUI_ZONE))
    rows = _picked(file, height.strip())
    forget()
    post_of = known([device.code])[device.code]
    counts: Counter[str] = Counter()
    wrong = list(file.wrong)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        raws = tuple(_raw(row, member) for row in some)
        (verdicts,) = take([Post(post_of, raws, clock.now(), is_live=False)], keep=False)
        counts.update(verdict.status for verdict in verdicts)
        wrong += [(r.row_no, _why(v)) for r, v in zip(some, verdicts, strict=True) if v.code]
    taken = Taken(counts[ACCEPTED], counts[DUPLICATE], len(wrong), tuple(sorted(wrong)[:_SHOWN]))
    record(
        actor,
        "device.file_taken",
        "device",
        device_id,
        member=member,
        accepted=taken.accepted,
        known=taken.known,
        refused=taken.refused,
    )
    return taken


def _picked(file: scale_files.ScaleFile, height: str) -> list[scale_files.Weighed]:
    if not file.rows:
        raise Refused("文件里没有读数。")
    heights = file.heights
    if height:
        if height not in heights:
            raise Refused(f"文件里没有身高 {height} 的人，有的是：{'、'.join(heights)}。")
        return [row for row in file.rows if row.height == height]
    if len(heights) > 1:
        raise Refused(
            f"文件里有几个人，身高是 {'、'.join(heights)}。请填要导入的是哪一个，其他人另外再导入。"
        )
    return list(file.rows)


def _raw(row: scale_files.Weighed, member: str) -> bytes:
    at = row.at.isoformat()
    told = {
        "type": "body",
        "messageId": f"file:{member}:{at}",
        "at": at,
        "member": member,
        "metrics": dict(row.metrics),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _why(verdict: Verdict) -> str:
    return sentence(verdict.code, verdict.detail)
