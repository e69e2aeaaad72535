"""People who look alike, made from a seed, with the truth of who is whom: for `proofs/matching.py` and the tests.

A human has one record, or several that were taken down at different counters: in simplified or traditional letters, with a
homophone for a letter of the name, digits exchanged, a masked phone, only the day of the birthday, an address told in another
way. Beside them stand those who must not be taken for one: households with one address and one phone, twins, a father and a
son, people of one common name, and whoever left the shop's own phone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from huoshui.people.matching.comparing import TOLD


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


_SURNAMES = {
    "王": 720, "李": 719, "张": 680, "刘": 538, "陈": 453, "杨": 308, "黄": 223, "赵": 229, "周": 202, "吴": 205, "徐": 146,
    "孙": 148, "马": 130, "朱": 126, "胡": 131, "林": 118, "郭": 115, "何": 117, "高": 100, "罗": 86, "郑": 85, "梁": 85,
    "谢": 72, "宋": 81, "唐": 65, "许": 61, "韩": 68, "邓": 62, "冯": 64, "曹": 60, "彭": 58, "曾": 58, "肖": 60, "田": 54,
    "董": 61, "潘": 46, "袁": 54, "蔡": 47, "蒋": 48, "余": 48, "于": 62, "杜": 49, "叶": 43, "程": 57, "魏": 45, "苏": 45,
    "吕": 43, "丁": 43, "任": 42, "卢": 41, "姚": 39, "沈": 41, "钟": 40, "姜": 39, "崔": 38, "谭": 38, "陆": 37, "范": 37,
    "汪": 37, "廖": 36, "石": 36, "金": 36, "韦": 34, "贾": 33, "夏": 33, "付": 32, "方": 32, "邹": 31, "熊": 31, "白": 31,
    "孟": 29, "秦": 28, "邱": 28, "侯": 27, "江": 27, "尹": 26, "薛": 26, "闫": 24, "段": 24, "雷": 24, "龙": 20, "黎": 20,
    "史": 19, "陶": 18, "贺": 18, "毛": 17, "郝": 17, "顾": 17, "龚": 17, "邵": 17, "万": 16, "覃": 16, "武": 15, "钱": 15,
    "戴": 15, "严": 14, "莫": 14, "孔": 14, "向": 13, "汤": 13, "单": 5, "仇": 3, "翟": 8, "查": 4, "欧阳": 8, "诸葛": 1,
    "上官": 1, "司徒": 1,
}  # fmt: skip
# Letters of given names, in groups that sound alike; the homophone that a cashier types comes from the same group
_LETTERS = _words(
    "伟玮炜卫纬 芳方坊 娜 敏闽 静敬竞 丽莉利力立 强 磊蕾 军君均钧 洋阳扬杨 勇永咏 艳燕彦雁 杰洁捷 娟涓 涛 "
    "明铭鸣 超 秀绣 霞侠 平萍苹 刚 桂贵 英瑛莹颖 华桦 玉钰宇雨语羽 兰岚 红宏洪虹鸿 建健剑 文雯闻 梅玫 海 "
    "波博勃 辉慧惠卉晖 鹏 飞菲霏 龙 志智致 国 庆清青晴卿 春 晓小筱 佳嘉家 欣昕新馨鑫心 怡宜仪奕艺毅逸 "
    "子紫梓姿 涵晗含函 轩宣萱 浩昊皓 然 思斯 诗施 琪奇琦淇 婷廷庭 雪 梦孟 瑶遥尧 妍研岩 俊峻骏 天 泽择 "
    "晨辰宸 俞 凡帆 峰锋枫风 凯 斌彬滨 瑞睿锐 成诚承程 德 元媛园源远 坤 琳林霖麟 倩 露璐鹭路 丹 悦月越岳 "
    "可 一依伊 宁 安 乐 航 正政"
)
_AREAS = _words(
    "上海市|浦东新区 上海市|徐汇区 上海市|静安区 上海市|闵行区 上海市|杨浦区 上海市|宝山区 "
    "江苏省苏州市|姑苏区 江苏省苏州市|吴中区 江苏省南京市|鼓楼区 江苏省南京市|玄武区 江苏省无锡市|滨湖区 "
    "浙江省杭州市|西湖区 浙江省杭州市|余杭区 浙江省宁波市|海曙区 广东省深圳市|南山区 广东省深圳市|福田区 "
    "广东省广州市|天河区 广东省广州市|越秀区 四川省成都市|武侯区 四川省成都市|锦江区 湖北省武汉市|洪山区 "
    "湖北省武汉市|江汉区 北京市|朝阳区 北京市|海淀区 山东省青岛市|市南区 福建省厦门市|思明区 "
    "陕西省西安市|雁塔区 湖南省长沙市|岳麓区 重庆市|渝北区 天津市|和平区"
)
_ROADS = _words(
    "中山 人民 解放 建设 和平 新华 胜利 长江 黄河 祖冲之 科技 学院 文化 友谊 光明 兴业 锦绣 世纪 龙阳 "
    "东方 虹桥 金桥 长宁 太湖"
)
_SHOPS_PER_AREA, _SHOP_PHONES = 4, 0.012


@dataclass(frozen=True)
class Human:
    number: int
    household: int
    surname: str
    given: str
    birthday: str
    phones: Sequence[str]
    area: str
    place: tuple[str, int, int, int]
    email: str
    stores: Sequence[int]


class Record(NamedTuple):
    human: int
    household: int
    told: dict[str, Any]


@dataclass
class Maker:
    """`traditional`: turns a name into traditional letters."""

    seed: int
    traditional: Any = None
    _made: int = 0
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._surnames = list(_SURNAMES)
        self._weights = list(_cumulated(_SURNAMES.values()))
        # The earlier a group stands the commoner are its letters, as 伟 and 芳 are
        self._letters = [(letter, group) for group in _LETTERS for letter in group]
        self._letter_weights = list(_cumulated(1 / (2 + place) ** 0.5 for place in range(len(self._letters))))
        self._group = dict(self._letters)
        self._shop_phones = [self._phone() for _ in range(len(_AREAS) * _SHOPS_PER_AREA)]
        if self.traditional is None:
            from opencc import OpenCC  # type: ignore[import-untyped]  # ships no types

            self.traditional = OpenCC("s2t").convert

    def humans(self, count: int) -> Iterator[Human]:
        household = 0
        while self._made < count:
            household += 1
            draw = self.random.random()
            size = 1 if draw < 0.7 else self.random.choice((2, 2, 3, 3, 4))
            yield from self._household(household, min(size, count - self._made))

    def _household(self, household: int, size: int) -> Iterator[Human]:
        rnd = self.random
        area = rnd.randrange(len(_AREAS))
        place = (
            rnd.choice(_ROADS),
            rnd.randint(1, 1999),
            rnd.randint(1, 30),
            rnd.randint(1, 28) * 100 + rnd.randint(1, 6),
        )
        surname, phone, year = self._surname(), self._phone(), rnd.randint(1955, 2003)
        are_twins = size >= 3 and rnd.random() < 0.2
        twins_day, twins_letter = self._day(min(year + 27, 2012)), self._letter()
        stores = [area * _SHOPS_PER_AREA + rnd.randrange(_SHOPS_PER_AREA) for _ in range(rnd.randint(1, 2))]
        for place_in_house in range(size):
            is_twin = are_twins and place_in_house >= size - 2
            given = twins_letter + self._letter() if is_twin else self._given()
            self._made += 1
            own = self._phone()
            yield Human(
                self._made,
                household,
                surname if place_in_house != 1 else self._surname(),
                given,
                twins_day
                if is_twin
                else self._day(year + rnd.randint(-3, 3) if place_in_house < 2 else min(year + 27, 2012)),
                (phone,) if place_in_house and rnd.random() < 0.5 else (own, self._phone()),
                _AREAS[area],
                place,
                f"{rnd.choice('abcdefghjklmnpqrstwxyz')}{rnd.randrange(10**7)}",
                stores,
            )

    def records(self, human: Human) -> Iterator[Record]:
        draw = self.random.random()
        count = 1 if draw < 0.78 else 2 if draw < 0.97 else 3
        for number in range(count):
            yield Record(human.number, human.household, self._told(human, number))

    def _told(self, human: Human, number: int) -> dict[str, Any]:
        rnd = self.random
        phone = human.phones[0] if rnd.random() < 0.8 else human.phones[-1]
        # The whole number stands in one record only: in two, identity would have joined them long before
        is_whole = number == 0 and rnd.random() < 0.6
        is_hint = not is_whole and rnd.random() < 0.6
        if is_hint and rnd.random() < _SHOP_PHONES * 4:
            phone = self._shop_phones[rnd.choice(human.stores)]
        tail = self._slipped(phone[-4:]) if rnd.random() < 0.03 else phone[-4:]
        return {
            "name": self._name(human),
            "birthday": self._birthday(human) if rnd.random() < 0.75 else None,
            "phone_hint": f"{phone[:3]}****{tail}" if is_hint else None,
            "address": self._address(human) if rnd.random() < 0.55 else None,
            "city": human.area.split("|")[0][-3:] if rnd.random() < 0.3 else None,
            "tails": [phone[-4:]] if is_whole else None,
            "email_local": human.email if rnd.random() < 0.12 else None,
            "stores": sorted(set(human.stores)) if rnd.random() < 0.85 else None,
        }

    def _name(self, human: Human) -> str | None:
        rnd, surname, given = self.random, human.surname, human.given
        draw = rnd.random()
        if draw < 0.08:
            place = rnd.randrange(len(given))
            alike = [x for x in self._group[given[place]] if x != given[place]]
            given = given[:place] + rnd.choice(alike or [given[place]]) + given[place + 1 :]
        elif draw < 0.12:
            return f"{surname}{'*' * len(given)}"
        elif draw < 0.15:
            return f"{surname}{rnd.choice(('先生', '女士'))}"
        elif draw < 0.17:
            return None
        elif draw < 0.19:
            from huoshui.people.matching.names import folded

            heard = folded(surname + given)
            return f"{heard.surname_sound.title()} {heard.given_sound.title()}"
        name = surname + given
        return str(self.traditional(name)) if rnd.random() < 0.15 else name

    def _birthday(self, human: Human) -> str:
        rnd, day = self.random, human.birthday
        draw = rnd.random()
        if draw < 0.04:
            day = self._slipped(day[:4]) + day[4:] if rnd.random() < 0.5 else day[:4] + self._slipped(day[4:])
        elif draw < 0.14:
            return f"{int(day[4:6])}月{int(day[6:])}日"
        form = rnd.randrange(4)
        if form == 0:
            return day
        if form == 1:
            return f"{day[:4]}-{day[4:6]}-{day[6:]}"
        if form == 2:
            return f"{day[:4]}年{int(day[4:6])}月{int(day[6:])}日"
        return f"{day[:4]}/{int(day[4:6])}/{int(day[6:])} 0:00:00"

    def _address(self, human: Human) -> str:
        rnd = self.random
        road, number, house, room = human.place
        if rnd.random() < 0.06:  # moved
            road, number = rnd.choice(_ROADS), rnd.randint(1, 1999)
        city, district = human.area.split("|")
        front = rnd.choice((city + district, district, city.split("省")[-1] + district))
        end = rnd.choice(
            (f"{house}号楼{room}室", f"{house}栋{room}", f"{house}幢{room}室", f"{house}-{room}")
        )
        return f"{front}{road}路{number}号{end}"

    def _slipped(self, digits: str) -> str:
        """Two neighbours exchanged, or one digit wrong."""
        place = self.random.randrange(len(digits) - 1)
        if self.random.random() < 0.6:
            return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        return digits[:place] + str(self.random.randrange(10)) + digits[place + 1 :]

    def _surname(self) -> str:
        return self.random.choices(self._surnames, cum_weights=self._weights)[0]

    def _letter(self) -> str:
        return self.random.choices(self._letters, cum_weights=self._letter_weights)[0][0]

    def _given(self) -> str:
        return self._letter() if self.random.random() < 0.15 else self._letter() + self._letter()

    def _phone(self) -> str:
        return f"1{self.random.choice('35789')}{self.random.randrange(10**9):09d}"

    def _day(self, year: int) -> str:
        return f"{year}{self.random.randint(1, 12):02d}{self.random.randint(1, 28):02d}"


def _cumulated(weights: Any) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


@dataclass(frozen=True)
class World:
    """`told` as `comparing.TOLD`; record n + 1 is of human `humans[n]` in household `households[n]`."""

    told: pa.Table
    humans: Sequence[int]
    households: Sequence[int]

    def pairs(self) -> set[tuple[int, int]]:
        """All pairs of records that are one human's."""
        by_human: dict[int, list[int]] = {}
        for place, human in enumerate(self.humans):
            by_human.setdefault(human, []).append(place + 1)
        return {(a, b) for ids in by_human.values() for a in ids for b in ids if a < b}


def world(seed: int, *, records: int) -> World:
    maker = Maker(seed)
    made: list[Record] = []
    for human in maker.humans(records):
        made.extend(maker.records(human))
        if len(made) >= records:
            break
    order = list(range(len(made)))
    maker.random.shuffle(order)
    made = [made[place] for place in order][:records]
    names = [n for n in TOLD.names if n != "person_id"]
    columns: dict[str, Any] = {name: [r.told[name] for r in made] for name in names}
    told = pa.table({"person_id": list(range(1, len(made) + 1)), **columns}, schema=TOLD)
    return World(told, [r.human for r in made], [r.household for r in made])
