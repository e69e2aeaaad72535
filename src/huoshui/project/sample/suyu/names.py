"""Invented people's names: surnames as frequent as they are, given names of their cohort."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

# Surname → per mille of people who bear it (the thirty most frequent; the rest share what is left)
_SURNAMES: Final = {
    "王": 72, "李": 72, "张": 68, "刘": 54, "陈": 46, "杨": 31, "黄": 22, "赵": 21, "吴": 20, "周": 19, "徐": 15, "孙": 15,
    "马": 13, "朱": 13, "胡": 12, "郭": 12, "何": 11, "林": 11, "高": 10, "罗": 10, "郑": 9, "梁": 9, "谢": 8, "宋": 7,
    "唐": 7, "许": 6, "邓": 6, "韩": 6, "冯": 6, "曹": 6, "彭": 6, "曾": 6, "肖": 6, "田": 5, "董": 5, "潘": 5, "袁": 5,
    "蔡": 5, "蒋": 5, "余": 5, "于": 5, "杜": 5, "叶": 4, "程": 4, "魏": 4, "苏": 4, "吕": 4, "丁": 4, "任": 4, "沈": 4,
    "姚": 3, "卢": 3, "姜": 3, "崔": 3, "钟": 3, "谭": 3, "陆": 3, "范": 3, "汪": 3, "廖": 3,
}  # fmt: skip
SURNAMES: Final = np.array(list(_SURNAMES))
SURNAME_SHARES: Final = np.array(list(_SURNAMES.values())) / sum(_SURNAMES.values())

# (born up to, women's, men's)
_COHORTS: Final = (
    (1969, "秀英 桂兰 玉梅 秀兰 淑珍 凤英 玉兰 春梅 素芬 桂英 丽华 秀珍", "建国 志强 建军 国强 卫东 德明 永福 建华 国平 保国"),
    (1979, "红 艳 芳 玲 燕 霞 萍 梅 丽娟 海燕 春燕 红梅 晓红 秋菊", "军 勇 伟 强 涛 斌 海涛 志刚 建平 永强 文军"),
    (1989, "丽 敏 静 娟 丽丽 敏敏 晓静 丽娟 静静 晓敏 文静 丽敏", "鹏 磊 超 杰 浩 亮 凯 文杰 晓东 志鹏 明辉"),
    (1999, "婷 雪 佳 倩 婷婷 雪婷 佳佳 倩倩 雨婷 佳怡 思雪 梦婷", "宇 翔 俊杰 子豪 浩然 嘉豪 鑫 天宇 志豪 博文"),
    (2012, "欣怡 雨桐 梓涵 雨欣 诗涵 梓萱 可欣 欣悦 语桐 思涵", "子轩 宇轩 浩宇 梓豪 子涵 俊熙 皓轩 奕辰 宇航"),
)  # fmt: skip


def surnames(random: Generator, count: int) -> np.ndarray:
    """Places in SURNAMES."""
    return random.choice(len(SURNAMES), count, p=SURNAME_SHARES).astype(np.int16)


def given(random: Generator, born: np.ndarray, is_woman: np.ndarray) -> np.ndarray:
    """Given names of those born in these years."""
    found = np.empty(len(born), dtype=object)
    cohort = np.searchsorted([until for until, _, _ in _COHORTS[:-1]], born)
    for place, (_, women, men) in enumerate(_COHORTS):
        for names, sex in ((women.split(), True), (men.split(), False)):
            who = np.flatnonzero((cohort == place) & (is_woman == sex))
            found[who] = np.array(names, dtype=object)[random.integers(0, len(names), len(who))]
    return found


def called(surname: str, name: str, born: int, number: int) -> str:
    """What colleagues and customers call her: 敏姐, 小婷, 阿雪."""
    last = name[-1]
    if born < 1990:
        return f"{last}姐" if number % 2 else f"{surname}姐"
    return f"小{last}" if number % 2 else f"阿{last}"


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())
