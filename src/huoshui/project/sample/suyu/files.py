"""The files that the brand's systems would export, as they would export them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import tables
from huoshui.project.sample.suyu.cards import WOOL_OFF
from huoshui.project.sample.suyu.festivals import COUNTY
from huoshui.project.sample.suyu.orders import DAY
from huoshui.project.sample.suyu.people import MINI
from huoshui.project.sample.suyu.places import WUHAN_WAREHOUSE
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.seeds import generator
from huoshui.project.sample.suyu.selling import RECALL_OFF, SHORT_DAYS
from huoshui.project.sample.suyu.world import Shard

SHOPS: Final = ("weixin_shop", "taobao_items", "jd_pop", "douyin_shop", "eleme", "xiaohongshu")
_MARK: Final = "\ufeff".encode()


@dataclass(frozen=True)
class Written:
    """`kind`: what `huoshui import` is told."""

    name: str
    kind: str
    rows: int


def statements() -> dict[str, str]:
    """The named statements of exports.sql."""
    text = Path(__file__).with_name("exports.sql").read_text(encoding="utf-8")
    parts = (part.split("\n", 1) for part in text.split("-- name: ")[1:])
    return {name.strip(): body for name, body in parts}


def write_shard(
    database: duckdb.DuckDBPyConnection, plan: Plan, shard: Shard, directory: Path
) -> Iterator[Written]:
    """All files of the shard, one after another; the tables stay for whoever comes next."""
    tables.load(database, plan, shard)
    told, part = statements(), f"-{shard.number + 1}" if plan.people > 200_000 else ""
    yield _write(database, told["members"], directory / f"会员{part}.csv", "people")
    if shard.number == 0:
        yield _write(
            database,
            told["sell_in"].format(since=plan.last - timedelta(365)),
            directory / "经销商进货.csv",
            "dealer_purchases",
        )
    for month in _months(plan.first, plan.last):
        path = directory / f"销售明细-{month}{part}.csv"
        yield _write(database, told["till"].format(month=month), path, "sales")
    for shop in SHOPS:
        yield _write(database, told[shop], directory / f"{shop}{part}.csv", shop)
    database.register("given", _coupons(plan, shard))
    yield _write(database, "select * from given", directory / f"优惠券{part}.csv", "coupons")
    database.unregister("given")


def _months(first: date, last: date) -> list[str]:
    months = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1)
    return [str(m) for m in months]


def _write(database: duckdb.DuckDBPyConnection, query: str, path: Path, kind: str) -> Written:
    """With the mark before the first header, as spreadsheets write it; DuckDB writes none of its own."""
    part = path.with_name(f".{path.name}.part")
    rows = database.execute(
        f"copy ({query}) to '{str(part).replace(chr(39), chr(39) * 2)}' (header true)"
    ).fetchone()
    with path.open("wb") as whole, part.open("rb") as body:
        whole.write(_MARK)
        while block := body.read(1 << 20):
            whole.write(block)
    part.unlink()
    assert rows is not None  # COPY tells how many it wrote
    return Written(path.name, kind, int(rows[0]))


# ---- coupons -----------------------------------------------------------------------------------------------------------


def _coupons(plan: Plan, shard: Shard) -> pa.Table:
    """Of ① every card that was sent one, used or not; of ⑨ the newcomers' coupons that the accounts took."""
    rows = _recalled(plan, shard) if plan.has(1) else []
    return pa.Table.from_pylist(rows + _newcomers(plan, shard), schema=_COUPONS)


_COUPON_HEADERS: Final = (
    "券码",
    "券名称",
    "会员卡号",
    "领取时间",
    "使用时间",
    "到期时间",
    "面额",
    "使用订单",
    "核销门店",
    "券状态",
)
_COUPONS: Final = pa.schema([(name, pa.string()) for name in _COUPON_HEADERS])


def _row(
    plan: Plan,
    code: str,
    title: str,
    card: int,
    received: int,
    ends: int,
    amount: int,
    used: tuple[int, str, str] | None,
) -> dict[str, str | None]:
    at, order_no, store = used or (0, None, None)
    values = (
        code, title, str(card), _time(plan, received), _time(plan, at) if used else None, _time(plan, ends),
        f"{amount / 100:.2f}",
        order_no, store, "已使用" if used else "未使用",
    )  # fmt: skip
    return dict(zip(_COUPON_HEADERS, values, strict=True))


def _time(plan: Plan, second: int) -> str:
    return str(np.datetime64(plan.first, "s") + np.timedelta64(int(second), "s")).replace("T", " ")


def _recalled(plan: Plan, shard: Shard) -> list[dict[str, str | None]]:
    treated = shard.recall.treated
    numbers = tables.card_numbers(shard.people, treated, np.zeros(len(treated), bool))
    start = plan.day(plan.womens_day) * DAY
    used = _used(plan, shard, 1)
    return [
        _row(
            plan,
            f"NSJ{plan.womens_day:%y}{shard.number:02}{n:07}",
            "女神节召回券",
            card,
            start + 9 * 3600,
            start + 31 * DAY,
            RECALL_OFF,
            used.get(n),
        )
        for n, card in enumerate(numbers.tolist())
    ]


def _newcomers(plan: Plan, shard: Shard) -> list[dict[str, str | None]]:
    mine = np.flatnonzero((shard.orders.coupon_no >= 0) & (shard.orders.origin == 9))
    people = shard.orders.person[mine]
    numbers = tables.card_numbers(shard.people, people, np.zeros(len(people), bool)).tolist()
    used = _used(plan, shard, 9)
    rows = []
    for place, card in zip(mine.tolist(), numbers, strict=True):
        n, at = int(shard.orders.coupon_no[place]), int(shard.orders.at[place])
        rows.append(
            _row(plan, f"XR{shard.number:02}{n:07}", "新人券", card, at - 90, at + 7 * DAY, WOOL_OFF, used[n])
        )
    return rows


def _used(plan: Plan, shard: Shard, truth: int) -> dict[int, tuple[int, str, str]]:
    """Coupon → when, on which order of which system, in which store."""
    orders = shard.orders
    mine = np.flatnonzero((orders.coupon_no >= 0) & ((orders.origin == 9) == (truth == 9)))
    found = {}
    for place in mine.tolist():
        number = shard.number * tables.PER_SHARD + place
        online = orders.channel[place] == MINI
        order_no = f"37{number:017}" if online else f"S{number:011}"
        store = "" if online else plan.places.stores[int(orders.store[place])].code
        found[int(orders.coupon_no[place])] = (int(orders.at[place]), order_no, store)
    return found


# ---- lists of the brand itself -----------------------------------------------------------------------------------------


def write_lists(database: duckdb.DuckDBPyConnection, plan: Plan, directory: Path) -> Iterator[Written]:
    """Dealers, stores, products, staff, campaigns, and what was on shelves: once for the whole world."""
    for name, kind, rows in (
        ("经销商.csv", "dealers", _dealers(plan)),
        ("门店.csv", "stores", _stores(plan)),
        ("商品.csv", "products", _products(plan)),
        ("员工.csv", "staff", _staff(plan)),
        ("活动.csv", "campaigns", _campaigns(plan)),
        ("盘点.csv", "stock", _stock(plan)),
        ("经销商库存.csv", "dealer_stock", _dealer_stock(plan)),
    ):
        database.register("given", pa.Table.from_pylist(rows))
        yield _write(database, "select * from given", directory / name, kind)
        database.unregister("given")


Rows = Sequence[dict[str, Any]]


def _dealers(plan: Plan) -> Rows:
    return [
        {"经销商编码": d.code, "经销商名称": d.name, "大区": d.region, "城市": d.city, "联系人": d.owner, "联系电话": d.phone,
         "级别": "一级" if d.kind == "公司型" else "二级", "类型": d.kind, "不愿共享的原因": d.refusal, "数字化阶段": d.stage,
         "合同开始": str(plan.first), "合同结束": str(plan.last + timedelta(365))}
        for d in plan.places.dealers
    ]  # fmt: skip


def _stores(plan: Plan) -> Rows:
    dealers = plan.places.dealers
    return [
        {"门店编码": s.code, "门店名称": s.name, "门店类型": s.kind_name, "大区": s.region, "城市": s.city,
         "经销商": dealers[s.dealer].name if s.dealer >= 0 else "", "面积": str(s.area), "开业日期": str(s.opened),
         "员工数": str(s.staff), "新人占比": f"{s.new_hands:.3f}"}
        for s in plan.places.stores
    ]  # fmt: skip


def _products(plan: Plan) -> Rows:
    return [
        {"商品编码": p.code, "条码": p.code, "商品名称": f"{p.name} {p.spec}", "大类": p.department, "中类": p.category,
         "小类": p.name, "品牌": "粟屿轻养", "生产商": "粟屿食品（演示）", "规格": p.spec, "零售价": f"{p.price / 100:.2f}",
         "经销价": f"{p.price * p.dealer_permille / 100_000:.2f}", "零售毛利率": f"{p.margin_permille / 10:.1f}%",
         "上市日期": str(plan.launch) if n == shelf.BIRDS_NEST else str(plan.first - timedelta(400))}
        for n, p in enumerate(shelf.PRODUCTS)
    ]  # fmt: skip


def _staff(plan: Plan) -> Rows:
    return [
        {"工号": g.number, "员工姓名": g.name, "昵称": g.nickname, "性别": "女" if g.is_woman else "男",
         "岗位": "店长" if g.is_manager else "导购", "门店编码": plan.places.stores[g.store].code,
         "手机号": g.phone, "入职日期": str(g.joined)}
        for g in plan.places.guides
    ]  # fmt: skip


def _campaigns(plan: Plan) -> Rows:
    known = [
        {
            "活动名称": s.name,
            "开始日期": str(max(s.first, plan.first)),
            "结束日期": str(min(s.last, plan.last)),
            "渠道": "全渠道",
        }
        for s in plan.calendar.seasons
        if s.times
    ]
    news = {
        "活动名称": "桂花燕窝炖品上市",
        "开始日期": str(plan.launch),
        "结束日期": str(plan.launch + timedelta(14)),
        "渠道": "全渠道",
    }
    unique = {(row["活动名称"], row["开始日期"]): row for row in [*known, news]}
    return list(unique.values())


def _stock(plan: Plan) -> Rows:
    """The count of the last evening: by the size of the store, and a few shelves empty."""
    random = generator(plan.seed, "stock")
    goods = [p for p in shelf.PRODUCTS if p.category != "服务"]
    rows = []
    for store in plan.places.stores:
        level = random.poisson(14 * store.weight * (1.3 if store.kind == COUNTY else 1.0), len(goods))
        level[random.random(len(goods)) < 0.03] = 0
        rows += [
            {
                "门店编码": store.code,
                "商品编码": p.code,
                "商品名称": f"{p.name} {p.spec}",
                "库存数量": str(n),
                "盘点日期": str(plan.last),
            }
            for p, n in zip(goods, level.tolist(), strict=True)
        ]
    return rows


def _dealer_stock(plan: Plan) -> Rows:
    """What the dealers supplied from 武汉 had of 每日坚果 each day around ③: nothing while the warehouse had none."""
    random = generator(plan.seed, "dealer stock")
    rows = []
    for dealer in plan.places.dealers:
        if dealer.city not in WUHAN_WAREHOUSE:
            continue
        for offset in range(-14, SHORT_DAYS + 14):
            short = plan.has(3) and 0 <= offset < SHORT_DAYS
            for sku in shelf.DAILY_NUTS:
                left = 0 if short else int(random.integers(60, 240))
                day = plan.shortage + timedelta(offset)
                if day <= plan.last:
                    rows.append(
                        {
                            "经销商编码": dealer.code,
                            "商品编码": shelf.PRODUCTS[sku].code,
                            "库存数量": str(left),
                            "盘点日期": str(day),
                        }
                    )
    return rows
