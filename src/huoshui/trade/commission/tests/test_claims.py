"""A sale whose till names nobody is hers who claims its receipt, once; whoever comes second disputes and overwrites nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import clean_tables, number
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission.claims import WITHIN
from huoshui.trade.commission.tests.world import World, check_books, owed, world

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.usefixtures("world")

AGED = sql.Statement(
    "aged", "update fact_order set occurred_at = %(at)s::timestamptz where fact_id = %(fact_id)s::bigint"
)


def at_store(world: World, guide: int, *, store: int | None = None) -> Actor:
    place = world.shops.stores[guide // 2][0] if store is None else store
    who = world.shops.guides[guide]
    return Actor("staff", who, f"导购{guide}", frozenset({"guide"}), frozenset({place}))


def claim(actor: Actor, receipt: str, paid: int = 10_000) -> str:
    with transaction.atomic():
        return commission.claim(receipt, paid=paid, actor=actor).state


def commissioned(world: World, guide: int, amount: int) -> dict[tuple[str, int, int, str], int]:
    return {("guide", world.shops.guides[guide], world.shops.dealers[guide // 2], "commission"): amount}


def test_whoever_claims_first_is_credited_and_it_says_why(world: World) -> None:
    world.employer(0, rates=[{"permille": 50}])
    order = world.buy(f"paid-{number()}", 0, None, key="A1")
    world.read()
    assert owed() == {}
    assert [claim(at_store(world, 0), "A1") for _ in range(2)] == ["claimed", "own"]
    world.read()
    assert owed() == commissioned(world, 0, 500)
    assert "小票认领" in commission.why(world.guide(0), order)[0].sentences[0]
    check_books()


def test_the_second_disputes_and_the_employer_decides(world: World) -> None:
    world.employer(0, rates=[{"permille": 50}])
    order = world.buy(None, 0, None, key="A1")
    claim(at_store(world, 0), "A1")
    assert [claim(at_store(world, 1), "A1") for _ in range(2)] == ["disputed", "disputed"]
    world.read()
    assert owed() == commissioned(world, 0, 500)
    boss = Actor("staff", 9001, "老板", frozenset({"dealer"}), frozenset({world.shops.dealers[0]}))
    (open_one,) = commission.disputes(boss)
    assert (open_one.order_id, open_one.guide_id, open_one.against_id) == (
        order,
        world.shops.guides[1],
        world.shops.guides[0],
    )
    other = Actor("staff", 9002, "别家", frozenset({"dealer"}), frozenset({world.shops.dealers[1]}))
    assert commission.disputes(other) == []


def test_whom_the_till_names_stays_credited(world: World) -> None:
    world.employer(0, rates=[{"permille": 50}])
    world.buy(None, 0, 0, key="A1")
    assert claim(at_store(world, 0), "A1") == "own"
    assert claim(at_store(world, 1), "A1") == "disputed"
    world.read()
    assert owed() == commissioned(world, 0, 500)


def test_anothers_store_a_wrong_amount_and_an_old_receipt_look_alike(world: World) -> None:
    order = world.buy(None, 0, None, key="A1")
    elsewhere = at_store(world, 0, store=world.shops.stores[1][0])
    for actor, paid in ((elsewhere, 10_000), (at_store(world, 0), 9_999)):
        with pytest.raises(commission.ReceiptUnknown):
            claim(actor, "A1", paid)
    sql.run(AGED, at=clock.now() - WITHIN - timedelta(minutes=1), fact_id=order)
    with pytest.raises(commission.ReceiptUnknown):
        claim(at_store(world, 0), "A1")
    with pytest.raises(NotFound):
        claim(Actor("staff", 3, "审计", frozenset({"auditor"}), frozenset({1})), "A1")
