"""How far a fact has come: what may settle now, what waits, what is left behind, what follows from it."""

from __future__ import annotations

import json
from threading import Event

import pytest
from django.db import transaction
from psycopg.errors import CheckViolation

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.core.facts.derived import Derived, derive
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.tests.ground import (
    NOON,
    Line,
    Told,
    a_source,
    clean_tables,
    number,
    receive,
    refund,
    sale,
    settle,
    wait_for_readers,
)
from huoshui.core.tests.racing import race

__all__ = ["clean_tables"]


@pytest.mark.django_db
class TestClaim:
    def test_facts_are_told_apart_by_what_they_are(self) -> None:
        live, history = a_source(), a_source("history")
        ids = receive(
            [sale("a"), Told("b", name=IDENTIFY), refund("c", "z"), Told("d", name="Scan")], live
        ).fact_ids
        past = receive([sale("e")], history).fact_ids
        claimed = facts.claim([*reversed(ids), *past])
        assert claimed.fact_ids == [*ids, *past]
        assert claimed.orders == [ids[0], ids[2], *past]
        assert claimed.profiles == [ids[1]]
        assert claimed.history == set(past)

    def test_what_has_settled_is_left_alone(self) -> None:
        ids = receive([sale("a"), sale("b")], a_source()).fact_ids
        settle(ids[:1])
        assert facts.claim(ids).fact_ids == ids[1:]

    def test_an_orders_later_facts_wait_their_turn(self) -> None:
        source = a_source()
        told = [sale("a", status=status) for status in ("paid", "shipped", "done")]
        ids = receive([*told, sale("b")], source).fact_ids
        for turn in range(3):
            claimed = facts.claim(ids).fact_ids
            assert claimed == ([ids[0], ids[3]] if turn == 0 else [ids[turn]])
            settle(claimed)

    def test_so_do_its_refunds_and_what_comes_after_them(self) -> None:
        source = a_source()
        told = [sale("a"), refund("r", "a"), sale("a", status="part"), refund("s", "a")]
        ids = receive(told, source).fact_ids
        for turn in range(4):
            assert facts.claim(ids).fact_ids == [ids[turn]]
            settle([ids[turn]])

    def test_those_that_waited_together_go_one_at_a_time(self) -> None:
        ids = receive([refund("r", "a"), refund("r", "a", status="paid")], a_source()).fact_ids
        facts.mark_waiting(ids, "waits")
        assert facts.claim(ids).fact_ids == ids[:1]
        assert facts.claim(ids[1:]).fact_ids == ids[1:]

    def test_its_turn_comes_whoever_else_is_in_the_batch(self) -> None:
        source = a_source()
        first, later = receive([sale("a"), sale("a", status="shipped")], source).fact_ids
        assert facts.claim([later]).fact_ids == []
        settle([first])
        assert facts.claim([later]).fact_ids == [later]

    def test_the_same_number_at_another_source_is_another_order(self) -> None:
        ids = [receive([sale("a")], a_source()).fact_ids[0] for _ in range(2)]
        assert facts.claim(ids).fact_ids == ids

    def test_a_refund_that_waits_does_not_stand_in_its_sales_way(self) -> None:
        """A shop may give the refund the number of its order."""
        source = a_source()
        (early,) = receive([refund("a", "a")], source).fact_ids
        facts.mark_waiting([early], "waits")
        (sold,) = receive([sale("a")], source).fact_ids
        assert facts.claim([sold]).fact_ids == [sold]


@pytest.mark.django_db
class TestPending:
    def test_received_facts_are_found_oldest_first_in_pages(self) -> None:
        ids = receive([sale(f"k{n}") for n in range(5)], a_source()).fact_ids
        settle([ids[1]])
        facts.mark_waiting([ids[3]], "waits")
        left = [ids[0], ids[2], ids[4]]
        assert facts.pending(after=ids[0] - 1, limit=2) == left[:2]
        assert facts.pending(after=left[1], limit=2) == left[2:]

    def test_a_waiting_refund_is_found_once_its_sale_has_settled(self) -> None:
        source = a_source()
        sold, back, other = receive([sale("a"), refund("r", "a"), refund("s", "b")], source).fact_ids
        facts.mark_waiting([back, other], "waits")
        assert facts.pending_children() == []
        settle([sold])
        assert facts.pending_children() == [back]

    def test_what_is_open_is_counted(self) -> None:
        before = facts.open_counts()
        ids = receive([sale(f"k{n}") for n in range(3)], a_source()).fact_ids
        settle([ids[0]])
        facts.mark_waiting([ids[1]], "waits")
        assert facts.open_counts() == (before[0] + 1, before[1] + 1)


@pytest.mark.django_db
class TestState:
    def test_settled_in_order_and_under_one_transaction(self) -> None:
        ids = receive([sale("a"), sale("b"), sale("c")], a_source()).fact_ids
        settle(ids, {ids[1]: 77})
        heads = [facts.head(i) for i in ids]
        assert [h.state for h in heads] == ["settled"] * 3
        assert [h.person_id for h in heads] == [None, 77, None]
        assert [h.seq for h in heads] == sorted(h.seq for h in heads)

    def test_sent_back_to_wait_it_has_no_place(self) -> None:
        (back,) = receive([refund("r", "a")], a_source()).fact_ids
        settle([back], {back: 5})
        facts.mark_waiting([back], "等它的原订单")
        head = facts.head(back)
        assert (head.state, head.reason, head.person_id, head.seq) == ("waiting", "等它的原订单", None, None)

    def test_a_refund_without_a_customer_is_its_orders_customers(self) -> None:
        sold, back = receive([sale("a"), refund("r", "a")], a_source()).fact_ids
        settle([sold, back], {sold: 42})
        facts.take_back([(back, sold, [])])
        head = facts.head(back)
        assert (head.person_id, head.order_id, head.replaces) == (42, sold, None)

    def test_exceptions_are_kept_with_their_detail(self) -> None:
        (sold,) = receive([sale("a")], a_source()).fact_ids
        facts.raise_exceptions(
            [(sold, None, "points_short", {}), (sold, 2, "shared_identifier", {"kind": "手机"})]
        )
        found = [(e.code, e.line_no, e.detail) for e in facts.exceptions_of([sold])]
        assert found == [("points_short", None, {}), ("shared_identifier", 2, {"kind": "手机"})]

    def test_an_unknown_fact_has_no_head(self) -> None:
        assert facts.head(10**15) is None


DERIVED = sql.Statement(
    "derived",
    "select f.name, f.depth, f.occurred_at, s.person_id, s.state, f.body from fact f"
    " join settlement s on s.fact_id = f.id where f.client_key = %(key)s order by f.id",
)


@pytest.mark.django_db
class TestDerived:
    def cause(self) -> int:
        (fact_id,) = receive([sale("a", Line())], a_source()).fact_ids
        settle([fact_id], {fact_id: 9})
        return fact_id

    def test_it_happens_at_the_time_of_its_cause_and_is_settled(self) -> None:
        cause, key = self.cause(), f"tier:{number()}"
        assert derive([Derived("Tier Reached", 9, cause, key, {"tier": "银卡"})]) == 1
        (found,) = sql.fetch(DERIVED, key=key)
        assert (found.name, found.depth, found.occurred_at) == ("Tier Reached", 1, NOON)
        assert (found.person_id, found.state) == (9, "settled")
        assert json.loads(found.body) == {"tier": "银卡", "cause": cause}

    def test_a_known_key_changes_nothing(self) -> None:
        key = f"tier:{number()}"
        assert derive([Derived("Tier Reached", 9, self.cause(), key)]) == 1
        assert derive([Derived("Tier Reached", 9, self.cause(), key)]) == 0
        assert len(sql.fetch(DERIVED, key=key)) == 1

    def test_the_same_key_twice_at_once_is_one(self) -> None:
        key = f"tier:{number()}"
        assert derive([Derived("Tier Reached", 9, self.cause(), key) for _ in range(2)]) == 1
        assert len(sql.fetch(DERIVED, key=key)) == 1

    def test_a_ring_of_rules_is_an_error(self) -> None:
        cause, keys = self.cause(), [f"ring:{number()}" for _ in range(6)]
        find = sql.Statement("find", "select id from fact where client_key = %(key)s")
        for key in keys[:5]:
            derive([Derived("Again", 9, cause, key)])
            cause = sql.fetch_one(find, key=key).id
        with pytest.raises(CheckViolation), transaction.atomic():
            derive([Derived("Again", 9, cause, keys[5])])


@pytest.mark.usefixtures("clean_tables")
class TestReaders:
    def settle_one(self, person_id: int) -> None:
        with transaction.atomic():
            (fact_id,) = receive([sale(f"k{number()}")], a_source()).fact_ids
            settle([fact_id], {fact_id: person_id})

    def read(self, reader: str) -> list[int]:
        with facts.since_last_read(reader) as span:
            return sorted(facts.settled_persons(span))

    def test_each_reader_reads_everything_once(self) -> None:
        self.settle_one(1)
        self.settle_one(2)
        wait_for_readers()
        assert self.read("cards") == [1, 2]
        self.settle_one(3)
        wait_for_readers()
        assert self.read("cards") == [3]
        assert self.read("cards") == []
        assert self.read("others") == [1, 2, 3]

    def test_a_reader_that_fails_reads_it_again(self) -> None:
        self.settle_one(1)
        with pytest.raises(ZeroDivisionError), facts.since_last_read("cards"):
            _ = 1 / 0
        wait_for_readers()
        assert self.read("cards") == [1]

    def test_a_slow_transaction_is_not_missed(self) -> None:
        """It took its number first and commits last: whoever reads by the last number seen would lose it."""
        has_settled, may_commit = Event(), Event()

        def slow() -> None:
            with transaction.atomic():
                self.settle_one(1)
                has_settled.set()
                assert may_commit.wait(20)

        def others() -> list[int]:
            assert has_settled.wait(20)
            self.settle_one(2)
            seen = self.read("cards")
            may_commit.set()
            return seen

        outcome = race(slow, others)
        assert outcome.errors == []
        seen = next(r for r in outcome.results if r is not None)
        wait_for_readers()
        assert seen + self.read("cards") == [1, 2]

    def test_whoever_has_come_through_is_not_behind(self) -> None:
        assert not facts.is_behind("readers")
        self.settle_one(1)
        wait_for_readers()
        assert facts.is_behind("readers")
        facts.mark_read("readers", facts.horizon())
        assert not facts.is_behind("readers")
        facts.wake_readers()
        wait_for_readers()
        assert facts.is_behind("readers")
        facts.mark_read("readers", facts.horizon())
        assert not facts.is_behind("readers")

    def test_what_wakes_while_readers_run_wakes_them_again(self) -> None:
        facts.wake_readers()
        high = facts.horizon()
        facts.wake_readers()
        facts.mark_read("readers", high)
        assert facts.is_behind("readers")
