from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from django.db import connection, transaction
from pyiceberg.exceptions import CommitFailedException
from sqlalchemy import make_url

from huoshui.core.facts import api as facts
from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.core.ledger import api as ledger
from huoshui.lake import api, files, reads, tables, writer
from huoshui.lake.effects import Effects, effects
from huoshui.lake.tests import planting
from huoshui.lake.tests.conftest import Brand
from huoshui.lake.tests.planting import NOON, Line, settle

pytestmark = pytest.mark.usefixtures("lake")

MARCH = (2026 - 1970) * 12 + 2  # the part of NOON


def rows(name: str) -> list[dict[str, Any]]:
    table = tables.ensure(name)
    found: list[dict[str, Any]] = files.read(table, table.scan().plan_files()).to_pylist()
    return found


def mark(name: str) -> int:
    return files.bound(tables.ensure(name))


@pytest.fixture
def elsewhere() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(planting.database_url()) as other:
        yield other


def test_a_settled_order_arrives_with_its_lines() -> None:
    settle(10, [Line(5, 900, refunded=100, refunded_milli=500), Line(6, 50, flags=1)], person_id=3)
    report = api.flush()

    assert report.rows["facts"] == 1
    assert report.rows["order_lines"] == 2
    (fact,) = rows("facts")
    assert (fact["fact_id"], fact["order_id"], fact["amount"]) == (10, 10, 850)
    assert fact["business_day"].isoformat() == "2026-03-10"
    first, second = sorted(rows("order_lines"), key=lambda line: line["line_no"])
    assert (first["amount"], first["quantity"], first["kind"]) == (800, 0.5, "sale")
    assert (first["person_id"], first["org_unit_id"], first["channel"]) == (3, 7, "pos")
    assert not first["is_reversal"]
    assert second["flags"] == 1


def test_nothing_is_taken_twice() -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    report = api.flush()
    assert not report.changed
    settle(11, [Line(5, 100)])
    api.flush()
    assert Counter(line["fact_id"] for line in rows("order_lines")) == {10: 1, 11: 1}


def test_only_settled_facts_are_taken() -> None:
    settle(10, [Line(5, 900)])
    with connection.cursor() as cursor:
        cursor.execute("update settlement set state = 'waiting', xid = null")
    assert api.flush().rows["facts"] == 0


def test_a_fact_that_is_no_order_has_its_day_in_the_brands_zone_and_no_amount() -> None:
    late = NOON.replace(hour=17)  # one in the morning of the next day in Shanghai
    settle(10, name="Product Viewed", at=late)
    api.flush()
    (fact,) = rows("facts")
    assert fact["business_day"].isoformat() == "2026-03-11"
    assert fact["amount"] is None
    assert fact["order_id"] is None
    assert mark("facts") == mark("order_lines") > 0


def test_a_revision_settles_the_difference_alone() -> None:
    settle(10, [Line(5, 900), Line(6, 100)], person_id=3)
    api.flush()
    later = NOON + timedelta(days=40)
    settle(11, [Line(5, 700)], person_id=4, order_id=10, replaces=[10], at=later)
    settle(12, [Line(5, 700, refunded=200)], person_id=4, order_id=10, replaces=[11], at=later)
    api.flush()

    assert {f["fact_id"]: f["amount"] for f in rows("facts")} == {10: 1000, 11: -300, 12: -200}
    assert {f["order_id"] for f in rows("facts")} == {10}
    by_person: Counter[int] = Counter()
    by_day: Counter[str] = Counter()
    for line in rows("order_lines"):
        by_person[line["person_id"]] += line["amount"]
        by_day[line["business_day"].isoformat()] += line["amount"]
    assert by_person == {3: 0, 4: 500}
    assert by_day == {"2026-03-10": 0, "2026-04-19": 500}
    assert sum(line["quantity"] for line in rows("order_lines")) == 1
    assert api.reconcile().agrees


def test_one_fact_may_replace_several_and_a_refund_taken_back_counts_again() -> None:
    settle(10, [Line(5, 900)])
    settle(11, [Line(5, -300, quantity_milli=-1000)], name="Order Refunded", order_id=10)
    settle(12, [Line(5, 900, refunded=300)], order_id=10, replaces=[10, 11])
    api.flush()
    lines = rows("order_lines")
    assert sum(line["amount"] for line in lines) == 600
    taken_back = {(line["kind"], line["amount"]) for line in lines if line["is_reversal"]}
    assert taken_back == {("sale", -900), ("refund", 300)}
    assert next(f["amount"] for f in rows("facts") if f["fact_id"] == 12) == 0


def test_each_month_of_the_brand_lies_in_its_own_files() -> None:
    for month in range(1, 13):
        settle(month, [Line(5, 100)], at=NOON.replace(month=month))
    api.flush()
    table = tables.ensure("order_lines")
    parts = sorted(files.part_of(file) for file in files.current_files(table))  # type: ignore[type-var]
    assert parts == [(2026 - 1970) * 12 + month for month in range(12)]
    assert len(table.metadata.snapshots) == 1


def test_a_flush_larger_than_its_buffers_is_one_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huoshui.lake.reads._FACTS_AT_ONCE", 3)
    monkeypatch.setattr("huoshui.lake.files._BUFFERED_ROWS", 5)
    for n in range(1, 21):
        settle(n, [Line(5, n), Line(6, n)], at=NOON + timedelta(days=n * 9))
    api.flush()
    assert len(tables.ensure("order_lines").metadata.snapshots) == 1
    assert Counter(line["fact_id"] for line in rows("order_lines")) == dict.fromkeys(range(1, 21), 2)
    assert api.reconcile().agrees


class Killed(BaseException):
    """As a kill would: nothing may catch it."""


@pytest.mark.parametrize("survives", [0, 1])
def test_a_kill_between_commits_loses_and_doubles_nothing(
    monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    settle(11, [Line(5, 100), Line(6, 50)])

    commits = 0

    def dies(*args: Any, **kwargs: Any) -> None:
        nonlocal commits
        if commits == survives:
            raise Killed
        commits += 1
        files.commit(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(writer, "commit", dies)
        with pytest.raises(Killed):
            api.flush()
    assert (mark("facts") > mark("order_lines")) == (survives == 1)

    settle(12, [Line(5, 7)])
    api.flush()
    assert Counter(f["fact_id"] for f in rows("facts")) == {10: 1, 11: 1, 12: 1}
    assert Counter(line["fact_id"] for line in rows("order_lines")) == {10: 1, 11: 2, 12: 1}
    assert mark("facts") == mark("order_lines")
    assert api.reconcile().agrees


def test_a_slow_transaction_hides_nothing(elsewhere: psycopg.Connection[Any]) -> None:
    settle(10, [Line(5, 900)], on=elsewhere)  # open, with the smaller number
    settle(11, [Line(5, 100)])
    api.flush()
    assert rows("facts") == []
    elsewhere.commit()
    api.flush()
    assert Counter(f["fact_id"] for f in rows("facts")) == {10: 1, 11: 1}


def test_a_transaction_of_another_database_on_the_server_holds_nothing_back() -> None:
    url = make_url(planting.database_url()).set(database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False)) as neighbour:
        neighbour.execute("select pg_current_xact_id()")
        settle(10, [Line(5, 900)])
        api.flush()
        assert [f["fact_id"] for f in rows("facts")] == [10]
        assert api.status().waiting == 0


class LastIdReader:
    """The control: what one writes first. It remembers the last id it saw."""

    def __init__(self) -> None:
        self.last = 0
        self.seen: list[int] = []

    def read(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select fact_id from settlement where fact_id > %s order by fact_id", (self.last,))
            self.seen += [row[0] for row in cursor.fetchall()]
        self.last = max(self.seen, default=0)


def test_beside_writers_of_all_speeds_no_fact_is_lost_where_a_last_id_reader_loses_some() -> None:
    """Law 1, in small: four writers' transactions open and end in a random order, with flushes between."""
    chance = random.Random(7)
    control = LastIdReader()
    written: list[int] = []
    with ExitStack() as stack:
        writers = [stack.enter_context(psycopg.connect(planting.database_url())) for _ in range(4)]
        unfinished: dict[int, list[int]] = {n: [] for n in range(len(writers))}
        for fact_id in range(1, 81):
            n = chance.randrange(len(writers))
            settle(fact_id, [Line(5, fact_id)], on=writers[n])
            unfinished[n].append(fact_id)
            if chance.random() < (0.05 if n == 0 else 0.5):
                writers[n].commit()
                written += unfinished[n]
                unfinished[n] = []
            if chance.random() < 0.3:
                api.flush()
                control.read()
        for n, writer_ in enumerate(writers):
            writer_.commit()
            written += unfinished[n]
    api.flush()
    control.read()

    assert len(written) == 80
    assert Counter(f["fact_id"] for f in rows("facts")) == dict.fromkeys(written, 1)
    assert Counter(line["fact_id"] for line in rows("order_lines")) == dict.fromkeys(written, 1)
    assert set(control.seen) < set(written), "the control lost nothing, so this proved nothing"


def test_a_second_writer_is_told_or_waits(elsewhere: psycopg.Connection[Any]) -> None:
    settle(10, [Line(5, 900)])
    with writer.sole_writer():
        report = api.flush(wait=False)
        assert report.busy
        assert not report.changed
        waiting = threading.Thread(target=_flush_elsewhere)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(20)
    assert [f["fact_id"] for f in rows("facts")] == [10]


def _flush_elsewhere() -> None:
    try:
        api.flush()
    finally:
        connection.close()


@pytest.mark.parametrize(("retries", "copies"), [("0", 1), ("1", 2)])
def test_of_two_commits_on_one_snapshot_the_slower_fails_and_retrying_it_would_double(
    retries: str, copies: int
) -> None:
    """Should the lock ever fail. The second case is the control: pyiceberg's own default retries."""
    settle(10, [Line(5, 900)])
    api.flush()
    with tables.ensure("facts").transaction() as change:
        change.set_properties({"commit.retry.num-retries": retries})
    settle(11, [Line(5, 100)])
    one, other = tables.ensure("facts"), tables.ensure("facts")
    first, second = files.Parts(one), files.Parts(other)
    for parts in (first, second):
        parts.add(effects_of([11]).facts)
    files.commit(one, add=first.close(), new_marks={files.XID: "1"})
    with suppress(CommitFailedException):
        files.commit(other, add=second.close(), new_marks={files.XID: "1"})
    assert Counter(f["fact_id"] for f in rows("facts"))[11] == copies


def effects_of(fact_ids: list[int]) -> Effects:
    (batch,) = reads.in_batches(pa.array(fact_ids))
    return effects(batch)


def test_a_lake_newer_than_its_database_is_refused() -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    files.commit(tables.ensure("facts"), new_marks={files.XID: str(10**15)})
    with pytest.raises(api.LakeAhead, match="rebuild"):
        api.flush()


def test_facts_restored_from_another_server_are_refused_until_a_rebuild_adopts_them() -> None:
    settle(10, [Line(5, 900)])
    settle(11, [Line(5, 100)])
    with connection.cursor() as cursor:
        cursor.execute(
            "update settlement set xid = (10::numeric ^ 15)::bigint::text::xid8 where fact_id = 11"
        )
        cursor.execute(  # as the other server's readers left it
            "insert into watermark (reader, xid) select reader, (10::numeric ^ 15 + 1)::bigint::text::xid8"
            " from unnest(array['stock', 'card']) as reader"
        )
    with pytest.raises(api.LakeAhead, match="rebuild"):
        api.flush()
    api.rebuild()
    settle(12, [Line(5, 1)])
    api.flush()
    assert ledger.audit_stock().is_clean
    with facts.since_last_read("card") as span:
        assert span.low == 0
    assert Counter(f["fact_id"] for f in rows("facts")) == {10: 1, 11: 1, 12: 1}


def test_a_flush_inside_a_transaction_is_a_mistake() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        api.flush()


def test_products_and_org_units_are_replaced_when_the_brand_changes(the_brand: Brand) -> None:
    assert api.flush().rows["products"] == 1
    assert "products" not in api.flush().rows
    the_brand.products = the_brand.products.slice(0, 0)
    the_brand.version = "2"
    api.flush()
    assert rows("products") == []
    assert [unit["name"] for unit in rows("org_units")] == ["人民路店"]


def test_flushing_when_due(lake: Path) -> None:
    assert api.flush_if_due() is not None, "never flushed is long ago"
    settle(10, [Line(5, 900)])
    assert api.flush_if_due(awaited=True) is None
    _last_read("6 seconds")
    assert api.flush_if_due() is None
    assert _rows(api.flush_if_due(awaited=True)) == {"facts": 1, "order_lines": 1}
    settle(11, [Line(5, 900)])
    _last_read("61 seconds")
    assert _rows(api.flush_if_due()) == {"facts": 1, "order_lines": 1}


def test_a_full_batch_is_due_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    api.flush()
    monkeypatch.setattr(api, "_FULL_BATCH", 2)
    settle(10, [Line(5, 900)])
    assert api.flush_if_due() is None
    settle(11, [Line(5, 900)])
    assert _rows(api.flush_if_due())["facts"] == 2


def _rows(report: api.FlushReport | None) -> Mapping[str, int]:
    assert report is not None
    return {name: count for name, count in report.rows.items() if count and name in ("facts", "order_lines")}


def _last_read(ago: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update watermark set read_at = now() - %s::interval where reader = 'lake'", (ago,))


def test_status_tells_what_waits() -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    settle(11, [Line(5, 900)])
    told = api.status()
    assert told.waiting == 1
    assert {table.name: table.rows for table in told.tables}["order_lines"] == 1
    assert told.to_json()["fresh_at"] == told.fresh_at.isoformat() if told.fresh_at else False


def flush_up_to(bound: int) -> None:
    """A neighbour on the same server whose transaction has just ended may hold a flush back; the next gets further."""
    patience = time.monotonic() + 30
    while api.flush().bound != bound:
        assert time.monotonic() < patience


def test_freshness_stands_still_while_a_slow_transaction_holds_the_bound(
    elsewhere: psycopg.Connection[Any],
) -> None:
    settle(10, [Line(5, 900)], on=elsewhere)
    row = elsewhere.execute("select pg_current_xact_id()::text::bigint").fetchone()
    assert row is not None
    flush_up_to(row[0])
    first = api.status().fresh_at
    flush_up_to(row[0])
    assert api.status().fresh_at == first
    elsewhere.commit()
    api.flush()
    second = api.status().fresh_at
    assert first is not None
    assert second is not None
    assert second > first


def test_a_fact_taken_back_that_is_no_order_is_gone_whenever_it_is_told() -> None:
    settle(10, name="Viewed", person_id=3)
    settle(11, name="Viewed", person_id=3, at=NOON - timedelta(days=40))
    settle(12, [Line(5, 900)], person_id=3)
    api.flush()
    # One that lies in the lake, one that has not come there yet, and an order of the same month
    settle(13, name="Viewed", person_id=4)
    settle(14, name=FACT_WITHDRAWN, order_id=10, person_id=3)
    settle(15, name=FACT_WITHDRAWN, order_id=13, person_id=4)
    api.flush()
    left = sorted(row["fact_id"] for row in rows("facts"))
    assert left == [11, 12, 14, 15]
    assert [row["fact_id"] for row in rows("order_lines")] == [12]
    assert not api.reconcile().difference_count
    api.rebuild()
    assert sorted(row["fact_id"] for row in rows("facts")) == left
    assert not api.reconcile().difference_count


def test_taking_a_fact_back_touches_no_file_of_other_months() -> None:
    settle(10, name="Viewed")
    settle(11, name="Viewed", at=NOON - timedelta(days=40))
    api.flush()
    other = {f.file_path for f in files.current_files(tables.ensure("facts")) if files.part_of(f) != MARCH}
    settle(12, name=FACT_WITHDRAWN, order_id=10)
    api.flush()
    assert other <= {f.file_path for f in files.current_files(tables.ensure("facts"))}
