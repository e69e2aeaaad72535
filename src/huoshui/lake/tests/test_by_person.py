"""Books by person say what a scan says, whatever was added, merged, written anew or erased since."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from huoshui.core.subscribers import Erased
from huoshui.lake import api, erasing
from huoshui.lake.engines import by_person
from huoshui.lake.tests.planting import NOON, Line, settle
from huoshui.lake.tests.test_state import Source

pytestmark = pytest.mark.usefixtures("lake")


@pytest.fixture(autouse=True)
def small_books(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, rows in (("WORTH_IT", 1), ("_AT_ONCE", 3), ("_BOOK_ROWS", 8)):
        monkeypatch.setattr(by_person, name, rows)


@pytest.fixture
def books(lake: Path) -> Path:
    return lake.parent / "by_person"


def _plant(first: int, many: int, draw: random.Random) -> None:
    for fact_id in range(first, first + many):
        is_order = draw.random() < 0.5
        settle(
            fact_id,
            [Line(5, draw.randrange(1, 99)) for _ in range(draw.randrange(1, 4))] if is_order else (),
            name="Order Completed" if is_order else "Product Viewed",
            person_id=draw.randrange(1, 12),
            at=NOON - timedelta(days=draw.randrange(0, 90)),
        )
    api.flush()


def _agree(person_ids: list[int]) -> int:
    """Rows found, which are those of the whole table that are theirs."""
    engine, found = api.engine(), 0
    whole = engine.tables()
    with engine.tables_of(person_ids) as theirs:
        for name in by_person.COLUMNS:
            some, everything = engine.run(getattr(theirs, name)), getattr(whole, name)
            wanted = everything.filter(everything.person_id.isin(person_ids)).select(some.column_names)
            assert _in_order(some) == _in_order(engine.run(wanted))
            found += some.num_rows
    return found


def _in_order(rows: pa.Table) -> pa.Table:
    return rows.sort_by([(name, "ascending") for name in rows.column_names])


def test_they_say_what_a_scan_says(books: Path) -> None:
    draw = random.Random(3)
    _plant(1, 40, draw)
    assert _agree([1, 2, 7, 11, 500]) > 0
    assert _agree(list(range(1, 12))) >= 40
    assert _agree([500]) == 0
    before = set(books.glob("*/facts/*/"))
    _plant(100, 10, draw)
    assert _agree([1, 2, 3]) > 0
    assert before < set(books.glob("*/facts/*/"))


def test_files_that_are_merged_leave_no_book_behind(books: Path) -> None:
    draw = random.Random(4)
    for start in (1, 50, 100):
        _plant(start, 20, draw)
        _agree([1, 2])
    api.compact()
    before = set(books.glob("*/facts/*/"))
    assert _agree(list(range(1, 12))) >= 60
    assert not before <= set(books.glob("*/facts/*/"))


def test_small_books_become_one(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_person, "_BOOK_ROWS", 1000)
    monkeypatch.setattr(by_person, "_SMALL_BOOKS", 2)
    draw = random.Random(5)
    many = []
    for start in range(1, 50, 10):
        _plant(start, 4, draw)
        _agree([1, 2, 3])
        many.append(len(list(books.glob("*/facts/*/"))))
    assert many == [1, 2, 1, 2, 1]


def test_who_is_erased_is_in_no_book(books: Path) -> None:
    draw = random.Random(6)
    _plant(1, 40, draw)
    assert _agree([7]) > 0
    erasing.erase(Erased(person_ids=(7,)))
    assert not list(books.glob("*/*/*/"))
    assert _agree([7]) == 0
    assert _agree([1, 2]) > 0


class Known:
    """What a room tells of people, and what is found of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, many in (("_STATE_WORTH_IT", 1), ("_MOST_WORDS", 5)):
            monkeypatch.setattr(by_person, name, many)
        self.source = Source("room")

    def of(self, person_ids: list[int], *keys: str) -> dict[tuple[int, str], str]:
        engine = api.engine()
        with engine.tables_of(person_ids, keys) as theirs:
            rows = engine.run(theirs.state_now.filter(theirs.state_now.person_id.isin(person_ids)))
        return {(row["person_id"], row["key"]): row["value"] for row in rows.to_pylist()}


def test_what_is_asked_for_again_has_a_book_until_it_is_written_anew(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known(monkeypatch)
    for person_id in range(1, 9):
        known.source.knows(person_id, "tier", f"{person_id % 3}")
        known.source.knows(person_id, "tag.taste.sweet", "yes")
    api.flush()
    wanted = {
        (1, "tier"): "1",
        (1, "tag.taste.sweet"): "yes",
        (2, "tier"): "2",
        (2, "tag.taste.sweet"): "yes",
    }

    def written() -> int:
        return len(list(books.glob("*/state_now/*/book.json")))

    assert (known.of([1, 2], "tier"), written()) == (wanted, 0)
    assert (known.of([1, 2], "tier"), written()) == (wanted, 1)
    assert (known.of([1, 2], "tag.taste"), written()) == (wanted, 1)
    assert (known.of([1, 2], "tag.taste", "tier"), written()) == (wanted, 2)
    known.source.knows(1, "tier", "9")
    api.flush()
    assert (known.of([1, 2], "tier"), written()) == (wanted | {(1, "tier"): "9"}, 1)
    assert (known.of([1, 2], "tier"), written()) == (wanted | {(1, "tier"): "9"}, 2)
    api.rebuild()
    assert (known.of([2], "tier"), written()) == ({(2, "tier"): "2", (2, "tag.taste.sweet"): "yes"}, 0)


def test_names_and_addresses_have_no_book(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known(monkeypatch)
    for person_id in range(1, 40):
        known.source.knows(person_id, "attr.name", f"name {person_id}")
    api.flush()
    for _time in range(3):
        assert known.of([7], "attr.name") == {(7, "attr.name"): "name 7"}
    assert not list(books.glob("*/state_now/*/book.json"))


def test_a_small_lake_needs_no_books(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_person, "WORTH_IT", 2_000_000)
    _plant(1, 5, random.Random(7))
    with api.engine().tables_of([1]) as lake:
        assert lake == api.engine().tables()
    assert not books.exists()
