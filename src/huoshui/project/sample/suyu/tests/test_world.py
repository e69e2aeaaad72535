"""The brand as DEMO.md has it, and files that hold what the world is, to the cent."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import phonenumbers
import pytest

from huoshui.core.errors import Refused
from huoshui.intake.files.formats import registry
from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import orders as buying
from huoshui.project.sample.suyu import tables
from huoshui.project.sample.suyu.files import SHOPS
from huoshui.project.sample.suyu.people import CHANNELS, STORE
from huoshui.project.sample.suyu.phones import phones
from huoshui.project.sample.suyu.plan import plan
from huoshui.project.sample.suyu.tests.worlds import LAST, small
from huoshui.project.sample.suyu.write import TRUTH_FILE, Summary, write

PEOPLE = 1_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return write(plan(people=PEOPLE, last=LAST, seed=1), tmp_path_factory.mktemp("粟屿"))


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def test_the_brand() -> None:
    places = small().plan.places
    assert Counter(d.kind for d in places.dealers) == {
        "公司型": 20,
        "夫妻店": 12,
        "多品牌": 6,
        "前厂家员工": 2,
    }
    assert Counter(d.region for d in places.dealers) == {"华东": 15, "华中": 13, "西南华南": 12}
    assert all(d.refusal and d.stage and d.name.endswith("（演示）") for d in places.dealers)
    kinds = Counter(s.kind_name for s in places.stores)
    assert kinds == {"社区店": 90, "商场店": 50, "县城店": 30, "写字楼小店": 20, "体验旗舰": 10}
    assert len({s.name for s in places.stores}) == 200
    assert all((s.dealer == -1) == (s.kind_name == "体验旗舰") for s in places.stores)
    assert {s.dealer for s in places.stores} == {-1, *range(40)}
    assert len(places.guides) == len({g.number for g in places.guides}) == 600
    assert np.mean([g.is_woman for g in places.guides]) == pytest.approx(0.82, abs=0.04)
    assert len(shelf.PRODUCTS) == 45
    assert all(
        0.62 <= p.dealer_permille / 1000 <= 0.68 for p in shelf.PRODUCTS if p.category not in ("设备",)
    )


def test_codes_carry_their_check_digits() -> None:
    for product in shelf.PRODUCTS:
        digits = [int(d) for d in product.code]
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
    people = small().shard.people
    everybody = np.arange(len(people))
    for number in tables.card_numbers(people, everybody, everybody % 2 == 0)[:200].tolist():
        doubled = [d if n % 2 == 0 else d * 2 for n, d in enumerate(int(c) for c in reversed(str(number)))]
        assert sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def test_phones_look_valid_and_none_comes_twice() -> None:
    made = phones(np.arange(200_000))
    assert len(np.unique(made)) == len(made)
    for number in made[:: len(made) // 50].tolist():
        assert phonenumbers.is_valid_number(phonenumbers.parse(str(number), "CN"))


def test_channels_and_who_is_known() -> None:
    orders, people = small().shard.orders, small().shard.people
    share = np.bincount(orders.channel, minlength=len(CHANNELS)) / len(orders)
    assert share == pytest.approx([0.62, 0.12, 0.09, 0.07, 0.05, 0.04, 0.01], abs=0.02)
    store = orders.channel == STORE
    assert people.is_known[orders.person[store]].mean() == pytest.approx(0.58, abs=0.03)
    assert people.is_known.sum() == pytest.approx(4_000, rel=0.06)


def test_customers_have_cycles_of_their_own() -> None:
    orders = small().shard.orders
    counts = np.bincount(orders.person)
    assert counts.var() > 4 * counts.mean()  # some come once, some each fortnight: no Poisson
    assert (counts == 1).sum() > 0.3 * (counts > 0).sum()


def test_money_adds_up_to_the_cent() -> None:
    orders = small().shard.orders
    paid = buying.money(orders)
    assert (paid.listed == paid.discount + paid.coupon + paid.paid).all()
    assert paid.paid.min() > 0 and paid.coupon.min() >= 0
    coupons = np.bincount(orders.order, paid.coupon, len(orders))
    assert (coupons <= orders.coupon).all() and coupons[orders.coupon > 0].all()


def test_the_files_hold_every_line_and_every_cent(written: Summary) -> None:
    world = small(people=PEOPLE).shard
    back = np.bincount(world.orders.order[world.orders.order >= 0], minlength=len(world.orders))[
        world.orders.back_after > 0
    ]
    paid, lines = 0, 0
    for file in written.paths("sales"):
        for row in rows(file):
            if row["销售类型"] == "销售":
                paid, lines = paid + round(Decimal(row["实付金额"]) * 100), lines + 1
            else:
                assert row["原单号"] == "S" + row["销售单号"][1:]
    columns = {
        "weixin_shop": "商品实际价格(总共)", "taobao_items": "买家实付金额", "douyin_shop": "订单应付金额",
        "xiaohongshu": "用户应付金额(元)",
    }  # fmt: skip
    for shop, column in columns.items():
        found = [round(Decimal(row[column]) * 100) for file in written.paths(shop) for row in rows(file)]
        paid, lines = paid + sum(found), lines + len(found)
    for shop, number, column in (("jd_pop", "订单号", "应付金额"), ("eleme", "订单编号", "商户应收金额")):
        told = list(rows(written.paths(shop)[0]))
        whole = {row[number]: round(Decimal(row[column]) * 100) for row in told}
        paid, lines = paid + sum(whole.values()), lines + len(told)
    assert lines == written.lines == len(world.orders.sku)
    assert paid == int(buying.money(world.orders).paid.sum())
    assert len(back) > 0


@pytest.mark.parametrize("shop", SHOPS)
def test_exports_are_recognised_by_their_headers(written: Summary, shop: str) -> None:
    headers = list(next(rows(written.paths(shop)[0])))
    found = registry.recognise(headers)
    assert found is not None and found.name == shop
    assert set(headers) <= {*found.header, *(h for each in found.columns.values() for h in each)}


def test_platforms_show_no_number(written: Summary) -> None:
    for shop in SHOPS:
        for row in list(rows(written.paths(shop)[0]))[:50]:
            assert not any(
                cell.isdigit() and len(cell) == 11 and cell.startswith("1") for cell in row.values()
            )


def test_the_truth_file_names_all_thirteen(written: Summary) -> None:
    told = json.loads((written.directory / TRUTH_FILE).read_text(encoding="utf-8"))
    assert list(told["truths"]) == [str(n) for n in range(1, 14)]
    assert all(truth["planted"] for truth in told["truths"].values())
    assert len(told["truths"]["9"]["devices"]) == 9
    assert told["truths"]["13"]["month"] == "2025-04"


def test_again_returns_at_once_and_another_seed_is_another_world(written: Summary) -> None:
    told: list[str] = []
    assert write(plan(people=PEOPLE, last=LAST, seed=1), written.directory, told.append) == written
    assert told == []
    one, other = small(people=PEOPLE), small(people=PEOPLE, seed=2)
    assert len(one.shard.orders) != len(other.shard.orders)
    assert one.plan.places.stores != other.plan.places.stores


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "账.xlsx").write_bytes(b"mine")
    with pytest.raises(Refused, match=r"账\.xlsx"):
        write(plan(people=PEOPLE, last=LAST, seed=1), tmp_path)
    assert (tmp_path / "账.xlsx").read_bytes() == b"mine"


def test_a_world_of_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="1,000"):
        plan(people=10, last=LAST, seed=1)
