"""Bonus rules: who gets them, what they give, and that what they gave is taken back exactly."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.tests import ground
from huoshui.core.tests.ground import NOON, SKU, STORE, clean_tables, number, rolled_back, statements, texts
from huoshui.core.tests.racing import race
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty import bonus as rules
from huoshui.engage.loyalty import standing
from huoshui.engage.loyalty.tests.till import (
    Till,
    audit,
    back,
    money,
    noon,
    person,
    persons,
    today,
    total,
)
from huoshui.engage.loyalty.types import BasketLine, Bonus, EarnRule, Goods, Occasion, Rate

__all__ = ["clean_tables"]

RULE = EarnRule(1, 1, 100, 1)
RATES = sql.Statement("rates", "select * from earn_order order by order_id, bonus_id")
REPEATED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def bonus(**more: Any) -> Bonus:
    return Bonus(0, f"b{number()}", 0, "加倍", **more)


def put(**more: Any) -> int:
    given = {"percent": 200} | more
    if given.get("extra"):
        given["percent"] = 100
    return loyalty.set_bonus(bonus(**given), actor=SYSTEM)


@pytest.fixture
def till(db: None) -> Till:
    return Till()


class TestFits:
    @pytest.mark.parametrize(
        ("rule", "at", "fitting"),
        [
            ({}, {}, True),
            ({"ranks": [2]}, {"rank": 2}, True),
            ({"ranks": [2]}, {"rank": 1}, False),
            ({"org_unit_ids": [7]}, {"org_unit_id": 7}, True),
            ({"org_unit_ids": [7]}, {"org_unit_id": None}, False),
            ({"weekdays": [2]}, {}, True),
            ({"weekdays": [1, 3]}, {}, False),
            ({"from_day": date(2026, 3, 11)}, {}, False),
            ({"until_day": date(2026, 3, 10)}, {}, True),
            ({"until_day": date(2026, 3, 9)}, {}, False),
            ({"is_first_purchase": True}, {"is_first": True}, True),
            ({"is_first_purchase": True}, {}, False),
            ({"birthday": "day"}, {"birthday": (3, 10)}, True),
            ({"birthday": "day"}, {"birthday": (3, 11)}, False),
            ({"birthday": "week"}, {"birthday": (3, 15)}, True),
            ({"birthday": "week"}, {"birthday": (3, 16)}, False),
            ({"birthday": "month"}, {"birthday": (3, 31)}, True),
            ({"birthday": "month"}, {}, False),
        ],
    )
    def test_an_occasion(self, rule: dict[str, Any], at: dict[str, Any], fitting: bool) -> None:
        assert rules.fits(bonus(**rule), Occasion(date(2026, 3, 10), **at)) is fitting  # a Tuesday

    def test_a_leap_day_is_held_on_the_day_before_in_other_years(self) -> None:
        assert rules.is_birthday((2, 29), date(2026, 2, 28), "day")
        assert not rules.is_birthday((2, 29), date(2028, 2, 28), "day")

    def test_the_week_of_a_new_years_child_begins_in_the_old_year(self) -> None:
        assert rules.is_birthday((1, 1), date(2026, 12, 29), "week")

    @pytest.mark.parametrize(
        "text",
        ["1990-05-03", "1990/5/3", "19900503", "05-03", "5月3日", "1990年5月3日", "1990-05-03 00:00:00"],
    )
    def test_a_birthday_as_shops_write_it(self, text: str) -> None:
        assert rules.birthday_of(text) == (5, 3)

    @pytest.mark.parametrize("text", ["", "1990", "未知", "1990-13-40"])
    def test_what_is_no_birthday(self, text: str) -> None:
        assert rules.birthday_of(text) is None

    def test_goods(self) -> None:
        goods = {5: Goods("乳品 / 鲜奶", "晨光")}
        assert rules.counts(bonus(categories=["乳品"]), 5, goods)
        assert rules.counts(bonus(categories=["乳品 / 鲜奶"], brands=["晨光"]), 5, goods)
        assert not rules.counts(bonus(categories=["乳"]), 5, goods)
        assert not rules.counts(bonus(brands=["别家"]), 5, goods)
        assert not rules.counts(bonus(sku_ids=[6]), 5, goods)


MONEY = st.dictionaries(st.integers(1, 4), st.integers(1, 10_000), min_size=1)


@given(MONEY, st.lists(st.integers(101, 400), max_size=3), st.integers(0, 500), st.data())
def test_each_product_has_the_best_multiplier_and_extras_add_up(
    money: dict[int, int], percents: list[int], extra: int, data: st.DataObject
) -> None:
    live = [
        replace(bonus(percent=p, sku_ids=data.draw(st.sets(st.integers(1, 4)).map(sorted))), id=n)
        for n, p in enumerate(percents, 1)
    ]
    if extra:
        live.append(replace(bonus(extra=extra), id=99))
    decided = rules.rates(live, money, {}, {})
    counted = [sku for r in decided if not r.extra for sku in r.sku_ids]
    assert len(counted) == len(set(counted)), "no product counts twice"
    for sku in money:
        best = max(
            (b.percent for b in live if not b.extra and (not b.sku_ids or sku in b.sku_ids)), default=100
        )
        assert max((r.percent for r in decided if not r.extra and sku in r.sku_ids), default=100) == best
    assert rules.worth(decided, money, sum(money.values()), RULE).get(99, 0) == extra


@given(MONEY, st.integers(101, 400), st.none() | st.integers(0, 50), st.integers(0, 100))
def test_what_stays_is_worth_no_more_than_all_and_nothing_when_nothing_stays(
    money: dict[int, int], percent: int, cap: int | None, share: int
) -> None:
    decided = [
        Rate(1, percent, 0, sum(money.values()), cap, tuple(money)),
        Rate(2, 100, 77, sum(money.values()), cap, tuple(money)),
    ]
    whole = rules.worth(decided, money, sum(money.values()), RULE)
    part = {sku: m * share // 100 for sku, m in money.items()}
    left = rules.worth(decided, part, sum(part.values()), RULE)
    assert all(0 <= left[b] <= whole[b] for b in whole)
    assert set(rules.worth(decided, dict.fromkeys(money, 0), 0, RULE).values()) == {0}
    if cap is not None:
        assert max(whole.values()) <= cap


class TestAtTheTill:
    def test_double_points_and_back_again(self, till: Till) -> None:
        put()
        ann = person()
        till.sell("O1", ann, money(1299))
        assert total(ann) == 12 + 12
        till.refund("O1", ann, back(400))
        assert total(ann) == 8 + 8
        till.refund("O1", ann, back(899))
        assert total(ann) == 0
        audit()

    def test_the_rate_of_the_day_of_sale_holds_when_the_rule_has_ended(self, till: Till) -> None:
        put_ = bonus(percent=300)
        loyalty.set_bonus(put_, actor=SYSTEM)
        ann = person()
        till.sell("O1", ann, money(1000))
        loyalty.end_bonus(put_.code, actor=SYSTEM)
        till.sell("O2", ann, money(1000))
        assert total(ann) == 30 + 10
        till.refund("O1", ann, back(500))
        assert total(ann) == 15 + 10
        till.sell("O1", ann, money(1000), status="shipped", at=NOON)
        assert total(ann) == 15 + 10, "told again, the refund stands"

    def test_another_base_rate_leaves_older_orders_alone(self, till: Till) -> None:
        ann = person()
        till.sell("O1", ann, money(1000))
        with today(date(2026, 3, 11)):
            loyalty.set_rule(EarnRule(0, 5, 100, 1, from_day=date(2026, 3, 12)), actor=SYSTEM)
            with pytest.raises(Refused):
                loyalty.set_rule(EarnRule(0, 9, 100, 1, from_day=date(2026, 3, 11)), actor=SYSTEM)
        till.sell("O2", ann, money(1000), at=noon(date(2026, 3, 12)))
        assert total(ann) == 10 + 50
        till.refund("O1", ann, back(1000), at=noon(date(2026, 3, 13)))
        assert total(ann) == 50

    def test_by_tier_store_product_and_first_purchase(self, till: Till) -> None:
        put(ranks=[1], extra=7)
        put(org_unit_ids=[STORE + 1], extra=70)
        put(sku_ids=[SKU], extra=700, min_amount=1000)
        put(is_first_purchase=True, extra=7000)
        ann = person()
        till.sell("O1", ann, money(100_000))
        assert total(ann) == 1000 + 700 + 7000, "silver only after this sale"
        till.sell("O2", ann, money(100, sku=SKU + 1), store=STORE + 1)
        assert total(ann) == 8700 + 1 + 7 + 70

    def test_a_first_purchase_is_one_of_two_in_a_batch(self, till: Till) -> None:
        put(is_first_purchase=True, extra=50)
        ann = person()
        till.settle([(ground.sale(f"O{n}", money(100)), ann, None) for n in range(2)])
        assert total(ann) == 2 + 50

    def test_by_category_and_brand(self, till: Till) -> None:
        put(categories=["乳品"])
        put(brands=["晨光"], percent=500)
        rows = [
            {"sku_code": "B1", "category_1": "乳品", "category_2": "鲜奶", "brand": ""},
            {"sku_code": "B2", "category_1": "", "category_2": "", "brand": "晨光"},
        ]
        brand.upsert_products(pa.Table.from_pylist(rows), actor=SYSTEM)
        skus = brand.find_or_add_skus({"B1": "", "B2": "", "B3": ""})
        ann = person()
        till.sell("O1", ann, *[money(1000, sku=skus[c].id) for c in ("B1", "B2", "B3")])
        assert total(ann) == 30 + 10 + 40

    def test_by_birthday(self, till: Till) -> None:
        put(birthday="day")
        ann, ben = person(traits=(("birthday", "1990-03-10"),)), person(traits=(("birthday", "1990-03-11"),))
        till.settle([(ground.sale(f"O{p}", money(1000)), p, None) for p in (ann, ben)])
        assert (total(ann), total(ben)) == (20, 10)

    def test_caps_of_the_order_the_day_and_the_month(self, till: Till) -> None:
        put(extra=100, cap_order=80, cap_day=100, cap_month=130)
        ann = person()
        till.settle([(ground.sale(f"O{n}", money(100)), ann, None) for n in range(3)])
        assert total(ann) == 3 + 80 + 20
        till.sell("O4", ann, money(100), at=noon(date(2026, 3, 12)))
        assert total(ann) == 4 + 80 + 20 + 30
        till.sell("O5", ann, money(100), at=noon(date(2026, 4, 1)))
        assert total(ann) == 5 + 130 + 80

    def test_points_paid_with_earn_no_bonus(self, till: Till) -> None:
        put(percent=300)
        ann = person()
        till.sell("O1", ann, money(1000), points=(500, 500))
        assert total(ann) == -500 + 15

    def test_goods_added_later_count_by_the_rules_of_the_sale(self, till: Till) -> None:
        put(percent=200)
        ann = person()
        first = till.sell("O1", ann, money(1000))
        more = till.receive([(ground.sale("O1", money(1000, sku=SKU + 1)), ann, None)])
        sql.run(
            sql.Statement("rest", "update settlement set replaces = null where fact_id = %(id)s"), id=more[0]
        )
        ledger.post(loyalty.earn(loyalty.look(more), history=set()).movements)
        assert total(ann) == 40, first

    def test_the_base_rule_alone_leaves_no_rows(self, till: Till) -> None:
        put(org_unit_ids=[STORE + 1])
        till.sell("O1", person(), money(1000))
        assert sql.fetch(RATES) == []

    def test_a_quote_says_what_the_sale_then_earns(self, till: Till) -> None:
        put(percent=150)
        put(extra=20, cap_day=30)
        ann = person()
        lines = [BasketLine(SKU, 1250), BasketLine(SKU + 1, 999)]
        told = ground.sale("O1", money(1250), money(999, sku=SKU + 1))
        for key in ("O1", "O2"):
            before = total(ann)
            quoted = loyalty.quote_earn(person_id=ann, lines=lines, org_unit_id=STORE, day=date(2026, 3, 10))
            till.settle([(replace(told, key=key), ann, None)])
            assert total(ann) - before == quoted.points
        assert quoted.bonuses == (("加倍", 11), ("加倍", 10))
        assert loyalty.quote_earn(person_id=None, lines=lines).points == 0


CUTS = st.lists(st.integers(1, 900), max_size=5)


@REPEATED
@given(
    percent=st.integers(101, 350),
    extra=st.integers(0, 90),
    cap=st.none() | st.integers(0, 60),
    a=st.integers(1, 3000),
    b=st.integers(0, 3000),
    cuts=CUTS,
)
def test_ten_part_refunds_take_what_one_would_and_a_full_one_takes_all(
    till: Till, percent: int, extra: int, cap: int | None, a: int, b: int, cuts: list[int]
) -> None:
    def life(parts: list[int]) -> tuple[int, int]:
        with rolled_back():
            shop, ann = Till(), person()
            put(percent=percent, sku_ids=[SKU], cap_order=cap)
            if extra:
                put(extra=extra)
            shop.sell("O", ann, money(a), money(b, sku=SKU + 1))
            for part in parts:
                shop.refund("O", ann, back(part))
            part_way = total(ann)
            shop.refund("O", ann, back(a - sum(parts)), back(b, sku=SKU + 1))
            return part_way, total(ann)

    parts: list[int] = []
    for cut in cuts:
        if sum(parts) + cut <= a:
            parts.append(cut)
    many, nothing = life(parts)
    assert nothing == 0
    assert many == life([sum(parts)] if parts else [])[0]


def test_more_orders_take_no_more_queries(till: Till) -> None:
    put(percent=200, categories=["乳品"], cap_day=100, birthday="month")
    put(extra=5, is_first_purchase=True)

    def cost(count: int) -> int:
        ids = till.receive([(ground.sale(f"Q{number()}", money(500)), p, None) for p in persons(count)])
        return statements(lambda: loyalty.earn(loyalty.look(ids), history=set()))

    assert cost(8) == cost(4)


def test_without_a_bonus_rule_nothing_is_asked_about_them(till: Till) -> None:
    def sent() -> list[str]:
        ids = till.receive([(ground.sale(f"Q{number()}", money(500)), p, None) for p in persons(3)])
        return texts(lambda: loyalty.earn(loyalty.look(ids), history=set()))

    put(from_day=date(2999, 1, 1))
    assert any("from earn_bonus where" in text and "order by id" in text for text in sent())
    loyalty.end_bonus(loyalty.bonuses()[0].code, actor=SYSTEM)
    plain = sent()
    assert len(plain) == 5, "money, rules, what was spent, tiers, who is new"
    assert not any("earn_order" in text and "exists" not in text for text in plain)


class TestRace:
    """Tills sell to one person at once, whose bonus has a cap."""

    TILLS = 4

    @pytest.fixture(autouse=True)
    def _slow_decisions(self, monkeypatch: MonkeyPatch) -> None:
        real = rules.rates

        def slow(*args: Any) -> Any:
            time.sleep(0.05)
            return real(*args)

        monkeypatch.setattr(rules, "rates", slow)

    def run(self) -> int:
        with transaction.atomic():
            put(extra=100, cap_day=100)
            ann = person()
            till = Till()
            till.sell("O", ann, money(1), at=noon(date(2026, 3, 9)))
            told = [(ground.sale(f"O{n}", money(100)), ann, None) for n in range(self.TILLS)]
            fact_ids = till.receive(told)

        def sell(fact_id: int) -> None:
            with transaction.atomic(durable=True):
                ledger.post(loyalty.earn(loyalty.look([fact_id]), history=set()).movements)

        outcome = race(*[lambda f=f: sell(f) for f in fact_ids])
        assert outcome.errors == []
        return total(ann) - 100  # of the day before

    @pytest.mark.usefixtures("clean_tables")
    def test_the_cap_holds(self) -> None:
        assert self.run() == self.TILLS + 100

    @pytest.mark.usefixtures("clean_tables")
    def test_control_without_the_lock_it_does_not(self, monkeypatch: MonkeyPatch) -> None:
        writing = standing.Q.add_spend
        head, rest = writing.text.split("\nfrom (", 1)
        columns = rest.split("\nreturning ")[1].replace("p.spend - n.amount as spend", "p.spend")
        reading = f"select {columns}\nfrom tier_progress p, ({rest.split(chr(10) + 'returning ')[0]}"
        assert "update tier_progress p set spend" in head
        monkeypatch.setitem(standing.Q._by_name, "add_spend", replace(writing, text=reading))
        assert self.run() > self.TILLS + 100
