from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from huoshui.core import clock
from huoshui.core.subscribers import Erased
from huoshui.insight import kept
from huoshui.insight.lake import Lake
from huoshui.insight.tests.lake_fixture import small_lake


@pytest.fixture(autouse=True)
def house(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.HUOSHUI_HOME = tmp_path
    kept._in_hand.clear()
    yield tmp_path
    kept._in_hand.clear()


class Making:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def lake(lines: int = 40, day: date = date(2025, 1, 1)) -> Lake:
    rows = [
        {"order_id": n, "fact_id": n, "person_id": 1, "org_unit_id": 2, "sku_id": 1, "amount": 1}
        | {"business_day": day}
        for n in range(1, lines + 1)
    ]
    return replace(small_lake(order_lines=rows), keeps=True)


def test_another_process_reads_what_one_has_learned(house: Path) -> None:
    make = Making()
    assert lake().daily(("q", 1), make) == lake().daily(("q", 1), make) == 1
    kept._in_hand.clear()  # a process that was not there
    assert lake().daily(("q", 1), make) == 1 == make.times
    assert lake().daily(("q", 2), make) == 2
    assert {file.suffix for file in (house / "kept").iterdir()} == {".kept"}


def test_a_part_and_another_size_are_learned_by_themselves() -> None:
    make = Making()
    assert lake().daily("q", make) == 1
    assert lake().at([2]).daily("q", make) == 2
    assert lake(41).daily("q", make) == 1
    assert lake(60).daily("q", make) == 3
    assert replace(lake(), keeps=False).daily("q", make) == 4


def test_the_next_day_it_is_learned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    make, today = Making(), clock.today()
    assert lake().daily("q", make) == 1
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=1))
    assert lake().daily("q", make) == 2


def test_what_cannot_be_read_is_made(house: Path) -> None:
    make = Making()
    lake().daily("q", make)
    for file in (house / "kept").iterdir():
        file.write_bytes(b"of another version")
    kept._in_hand.clear()
    assert lake().daily("q", make) == 2


def test_nothing_outlives_an_erasure(house: Path) -> None:
    make = Making()
    lake().daily("q", make)
    in_hand = dict(kept._in_hand)
    assert kept.forget(Erased(person_ids=(1,))) == {"每天算好的结果": 1}
    kept._in_hand.update(in_hand)  # a process that was not told
    assert lake().daily("q", make) == 2


def test_a_day_that_is_not_over_is_not_learned_of() -> None:
    today = clock.today()
    assert lake(day=today).ended_day() == today - timedelta(days=1)
    assert lake(day=today - timedelta(days=3)).ended_day() == today - timedelta(days=3)
