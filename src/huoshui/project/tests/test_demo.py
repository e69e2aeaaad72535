"""Which world `make demo` opens."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from huoshui.core.errors import Refused
from huoshui.project import demo


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUOSHUI_HOME", str(tmp_path))
    for name in ("PEOPLE", "UNTIL", "SEED"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_new_home_opens_on_the_invented_brand(home: Path) -> None:
    assert demo.chosen(None) == "suyu"
    assert demo.chosen("completejourney") == "completejourney"
    with pytest.raises(Refused, match="suyu、completejourney"):
        demo.chosen("atlantis")


def test_a_home_keeps_its_world_and_takes_no_second_one(home: Path) -> None:
    (home / "demo" / "completejourney").mkdir(parents=True)
    assert demo.chosen(None) == "completejourney"
    with pytest.raises(Refused, match="HUOSHUI_HOME"):
        demo.chosen("suyu")


def test_the_next_day_opens_the_same_world(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = home / "demo" / "suyu"
    monkeypatch.setenv("UNTIL", "2026-11-25")
    monkeypatch.setenv("PEOPLE", "2000")
    assert demo._once_asked(directory) == (2000, date(2026, 11, 25), 1)
    monkeypatch.delenv("UNTIL")
    monkeypatch.delenv("PEOPLE")
    assert demo._once_asked(directory) == (2000, date(2026, 11, 25), 1)
    assert json.loads(directory.with_suffix(".json").read_text())["people"] == 2000
    monkeypatch.setenv("PEOPLE", "3000")
    with pytest.raises(Refused, match="HUOSHUI_HOME"):
        demo._once_asked(directory)
