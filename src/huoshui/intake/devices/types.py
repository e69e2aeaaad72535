"""Frozen values of devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

SCALE, DISPENSER, COUNTER, DISPLAY = "scale", "dispenser", "counter", "screen"
CLAIM = "claim"
"""Its reading of somebody who wants a sample out now."""
KINDS = {SCALE: "体脂秤", DISPENSER: "派样机", COUNTER: "客流计数器", DISPLAY: "门店屏幕"}

BODY_MEASURED = "Body Measured"
SAMPLE_CLAIMED = "Sample Claimed"
SAMPLE_DISPENSED = "Sample Dispensed"
SAMPLE_STUCK = "Sample Stuck"
SAMPLE_FOLLOW_UP = "Sample Follow Up Due"
VISITORS_COUNTED = "Visitors Counted"
SCREEN_SHOWN = "Screen Shown"
SCREEN_TOUCHED = "Screen Touched"
TREND_NOTICED = "Trend Noticed"
DEVICE_GIVEN = "Device Given"
DEVICE_TAKEN_BACK = "Device Taken Back"

OF_A_PERSON = (
    BODY_MEASURED,
    SAMPLE_CLAIMED,
    SAMPLE_DISPENSED,
    SAMPLE_STUCK,
    SAMPLE_FOLLOW_UP,
    TREND_NOTICED,
    DEVICE_GIVEN,
    DEVICE_TAKEN_BACK,
)

CONSENT = "sensitive"
"""The purpose (of `people`) that body figures are kept for."""

LONGEST_RULE = 180
"""So many days a rule of trends may look back."""

ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"


@dataclass(frozen=True)
class Metric:
    """What a body scale measures: its words, its unit, and the range in which a living human can be."""

    label: str
    unit: str
    least: float
    most: float


METRICS: Mapping[str, Metric] = {
    "weight_kg": Metric("体重", "公斤", 2, 300),
    "bmi": Metric("BMI", "", 8, 80),
    "body_fat_percent": Metric("体脂率", "%", 2, 75),
    "muscle_kg": Metric("肌肉量", "公斤", 1, 150),
    "skeletal_muscle_percent": Metric("骨骼肌率", "%", 5, 70),
    "water_percent": Metric("水分率", "%", 20, 85),
    "protein_percent": Metric("蛋白质", "%", 3, 40),
    "bone_kg": Metric("骨量", "公斤", 0.2, 10),
    "bmr_kcal": Metric("基础代谢", "千卡", 300, 6000),
    "visceral_fat_level": Metric("内脏脂肪等级", "级", 1, 60),
    "subcutaneous_fat_percent": Metric("皮下脂肪", "%", 1, 70),
    "body_age_years": Metric("身体年龄", "岁", 5, 120),
    "heart_rate_bpm": Metric("心率", "次/分", 25, 250),
}


class Fault(Exception):
    """Why a reading cannot be taken in. `pointer` is into the reading itself."""

    def __init__(self, code: str, pointer: str = "", **detail: Any) -> None:
        self.code = code
        self.pointer = pointer
        self.detail = detail
        super().__init__(code)


@dataclass(frozen=True)
class Known:
    """A device as its door knows it."""

    id: int
    code: str
    kind: str
    name: str
    store_code: str
    org_unit_id: int | None
    rate_per_minute: int
    is_on: bool
    offset_ms: int
    """How far its clock is ahead of ours, as it was when last seen."""


@dataclass(frozen=True)
class Post:
    """One delivery of a device: its readings still as they came. `is_live`: it came as it was sent, and did not lie in a
    broker meanwhile, so that `sent_at` tells how wrong the clock is."""

    device: Known
    readings: tuple[bytes, ...]
    received_at: datetime
    sent_at: datetime | None = None
    is_live: bool = True


@dataclass(frozen=True)
class Reading:
    """One reading, checked. `name` is the fact's. `who` is the one identifier it carries: (kind, scope, plain value);
    `notice` the version of what they consented to at the machine."""

    place: int
    device: Known
    name: str
    message_id: str
    digest: str
    occurred_at: datetime
    body: dict[str, Any]
    member: str = ""
    who: tuple[str, str, str] | None = None
    notice: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    code: str = ""
    interval: tuple[datetime, datetime] | None = None
    counts: tuple[int, int] = (0, 0)


class Verdict(NamedTuple):
    """`status`: accepted, duplicate or rejected (set aside, with its reason). `gives`: whether a claim lets a sample out;
    None where nobody asked for one."""

    message_id: str
    status: str
    code: str = ""
    pointer: str = ""
    detail: Mapping[str, Any] = {}
    fact_id: int | None = None
    gives: bool | None = None
