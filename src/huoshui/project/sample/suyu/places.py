"""Dealers, their stores and who works there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import names
from huoshui.project.sample.suyu.festivals import COMMUNITY, COUNTY, FLAGSHIP, MALL, OFFICE
from huoshui.project.sample.suyu.names import words
from huoshui.project.sample.suyu.phones import phone
from huoshui.project.sample.suyu.seeds import generator

EAST, CENTRE, SOUTH = "华东", "华中", "西南华南"
_CITIES: Final = {
    EAST: "上海 上海 杭州 杭州 宁波 温州 金华 南京 南京 苏州 苏州 无锡 合肥 合肥 阜阳",
    CENTRE: "武汉 武汉 宜昌 襄阳 长沙 长沙 株洲 衡阳 郑州 郑州 洛阳 南昌 赣州",
    SOUTH: "成都 成都 绵阳 重庆 重庆 贵阳 昆明 广州 广州 深圳 佛山 东莞",
}
WUHAN_WAREHOUSE: Final = ("武汉", "宜昌", "襄阳")
"""Cities that the warehouse in Wuhan supplies."""
_COUNTIES: Final = frozenset(
    ["温州", "金华", "阜阳", "宜昌", "襄阳", "株洲", "衡阳", "洛阳", "赣州", "绵阳", "贵阳", "昆明"]
)
_BIG: Final = ("上海", "杭州", "南京", "苏州", "武汉", "长沙", "郑州", "成都", "广州", "深圳")

_WORDS: Final = words(
    "谷雨 清明 白露 小满 芒种 秋分 立夏 寒露 霜降 惊蛰 春和 青禾 桂子 荷风 竹露 兰溪 松月 梅坞 稻香 麦秋"
)
_ENDINGS: Final = ("商贸", "食品", "供应链", "商行")
TYPES: Final = (("公司型", 20), ("夫妻店", 12), ("多品牌", 6), ("前厂家员工", 2))
REFUSALS: Final = {
    "公司型": ("数据是自己的资产，怕总部绕过直接卖", "担心顾客被总部导到线上", "系统对接要花钱，看不到回报"),
    "夫妻店": ("没人手录，晚上还要看店", "不会用，怕弄错", "顾客都在我微信里，不想给别人看"),
    "多品牌": ("同时代理别家，怕被看到客流", "顾客不只买你一家"),
    "前厂家员工": ("知道总部怎么用数据，不放心", "想自己做会员"),
}
STAGES: Final = ("纸本记账", "只有收银机", "收银机加会员", "自有小程序")

_STREETS: Final = words(
    "稻香路 桂子里 青梧巷 柳荫街 南塘街 书院路 梧桐里 枫林路 水岸里 槐花巷 竹园路 望江里 "
    "石榴巷 文昌路 绿杨里 东篱路 北苑街 莲花里 紫藤路 小桥巷"
)
_KINDS: Final = {
    COMMUNITY: ("社区店", 90, (60, 90), 2, _STREETS),
    MALL: (
        "商场店",
        50,
        (80, 150),
        4,
        ["青梧天地", "荷风广场", "云栖汇", "星河里", "万象里", "时光荟", "银杏城", "悦澜天地"],
    ),
    COUNTY: ("县城店", 30, (100, 160), 3, ["城关", "东门", "人民路", "南门口", "新街口", "鼓楼"]),
    OFFICE: ("写字楼小店", 20, (25, 40), 2, ["国贸座", "创智楼", "金融港", "软件园", "科创中心"]),
    FLAGSHIP: ("体验旗舰", 10, (250, 400), 9, ("滨江旗舰",)),
}
_SIZES: Final = {COMMUNITY: 1.0, MALL: 1.7, COUNTY: 1.2, OFFICE: 0.7, FLAGSHIP: 3.2}


@dataclass(frozen=True)
class Dealer:
    code: str
    name: str
    region: str
    city: str
    kind: str
    refusal: str
    stage: str
    owner: str
    phone: str


@dataclass(frozen=True)
class Store:
    code: str
    name: str
    kind: int
    kind_name: str
    city: str
    region: str
    dealer: int
    """Place among the dealers; -1 for head office's own."""
    area: int
    weight: float
    """How many customers it has beside others'."""
    opened: date
    staff: int
    new_hands: float
    """Share of the staff that came within the last year."""


@dataclass(frozen=True)
class Guide:
    number: str
    name: str
    nickname: str
    store: int
    is_manager: bool
    is_woman: bool
    phone: str
    joined: date


@dataclass(frozen=True)
class Places:
    dealers: tuple[Dealer, ...]
    stores: tuple[Store, ...]
    guides: tuple[Guide, ...]

    @property
    def store_kind(self) -> np.ndarray:
        return np.array([s.kind for s in self.stores], np.int8)

    @property
    def store_dealer(self) -> np.ndarray:
        return np.array([s.dealer for s in self.stores], np.int16)

    @property
    def weights(self) -> np.ndarray:
        return np.array([s.weight for s in self.stores])

    @property
    def new_hands(self) -> np.ndarray:
        return np.array([s.new_hands for s in self.stores])

    def in_region(self, region: str) -> np.ndarray:
        return np.array([s.region == region for s in self.stores])


def places(seed: int, last: date) -> Places:
    dealers = _dealers(generator(seed, "dealers"))
    stores = _stores(generator(seed, "stores"), dealers, last)
    return Places(dealers, stores, _guides(generator(seed, "guides"), stores, last))


def _dealers(random: Generator) -> tuple[Dealer, ...]:
    where = [(region, city) for region, cities in _CITIES.items() for city in cities.split()]
    kinds = random.permutation([kind for kind, count in TYPES for _ in range(count)])
    marks = random.permutation(np.repeat(_WORDS, 2))
    surnames = names.SURNAMES[names.surnames(random, len(where))]
    found = []
    for n, ((region, city), kind) in enumerate(zip(where, kinds.tolist(), strict=True)):
        name = f"{city}粟{marks[n]}{_ENDINGS[int(random.integers(4))]}（演示）"
        refusal = REFUSALS[kind][int(random.integers(len(REFUSALS[kind])))]
        stage = STAGES[min(int(random.integers(0, 3)) + (kind == "公司型"), 3)]
        found.append(
            Dealer(
                f"D{n + 1:03}",
                name,
                region,
                city,
                kind,
                refusal,
                stage,
                f"{surnames[n]}总",
                phone(90_000_000 + n),
            )
        )
    return tuple(found)


def _stores(random: Generator, dealers: tuple[Dealer, ...], last: date) -> tuple[Store, ...]:
    found: list[Store] = []
    taken: set[str] = set()
    for kind, (kind_name, count, area, staff, streets) in _KINDS.items():
        for n in range(count):
            dealer, city, region = _home(random, dealers, kind, n)
            name = _free_name(random, city, list(streets), taken)
            size = int(random.integers(area[0], area[1] + 1))
            weight = _SIZES[kind] * float(random.gamma(6.0, 1 / 6.0))
            opened = last - timedelta(int(random.integers(760, 2800)))
            new = round(float(random.uniform(0, 0.8)), 3)
            code = f"S{len(found) + 1:04}"
            found.append(
                Store(code, name, kind, kind_name, city, region, dealer, size, weight, opened, staff, new)
            )
    return tuple(found)


def _home(random: Generator, dealers: tuple[Dealer, ...], kind: int, n: int) -> tuple[int, str, str]:
    """Dealer, city and region. Flagships are head office's own; each dealer has a community store before any has two."""
    if kind == FLAGSHIP:
        region = next(d.region for d in dealers if d.city == _BIG[n])
        return -1, _BIG[n], region
    fit = [i for i, d in enumerate(dealers) if (d.city in _COUNTIES) == (kind == COUNTY) or kind == COMMUNITY]
    place = n if kind == COMMUNITY and n < len(dealers) else fit[int(random.integers(len(fit)))]
    return place, dealers[place].city, dealers[place].region


def _free_name(random: Generator, city: str, streets: list[str], taken: set[str]) -> str:
    for word in random.permutation(streets).tolist():
        if (name := f"粟屿轻养·{city}{word}店") not in taken:
            taken.add(name)
            return name
    n = 2
    while (name := f"粟屿轻养·{city}{streets[0]}{n}店") in taken:
        n += 1
    taken.add(name)
    return name


def _guides(random: Generator, stores: tuple[Store, ...], last: date) -> tuple[Guide, ...]:
    at = np.repeat(np.arange(len(stores)), [s.staff for s in stores])
    count = len(at)
    is_woman = random.random(count) < 0.82
    born = random.integers(1980, 2006, count)
    surnames = names.SURNAMES[names.surnames(random, count)]
    given = names.given(random, born, is_woman)
    found = []
    for n, store in enumerate(at.tolist()):
        rank = n - int(np.searchsorted(at, store))
        is_new = rank >= round(stores[store].staff * (1 - stores[store].new_hands))
        joined = last - timedelta(int(random.integers(30, 360) if is_new else random.integers(400, 2200)))
        full = f"{surnames[n]}{given[n]}"
        nick = names.called(surnames[n], given[n], int(born[n]), n)
        found.append(
            Guide(
                f"SY{n + 1:04}",
                full,
                nick,
                store,
                rank == 0,
                bool(is_woman[n]),
                phone(91_000_000 + n),
                joined,
            )
        )
    return tuple(found)


def shown(of: Places) -> tuple[str, str]:
    """Name of a dealer and code of a store of its own: where the demo's logins are placed."""
    owner = next(n for n, d in enumerate(of.dealers) if d.city == "杭州")
    return of.dealers[owner].name, next(s.code for s in of.stores if s.dealer == owner)
