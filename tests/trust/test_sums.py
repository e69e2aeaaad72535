"""The parts of a number sum to what the console shows, to the cent: from facts over the lake to the page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import NOON, clean_tables, wait_for_readers
from huoshui.insight import api as insight
from huoshui.intake.imports import api as imports
from huoshui.intake.river.tests.world import MILK, OTHER_STORE, STORE, TEA, Shop, anonymous, given_back, line
from huoshui.intake.trust import api as trust
from huoshui.intake.trust.tests.ground import database_url
from huoshui.intake.trust.tests.test_lineage import all_rows
from huoshui.lake import api as lake
from huoshui.lake import tables
from huoshui.lake.tests import planting

__all__ = ["clean_tables"]

DAY = date(2026, 3, 10)
BOSS = Actor("staff", 1, "Zhou", frozenset({"boss"}), frozenset({1}))


def asked(**more: object) -> trust.Asked:
    return trust.Asked(**{"first": DAY, "last": DAY, **more})  # type: ignore[arg-type]  # the tests' own choices


def tell_a_messy_day(shop: Shop, seed: int = 7) -> None:
    """Sales of two stores and two products, given back, revised, told twice, told in parts, of the next day too."""
    draw = random.Random(seed)
    for n in range(24):
        store = draw.choice([STORE, OTHER_STORE])
        at = NOON + timedelta(minutes=draw.randrange(600)) if n % 6 else NOON + timedelta(days=1)
        lines = [
            line(draw.randrange(1, 99_999), sku=draw.choice([MILK, TEA])) for _ in range(draw.randrange(1, 4))
        ]
        order = shop.order(*lines, key=f"O{n}", store=store, at=at)
        shop.tell(order if n % 3 else anonymous(order))
        if n % 4 == 0:
            shop.tell(
                shop.refund(
                    given_back(draw.randrange(1, 500), sku=lines[0].sku_code),
                    key=f"R{n}",
                    of=f"O{n}",
                    store=store,
                    at=at,
                )
            )
        if n % 5 == 0:  # told again with other words
            revised = [line(draw.randrange(1, 99_999), sku=lines[0].sku_code), *lines[1:]]
            shop.tell(shop.order(*revised, key=f"O{n}", store=store, at=at))
        if n % 7 == 0:  # and with the same
            shop.tell(order if n % 3 else anonymous(order))


@pytest.fixture
def in_lake(clean_tables: None, settings: Settings, tmp_path: Path) -> Iterator[Shop]:
    settings.HUOSHUI_HOME = tmp_path
    settings.HUOSHUI_DATABASE_URL = database_url()
    settings.HUOSHUI_LAKE = str(tmp_path / "lake")
    brand.ensure_headquarters("总部")
    shop = Shop()
    tell_a_messy_day(shop)
    wait_for_readers()
    lake.flush()
    yield shop
    planting.clean()  # the lake's catalog too
    tables.catalog().close()


def takings(**params: str) -> int:
    """What the console says was taken."""
    given = {"from_": str(DAY), "to": str(DAY), **params}
    return sum(row["amount"] for row in insight.ask("sales", by="day", **given).rows)


def test_the_parts_sum_to_the_number_of_the_console_to_the_cent(in_lake: Shop) -> None:
    unit, sku = brand.find_units([STORE])[STORE], brand.find_skus([TEA])[TEA]
    numbers = {
        asked(): takings(),
        asked(unit_ids=(unit,)): takings(store=STORE),
        asked(sku_ids=(sku,)): takings(product=TEA),
        asked(unit_ids=(unit,), sku_ids=(sku,)): takings(store=STORE, product=TEA),
        asked(last=DAY + timedelta(days=1)): takings(to=str(DAY + timedelta(days=1))),
    }
    assert len(set(numbers.values())) == len(numbers) and all(numbers.values())
    for step in ("nothing folded yet", "some folded", "all folded"):
        for what, number in numbers.items():
            found = trust.lineage(BOSS, what)
            rows = all_rows(BOSS, what)
            assert found.amount == number, step
            assert sum(r.amount for r in rows) == number, step
            assert len({(r.fact_id, r.of_fact_id) for r in rows}) == len(rows) == found.effects
        if step == "nothing folded yet":
            trust.fold()
            in_lake.tell(in_lake.order(line(4_321), key="late"))
            wait_for_readers()
            lake.flush()
            numbers = {asked(): takings(), asked(unit_ids=(unit,)): takings(store=STORE)}
        elif step == "some folded":
            trust.fold()


FILE = f"""销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额
U1,{DAY} 10:00:00,S-one,C1,P-tea,1,123.45
U2,{DAY} 11:00:00,S-one,,P-tea,2,67.89
"""


def test_an_import_that_is_undone_leaves_the_number_and_its_sales_as_they_were(
    in_lake: Shop, tmp_path: Path
) -> None:
    trust.fold()
    before, sales = takings(), sum(s.sales for s in trust.coverage(BOSS, DAY, DAY))
    file = tmp_path / "多的.csv"
    file.write_text(FILE, encoding="utf-8-sig")
    run_id = imports.add_run([file], kind="sales", source_name="老店", actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    for step, number, there in (("told", before + 19_134, 2), ("undone", before, 0)):
        if step == "undone":
            imports.undo(BOSS, run_id, reason="导错了")
            imports.execute_undo(run_id)
        wait_for_readers()
        lake.flush()
        for _ in ("pending", "folded"):
            assert takings() == trust.lineage(BOSS, asked()).amount == number, step
            trust.fold()
        assert sum(s.sales for s in trust.coverage(BOSS, DAY, DAY)) == sales + there
