"""What a caller is told, and what is there when a process died between receiving and settling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.crypto import unseal
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.ledger import api as ledger
from huoshui.core.phone import NotAPhone
from huoshui.core.tests.ground import NOON, a_source, clean_tables, number
from huoshui.intake.river import submit as submitting
from huoshui.intake.river.api import Item, submit, sweep
from huoshui.intake.river.tests.world import Shop, check_books, line, shop, stock
from huoshui.people import api as people

__all__ = ["clean_tables", "shop"]


class TestVerdicts:
    def test_each_item_has_its_own_in_its_place(self, shop: Shop) -> None:
        shop.tell(shop.order(key="O1"))
        told = [
            shop.order(key="O1"),
            shop.order(key="O2"),
            shop.refund(key="R9", of="O9"),
            shop.order(key="O2"),
            shop.member(("card_no", shop.card), city="上海"),
        ]
        verdicts = shop.tell(*told)
        assert [v.state for v in verdicts] == ["known", "settled", "waiting", "known", "settled"]
        assert [v.client_key for v in verdicts] == [item.client_key for item in told]
        assert [v.fact_id is None for v in verdicts] == [True, False, False, True, False]

    def test_two_contents_under_one_key_have_two_verdicts(self, shop: Shop) -> None:
        one, other = shop.tell(shop.order(status="paid"), shop.order(status="shipped"))
        assert (one.state, other.state) == ("settled", "settled")
        assert one.fact_id != other.fact_id
        assert shop.sale().id == one.fact_id

    def test_nothing_is_nothing(self, shop: Shop) -> None:
        assert shop.tell() == []

    def test_what_waits_says_so_when_told_again(self, shop: Shop) -> None:
        early = shop.refund()
        assert [v.state for v in shop.tell(early)] == ["waiting"]
        assert [v.state for v in shop.tell(early)] == ["known"]

    def test_the_same_content_at_another_time_is_the_order_once_more(self, shop: Shop) -> None:
        shop.tell(shop.order())
        shop.tell(shop.order(at=NOON + timedelta(days=40)))
        assert (shop.points(), stock()) == (100, -1)
        check_books()


class TestIdentifiers:
    def test_a_contact_is_sealed_and_found_by_its_number(self, shop: Shop) -> None:
        phone = f"1391{number():07d}"
        shop.tell(shop.member(("phone", phone[:3] + " " + phone[3:]), ("email", " Wang@Example.cn ")))
        person = people.find("phone", phone)
        assert person is not None
        assert people.find("email", "wang@example.CN") == person
        rows = sql.fetch(
            sql.Statement(
                "sealed",
                "select kind, key, sealed, tail4 from identifier where person_id = %(id)s order by kind",
            ),
            id=person,
        )
        assert [unseal(bytes(r.sealed)) for r in rows] == ["wang@example.cn", f"+86{phone}"]
        assert rows[1].tail4 == phone[-4:]
        assert all(phone not in r.key for r in rows)

    def test_a_number_that_is_none_is_refused_whole(self, shop: Shop) -> None:
        with pytest.raises(NotAPhone):
            shop.tell(shop.member(("phone", "139****1234")), shop.order())
        assert shop.sale() is None

    def test_only_an_identify_has_traits(self) -> None:
        with pytest.raises(ValueError, match="traits"):
            Item("Order Completed", "k", NOON, (), {"name": "王"})
        assert Item(IDENTIFY, "k", NOON, (), {"name": "王"}).traits

    def test_traits_become_attributes(self, shop: Shop) -> None:
        shop.tell(shop.member(("card_no", shop.card), name="王小明", city="上海"))
        rows = sql.fetch(
            sql.Statement(
                "attributes", "select name, value from attribute where person_id = %(id)s order by name"
            ),
            id=shop.person(),
        )
        assert [tuple(r) for r in rows] == [("city", "上海"), ("name", "王小明")]


class TestCrash:
    """A process dies after its facts are stored and before they settle."""

    @pytest.fixture
    def dies(self, monkeypatch: MonkeyPatch) -> MonkeyPatch:
        def die(*_: object, **__: object) -> None:
            raise SystemExit("killed")

        monkeypatch.setattr(submitting, "settle", die)
        return monkeypatch

    def test_the_sweep_settles_what_is_left(self, shop: Shop, dies: MonkeyPatch) -> None:
        for told in (shop.refund(), shop.order(status="paid"), shop.order(status="shipped")):
            with pytest.raises(SystemExit):
                shop.tell(told)
        assert facts.open_counts()[0] == 3
        assert shop.sale() is None
        dies.undo()
        assert sweep(limit=2) >= 2
        assert facts.open_counts() == (0, 0)
        assert (shop.sale().status, shop.sale().refunded, shop.points(), stock()) == ("shipped", 100_00, 0, 0)
        check_books()
        assert sweep() == 0

    def test_told_again_before_the_sweep_it_is_known_and_nothing_doubles(
        self, shop: Shop, dies: MonkeyPatch
    ) -> None:
        with pytest.raises(SystemExit):
            shop.tell(shop.order())
        dies.undo()
        assert [v.state for v in shop.tell(shop.order())] == ["known"]
        assert sweep() == 1
        assert (shop.points(), stock()) == (100, -1)
        check_books()

    def test_a_later_fact_waits_for_the_one_that_was_left(self, shop: Shop, dies: MonkeyPatch) -> None:
        with pytest.raises(SystemExit):
            shop.tell(shop.order(status="paid"))
        dies.undo()
        (later,) = shop.tell(shop.order(line(80_00), status="part"))
        assert later.state == "waiting", "it may not overtake"
        assert sweep() == 2
        assert (shop.sale().amount, shop.points()) == (80_00, 80)
        check_books()


@pytest.mark.usefixtures("clean_tables")
class TestRetry:
    def test_a_passing_conflict_is_met_again_and_nothing_is_doubled(self, monkeypatch: MonkeyPatch) -> None:
        shop, failures, posting = Shop(), [1, 2], ledger.post

        def post(*args: Any, **more: Any) -> Any:
            posted = posting(*args, **more)
            if failures:
                failures.pop()
                raise DeadlockDetected
            return posted

        monkeypatch.setattr(ledger, "post", post)
        assert [v.state for v in shop.tell(shop.order())] == ["settled"]
        assert (failures, shop.points(), stock()) == ([], 100, -1)
        check_books()

    def test_one_that_does_not_pass_leaves_what_was_received_to_the_sweep(
        self, monkeypatch: MonkeyPatch
    ) -> None:
        def deadlock(*_: object, **__: object) -> None:
            raise OperationalError from DeadlockDetected()

        shop = Shop()
        with monkeypatch.context() as patched, pytest.raises(RetryLater):
            patched.setattr(ledger, "post", deadlock)
            shop.tell(shop.order())
        assert facts.open_counts() == (1, 0)
        assert sweep() == 1
        assert (shop.points(), stock()) == (100, -1)
        check_books()

    def test_no_transaction_is_left_open(self) -> None:
        shop = Shop()
        shop.tell(shop.order())
        assert not connection.in_atomic_block
        assert submit([], source=a_source(), actor=SYSTEM) == []
