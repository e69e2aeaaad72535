"""A small chain of shops and what its tills would export: the world the browser tests walk through.

Seeded and invented. The last days are not among the first files: the walks bring them in through the console.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

FIRST_DAY = date(2025, 7, 1)
DAYS = 89
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
MEMBERS = 240

STORES = (
    ("S01", "粟屿轻养·杭州稻香路店", "华东", "杭州粟谷雨商贸（演示）"),
    ("S02", "粟屿轻养·杭州青梧天地店", "华东", "杭州粟谷雨商贸（演示）"),
    ("S03", "粟屿轻养·武汉桂子里店", "华中", "武汉粟白露商贸（演示）"),
    ("S04", "粟屿轻养·武汉荷风广场店", "华中", "武汉粟白露商贸（演示）"),
    ("S05", "粟屿轻养·成都南塘街店", "西南华南", "成都粟银杏商贸（演示）"),
)
# code, name, category, sub-category, price in 分
PRODUCTS = (
    ("P101", "每日坚果 30 包", "坚果果干", "坚果", 8900),
    ("P102", "夏威夷果 250g", "坚果果干", "坚果", 3290),
    ("P103", "琥珀核桃仁", "坚果果干", "坚果", 2690),
    ("P104", "冻干草莓脆", "坚果果干", "果干", 1990),
    ("P201", "猪肉脯", "肉脯", "肉脯", 2990),
    ("P202", "风干牛肉", "肉脯", "牛肉", 5990),
    ("P301", "桂花绿豆糕", "糕点", "中式糕点", 1990),
    ("P302", "全麦吐司（短保 7 天）", "糕点", "面包", 1590),
    ("P401", "五黑藕粉羹", "冲饮", "藕粉", 3990),
    ("P402", "挂耳咖啡 20 袋", "冲饮", "咖啡", 5900),
    ("P501", "菊花枸杞茶", "茶饮", "花草茶", 2990),
    ("P502", "陈皮普洱", "茶饮", "普洱", 6800),
    ("P601", "银耳羹 6 杯", "滋补", "羹", 4990),
    ("P602", "阿胶糕", "滋补", "阿胶", 16800),
    ("P603", "桂花燕窝炖品 6 瓶", "滋补", "燕窝", 46800),
    ("P701", "代餐奶昔 14 瓶", "轻体", "代餐", 16800),
    ("P702", "益生菌 30 条", "轻体", "益生菌", 12900),
    ("P801", "宝宝米饼 4 盒", "孕婴童", "米饼", 3960),
)
PRICES = {code: price for code, _name, _category, _sub, price in PRODUCTS}
UNLISTED = "P999"  # sold, but on no product list

PHONES = r"1990571\d{4}"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("丽", "敏", "静", "娟", "婷", "雪", "佳", "倩", "欣怡", "雨桐", "梓涵", "晓燕")
AGES = ("18-24", "25-34", "35-44", "45-54", "55 以上")
HOMES = ("单身", "夫妻无孩", "夫妻带孩子", "三代同住")

MEMBER_HEADERS = ("会员卡号", "姓名", "手机号", "性别", "入会时间", "年龄段", "家庭构成", "孩子数")
PRODUCT_HEADERS = ("商品编码", "商品名称", "大类", "中类", "零售价")
STORE_HEADERS = ("门店编码", "门店名称", "大区", "经销商")
SALES_HEADERS = (
    "销售单号", "交易时间", "门店编码", "会员卡号", "商品编码", "数量", "实付金额", "会员折扣", "优惠券抵扣",
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    card_no: str
    name: str
    phone: str
    store: str
    visits_a_day: float
    favourites: tuple[str, ...]
    lines: int


def members() -> list[Member]:
    """Some come often, some buy much, some do both."""
    random = Random(7)
    cheap = [code for code, price in PRICES.items() if price < 4000]
    dear = [code for code, price in PRICES.items() if price >= 4000]
    found = []
    for number in range(MEMBERS):
        is_frequent, is_large = random.random() < 0.3, random.random() < 0.35
        found.append(
            Member(
                card_no=f"80{number + 1:05d}",
                name=random.choice(SURNAMES) + random.choice(GIVEN),
                phone=f"{PHONES[:7]}{number + 1001:04d}",
                store=random.choice(STORES)[0],
                visits_a_day=random.uniform(0.14, 0.3) if is_frequent else random.uniform(0.02, 0.08),
                favourites=tuple(random.sample(dear if is_large else cheap, 4)),
                lines=3 if is_large else 2,
            )
        )
    return found


def sales_of(day: date) -> Iterator[tuple[str, ...]]:
    """The lines of one day, the same whenever it is asked for."""
    random = Random(day.toordinal())
    busy = 1.35 if day.weekday() >= 5 else 1.0
    number = 0
    for member in members():
        if random.random() < member.visits_a_day * busy:
            number += 1
            yield from _order(random, day, number, member.store, member)
    for _nobody in range(round(4 * busy)):
        number += 1
        yield from _order(random, day, number, random.choice(STORES)[0], None)


def _order(
    random: Random, day: date, number: int, store: str, member: Member | None
) -> Iterator[tuple[str, ...]]:
    at = datetime.combine(day, time(9, 30)) + timedelta(seconds=random.randrange(12 * 3600))
    liked = member.favourites if member and random.random() < 0.8 else tuple(PRICES)
    count = random.randint(1, member.lines if member else 2)
    for code in random.sample(liked, min(count, len(liked))):
        sold = UNLISTED if random.random() < 0.01 else code
        quantity = random.choice((1, 1, 1, 2))
        full = PRICES[code] * quantity
        discount = full // 20 if member and random.random() < 0.4 else 0
        coupon = 500 if member and full > 5000 and random.random() < 0.2 else 0
        yield (
            f"{day:%Y%m%d}{number:04d}", f"{at:%Y-%m-%d %H:%M:%S}", store, member.card_no if member else "",
            sold, str(quantity), yuan(full - discount - coupon), yuan(discount), yuan(coupon),
        )  # fmt: skip


def yuan(minor: int) -> str:
    return f"{minor / 100:.2f}"


@dataclass(frozen=True)
class Files:
    stores: Path
    products: Path
    people: Path
    sales: Path


def write(directory: Path) -> Files:
    """As they come: GB18030 from the old till, a workbook, UTF-8 with and without a byte order mark."""
    directory.mkdir(parents=True, exist_ok=True)
    files = Files(*(directory / name for name in ("门店.csv", "商品.xlsx", "会员.csv", "销售明细.csv")))
    files.stores.write_bytes(table(STORE_HEADERS, STORES).encode())
    _write_workbook(files.products)
    files.people.write_bytes(table(MEMBER_HEADERS, _member_rows()).encode("gb18030"))
    days = (FIRST_DAY + timedelta(days=n) for n in range(DAYS))
    files.sales.write_bytes(sales_file(row for day in days for row in sales_of(day)))
    return files


def sales_file(rows: Iterable[Sequence[str]]) -> bytes:
    return table(SALES_HEADERS, rows).encode("utf-8-sig")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    return text.getvalue()


def _member_rows() -> Iterator[tuple[str, ...]]:
    random = Random(11)
    for member in members():
        joined = FIRST_DAY - timedelta(days=random.randrange(700))
        # Who buys much is mostly of an age, so that the portrait has something to say
        age = random.choice(AGES[2:4] if member.lines == 3 and random.random() < 0.7 else AGES)
        home = random.choice(HOMES)
        kids = str(random.randint(1, 2)) if home in HOMES[2:] else "0"
        gender = "女" if random.random() < 0.8 else "男"
        yield member.card_no, member.name, member.phone, gender, f"{joined}", age, home, kids


def _write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("商品")
        rows = [(code, name, kind, sub, yuan(price)) for code, name, kind, sub, price in PRODUCTS]
        for number, row in enumerate([PRODUCT_HEADERS, *rows]):
            sheet.write_row(number, 0, row)
