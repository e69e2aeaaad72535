"""What the apps of body scales export: 米家 / Zepp Life, Garmin, 华为, or any table whose headers name our metrics. Pure.

Headers and quirks as such files bear them: times with or without a zone, `null`, `--` and 0 for what was not measured, units in
the cell, a day of its own line above its rows, one file for a whole family, told apart by height.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from huoshui.core.errors import Refused
from huoshui.intake.devices import huawei_files
from huoshui.intake.devices.types import METRICS

MOST_BYTES = 4 * 1024 * 1024
MOST_JSON_BYTES = 32 * 1024 * 1024
"""Huawei gives all that was ever measured in one file, heart beats too."""
MOST_ROWS = 20_000

_POUND = 0.45359237
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(kg|公斤|千克|lbs?|磅|%|cm)?", re.IGNORECASE)
_MISSING = frozenset({"", "null", "none", "--", "-", "nan"})

# Zepp Life: muscleRate is the mass of muscle in kg, whatever it is called
_ZEPP = {
    "weight": "weight_kg",
    "bmi": "bmi",
    "fatrate": "body_fat_percent",
    "bodywaterrate": "water_percent",
    "bonemass": "bone_kg",
    "metabolism": "bmr_kcal",
    "musclerate": "muscle_kg",
    "visceralfat": "visceral_fat_level",
}
_GARMIN = {
    "weight": "weight_kg",
    "bmi": "bmi",
    "body fat": "body_fat_percent",
    "skeletal muscle mass": "skeletal_muscle_kg",
    "bone mass": "bone_kg",
    "body water": "water_percent",
}
_OWN = {metric.label.lower(): name for name, metric in METRICS.items()} | {name: name for name in METRICS} | {
    "骨骼肌": "skeletal_muscle_kg",
    "体脂": "body_fat_percent",
    "水分": "water_percent",
    "蛋白质率": "protein_percent",
    "内脏脂肪": "visceral_fat_level",
    "基础代谢率": "bmr_kcal",
}  # fmt: skip
_TIMES = ("time", "timestamp", "测量时间", "时间", "日期时间", "称重时间", "记录时间")
_HEIGHTS = ("height", "身高")


class NotAScaleFile(Refused):
    """看不出这是体脂秤的数据：第一行要有时间和体重，比如米家、佳明、华为的导出，或者“测量时间、体重、体脂率”这样的表。"""

    code = "not_a_scale_file"


@dataclass(frozen=True)
class Weighed:
    row_no: int
    at: datetime
    height: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class ScaleFile:
    """`wrong`: rows that could not be read, and why; `heights`: of whoever is in it."""

    kind: str
    rows: Sequence[Weighed]
    wrong: Sequence[tuple[int, str]] = field(default_factory=list)

    @property
    def heights(self) -> list[str]:
        return sorted({row.height for row in self.rows if row.height})


def read(data: bytes, zone: tzinfo) -> ScaleFile:
    """Raises NotAScaleFile, Refused. Times without a zone are the brand's."""
    if huawei_files.is_json(data):
        return _huawei(data)
    if len(data) > MOST_BYTES:
        raise Refused("文件太大，最多 4 MB。")
    if data.startswith(b"PK"):
        raise Refused("这是压缩包，请先解压，再上传里面的 BODY 表，华为的是 health detail data.json。")
    lines = list(csv.reader(io.StringIO(_decoded(data).replace("\x00", ""))))
    if len(lines) > MOST_ROWS:
        raise Refused("行数太多，最多 20000 行。")
    header = [cell.strip() for cell in lines[0]] if lines else []
    of = _columns(header)
    rows: list[Weighed] = []
    wrong: list[tuple[int, str]] = []
    day = ""
    for row_no, cells in enumerate(lines[1:], 2):
        told = {name: cells[place].strip() for name, place in of.places.items() if place < len(cells)}
        filled = [cell for cell in cells if cell.strip()]
        if of.kind == "garmin" and len(filled) == 1 and not _is_clock(filled[0].strip()):
            day = filled[0].strip()
            continue
        if not filled:
            continue
        try:
            rows.append(
                _weighed(row_no, told, of, f"{day} {told.get('at', '')}" if day else told.get("at", ""), zone)
            )
        except _Unread as error:
            wrong.append((row_no, str(error)))
    return ScaleFile(of.kind, [row for row in rows if row.metrics], wrong)


def _huawei(data: bytes) -> ScaleFile:
    if len(data) > MOST_JSON_BYTES:
        raise Refused("文件太大，最多 32 MB。")
    try:
        told = huawei_files.read(data)
    except huawei_files.NotHuawei:
        raise NotAScaleFile from None
    if len(told) > MOST_ROWS:
        raise Refused("行数太多，最多 20000 行。")
    rows = [
        Weighed(one.number, one.at, f"{one.height:g}" if one.height > 0 else "", _shares(dict(one.metrics)))
        for one in told
        if one.at and one.metrics
    ]
    return ScaleFile("huawei", rows, [(one.number, one.why) for one in told if one.why])


class _Unread(Exception):
    pass


@dataclass(frozen=True)
class _Columns:
    kind: str
    places: Mapping[str, int]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise NotAScaleFile from None


def _columns(header: Sequence[str]) -> _Columns:
    plain = [re.sub(r"[（(\[].*?[)）\]]", "", cell).strip().lower() for cell in header]
    if "fatrate" in plain and "weight" in plain:
        kind, names = "zepp", _ZEPP
    elif {"time", "weight", "body fat"} <= set(plain):
        kind, names = "garmin", _GARMIN
    else:
        kind, names = "table", _OWN
    places: dict[str, int] = {}
    for place, cell in enumerate(plain):
        name = "at" if cell in _TIMES else "height" if cell in _HEIGHTS else names.get(cell)
        if name is not None:
            places.setdefault(name, place)
    if "at" not in places or "weight_kg" not in places:
        raise NotAScaleFile
    return _Columns(kind, places)


def _weighed(row_no: int, told: Mapping[str, str], of: _Columns, time: str, zone: tzinfo) -> Weighed:
    metrics = {
        name: value
        for name, text in told.items()
        if name not in ("at", "height") and (value := _figure(text, name))
    }
    height = _figure(told.get("height", ""), "height")
    return Weighed(row_no, _instant(time, zone), f"{height:g}" if height else "", _shares(metrics))


def _shares(metrics: dict[str, float]) -> dict[str, float]:
    """Some tell the mass of the muscles of the skeleton; we keep its share of the weight."""
    mass = metrics.pop(huawei_files.SKELETAL, None)
    if mass is not None and (weight := metrics.get("weight_kg")):
        metrics["skeletal_muscle_percent"] = round(100 * mass / weight, 2)
    return metrics


def _figure(text: str, name: str) -> float:
    """0 for what was not measured. Raises _Unread."""
    if text.lower() in _MISSING:
        return 0.0
    found = _NUMBER.fullmatch(text)
    if found is None:
        label = METRICS[name].label if name in METRICS else text
        raise _Unread(f"{label}“{text[:20]}”不是数字")
    pounds = (found[2] or "").lower() in ("lb", "lbs", "磅")
    return round(float(found[1]) * _POUND, 2) if pounds else float(found[1])


_FORMS: Sequence[str] = (
    "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M", "%b %d, %Y %I:%M %p", "%b %d, %Y %H:%M", "%d %b %Y %I:%M %p", "%d %b %Y %H:%M",
)  # fmt: skip


def _instant(text: str, zone: tzinfo) -> datetime:
    for attempt in _attempts(" ".join(text.split()).rstrip(",").replace(", ,", ",")):
        try:
            at = attempt()
        except (ValueError, OverflowError, OSError):
            continue
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    raise _Unread(f"时间“{text.strip()[:30]}”读不懂")


def _attempts(text: str) -> Iterator[Callable[[], datetime]]:
    if re.fullmatch(r"\d{10}|\d{13}", text):
        yield lambda: datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    yield lambda: datetime.fromisoformat(text)
    for form in _FORMS:
        yield lambda form=form: datetime.strptime(text, form)  # type: ignore[misc]  # noqa: DTZ007  # a loop variable; zone: see _instant


def _is_clock(text: str) -> bool:
    return re.fullmatch(r"\d{1,2}:\d{2}(\s*[AaPp][Mm])?", text) is not None
