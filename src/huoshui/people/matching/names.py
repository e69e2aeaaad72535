"""Names as they are compared: written one way, split in two, and how they sound. Pure.

Chinese names are folded from traditional to simplified letter by letter (a name is no phrase), variants of one letter to the
usual one, and read aloud by the surname's own reading where it has one (单 is Shàn, not Dān).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


_COMPOUND = frozenset(
    _words(
        "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 司徒 夏侯 长孙 轩辕 端木 独孤 南宫 西门 百里 "
        "呼延 闻人 澹台 公冶"
    )
)
_READINGS = {
    "单": "shan4", "解": "xie4", "曾": "zeng1", "仇": "qiu2", "查": "zha1", "区": "ou1", "盖": "ge3", "朴": "piao2",
    "翟": "zhai2", "华": "hua4", "任": "ren2", "覃": "qin2", "缪": "miao4", "乐": "yue4", "纪": "ji3", "员": "yun4",
    "尉迟": "yu4chi2", "长孙": "zhang3sun1", "澹台": "tan2tai2",
}  # fmt: skip
# Letters that registrars and keyboards exchange, to the commoner one
_VARIANTS = str.maketrans("喆堃峯羣昇邨珮祐燿甯菓淼旻叡頫", "哲坤峰群升村佩佑耀宁果渺民睿俯")
_SURNAME_VARIANTS = {"肖": "萧", "付": "傅", "闫": "阎", "丘": "邱", "於": "于", "兰": "蓝"}
_TITLES = re.compile(r"(先生|女士|小姐|太太|老师|阿姨|叔叔|经理|老板|总)$")
_MASK = re.compile(r"[*＊某○●×_#?？]")
_NOBODY = frozenset(
    _words(
        "匿名 匿名用户 微信用户 游客 顾客 会员 散客 客户 用户 无名 未知 无 测试 test null none 新会员 "
        "普通会员 支付宝用户"
    )
)
_HAN = re.compile(r"[㐀-䶿一-鿿]+")
_LATIN = re.compile(r"[a-z]+(?:['-][a-z]+)*")


class Name(NamedTuple):
    """Folded parts; '' where nothing is known. Only a surname is known of 张先生 and 张**."""

    surname: str = ""
    given: str = ""
    surname_sound: str = ""
    given_sound: str = ""
    given_tone: str = ""

    @property
    def sound(self) -> str:
        """Of the whole name, in whichever order it was written; '' where it is not whole."""
        if not self.surname_sound or not self.given_sound:
            return ""
        return " ".join(sorted((self.surname_sound, self.given_sound)))


NOBODY = Name()


@lru_cache(maxsize=200_000)
def folded(raw: str) -> Name:
    """A name as it was typed, taken apart. What is no name of a human (微信用户, a shop's nickname) is nobody's."""
    text = simplified(unicodedata.normalize("NFKC", raw).strip().lower())
    compact = re.sub(r"[\s·•.,，。]+", "", text)
    if not compact or compact in _NOBODY:
        return NOBODY
    if not _HAN.search(compact):
        return _latin(text)
    parts = [part for part in re.split(r"[·•.]", text) if part]
    if len(parts) == 2 and all(
        _HAN.fullmatch(part) for part in parts
    ):  # 阿迪力·买买提: the father's name stands last
        given, surname = ("".join(map(_toned, part)) for part in parts)
        return Name(parts[1], parts[0], _plain(surname), _plain(given), given)
    return _chinese(compact)


def western(given: str, surname: str) -> Name:
    """A name that comes in two fields already."""
    first, last = _letters(given), _letters(surname)
    return Name(last, first, last, first, first)


def simplified(text: str) -> str:
    return "".join(map(_simple_letter, text))


@lru_cache(maxsize=50_000)
def _simple_letter(letter: str) -> str:
    if not _HAN.match(letter):
        return letter
    return str(_converter().convert(letter)).translate(_VARIANTS)


@cache
def _converter() -> Any:
    from opencc import OpenCC  # type: ignore[import-untyped]  # ships no types

    return OpenCC("t2s")


@lru_cache(maxsize=50_000)
def _toned(letter: str) -> str:
    from pypinyin import Style, pinyin

    return str(pinyin(letter, style=Style.TONE3, heteronym=False, neutral_tone_with_five=True)[0][0])


def _plain(toned: str) -> str:
    return re.sub(r"\d", "", toned)


def _chinese(text: str) -> Name:
    bare = _TITLES.sub("", text)
    known = _MASK.split(bare)[0]
    is_part = bare != text or known != bare
    width = 2 if known[:2] in _COMPOUND else 1
    if not known or not _HAN.fullmatch(known) or len(known) > width + 3:
        return NOBODY
    surname, given = known[:width], "" if is_part else known[width:]
    if not given and not is_part:
        return NOBODY  # one letter alone is what she is called, not her name
    reading = _READINGS.get(surname) or "".join(map(_toned, surname))
    tone = "".join(map(_toned, given))
    return Name(_SURNAME_VARIANTS.get(surname, surname), given, _plain(reading), _plain(tone), tone)


def _latin(text: str) -> Name:
    words = [_letters(word) for word in _LATIN.findall(text)]
    if len(words) < 2:
        return NOBODY
    first, last = words[0], words[-1]
    if first in _surname_sounds() and last not in _surname_sounds():
        surname, given = first, "".join(words[1:])
    else:
        surname, given = last, "".join(words[:-1])
    return Name(surname, given, surname, given, given)


def _letters(word: str) -> str:
    kept = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in kept if "a" <= c <= "z")


@cache
def _surname_sounds() -> frozenset[str]:
    """How the surnames of nine Chinese in ten sound: 'Zhang Wei' begins with one, 'Wei Zhang' ends with one."""
    letters = (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
        "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    )
    return frozenset(_plain(_READINGS.get(one) or _toned(one)) for one in letters)
