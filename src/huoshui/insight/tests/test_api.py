"""The door, over a lake of our own; that it opens on the real one is tested where the river is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis.config import Config

from huoshui.insight import api
from huoshui.insight.lake import Lake
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_alive import town
from huoshui.insight.tests.test_away import country
from huoshui.insight.tests.test_effect import END, LOT, START, shop
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

DAY = date(2025, 6, 30)
PARAMS: dict[str, dict[str, Any]] = {
    "sales": {"by": ("day", "store", "category", "product", "week", "month"), "store": "S1", "limit": 3},
    "today": {"by": ["store", "category"]},
    "rfm": {},
    "groups": {},
    "grade": {},
    "portrait": {"grade": "growing"},
    "why": {"by": ["store", "category"]},
    "alive": {},
    "next": {"days": 60},
    "away": {},
    "known": {},
    "effect": {"from_": START, "to": END, **LOT},
}
# questions of how people come again, which one day cannot answer
OF_REGULARS: dict[str, Callable[[], Lake]] = {
    "why": town,
    "alive": town,
    "next": town,
    "away": country,
    "effect": shop,
}


class SparkOptions(Config):  # type: ignore[misc]  # Ibis has no types for its options
    treat_nan_as_null: bool = False


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    lines = [line for person in range(1, 31) for line in lines_of(person, [DAY], 1_000 * person)]
    lake = small_lake(order_lines=lines, products=PRODUCTS, org_units=UNITS)
    monkeypatch.setattr(api, "open_lake", lambda: lake)
    return lake


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", api.QUESTIONS)
def test_every_question_answers_in_json_and_in_a_sentence(
    name: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in OF_REGULARS:
        monkeypatch.setattr(api, "open_lake", OF_REGULARS[name])
    answer = api.ask(name, lang=lang, **PARAMS[name])
    told = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    assert told["question"] == name
    assert len(told["rows"]) == len(answer.rows) > 0
    assert [column["name"] for column in told["columns"]] == list(answer.rows[0])
    assert answer.sentence
    assert answer.sentence.isascii() or lang == "zh" or any(c in answer.sentence for c in "¥零一")


@pytest.mark.usefixtures("lake")
def test_money_is_integer_inside_and_yuan_in_json() -> None:
    answer = api.ask("sales", from_=DAY, to=DAY)
    assert answer.rows[0]["amount"] == 465_000
    assert answer.to_json()["rows"][0]["amount"] == 4_650.0
    assert answer.to_json()["extra"]["total"]["rows"][0]["ticket"] == 155.0


@pytest.mark.usefixtures("lake")
def test_people_come_in_pages() -> None:
    everyone = [api.people("sales", {}, {"day": "2025-06-30"}, limit=20)]
    everyone.append(api.people("sales", {}, {"day": "2025-06-30"}, limit=20, after=everyone[0][-1]))
    assert everyone == [list(range(1, 21)), list(range(21, 31))]
    assert api.count_people("sales", {"by": "day"}, {"day": "2025-06-30"}) == 30


@pytest.mark.usefixtures("lake")
def test_labels_for_the_card_are_one_row_per_buyer() -> None:
    labels = api.person_labels()
    assert labels.column_names == ["person_id", "grade", "frequency", "ticket"]
    assert labels.column("person_id").to_pylist() == list(range(1, 31))
    assert labels.column("grade").to_pylist().count("high") == 6
    assert [rhythm.category for rhythm in api.person_rhythm(7)] == ["坚果果干"]


@pytest.mark.usefixtures("lake")
def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(api.BadQuestion, match="不认识问题“weather”"):
        api.ask("weather")


def test_every_expression_can_be_said_to_spark(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only portable operations: whatever any question runs also compiles for Spark."""
    said = []
    # an option that Ibis sets up together with Spark's own library
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions(), raising=False)

    def run(expression: Any) -> pa.Table:
        said.append(ibis.to_sql(expression.unbind(), dialect="pyspark"))
        return lake.run(expression)

    for name, params in PARAMS.items():
        asked = OF_REGULARS[name]() if name in OF_REGULARS else lake
        monkeypatch.setattr(api, "open_lake", lambda asked=asked: replace(asked, run=run))
        answer = api.ask(name, **params)
        api.count_people(name, params, answer.cell(answer.rows[0]))
    monkeypatch.setattr(api, "open_lake", lambda: replace(lake, run=run))
    api.person_labels()
    api.person_rhythm(1)
    assert len(said) > 30
