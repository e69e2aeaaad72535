"""What of two people is compared, and what may follow from it. Pure: no database, no clock, no Splink.

The probabilities of a house that knows nothing yet (`m` of one human, `u` of two) stand here as data; those of a brand are
learned from its own people (`training`) and these weigh as much as a handful of pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from huoshui.people.matching.names import simplified
from huoshui.people.matching.types import Side
from huoshui.people.rights.head_office import masked_name

# ---- what is known of one person -----------------------------------------------------------------------------------

_HINT = re.compile(r"^(?:\+?86[- ]?)?(\d{2,4})[*＊xX•·.]{2,8}(\d{4})$")
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$")
_COMPACT_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH_DAY = re.compile(r"^(?:--)?(\d{1,2})[-/.月](\d{1,2})日?$")
_NO_DAYS = frozenset({"19000101", "19700101", "00010101"})  # what forms say when nobody said anything
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Birthday(NamedTuple):
    """`whole` as YYYYMMDD, `month_day` as MMDD; '' where unknown."""

    whole: str = ""
    month_day: str = ""


class Hint(NamedTuple):
    """What a masked number shows of itself: 138****1234."""

    head: str = ""
    tail: str = ""


class Address(NamedTuple):
    """`area`: the district, or the city where none is told. `numbers`: of the house, as 88-3-501; `street`: the words."""

    area: str = ""
    rest: str = ""
    street: str = ""
    numbers: str = ""


def hint(raw: str) -> Hint:
    found = _HINT.match(raw.strip().replace(" ", ""))
    return Hint(found[1], found[2]) if found else Hint()


def birthday(raw: str) -> Birthday:
    text = unicodedata.normalize("NFKC", raw).strip()
    if whole := (_DAY.match(text) or _COMPACT_DAY.match(text)):
        year, month, day = (int(part) for part in whole.groups())
        told = f"{year:04d}{month:02d}{day:02d}"
        is_day = 1900 <= year <= 2100 and _is_day(month, day) and told not in _NO_DAYS
        return Birthday(told, told[4:]) if is_day else Birthday()
    if part := _MONTH_DAY.match(text):
        month, day = int(part[1]), int(part[2])
        return Birthday("", f"{month:02d}{day:02d}") if _is_day(month, day) else Birthday()
    return Birthday()


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _LENGTHS[month - 1]


_PLACE = re.compile(
    r"^(?:中国)?(?:[^省市区县]{2,3}省|[^省市区县]{2,6}自治区|[^省市区县]{2}特别行政区)?"
    r"(?P<city>[^省市区县]{2,8}?(?:市|自治州|地区|盟))?(?P<district>[^省市区县路街弄巷号]{1,6}?(?:新区|区|县|旗|市))?"
)
_TOWN = re.compile(r"^[^路街弄巷号]{1,5}(?:街道|镇|乡)")
_PARTS = re.compile(r"(?:号楼|号院|栋|幢|座|楼|单元|弄|号|层|室|房|户|#)")
_DIGITS = str.maketrans("零一二三四五六七八九", "0123456789")


def address(raw: str, *, city: str = "") -> Address:
    """A Chinese address, told in whatever detail. `city`: where the person's list says it apart."""
    text = re.sub(
        r"[\s,，.。;；:：/\\()（）]+", "", simplified(unicodedata.normalize("NFKC", raw).strip().lower())
    )
    place = _PLACE.match(text)
    known = place.groupdict() if place else {}
    rest = _TOWN.sub("", text[place.end() :] if place else text)
    rest = re.sub(r"[一二三四五六七八九](?=号楼|栋|幢|单元|层)", lambda m: m[0].translate(_DIGITS), rest)
    rest = re.sub(r"-+", "-", _PARTS.sub("-", rest)).strip("-")
    area = known.get("district") or known.get("city") or simplified(city.strip())
    street = re.sub(r"[\d-]+", "", rest)
    return Address(area, rest, street, "-".join(re.findall(r"\d+", rest)))


# ---- what is compared ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """`sql` compares columns `…_l` and `…_r`; `m` and `u`: how often one human, and two, stand so. `rare`: a column whose
    common values count for less (张伟)."""

    code: str
    label: str
    sql: str
    m: float
    u: float
    rare: str = ""


@dataclass(frozen=True)
class Comparison:
    """Levels from the most alike to the least; whoever has no value on either side falls into none."""

    name: str
    label: str
    unknown: str
    levels: tuple[Level, ...]
    is_learned: bool = True  # m from the brand's pairs; else they cannot tell, see `phone`


_SWAPPED = "surname_sound_l = given_sound_r and given_sound_l = surname_sound_r"
_IS_HINTED = "(hint_l is not null or hint_r is not null)"

SURNAME: Final = Comparison(
    "surname",
    "姓",
    # Exchanged, it is told once: by the given name
    f"surname_sound_l is null or surname_sound_r is null or (surname_l <> surname_r and {_SWAPPED})",
    (
        Level("same", "姓相同", "surname_l = surname_r", 0.93, 0.03, rare="surname"),
        Level("sound", "姓同音", "surname_sound_l = surname_sound_r", 0.02, 0.01),
        Level("near", "姓相近", "jaro_winkler_similarity(surname_sound_l, surname_sound_r) >= 0.9", 0.02, 0.02),
        Level("some", "姓有些像", "jaro_winkler_similarity(surname_sound_l, surname_sound_r) >= 0.75", 0.01, 0.04),
        Level("other", "姓不同", "else", 0.01, 0.9),
    ),
)  # fmt: skip
GIVEN: Final = Comparison(
    "given",
    "名",
    "given_sound_l is null or given_sound_r is null",
    (
        Level("same", "名相同", "given_l = given_r", 0.8, 0.002, rare="given"),
        Level("tone", "名同音同调", "given_tone_l = given_tone_r", 0.06, 0.001, rare="given_tone"),
        Level("sound", "名同音不同调", "given_sound_l = given_sound_r", 0.03, 0.001, rare="given_sound"),
        Level("swapped", "姓和名写反", _SWAPPED, 0.01, 0.0001),
        Level("near", "名的读音差一点", "jaro_winkler_similarity(given_sound_l, given_sound_r) >= 0.92"
              " or (length(given_sound_l) >= 5 and damerau_levenshtein(given_sound_l, given_sound_r) <= 1)", 0.05, 0.005),
        Level("some", "名有些像", "jaro_winkler_similarity(given_sound_l, given_sound_r) >= 0.8", 0.02, 0.03),
        Level("other", "名不同", "else", 0.03, 0.96),
    ),
)  # fmt: skip
BIRTHDAY: Final = Comparison(
    "birthday",
    "生日",
    "month_day_l is null or month_day_r is null",
    (
        Level("same", "生日相同", "birthday_l = birthday_r", 0.8, 0.00008, rare="birthday"),
        Level("day", "月日相同，年份没写", "month_day_l = month_day_r and (birthday_l is null or birthday_r is null)",
              0.08, 0.0005),
        Level("typo", "生日差一位或写颠倒", "damerau_levenshtein(birthday_l, birthday_r) <= 1 or (left(birthday_l, 4)"
              " = left(birthday_r, 4) and substr(birthday_l, 5, 2) = substr(birthday_r, 7, 2)"
              " and substr(birthday_l, 7, 2) = substr(birthday_r, 5, 2))", 0.06, 0.001),
        Level("year", "月日相同，年份不同", "month_day_l = month_day_r", 0.02, 0.002),
        Level("some", "生日差两位", "damerau_levenshtein(birthday_l, birthday_r) <= 2", 0.01, 0.015),
        Level("other", "生日不同", "else", 0.03, 0.98),
    ),
)  # fmt: skip
# Pairs that are certain were mostly made certain by a phone: what they say of phones is nothing. And two whole numbers are
# known to differ (a number is one person's), so that an equal tail of theirs is chance: only a masked one hints.
PHONE: Final = Comparison(
    "phone",
    "手机",
    "(hint_l is null and tails_l is null) or (hint_r is null and tails_r is null)",
    (
        Level("same", "打码的手机号相同", "hint_l = hint_r", 0.35, 0.000003, rare="hint"),
        Level("fits", "打码的手机号对得上尾号",
              "coalesce(list_contains(tails_r, hint_tail_l), false) or coalesce(list_contains(tails_l, hint_tail_r), false)",
              0.3, 0.0001),
        Level("typo", "尾号差一位或写颠倒", f"{_IS_HINTED} and damerau_levenshtein(coalesce(hint_tail_l, tails_l[1]),"
              " coalesce(hint_tail_r, tails_r[1])) <= 1", 0.05, 0.004),
        Level("other", "手机号不同", "else", 0.3, 0.995),
    ),
    is_learned=False,
)  # fmt: skip
STREET: Final = Comparison(
    "street",
    "街道",
    "street_l is null or street_r is null",
    (
        Level("same", "街道小区相同", "street_l = street_r", 0.7, 0.01, rare="street"),
        Level("near", "街道小区写法差一点", "jaro_winkler_similarity(street_l, street_r) >= 0.92", 0.08, 0.002),
        Level("some", "街道小区有些像", "jaro_winkler_similarity(street_l, street_r) >= 0.8", 0.05, 0.01),
        Level("other", "街道小区不同", "else", 0.17, 0.98),
    ),
)  # fmt: skip
NUMBERS: Final = Comparison(
    "numbers",
    "门牌",
    "numbers_l is null or numbers_r is null",
    (
        Level("same", "门牌号相同", "numbers_l = numbers_r", 0.75, 0.0005, rare="numbers"),
        Level("part", "门牌号差一位或没写全", "starts_with(numbers_l, numbers_r || '-')"
              " or starts_with(numbers_r, numbers_l || '-')"
              " or (length(numbers_l) >= 3 and damerau_levenshtein(numbers_l, numbers_r) <= 1)", 0.1, 0.002),
        Level("other", "门牌号不同", "else", 0.15, 0.9975),
    ),
)  # fmt: skip
AREA: Final = Comparison(
    "area",
    "地区",
    "area_l is null or area_r is null",
    (
        Level("same", "同一个区", "area_l = area_r", 0.9, 0.03, rare="area"),
        Level(
            "near",
            "地区写法差一点",
            "damerau_levenshtein(area_l, area_r) <= 1 and length(area_l) >= 3",
            0.02,
            0.002,
        ),
        Level("other", "不在一个区", "else", 0.08, 0.968),
    ),
)
EMAIL: Final = Comparison(
    "email",
    "邮箱",
    "email_local_l is null or email_local_r is null",
    (
        Level("same", "邮箱名相同", "email_local_l = email_local_r", 0.6, 0.00001, rare="email_local"),
        Level("other", "邮箱名不同", "else", 0.4, 0.99999),
    ),
)  # fmt: skip
STORES: Final = Comparison(
    "stores",
    "门店",
    "stores_l is null or stores_r is null",
    (
        Level("same", "在同一家店买过", "list_has_any(stores_l, stores_r)", 0.7, 0.05),
        Level("other", "没在同一家店买过", "else", 0.3, 0.95),
    ),
)
COMPARISONS: Final = (SURNAME, GIVEN, BIRTHDAY, PHONE, STREET, NUMBERS, AREA, EMAIL, STORES)
BY_NAME: Final = {c.name: c for c in COMPARISONS}


# ---- who is compared with whom -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """People with the same key are compared. Of a key that more than `cap` people have nothing is learned: it is a
    company's address, a common name, a shop's phone. So each person has at most (cap − 1) / 2 pairs by it, at any size."""

    name: str
    sql: str
    cap: int


_TAIL = "coalesce(hint_tail, tails[1])"
BLOCKS: Final = (
    Block("name_birthday", "sound || '|' || birthday", 20),
    Block("name_tail", f"sound || '|' || {_TAIL}", 20),
    Block("address", "coalesce(area, '') || '|' || rest", 8),
    Block("birthday_tail", f"birthday || '|' || {_TAIL}", 20),
    Block("email", "email_local", 8),
    Block("birthday_surname", "birthday || '|' || surname_sound", 8),
    Block("birthday_given", "birthday || '|' || given_sound", 8),
    Block("number_name", "coalesce(area, '') || '|' || numbers || '|' || surname_sound", 8),
    Block("name_day", "sound || '|' || month_day", 8),
    Block("name_area", "sound || '|' || area", 8),
    Block("name", "sound", 4),
    Block("birthday", "birthday", 8),
    Block("surname_area", "surname_sound || '|' || area", 8),
    Block("given_area", "given_sound || '|' || area", 8),
    Block("rest", "rest", 8),
    Block("number_area", "numbers || '|' || area", 8),
    Block("street", "street", 8),
    Block("given_number", "given_sound || '|' || numbers", 8),
    Block("surname_number", "surname_sound || '|' || numbers", 8),
)


# ---- what may follow -----------------------------------------------------------------------------------------------

_NAME_AGREES = frozenset({"same", "tone", "sound", "swapped", "near"})
_AGREES: Mapping[str, frozenset[str]] = {
    "birthday": frozenset({"same", "day", "typo"}),
    "phone": frozenset({"same", "fits"}),
    "email": frozenset({"same"}),
}


# What does not make two one, and yet gives whoever looks something to go by beside a name
_HINTS: Mapping[str, frozenset[str]] = {
    "birthday": frozenset({"year"}),
    "phone": frozenset({"typo"}),
    "street": frozenset({"same", "near"}),
    "numbers": frozenset({"same"}),
    "area": frozenset({"same"}),
    "stores": frozenset({"same"}),
}


def held_back(levels: Mapping[str, str]) -> str:
    """Why two people are not even shown as one, whatever the sum of it says; '' where they may be. `levels`: comparison →
    code, '' where nothing is known.

    People of one household agree in everything but themselves: address, surname, phone and shop are not independent of each
    other, which the model takes them to be. So the given name, and what else is one person's own, must not speak against it.
    """
    if levels.get("given", "") in ("some", "other"):
        return "household"
    if levels.get("surname", "") in ("some", "other"):
        return "surname"
    agreeing = agreed(levels)
    if not levels.get("given", ""):  # only a surname is known, or no name at all
        return "" if len(agreeing - {"address"}) >= 2 else "no_name"
    if not agreeing and not any(levels.get(name) in codes for name, codes in _HINTS.items()):
        return "only_name"
    if levels.get("birthday") == "other" and not agreeing & {"email"} and len(agreeing) < 2:
        return "birthday"
    return ""


def links_itself(levels: Mapping[str, str]) -> bool:
    """Whether two people may become one without anybody looking: nothing speaks against it, and besides the whole name two
    things that are not each other's shadow speak for it. A masked phone alone never does."""
    if held_back(levels) or levels.get("given") not in ("same", "tone", "sound"):
        return False
    if levels.get("surname", "") not in ("same", "sound") or levels.get("birthday") in (
        "other",
        "some",
        "year",
    ):
        return False
    return len(agreed(levels)) >= 2 or levels.get("birthday") == "same"


def agreed(levels: Mapping[str, str]) -> set[str]:
    """Beside the name: what of the two agrees."""
    found = {name for name, codes in _AGREES.items() if levels.get(name, "") in codes}
    lives_there = levels.get("street") in ("same", "near") and levels.get("numbers") == "same"
    return found | {"address"} if lives_there and levels.get("area") != "other" else found


class Judged(NamedTuple):
    """What a person said of a pair that had this probability."""

    probability: float
    is_same: bool


def measured(decided: Sequence[Judged], *, at: float) -> tuple[int, float]:
    """How many decided pairs are at least so probable, and what part of them was one human (0 of none)."""
    above = [j.is_same for j in decided if j.probability >= at]
    return len(above), (sum(above) / len(above) if above else 0.0)


def threshold(truth: Sequence[Judged], *, precision: float) -> float | None:
    """The lowest probability from which on the pairs are one human that precisely; None where there is none.

    Pairs of equal probability stand or fall together."""
    best, same = None, 0
    ordered = sorted(truth, key=lambda j: -j.probability)
    for seen, judged in enumerate(ordered, start=1):
        same += judged.is_same
        is_last = seen == len(ordered) or ordered[seen].probability < judged.probability
        if is_last and same / seen >= precision:
            best = judged.probability
    return best


# ---- what a reviewer may see ---------------------------------------------------------------------------------------

_REACHES: Final = frozenset({"name", "phone", "email", "address"})
_HIDDEN: Final = "••••"


def closed(side: Side) -> Side:
    """Of whom head office may not see how to reach her: that a value is there, and how the two compare, but not the value."""
    name = masked_name(side.values["name"])
    hidden = frozenset(key for key in _REACHES if side.values[key])
    values = {key: _HIDDEN if key in hidden else value for key, value in side.values.items()}
    return Side(side.person_id, name or f"#{side.person_id}", values | {"name": name}, hidden)
