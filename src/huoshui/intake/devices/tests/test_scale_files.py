"""Files of the apps of body scales: each with its own headers and quirks, and the same reading once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.devices import api as devices
from huoshui.intake.devices import scale_files
from huoshui.intake.devices.tests.conftest import NOW, Register, days_ago

ZONE = ZoneInfo("Asia/Shanghai")

ZEPP = """\ufefftime,weight,height,bmi,fatRate,bodyWaterRate,boneMass,metabolism,muscleRate,visceralFat
2026-01-15 06:09:29+0000,60.5,165.0,22.2,24.5,52.1,2.4,1320.0,43.1,5.0
2026-01-16 06:10:00+0000,80.2,178.0,25.3,null,null,null,null,null,null
2026-01-17 06:11:00+0000,60.3,165.0,22.1,0.0,0.0,0.0,0.0,0.0,0.0
"""
MI_FIT = """timestamp,weight,height,bmi,fatRate,bodyWaterRate,boneMass,metabolism,muscleRate,visceralFat,impedance
1768457369,60.5,165.0,22.2,24.5,52.1,2.4,1320.0,43.1,5.0,500
"""
GARMIN = """Time,Weight,Change,BMI,Body Fat,Skeletal Muscle Mass,Bone Mass,Body Water,
" Jul 18, 2026",
8:28 AM,80.0 kg,0.1 kg,24.5,18.0 %,36.0 kg,3.1 kg,58.0 %,
" 17 Jul 2026",
17:08,176.37 lbs,--,24.5,--,--,--,--,
"""
OWN = "测量时间,体重(kg),体脂率（%）,内脏脂肪等级,备注\n2026/3/8 07:30,61.2,25.1,5,早上\n2026/3/9 07:31,六十,25,5,\n昨天,61,,,\n"


def at(*told: int) -> datetime:
    return datetime(*told, tzinfo=UTC)  # type: ignore[arg-type,misc]  # year, month, day, hour, minute, second


def test_zepp_life_tells_muscle_in_kilos_and_what_was_not_measured_as_null_or_nought() -> None:
    file = scale_files.read(ZEPP.encode(), ZONE)
    assert file.kind == "zepp" and file.heights == ["165", "178"] and not file.wrong
    first, second, third = file.rows
    assert (first.at, first.metrics["muscle_kg"]) == (at(2026, 1, 15, 6, 9, 29), 43.1)
    assert set(first.metrics) == {
        "weight_kg", "bmi", "body_fat_percent", "water_percent", "bone_kg", "bmr_kcal", "muscle_kg", "visceral_fat_level",
    }  # fmt: skip
    assert second.metrics == {"weight_kg": 80.2, "bmi": 25.3}
    assert third.metrics == {"weight_kg": 60.3, "bmi": 22.1}


def test_its_older_export_counts_seconds() -> None:
    (row,) = scale_files.read(MI_FIT.encode(), ZONE).rows
    assert row.at == at(2026, 1, 15, 6, 9, 29)


def test_garmin_has_the_day_above_its_rows_and_units_in_the_cells() -> None:
    file = scale_files.read(GARMIN.encode(), ZONE)
    morning, evening = file.rows
    assert file.kind == "garmin" and not file.wrong
    assert morning.at == at(2026, 7, 18, 0, 28) and evening.at == at(2026, 7, 17, 9, 8)
    assert morning.metrics["skeletal_muscle_percent"] == 45.0 and morning.metrics["body_fat_percent"] == 18
    assert evening.metrics == {"weight_kg": 80.0, "bmi": 24.5}


def test_a_table_of_ones_own_names_the_rows_it_cannot_read() -> None:
    file = scale_files.read(OWN.encode("gb18030"), ZONE)
    (row,) = file.rows
    assert row.at == at(2026, 3, 7, 23, 30)
    assert row.metrics == {"weight_kg": 61.2, "body_fat_percent": 25.1, "visceral_fat_level": 5}
    assert file.wrong == [(3, "体重“六十”不是数字"), (4, "时间“昨天”读不懂")]


def huawei(*records: object) -> bytes:
    heart = {"type": 7, "version": 1, "timeZone": "+0800", "samplePoints": [
        {"startTime": MORNING, "endTime": MORNING, "key": "DATA_POINT_DYNAMIC_HEARTRATE", "value": 70}]}  # fmt: skip
    return json.dumps([heart, {"type": 9, "samplePoints": None}, *records], ensure_ascii=False).encode()


MORNING = 1768457369000
BODY = {
    "bodyWeight": 60.5, "bodyFatRate": 24.5, "bmi": 22.2, "basalMetabolism": 1320, "visceralFatLevel": 5, "muscleMass": 43.1,
    "boneSalt": 2.4, "protein": 0.0, "proteinRate": 16.5, "moistureRate": 52.1, "bodyAge": 30, "bodyScore": 88.0,
    "skeletalMusclelMass": 24.2, "height": 165, "age": 33, "gender": 0,
}  # fmt: skip


def scaled(value: object, *, start: object = MORNING, version: int = 1, **more: object) -> object:
    point = {"startTime": start, "endTime": start, "key": "WEIGHT_BODYFAT_BROAD", "unit": "0", "value": value}
    return {"type": 10006, "version": version, "timeZone": "+0800", "samplePoints": [point], **more}


def test_huawei_puts_a_text_of_json_into_a_list_of_everything() -> None:
    mended = json.dumps(BODY | {"bodyWeight": 61.0})
    data = huawei(
        scaled(mended, version=2), scaled(json.dumps(BODY)), scaled(BODY, start=str(MORNING + 60_000))
    )
    file = scale_files.read(b"\xef\xbb\xbf" + data, ZONE)
    first, second = file.rows
    assert file.kind == "huawei" and file.heights == ["165"] and not file.wrong
    assert (first.at, first.metrics["weight_kg"]) == (at(2026, 1, 15, 6, 9, 29), 61.0), "as it was mended"
    assert second.metrics == {
        "weight_kg": 60.5, "body_fat_percent": 24.5, "bmi": 22.2, "bmr_kcal": 1320, "visceral_fat_level": 5, "muscle_kg": 43.1,
        "bone_kg": 2.4, "protein_percent": 16.5, "water_percent": 52.1, "body_age_years": 30, "skeletal_muscle_percent": 40.0,
    }  # fmt: skip


def test_what_huawei_says_of_others_or_unreadably_is_named_by_its_record() -> None:
    data = huawei(
        scaled(BODY, subUser="2"),
        scaled("{half"),
        scaled(BODY, start="soon"),
        scaled(BODY, start=MORNING + 1),
    )
    file = scale_files.read(data, ZONE)
    assert [row.row_no for row in file.rows] == [6]
    assert [row for row, _ in file.wrong] == [3, 4, 5]
    assert "其他成员" in file.wrong[0][1] and "读不懂" in file.wrong[1][1] and "soon" in file.wrong[2][1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n1,2\n",
        "订单号,金额\n1,2\n".encode(),
        b"\xff\xfe\x00\x01",
        b"PK\x03\x04zip",
        b"time,bmi\n1,2\n",
        b"{}",
        b"[1, 2]",
        b"[" * 100_000,
        b'[{"samplePoints": 5}]',
        b'[{"orders": []}]',
    ],
)
def test_what_is_none_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(Refused):
        scale_files.read(data, ZONE)


def test_a_file_is_taken_in_for_one_of_the_family_and_once(
    register: Register, person: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    scale, anna = register(), person("13912340001")
    devices.give(scale.id, person_id=anna, notice_version="v1", member="1", since=days_ago(330), actor=SYSTEM)
    with pytest.raises(Refused, match="165、178"):
        devices.take_file(scale.id, ZEPP.encode(), actor=SYSTEM)
    with pytest.raises(Refused, match="没有身高 150"):
        devices.take_file(scale.id, ZEPP.encode(), height="150", actor=SYSTEM)
    taken = devices.take_file(scale.id, ZEPP.encode(), member="1", height="165", actor=SYSTEM)
    assert (taken.accepted, taken.known, taken.refused) == (2, 0, 0)
    found = [f for f in devices.facts_of(SYSTEM, anna) if f.name == "Body Measured"]
    assert [f.body["metrics"]["weight_kg"] for f in found] == [60.3, 60.5]
    # Exported once more, by the older app: it is the same reading
    again = devices.take_file(scale.id, MI_FIT.encode(), member="1", actor=SYSTEM)
    assert (again.accepted, again.known) == (0, 1)


def test_a_huawei_file_is_taken_in_once_too(
    register: Register, person: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    scale, anna = register(), person("13912340001")
    devices.give(scale.id, person_id=anna, notice_version="v1", since=days_ago(330), actor=SYSTEM)
    data = huawei(scaled(json.dumps(BODY)), scaled(json.dumps(BODY), start=MORNING + 60_000))
    taken = devices.take_file(scale.id, data, actor=SYSTEM)
    again = devices.take_file(scale.id, data, actor=SYSTEM)
    assert (taken.accepted, taken.refused, again.accepted, again.known) == (2, 0, 0, 2)
    found = [f for f in devices.facts_of(SYSTEM, anna) if f.name == "Body Measured"]
    assert {f.body["metrics"]["protein_percent"] for f in found} == {16.5}


def test_what_the_door_refuses_is_told_by_its_row_and_not_set_aside(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    scale = register()
    odd = "时间,体重\n2026-11-01 08:00,6000\n2020-01-01 08:00,60\n2026-11-02 08:00,60\n"
    taken = devices.take_file(scale.id, odd.encode(), actor=SYSTEM)
    assert (taken.accepted, taken.refused) == (1, 2)
    assert [row for row, _ in taken.wrong] == [2, 3] and "6000" in taken.wrong[0][1]
    assert devices.asides(scale.id) == []
    with pytest.raises(Refused, match="体脂秤"):
        devices.take_file(register(devices.COUNTER).id, odd.encode(), actor=SYSTEM)
    with pytest.raises(NotFound):
        devices.take_file(0, odd.encode(), actor=SYSTEM)
