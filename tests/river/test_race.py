"""Tills, imports and refunds at once, with controls: take the lock out and the test must find it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest import MonkeyPatch

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.core.tests.ground import a_source, clean_tables, number
from huoshui.core.tests.racing import race, take_out
from huoshui.intake.river.api import Item, settle, submit, sweep
from huoshui.intake.river.tests.world import Shop, check_books, given_back, line, stock
from huoshui.people import api as people
from huoshui.trade.sales import actions as selling

__all__ = ["clean_tables"]

WRITERS = 8


@pytest.fixture(autouse=True)
def tables(clean_tables: None) -> Iterator[None]:
    brand.ensure_headquarters("总部")
    yield


def slow(monkeypatch: MonkeyPatch, module: object, name: str, seconds: float = 0.02) -> None:
    """Let others come between at this place."""
    quick: Callable[..., Any] = getattr(module, name)

    def slowed(*args: Any, **more: Any) -> Any:
        done = quick(*args, **more)
        time.sleep(seconds)
        return done

    monkeypatch.setattr(module, name, slowed)


def tell(source: Source, *items: Item) -> list[str]:
    return [v.state for v in submit(items, source=source, actor=SYSTEM)]


def settle_the_rest() -> None:
    while sweep():
        pass
    assert facts.open_counts() == (0, 0)


def test_a_new_card_at_many_tills_at_once_is_one_customer() -> None:
    card = f"card-{number()}"
    shops = [Shop(card=card) for _ in range(WRITERS)]
    outcome = race(*[lambda s=s: tell(s.source, s.order()) for s in shops])
    assert (outcome.errors, outcome.results) == ([], [["settled"]] * WRITERS)
    people_now = sql.fetch(sql.Statement("persons", "select id from person"))
    assert len(people_now) == 1
    assert shops[0].points() == 100 * WRITERS
    assert stock() == -WRITERS
    check_books()


def test_the_same_sale_from_many_at_once_is_settled_once() -> None:
    shop = Shop()
    outcome = race(*[lambda: tell(shop.source, shop.order())] * WRITERS)
    assert outcome.errors == []
    assert sorted(state for states in outcome.results for state in states) == ["known"] * (WRITERS - 1) + [
        "settled"
    ]
    settle_the_rest()
    assert (shop.points(), stock()) == (100, -1)
    check_books()


def test_an_order_told_in_many_ways_at_once_has_one_row() -> None:
    shop = Shop()
    told = [shop.order(line(n * 10_00), status=f"s{n}") for n in range(1, WRITERS + 1)]
    outcome = race(*[lambda item=item: tell(shop.source, item) for item in told])
    assert outcome.errors == []
    settle_the_rest()
    last = sql.fetch_one(
        sql.Statement("last", "select status from fact_order order by fact_id desc limit 1")
    ).status
    assert (shop.sale().status, shop.sale().amount) == (last, int(last[1:]) * 10_00)
    assert (shop.points(), stock()) == (int(last[1:]) * 10, -1)
    check_books()


def test_refunds_of_one_order_at_once_take_back_what_it_gave() -> None:
    shop = Shop()
    tell(shop.source, shop.order(line(1_60)))
    told = [shop.refund(given_back(20), key=f"R{n}") for n in range(WRITERS)]
    outcome = race(*[lambda item=item: tell(shop.source, item) for item in told])
    assert outcome.errors == []
    settle_the_rest()
    assert (shop.sale().refunded, len(shop.sale().fact_ids)) == (1_60, WRITERS + 1)
    assert (shop.points(), stock()) == (0, WRITERS - 1)
    check_books()


def refunds_released_at_once(monkeypatch: MonkeyPatch) -> Shop:
    """An order of one point and eight refunds that waited for it: taken up by eight processes at once."""
    shop = Shop()
    told = [shop.refund(given_back(20), key=f"R{n}") for n in range(WRITERS)]
    waited = [v.fact_id for v in submit(told, source=shop.source, actor=SYSTEM) if v.fact_id]
    with monkeypatch.context() as patched:  # the process dies between the sale and what it releases
        nobody = sql.Statement("nobody", "select 0::bigint as fact_id where false")
        patched.setitem(selling.Q._by_name, "waiting_children", nobody)
        tell(shop.source, shop.order(line(1_60)))
    slow(monkeypatch, selling, "_parts")
    race(*[lambda fact_id=fact_id: settle([fact_id]) for fact_id in waited])
    settle_the_rest()
    return shop


def test_refunds_that_waited_and_are_taken_up_at_once_see_each_other(monkeypatch: MonkeyPatch) -> None:
    shop = refunds_released_at_once(monkeypatch)
    assert (shop.sale().refunded, len(shop.sale().fact_ids)) == (1_60, WRITERS + 1)
    assert shop.points() == 0
    check_books()


def test_control_without_the_orders_lock_they_miss_each_other(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, selling.Q, "lock_sales", "for no key update")
    shop = refunds_released_at_once(monkeypatch)
    assert len(shop.sale().fact_ids) < WRITERS + 1
    with pytest.raises(AssertionError):
        check_books()


def test_a_refund_beside_its_sale_is_never_lost() -> None:
    shops = [Shop() for _ in range(WRITERS)]
    works = [
        lambda s=s, item=item: tell(s.source, item)
        for s in shops
        for item in (s.order(), s.refund(given_back(30_00)))
    ]
    outcome = race(*works)
    assert outcome.errors == []
    settle_the_rest()
    assert [(s.sale().refunded, s.points()) for s in shops] == [(30_00, 70)] * WRITERS
    check_books()


def test_merging_while_they_buy_loses_nothing() -> None:
    shops = [Shop(source=a_source()) for _ in range(4)]
    for shop in shops:
        tell(shop.source, shop.member(("card_no", shop.card)))
    pairs = [
        lambda a=a, b=b: tell(a.source, a.member(("card_no", a.card), ("card_no", b.card)))
        for a, b in itertools.pairwise(shops)
    ]
    buys = [lambda s=s, n=n: tell(s.source, s.order(key=f"O{n}")) for s in shops for n in range(2)]
    outcome = race(*pairs, *buys)
    assert outcome.errors == []
    settle_the_rest()
    everyone = {people.canonical_id(s.person()) for s in shops}
    assert len(everyone) == 1
    points = sql.fetch_one(
        sql.Statement("points", "select sum(balance) as n from account where owner_kind = 'person'")
    )
    assert points.n == 800
    check_books()
