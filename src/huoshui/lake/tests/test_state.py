from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from huoshui.core.subscribers import STATE_SCHEMA, XidRange, registry
from huoshui.lake import api, files, state, tables
from huoshui.lake.tests.planting import NOON, Line, settle
from huoshui.lake.tests.test_flush import Killed, rows

pytestmark = pytest.mark.usefixtures("lake")


class Source:
    """A room that knows something about people. Changes are told once, whatever range is asked for twice."""

    def __init__(self, name: str) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []
        self.asked: list[XidRange] = []
        registry.state_source(name, self)

    def knows(self, person_id: int, key: str, value: str | None = None, number: float | None = None) -> None:
        n = len(self.told) + 1
        row = {"person_id": person_id, "key": key, "value": value, "number": number, "seq": n, "source_id": 1}
        self.told.append((_next_bound(), row | {"at": NOON + timedelta(seconds=n)}))

    def __call__(self, between: XidRange) -> pa.Table:
        self.asked.append(between)
        some = [row for xid, row in self.told if between.low <= xid < between.high]
        return pa.Table.from_pylist(some, STATE_SCHEMA)


def _next_bound() -> int:
    """A transaction that the next flush will see."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def now() -> dict[tuple[int, str], str | float | None]:
    return {(r["person_id"], r["key"]): r["value"] or r["number"] for r in rows("state_now")}


def test_state_is_appended_and_state_now_holds_the_latest() -> None:
    room = Source("tiers")
    room.knows(1, "tier", "silver")
    room.knows(2, "tier", "gold")
    room.knows(1, "tier", "gold")
    room.knows(1, "city", "杭州")
    api.flush()
    assert len(rows("state")) == 4
    assert now() == {(1, "tier"): "gold", (2, "tier"): "gold", (1, "city"): "杭州"}

    room.knows(2, "tier", "none")
    report = api.flush()
    assert report.rows["state"] == 1
    assert len(rows("state")) == 5
    assert now() == {(1, "tier"): "gold", (2, "tier"): "none", (1, "city"): "杭州"}


def test_only_the_keys_that_changed_are_rewritten(each_engine: str) -> None:
    room = Source("tiers")
    room.knows(1, "tier", "silver")
    room.knows(1, "a/b [c]", "odd")
    api.flush()
    before = {files.part_of(f): f.file_path for f in files.current_files(tables.ensure("state_now"))}
    room.knows(1, "tier", "gold")
    api.flush()
    after = {files.part_of(f): f.file_path for f in files.current_files(tables.ensure("state_now"))}
    assert before["a/b [c]"] == after["a/b [c]"]
    assert before["tier"] != after["tier"]
    lake = api.engine().tables()
    assert api.engine().run(lake.state_now.filter(lake.state_now.key == "a/b [c]"))["value"].to_pylist() == [
        "odd"
    ]


def test_each_change_is_read_once_and_nothing_is_written_when_nothing_changed() -> None:
    room = Source("tiers")
    room.knows(1, "tier", "silver")
    api.flush()
    snapshot = tables.ensure("state_now").current_snapshot()
    api.flush()
    assert tables.ensure("state_now").current_snapshot() == snapshot
    first, second = room.asked
    assert first.low == 0
    assert second.low == first.high


def test_a_room_that_joins_later_tells_its_whole_past() -> None:
    old = Source("tiers")
    old.knows(1, "tier", "silver")
    new = Source("grades")
    new.knows(1, "grade", "high")
    del registry.state["grades"]
    api.flush()
    registry.state_source("grades", new)
    api.flush()
    assert now() == {(1, "tier"): "silver", (1, "grade"): "high"}
    api.flush()
    assert len(rows("state")) == 2


def test_state_now_catches_up_after_a_kill_between_the_two(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Source("tiers")
    room.knows(1, "tier", "silver")
    room.knows(2, "tier", "silver")
    api.flush()
    room.knows(1, "tier", "gold")

    def dies(*args: Any, **kwargs: Any) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(state, "_refresh", dies)
        with pytest.raises(Killed):
            api.flush()
    assert now()[1, "tier"] == "silver"
    api.flush()
    assert now() == {(1, "tier"): "gold", (2, "tier"): "silver"}
    assert len(rows("state")) == 3


def test_rebuild_tells_the_same_state() -> None:
    room = Source("tiers")
    room.knows(1, "tier", "silver")
    api.flush()
    room.knows(1, "tier", "gold")
    room.knows(2, "cluster", number=1.0)
    api.flush()
    before = (_sorted(rows("state")), _sorted(rows("state_now")))
    api.rebuild()
    assert (_sorted(rows("state")), _sorted(rows("state_now"))) == before


def _sorted(some: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return sorted(tuple(str(value) for value in row.values()) for row in some)


def test_persons_are_all_that_facts_and_state_name_with_their_canonical_id(each_engine: str) -> None:
    settle(10, [Line(5, 900)], person_id=3)
    settle(11, [Line(5, 900)], person_id=4)
    room = Source("clusters")
    room.knows(4, "cluster", number=3.0)
    room.knows(9, "tier", "gold")
    api.flush()
    engine = api.engine()

    def persons() -> dict[int, int]:
        found = engine.run(engine.tables().persons).to_pylist()
        assert len({row["person_id"] for row in found}) == len(found)
        return {row["person_id"]: row["canonical_id"] for row in found}

    assert persons() == {3: 3, 4: 3, 9: 9}
    room.knows(4, "cluster", number=4.0)  # the link was taken away
    settle(12, [Line(5, 900)], person_id=5)
    api.flush()
    assert persons() == {3: 3, 4: 4, 5: 5, 9: 9}
    api.rebuild()
    assert persons() == {3: 3, 4: 4, 5: 5, 9: 9}
