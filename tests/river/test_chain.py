"""A sale and every row it caused, as whoever may see it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huoshui.brand import api as brand
from huoshui.core import remember
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POOL, Movement, Party
from huoshui.core.tests import ground
from huoshui.core.tests.ground import NOON, clean_tables, wait_for_readers
from huoshui.intake.river.tests.world import MILK, TEA, Shop, anonymous, check_books, given_back, line
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

__all__ = ["clean_tables"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))


@pytest.fixture
def shop(clean_tables: None) -> Shop:
    brand.ensure_headquarters("总部")
    return Shop()


def refresh() -> None:
    wait_for_readers()
    people.refresh_cards()


def told(shop: Shop) -> list[tuple[str, str, str]]:
    """(when, step, title) of the chain of the shop's first order."""
    chain = sales.chain_of(BOSS, shop.sale().id)
    return [(row.when, row.step, row.title) for row in chain.rows]


def test_everything_a_sale_caused_is_in_its_chain(shop: Shop) -> None:
    shop.tell(shop.order(line(999_00), line(2_00, TEA, 3)))
    assert told(shop) == [
        ("cause", "source", "收到一笔订单"),
        ("same_moment", "person", "认出顾客"),
        ("same_moment", "sale", "记成交"),
        ("same_moment", "stock", "扣库存"),
        ("same_moment", "product", "商品待补资料"),
        ("same_moment", "points", "加 1,001 积分"),
        ("same_moment", "tier", "升为银卡会员"),
    ]
    refresh()
    rows = {row.step: row for row in sales.chain_of(BOSS, shop.sale().id).rows}
    assert rows["person"].detail == shop.card
    assert (rows["sale"].amount, rows["sale"].detail) == (1_001_00, "S-one · 2 行商品")
    assert rows["stock"].detail == "S-one的 2 种商品，共 4 件"
    assert rows["points"].detail == "2027 年 12 月底到期"


def test_what_came_after_is_told_after(shop: Shop) -> None:
    shop.tell(shop.order(line(50_00)))
    shop.tell(shop.order(line(50_00), line(30_00, TEA), status="paid"))
    shop.tell(shop.refund(given_back(20_00)))
    after = [(step, title) for when, step, title in told(shop) if when == "after"]
    assert after == [
        ("points", "加 30 积分"),
        ("points", "减 20 积分"),
        ("revision", "订单有更新"),
        ("refund", "退货退款"),
    ]
    chain = sales.chain_of(BOSS, shop.sale().id)
    assert [r.detail for r in chain.rows if r.step == "revision"] == ["状态：paid"]
    assert (chain.sale.amount, chain.sale.refunded) == (80_00, 20_00)


def test_any_fact_of_an_order_leads_to_its_chain(shop: Shop) -> None:
    shop.tell(shop.order())
    (back,) = shop.tell(shop.refund(given_back(20_00)))
    assert back.fact_id is not None
    assert sales.chain_of(BOSS, back.fact_id) == sales.chain_of(BOSS, shop.sale().id)
    assert sales.sale_of_fact(BOSS, back.fact_id).sale_id == shop.sale().id


def test_an_earning_that_repays_a_debt_says_so(shop: Shop) -> None:
    shop.tell(shop.order())
    ledger.post([Movement("points", Party("person", shop.person(), POOL), ISSUER, 100, 10**9, "redeem")])
    shop.tell(shop.refund())
    shop.tell(shop.order(line(25_000), key="O2"))
    rows = [(r.title, r.detail) for r in sales.chain_of(BOSS, shop.sale("O2").id).rows if r.step == "points"]
    assert rows == [("加 100 积分", "先还了欠的积分"), ("加 150 积分", "2027 年 12 月底到期")]


def test_points_already_spent_are_told_as_a_debt(shop: Shop) -> None:
    shop.tell(shop.order())
    spend = Movement("points", Party("person", shop.person(), POOL), ISSUER, 100, 10**9, "redeem")
    ledger.post([spend])
    shop.tell(shop.refund())
    rows = [(r.step, r.detail) for r in sales.chain_of(BOSS, shop.sale().id).rows if r.when == "after"]
    assert ("points", "积分已用掉，记为欠积分") in rows
    assert ("exception", "要扣的积分不够，差 100 积分，记为欠积分，下次得积分时先还。") in rows


def test_a_sale_of_the_past_moved_no_stock(shop: Shop) -> None:
    past = Shop(source=replace(shop.source, mode="history"), card=shop.card)
    past.tell(past.order())
    assert ("same_moment", "stock", "库存不动") in told(past)
    assert not [step for _, step, _ in told(past) if step == "points"]


def test_a_customer_nobody_knows_is_told_so(shop: Shop) -> None:
    shop.tell(anonymous(shop.order()))
    assert ("same_moment", "person", "没有认出顾客") in told(shop)


class TestWhoSees:
    @pytest.fixture
    def clerk(self, shop: Shop) -> Actor:
        """Placed where the shop's customer buys."""
        shop.tell(shop.order())
        refresh()
        (store,) = brand.unit_ids(["S-one"]).values()
        return Actor("staff", 7, "店员", frozenset({"guide"}), frozenset({store}))

    def test_whoever_sees_the_customer_sees_his_sales(self, shop: Shop, clerk: Actor) -> None:
        assert [s.order_key for s in sales.sales_of(clerk, shop.person())] == ["O1"]
        assert sales.chain_of(clerk, shop.sale().id).sale.order_key == "O1"
        assert [s.order_key for s in sales.find_order(clerk, "O1")] == ["O1"]

    def test_others_see_nothing_and_cannot_tell_it_is_there(self, shop: Shop, clerk: Actor) -> None:
        stranger = replace(clerk, org_unit_ids=frozenset({10**6}))
        assert sales.find_order(stranger, "O1") == []
        for fact_id in (shop.sale().id, 10**12):
            with pytest.raises(NotFound):
                sales.chain_of(stranger, fact_id)
            with pytest.raises(NotFound):
                sales.sale_of_fact(stranger, fact_id)
        with pytest.raises(NotFound):
            sales.sales_of(stranger, shop.person())

    def test_sales_to_nobody_are_the_brands(self, shop: Shop, clerk: Actor) -> None:
        shop.tell(anonymous(shop.order(key="O2")))
        assert sales.sale_of_fact(BOSS, shop.sale("O2").id).order_key == "O2"
        with pytest.raises(NotFound):
            sales.sale_of_fact(clerk, shop.sale("O2").id)


def test_orders_come_newest_first_page_by_page_with_their_lines(shop: Shop) -> None:
    for n in range(5):
        at = NOON.replace(day=1 + n // 2)  # two of them at one instant
        shop.tell(shop.order(line(n * 100, discount=n), key=f"O{n}", at=at))
    refresh()
    found: list[str] = []
    before = None
    while page := sales.sales_of(BOSS, shop.person(), limit=2, before=before, with_lines=True):
        found += [s.order_key for s in page]
        before = (page[-1].occurred_at, page[-1].sale_id)
        for sale in page:
            (only,) = sale.lines
            assert (only.code, only.amount, only.is_unlisted, only.has_no_amount) == (
                MILK,
                sale.amount,
                True,
                sale.amount == 0,
            )
    assert found == ["O4", "O3", "O2", "O1", "O0"]
    check_books()


def test_2n_sales_of_a_person_take_no_more_queries_than_n(shop: Shop) -> None:
    def queries() -> int:
        return ground.statements(lambda: sales.sales_of(BOSS, shop.person(), limit=50, with_lines=True))

    shop.tell(*[shop.order(key=f"O{n}") for n in range(4)])
    refresh()
    few = queries()
    shop.tell(*[shop.order(line(sku=f"P{n}"), key=f"O{n}", store=f"S{n}") for n in range(4, 8)])
    assert queries() == few


def test_2n_sales_settle_by_as_many_statements_as_n(shop: Shop) -> None:
    def statements(n: int) -> int:
        items = [replace(shop, card=f"{shop.card}-{n}-{i}").order(key=f"N{n}-{i}") for i in range(n)]
        remember.forget()  # or a second more or less would tell
        return ground.statements(lambda: shop.tell(*items))

    statements(2)  # the store and the product are new
    assert statements(20) == statements(10)
    assert people.find("card_no", f"{shop.card}-20-19") is not None
