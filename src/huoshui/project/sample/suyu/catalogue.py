"""What the brand sells. Ordinary food carries no health claim; 叶酸 and 维生素 are 保健食品."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from huoshui.project.sample.suyu.seeds import generator

MILLI: Final = 1000


@dataclass(frozen=True)
class Product:
    code: str
    name: str
    spec: str
    department: str
    category: str
    price: int
    """分"""
    cycle_days: int
    """After how long it is usually bought again; 0 for what is bought once."""
    margin_permille: int
    dealer_permille: int
    """What a dealer pays of the retail price."""


NUTS, MEAT, CAKES, DRINKS, TEA, TONICS, SLIM, MOTHERS, GIFTS, DEVICES, SERVICES = range(11)

# (department, category, repurchase days, (name, spec, price in 元)…)
_SHELVES: Final = (
    ("零食", "坚果果干", 30, (
        ("每日坚果", "30包", 89), ("每日坚果", "7包", 25.9), ("夏威夷果", "250g", 32.9), ("琥珀核桃仁", "200g", 26.9),
        ("冻干草莓脆", "50g", 19.9), ("芒果干", "108g", 15.9), ("西梅", "160g", 18.9))),
    ("零食", "肉脯", 25, (("猪肉脯", "150g", 29.9), ("风干牛肉", "120g", 59.9), ("锁鲜鸭脖", "280g", 27.9))),
    ("零食", "糕点", 14, (
        ("桂花绿豆糕", "220g", 19.9), ("全麦吐司", "400g 短保7天", 15.9), ("黑芝麻丸", "126g", 32.9),
        ("低糖蛋黄酥", "6枚", 32.9))),
    ("零食", "冲饮", 25, (
        ("五黑藕粉羹", "500g", 39.9), ("即食燕麦", "1kg", 34.9), ("红豆薏米粉", "500g", 42.9), ("挂耳咖啡", "20袋", 59))),
    ("轻养", "茶饮", 35, (
        ("菊花枸杞茶", "30包", 29.9), ("陈皮普洱", "150g", 68), ("玫瑰红枣茶", "24包", 35.9), ("酸梅汤料", "12包", 24.9))),
    ("轻养", "滋补", 40, (
        ("银耳羹", "6杯", 49.9), ("阿胶糕", "250g", 168), ("即食花胶", "6罐", 298), ("桂花燕窝炖品", "6瓶", 468))),
    ("体重管理", "轻体", 30, (
        ("代餐奶昔", "14瓶", 168), ("蛋白棒", "12根", 79), ("益生菌", "30条", 129),
        ("复合维生素", "60片 保健食品", 99))),
    ("母婴", "孕婴童", 30, (
        ("叶酸片", "90片 保健食品", 68), ("孕期坚果", "28包", 128), ("DHA藻油", "60粒", 198), ("宝宝米饼", "4盒", 39.6),
        ("溶豆", "3盒", 56.7), ("高铁米粉", "225g", 45))),
    ("礼盒", "礼盒", 0, (
        ("年货坚果礼盒", "1.6kg", 168), ("臻选年礼", "2.2kg", 298), ("中秋月饼", "8枚", 188), ("端午粽", "10枚", 128),
        ("孝心滋补礼盒", "1套", 588))),
    ("设备与服务", "设备", 0, (("体脂秤", "1台", 199), ("养生壶", "1.5L", 259))),
    ("设备与服务", "服务", 0, (("28天轻体营", "1期", 1680), ("季度营养顾问", "1季", 2980))),
)  # fmt: skip


def ean13(number: int) -> str:
    """A code of the range shops use for themselves (21…), with its check digit."""
    digits = f"21{number:010d}"
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def _made() -> tuple[Product, ...]:
    random = generator(7, "products")
    found: list[Product] = []
    for department, category, cycle, shelf in _SHELVES:
        for name, spec, price in shelf:
            margin = {"设备": 150, "服务": 700}.get(category) or int(random.integers(480, 581))
            share = 880 if category == "设备" else int(random.integers(620, 681))
            code = ean13(len(found) + 1)
            cents = round(price * 100)
            found.append(Product(code, name, spec, department, category, cents, cycle, margin, share))
    return tuple(found)


PRODUCTS: Final = _made()
"""Fixed like the brand itself: the seed of a world changes who buys, not what is sold."""

CATEGORIES: Final = tuple(category for _, category, _, _ in _SHELVES)
CATEGORY_OF: Final = np.array([CATEGORIES.index(p.category) for p in PRODUCTS], np.int8)
PRICES: Final = np.array([p.price for p in PRODUCTS], np.int64)
CYCLES: Final = np.array([cycle for _, _, cycle, _ in _SHELVES], np.int32)


def sku(name: str, spec: str = "") -> int:
    """Place of a product in PRODUCTS."""
    return next(n for n, p in enumerate(PRODUCTS) if p.name == name and p.spec.startswith(spec))


DAILY_NUTS: Final = (sku("每日坚果", "30包"), sku("每日坚果", "7包"))
FISH_MAW, BIRDS_NEST = sku("即食花胶"), sku("桂花燕窝炖品")
SHAKE, PROTEIN_BAR = sku("代餐奶昔"), sku("蛋白棒")
FOLIC, PREGNANCY_NUTS, RICE_CAKE = sku("叶酸片"), sku("孕期坚果"), sku("宝宝米饼")
SOUR_PLUM = sku("酸梅汤料")
NEW_YEAR_BOXES: Final = (sku("年货坚果礼盒"), sku("臻选年礼"))
MOONCAKE, ZONGZI, FILIAL_BOX = sku("中秋月饼"), sku("端午粽"), sku("孝心滋补礼盒")
