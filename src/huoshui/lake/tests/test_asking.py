"""What is asked again is written down once, and says what the lake says then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import _

from huoshui.lake import api
from huoshui.lake.engines import asking
from huoshui.lake.tests.planting import Line, settle

pytestmark = pytest.mark.usefixtures("lake")


class Amounts:
    """Of people given along, by a question that counts how often it is made."""

    def __init__(self, key: str | None = "amounts", least: int = 0) -> None:
        self.made, self._least = 0, least
        self.question = api.Question(key, self._make)

    def _make(self, lake: api.LakeTables, given: Mapping[str, Any]) -> Any:
        self.made += 1
        theirs = lake.order_lines.inner_join(given["asked"], "person_id").filter(_.amount >= self._least)
        return theirs.aggregate(by="person_id", amount=_.amount.sum()).order_by("person_id")

    def of(self, *person_ids: int) -> dict[int, int]:
        asked = pa.table({"person_id": pa.array(person_ids, pa.int64())})
        rows = api.engine().ask(self.question, given={"asked": asked})
        return dict(zip(*(rows[c].to_pylist() for c in ("person_id", "amount")), strict=True))


def plant(fact_id: int, person_id: int, amount: int) -> None:
    settle(fact_id, [Line(5, amount)], person_id=person_id)


def test_the_lake_moves_on_and_the_text_stays(each_engine: str) -> None:
    amounts = Amounts()
    plant(1, 1, 100)
    plant(2, 2, 70)
    api.flush()
    assert amounts.of(1, 2) == {1: 100, 2: 70}
    plant(3, 1, 5)
    api.flush()
    assert amounts.of(1) == {1: 105}
    assert amounts.of() == {}
    assert amounts.made == (1 if each_engine == "duckdb" else 3)


def test_another_key_is_another_question_and_none_is_never_kept() -> None:
    plant(1, 1, 100)
    api.flush()
    low, high, unkept = Amounts(), Amounts("large ones", least=1000), Amounts(None)
    assert (low.of(1), high.of(1), unkept.of(1), unkept.of(1)) == ({1: 100}, {}, {1: 100}, {1: 100})
    assert (low.made, high.made, unkept.made) == (1, 1, 2)


def test_those_asked_longest_ago_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Amounts("one"), Amounts("other")
    one.of(1)
    one.of(1)
    monkeypatch.setattr(asking, "_KEPT_CHARACTERS", 10)
    other.of(1)
    one.of(1)
    assert (one.made, other.made) == (2, 1)


def test_an_expression_never_brings_rows_of_its_own() -> None:
    """They would be those of the first time, for ever."""
    own = ibis.memtable({"person_id": [1]})
    with pytest.raises(RuntimeError, match="given along"):
        api.engine().ask(api.Question("own", lambda lake, given: own))


def test_what_is_asked_is_called_off(each_engine: str) -> None:
    question = api.Question("lines", lambda lake, given: lake.order_lines.select("amount"))
    engine = api.engine()
    assert engine.ask(question, is_called_off=lambda: False).num_rows == 0
    with pytest.raises(api.CalledOff):
        engine.ask(question, is_called_off=lambda: True)
