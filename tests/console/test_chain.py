"""The chain's second layer about goods: what the shelf, the product list and the order say of what to have here."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.tests.ground import a_source
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, SaleLine
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter
from huoshui.intake.visitors import api as visitors
from huoshui.intake.visitors.api import Visit
from huoshui.web.console.tests.test_acts import text_of
from tests.console.test_refunds import Desk, desk

__all__ = ["clean_tables", "counter", "desk"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listed(counter: Counter) -> dict[str, int]:
    """Three products that the list knows; ids of skus."""
    goods = pa.table({"sku_code": ["P1", "P2", "P3"], "name": ["跑鞋", "袜子", "水壶"]})
    brand.upsert_products(goods, actor=SYSTEM)
    return brand.find_skus(["P1", "P2", "P3"])


def stocked(store: str, listed: dict[str, int], **pieces: int) -> None:
    (unit,) = brand.unit_ids([store]).values()
    lines = [GoodsLine(listed[code], n * 1000) for code, n in pieces.items()]
    brand.receive_stock(key=f"R-{store}", org_unit_id=unit, lines=lines, actor=SYSTEM)


def layers(desk: Desk, sold: Outcome) -> str:
    return text_of(desk.client.get(f"/sales/{sold.fact_id}/").content).partition("接下来")[2]


def test_what_goes_together(desk: Desk, counter: Counter, listed: dict[str, int]) -> None:
    stocked(STORE, listed, P1=5, P2=5)
    sold = counter.sell(SaleLine("P1", 1000, 10_000), SaleLine("P2", 2000, 3_000))
    said = layers(desk, sold)
    assert "配货与搭配一起买了 2 种" in said and "跑鞋、袜子；货架上都还有" in said


def test_one_thing_alone(desk: Desk, counter: Counter, listed: dict[str, int]) -> None:
    stocked(STORE, listed, P3=5)
    said = layers(desk, counter.sell(SaleLine("P3", 1000, 10_000)))
    assert "水壶，没有连带" in said and "可以推荐搭配" in said


def test_what_is_sold_out_here_and_where_there_is_more(
    desk: Desk, counter: Counter, listed: dict[str, int]
) -> None:
    stocked(STORE, listed, P1=1, P2=9)
    sold = counter.sell(SaleLine("P1", 1000, 10_000), SaleLine("P2", 1000, 3_000))
    assert "1 种卖完了" in (said := layers(desk, sold)) and "跑鞋：别处也没有，要补货" in said
    stocked("S-two", listed, P1=3)
    assert "还有 3 件，可以调来" in layers(desk, sold)
    desk.actor = Actor("staff", 5, "Wu", frozenset({"analyst"}), frozenset({1}))
    assert "配货与搭配" in layers(desk, sold)


def test_what_nobody_has_listed(desk: Desk, counter: Counter) -> None:
    said = layers(desk, counter.sell(SaleLine("NEW-1", 1000, 10_000)))
    assert "1 种不在商品表里" in said and "补进商品表" in said


def test_a_sale_that_did_not_stay(desk: Desk, counter: Counter, listed: dict[str, int]) -> None:
    stocked(STORE, listed, P1=5)
    sold = counter.sell()
    assert "流失" not in layers(desk, sold)
    tills.void(counter.till, key="v", order_key=sold.order_key, at=counter.at)
    said = layers(desk, sold)
    assert "这一单没有留住：少了 ¥100.00" in said and "作废" in said


def test_a_visit_of_the_customer_that_ended_without_a_sale(
    desk: Desk, counter: Counter, listed: dict[str, int]
) -> None:
    stocked(STORE, listed, P1=5)
    sold = counter.sell()
    assert "来过没买" not in layers(desk, sold)
    visit = Visit(
        key="v1",
        org_unit_id=brand.find_units([STORE])[STORE],
        reason="price",
        ended_at=counter.at - timedelta(days=3),
        identifiers=counter.sale().identifiers,
        product_codes=("P2",),
    )
    with transaction.atomic(durable=True):
        told = visitors.tell(visit, source=a_source(), actor=SYSTEM)
    said = layers(desk, sold)
    assert "来过没买：" in said and "想买 袜子" in said
    assert f"/visitors/people/?kind=visit&amp;from={clock.business_day(visit.ended_at)}" in html_of(
        desk, sold
    )
    with transaction.atomic(durable=True):
        visitors.take_back(told.fact_id, actor=SYSTEM)
    assert "来过没买" not in layers(desk, sold)


def html_of(desk: Desk, sold: Outcome) -> str:
    return str(desk.client.get(f"/sales/{sold.fact_id}/").content.decode())


def test_every_layer_of_a_known_customer_is_there(
    desk: Desk, counter: Counter, listed: dict[str, int]
) -> None:
    stocked(STORE, listed, P1=5)
    said = layers(desk, counter.sell())
    for layer in ("触达", "激励", "供应", "配货与搭配"):
        assert layer in said, layer
