"""What Huawei's health app gives its user as a copy of their own data: `health detail data.json`. Pure.

A list of records of every kind, each with sample points; those of a body scale hold a JSON text within the JSON. A record that
was mended stands there twice, the later with the higher version. Other members of a household are marked, and are not the
account's own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from huoshui.intake.devices.types import METRICS

SKELETAL = "skeletal_muscle_kg"
_SCALE = "WEIGHT_BODYFAT_BROAD"
# skeletalMusclelMass is how they write it; rates are percent, masses kilograms
_METRICS = {
    "bodyWeight": "weight_kg",
    "bmi": "bmi",
    "bodyFatRate": "body_fat_percent",
    "muscleMass": "muscle_kg",
    "skeletalMusclelMass": SKELETAL,
    "moistureRate": "water_percent",
    "proteinRate": "protein_percent",
    "boneSalt": "bone_kg",
    "basalMetabolism": "bmr_kcal",
    "visceralFatLevel": "visceral_fat_level",
    "bodyAge": "body_age_years",
}


class NotHuawei(Exception):
    """Whatever it is, it is not that list."""


class Told(msgspec.Struct, frozen=True):
    """`number`: which record of the file. `why`: it cannot be taken in."""

    number: int
    at: datetime | None = None
    height: float = 0.0
    metrics: dict[str, float] = {}
    why: str = ""


class _Point(msgspec.Struct):
    key: str = ""
    value: msgspec.Raw = msgspec.Raw(b"null")
    startTime: int | str | None = None


class _Record(msgspec.Struct):
    samplePoints: list[_Point] | None = None
    version: int | str | None = None
    subUser: msgspec.Raw = msgspec.Raw(b"null")


def is_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def read(data: bytes) -> list[Told]:
    """Raises NotHuawei."""
    try:
        records = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[_Record])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotHuawei from None
    if not any(record.samplePoints for record in records):
        raise NotHuawei
    weighed: dict[datetime, tuple[int, Told]] = {}
    wrong: list[Told] = []
    for number, record in enumerate(records, 1):
        for point in record.samplePoints or ():
            if point.key != _SCALE:
                continue
            told = _told(number, point, is_other=bytes(record.subUser) not in (b"null", b'""'))
            if told.at is None or told.why:
                wrong.append(told)
                continue
            version = _whole(record.version)
            if told.at not in weighed or weighed[told.at][0] <= version:
                weighed[told.at] = version, told
    return sorted([*wrong, *(told for _, told in weighed.values())], key=lambda told: told.number)


def _told(number: int, point: _Point, *, is_other: bool) -> Told:
    try:
        at = datetime.fromtimestamp(int(point.startTime or "") / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return Told(number, why=f"时间“{str(point.startTime)[:30]}”读不懂")
    if is_other:
        return Told(number, at, why="这是家里其他成员的记录，没有收")
    try:
        said = msgspec.json.decode(point.value)
        said = msgspec.json.decode(said) if isinstance(said, str) else said
    except (msgspec.DecodeError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Told(number, at, why="这条称重记录读不懂")
    figures = {name: _figure(said.get(theirs)) for theirs, name in _METRICS.items()}
    return Told(number, at, _figure(said.get("height")), {n: f for n, f in figures.items() if f > 0})


def _figure(value: Any) -> float:
    """0 for what was not measured."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        return float(value)
    except (ValueError, OverflowError):
        return 0.0


def _whole(value: int | str | None) -> int:
    try:
        return int(value or 0)
    except ValueError:
        return 0


assert set(_METRICS.values()) <= {*METRICS, SKELETAL}
