"""What a door hands in is stored once, whole, and in the right month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks

from huoshui.core import crypto, sql
from huoshui.core.errors import Refused
from huoshui.core.facts import actions
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import (
    NOON,
    Line,
    Told,
    a_source,
    batch,
    clean_tables,
    number,
    receive,
    refund,
    sale,
)
from huoshui.core.tests.racing import race

__all__ = ["clean_tables"]

FACTS = sql.Statement(
    "facts",
    "select client_key, tableoid::regclass::text as month from fact where source_id = %(id)s order by id",
)
ROWS = sql.Statement(
    "rows",
    "select (select count(*) from fact where id = any(%(ids)s::bigint[])) as facts,"
    " (select count(*) from settlement where fact_id = any(%(ids)s::bigint[])) as settlements,"
    " (select count(*) from fact_identifier where fact_id = any(%(ids)s::bigint[])) as identifiers,"
    " (select count(*) from fact_trait where fact_id = any(%(ids)s::bigint[])) as traits,"
    " (select count(*) from fact_order where fact_id = any(%(ids)s::bigint[])) as orders,"
    " (select count(*) from fact_line where fact_id = any(%(ids)s::bigint[])) as lines",
)

HASHES = sql.Statement(
    "hashes", "select content_hash::text as kept from fact where id = any(%(ids)s::bigint[])"
)


@pytest.mark.django_db
class TestOnce:
    def test_nobody_can_try_what_would_have_this_hash(self) -> None:
        """It may be a phone number that was hashed: only who has the key of the house makes the same of it."""
        (told,) = batch([sale("a")]).facts.column("content_hash").to_pylist()
        (kept,) = sql.fetch(HASHES, ids=receive([sale("a")], a_source()).fact_ids)
        assert kept.kept.replace("-", "") == crypto.digest(told) != told

    def test_the_same_again_changes_nothing(self) -> None:
        source = a_source()
        told = [sale("a", Line(), Line(sku_id=6)), sale("b", identifiers=(("card_no", "1"),))]
        first = receive(told, source)
        again = receive(told, source)
        assert (len(first.fact_ids), first.known, first.refs) == (2, 0, [0, 1])
        assert (again.fact_ids, again.known, again.refs) == ([], 2, [])
        assert sql.fetch_one(ROWS, ids=first.fact_ids) == (2, 2, 1, 0, 2, 3)

    def test_the_same_twice_in_one_batch_is_one(self) -> None:
        received = receive([sale("a"), sale("b"), sale("a")], a_source())
        assert (len(received.fact_ids), received.known, received.refs) == (2, 1, [0, 1])

    def test_another_content_under_a_key_is_news(self) -> None:
        source = a_source()
        receive([sale("a", status="paid")], source)
        received = receive([sale("a", status="paid"), sale("a", status="shipped")], source)
        assert (len(received.fact_ids), received.known, received.refs) == (1, 1, [1])

    def test_keys_of_two_sources_do_not_meet(self) -> None:
        assert receive([sale("a")], a_source()).fact_ids
        assert receive([sale("a")], a_source()).fact_ids

    def test_only_what_is_new_is_stored_and_under_its_own_id(self) -> None:
        source = a_source()
        receive([sale("a")], source)
        told = [
            sale("a"),
            sale("b", Line(amount=200), Line(amount=300), identifiers=(("card_no", "2"),)),
            Told("c", name="Identify", identifiers=(("card_no", "3"),), traits=(("name", "王"),)),
            refund("d", "a"),
        ]
        received = receive(told, source)
        b, c, d = received.fact_ids
        assert received.refs == [1, 2, 3]
        assert [(r.fact_id, r.amount) for r in facts.lines_of([b, c, d])] == [(b, 200), (b, 300), (d, -1000)]
        carried = sql.fetch(
            sql.Statement(
                "i", "select fact_id, key from fact_identifier where fact_id = any(%(ids)s::bigint[])"
            ),
            ids=[b, c, d],
        )
        assert sorted(carried) == [(b, "2"), (c, "3")]

    def test_mode_and_run_go_with_the_fact(self) -> None:
        history = a_source("history")
        (told,) = receive([sale("a")], history, run_id=9).fact_ids
        (live,) = receive([sale("b")], history, mode="live").fact_ids
        assert (facts.head(told).is_history, facts.head(told).run_id) == (True, 9)
        assert (facts.head(live).is_history, facts.head(live).run_id) == (False, None)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12")), max_size=6), max_size=4)
    )
    def test_however_it_is_cut_each_is_stored_once(self, deliveries: list[list[tuple[str, str]]]) -> None:
        source = a_source()
        for delivery in deliveries:
            told = [sale(key, status=status) for key, status in delivery]
            if told:
                received = receive(told, source)
                assert len(received.fact_ids) + received.known == len(told)
        stored = [r.client_key for r in sql.fetch(FACTS, id=source.id)]
        distinct = {pair for delivery in deliveries for pair in delivery}
        assert sorted(stored) == sorted(key for key, _ in distinct)


@pytest.mark.django_db
class TestLists:
    """Facts that have no time of their own: rows of a member list."""

    def told(self, source_id: int, *words: str) -> list[int]:
        """Say these words of one key, each time later than the last."""
        source = next(s for s in [facts.ensure_source(name=f"list {source_id}", label="", mode="live")])
        at = NOON + timedelta(seconds=number())
        told = [Told("a", name="Identify", traits=(("city", w),), at=at) for w in words]
        return receive(told, source, is_timeless=True).refs

    def test_the_same_list_again_says_nothing(self) -> None:
        n = number()
        assert self.told(n, "上海") == [0]
        assert self.told(n, "上海") == []

    def test_a_value_may_change_and_change_back(self) -> None:
        n = number()
        assert self.told(n, "上海") == [0]
        assert self.told(n, "北京") == [0]
        assert self.told(n, "上海") == [0]
        assert self.told(n, "上海") == []

    def test_a_list_that_says_two_things_of_one_says_nothing_the_second_time(self) -> None:
        n = number()
        assert self.told(n, "上海", "北京") == [0, 1]
        assert self.told(n, "上海", "北京") == []
        assert self.told(n, "北京", "上海") == [1], "now it stands by the other"
        assert self.told(n, "上海", "北京", "上海") == []
        assert self.told(n, "广州", "上海") == [0]


@pytest.mark.django_db
class TestMonths:
    def test_months_are_made_when_a_fact_needs_them(self) -> None:
        source = a_source()
        at = [datetime(2031, 1, 31, 23, 59, 59, 999_999, UTC), datetime(2031, 2, 1, tzinfo=UTC)]
        receive([sale("a", at=at[0]), sale("b", at=at[1]), sale("c", at=at[1])], source)
        assert [tuple(r) for r in sql.fetch(FACTS, id=source.id)] == [
            ("a", "fact_203101"),
            ("b", "fact_203102"),
            ("c", "fact_203102"),
        ]

    def test_a_month_that_was_rolled_back_is_made_again(
        self,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(actions, "_months_known", set())
        source = a_source()
        then = datetime(2033, 5, 5, tzinfo=UTC)
        with django_capture_on_commit_callbacks(execute=True):
            with pytest.raises(Refused), transaction.atomic():
                receive([sale("a", at=then)], source)
                raise Refused
            receive([sale("a", at=then)], source)
        assert [r.month for r in sql.fetch(FACTS, id=source.id)] == ["fact_203305"]


@pytest.mark.usefixtures("clean_tables")
class TestAtOnce:
    def test_the_same_from_many_at_once_is_stored_once(self) -> None:
        source = a_source()
        told = [sale(f"k{n}", at=datetime(2034, 1 + n % 3, 1, tzinfo=UTC)) for n in range(30)]

        def work() -> int:
            with transaction.atomic(durable=True):
                return len(receive(told, source).fact_ids)

        outcome = race(*[work] * 8)
        assert outcome.errors == []
        assert sum(outcome.results) == 30
        assert len(sql.fetch(FACTS, id=source.id)) == 30

    def test_new_months_from_many_sources_at_once(self) -> None:
        sources = [a_source() for _ in range(6)]
        told = [sale(f"k{n}", at=datetime(2035, 1 + n, 1, tzinfo=UTC)) for n in range(12)]

        def work(place: int) -> int:
            with transaction.atomic(durable=True):
                return len(receive(told[place * 2 :] + told[: place * 2], sources[place]).fact_ids)

        outcome = race(*[lambda n=n: work(n) for n in range(6)])
        assert (outcome.errors, outcome.results) == ([], [12] * 6)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from fact_default")
            assert cursor.fetchone() == (0,)
