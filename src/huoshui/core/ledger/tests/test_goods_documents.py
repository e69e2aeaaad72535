"""Goods received, counted, adjusted, damaged and sent: their lines count like those of sales."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import goods, goods_documents
from huoshui.core.ledger.api import GoodsLine, KeyTaken, StockShort
from huoshui.core.tests.ground import STORE, clean_tables, statements
from huoshui.core.tests.racing import Outcome, race, take_out

from .test_goods import CAP, HAT, OTHER_STORE, execute, folded, sold, strict, tell

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db


def received(key: str, **quantities: int) -> int:
    return ledger.receive_goods(key=key, org_unit_id=STORE, lines=lines(**quantities), actor=SYSTEM)


def counted(key: str, **quantities: int) -> int:
    return ledger.count_goods(key=key, org_unit_id=STORE, lines=lines(**quantities), actor=SYSTEM)


def lines(**quantities: int) -> list[GoodsLine]:
    return [GoodsLine({"cap": CAP, "hat": HAT}[name], n * 1000) for name, n in quantities.items()]


def there(store: int = STORE) -> dict[int, int]:
    return {sku_id: n // 1000 for sku_id, n in ledger.stock_of(store, [CAP, HAT]).items()}


@pytest.mark.parametrize("policy", ["open", "strict"])
def test_what_comes_is_there_once(policy: str) -> None:
    if policy == "strict":
        strict()
    first = received("R1", cap=5, hat=2)
    assert received("R1", cap=5, hat=2) == first
    assert there() == {CAP: 5, HAT: 2}
    assert ledger.audit_stock().is_clean


def test_a_key_says_one_thing() -> None:
    received("R1", cap=5)
    with pytest.raises(KeyTaken, match="R1"):
        received("R1", cap=6)
    with pytest.raises(KeyTaken):
        counted("R1", cap=5)
    assert there() == {CAP: 5}
    assert ledger.receive_goods(key="R1", org_unit_id=OTHER_STORE, lines=lines(hat=1), actor=SYSTEM)


@pytest.mark.parametrize("policy", ["open", "strict"])
def test_counting_twice_changes_nothing(policy: str) -> None:
    received("R1", cap=5)
    if policy == "strict":
        strict()
    tell(sold(1000))
    first = counted("C1", cap=3, hat=1)
    assert [line.moved_milli for line in goods_documents.lines_of(first)] == [-1000, 1000]
    second = counted("C2", cap=3, hat=1)
    assert [line.moved_milli for line in goods_documents.lines_of(second)] == [0, 0]
    assert there() == {CAP: 3, HAT: 1}
    tell(sold(1000))
    assert counted("C2", cap=3, hat=1) == second, "the same document again is no new count"
    assert there() == {CAP: 2, HAT: 1}
    assert ledger.audit_stock().is_clean


def test_a_count_ends_a_shortage() -> None:
    strict()
    tell(sold(2000))
    counted("C1", cap=4)
    assert there() == {CAP: 4}
    assert ledger.audit_stock().is_clean


def test_adjusting_and_damage_want_a_reason() -> None:
    received("R1", cap=5)
    for act in (ledger.adjust_goods, ledger.damage_goods):
        with pytest.raises(Refused, match="原因"):
            act(key="A1", org_unit_id=STORE, lines=lines(cap=1), reason=" ", actor=SYSTEM)
    ledger.adjust_goods(key="A1", org_unit_id=STORE, lines=lines(cap=-2, hat=1), reason="错发", actor=SYSTEM)
    ledger.damage_goods(key="D1", org_unit_id=STORE, lines=lines(cap=1), reason="破损", actor=SYSTEM)
    assert there() == {CAP: 2, HAT: 1}


def test_damage_that_was_not_on_the_books_is_kept_and_shown() -> None:
    strict()
    fact_id = ledger.damage_goods(
        key="D1", org_unit_id=STORE, lines=lines(cap=1), reason="破损", actor=SYSTEM
    )
    assert there() == {CAP: -1}
    assert [(e.code, e.line_no) for e in facts.exceptions_of([fact_id])] == [("stock_short", 1)]


def sent(key: str = "T1", **quantities: int) -> int:
    return ledger.send_goods(
        key=key, org_unit_id=STORE, to_org_unit_id=OTHER_STORE, lines=lines(**quantities), actor=SYSTEM
    )


def test_a_transfer_leaves_and_arrives() -> None:
    received("R1", cap=5, hat=5)
    fact_id = sent(cap=2, hat=1)
    assert (there(), there(OTHER_STORE)) == ({CAP: 3, HAT: 4}, {})
    arrival = ledger.take_in_goods(key="T1", sent_fact_id=fact_id, lines=lines(cap=1), actor=SYSTEM)
    assert there(OTHER_STORE) == {CAP: 1, HAT: 0}
    assert ledger.take_in_goods(key="T1", sent_fact_id=fact_id, lines=lines(cap=1), actor=SYSTEM) == arrival
    with pytest.raises(Refused, match="收过货"):
        ledger.take_in_goods(key="T2", sent_fact_id=fact_id, lines=lines(cap=2), actor=SYSTEM)
    with pytest.raises(NotFound):
        ledger.take_in_goods(key="T3", sent_fact_id=arrival, lines=lines(cap=2), actor=SYSTEM)
    assert there(OTHER_STORE) == {CAP: 1, HAT: 0}
    assert ledger.audit_stock().is_clean


def test_what_is_not_here_is_not_sent() -> None:
    received("R1", cap=1)
    strict()
    with pytest.raises(StockShort) as refused:
        sent(cap=2)
    assert [u.detail["have"] for u in refused.value.unmet] == ["1"]
    assert there() == {CAP: 1}
    count = sql.fetch_one(sql.Statement("n", "select count(*) as n from goods_document"))
    assert count.n == 1
    assert sent(cap=1), "the key is free, for nothing was written"


@pytest.mark.usefixtures("clean_tables")
def test_documents_are_folded_like_sales() -> None:
    received("R1", cap=5)
    folded()
    received("R2", cap=5, hat=1)
    tell(sold(1000))
    before = there()
    folded()
    assert there() == before == {CAP: 9, HAT: 1}
    assert ledger.audit_stock().is_clean
    execute("update goods_document_line set moved_milli = 1 where sku_id = 2")
    assert ledger.audit_stock().wrong == 1


def test_2n_lines_cost_no_more_queries_than_n() -> None:
    strict()

    def cost(key: str, act: Callable[..., int], n: int) -> int:
        many = [GoodsLine(sku_id, 1000) for sku_id in range(1, n + 1)]
        return statements(lambda: act(key=key, org_unit_id=STORE, lines=many, actor=SYSTEM))

    for place, act in enumerate((ledger.receive_goods, ledger.count_goods)):
        cost(f"w{place}", act, 20)
        assert cost(f"a{place}", act, 20) == cost(f"b{place}", act, 10)


COUNTERS = 4


def count_at_once(
    monkeypatch: MonkeyPatch, until: Callable[[], object] = lambda: time.sleep(0.02)
) -> Outcome:
    """Between reading the books and writing the difference lies long enough for others to come between."""

    def slowly(*args: Any) -> dict[int, int]:
        books = ledger.stock_of(*args)
        until()
        return books

    monkeypatch.setattr(goods_documents, "stock_of", slowly)
    received("R1", cap=9)
    return race(*[lambda n=n: counted(f"C{n}", cap=4) for n in range(COUNTERS)])


def differences(outcome: Outcome) -> list[int]:
    """What each count booked. (The shelf cannot tell: without the lock two may write the same sum over each other.)"""
    return sorted(goods_documents.lines_of(fact_id)[0].moved_milli for fact_id in outcome.results)


@pytest.mark.usefixtures("clean_tables")
@pytest.mark.parametrize("policy", ["open", "strict"])
def test_counts_at_the_same_time_find_the_difference_once(policy: str, monkeypatch: MonkeyPatch) -> None:
    if policy == "strict":
        strict()
    outcome = count_at_once(monkeypatch)
    assert outcome.errors == [] and differences(outcome) == [-5000, 0, 0, 0]
    assert there() == {CAP: 4}


@pytest.mark.usefixtures("clean_tables")
def test_control_without_the_lock_the_difference_is_booked_again(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, goods.Q, "lock_shelves", "for no key update")
    strict()
    everybody_has_read = Barrier(COUNTERS)
    outcome = count_at_once(monkeypatch, lambda: everybody_has_read.wait(60))
    assert differences(outcome) == [-5000] * COUNTERS, outcome.errors
