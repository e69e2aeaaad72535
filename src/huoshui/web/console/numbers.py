"""Figures and dates as a shopkeeper writes them, in the language of the request.

Amounts come in as minor units (分). Chinese groups by 万 and 亿, English by K, M and B; below ten thousand
everything is written in full. A no-break space keeps a figure and its unit on one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_timedelta
from django.utils import translation

from huoshui.core import clock
from huoshui.core.quantity import plain as plain_quantity

NBSP = "\u00a0"
MINUS = "\u2212"
ABSENT = "—"


def language() -> str:
    """The Babel locale of the active language: zh_Hans, zh_Hant or en."""
    code = (translation.get_language() or "zh-hans").lower()
    if code.startswith("en"):
        return "en"
    return "zh_Hant" if code in {"zh-hant", "zh-tw", "zh-hk"} else "zh_Hans"


@dataclass(frozen=True)
class Figure:
    """A figure taken apart so that a template may set sign, currency and unit smaller than the digits."""

    sign: str
    currency: str
    digits: str
    unit: str

    def __str__(self) -> str:
        gap = NBSP if self.unit and not self.unit.isascii() else ""
        return f"{self.sign}{self.currency}{self.digits}{gap}{self.unit}"


@dataclass(frozen=True)
class Step:
    """From `least` on, a value is written in `unit`s of `size`; below ten of them with `finer` decimals."""

    least: float
    size: float
    unit: str
    places: int
    finer: int


_STEPS = {
    "zh_Hans": (Step(1e8, 1e8, "亿", 2, 2), Step(1e4, 1e4, "万", 1, 2)),
    "zh_Hant": (Step(1e8, 1e8, "億", 2, 2), Step(1e4, 1e4, "萬", 1, 2)),
    "en": (Step(1e9, 1e9, "B", 1, 2), Step(1e6, 1e6, "M", 1, 2), Step(1e4, 1e3, "K", 1, 1)),
}
# ¥2,180 万 and ¥413K: so many units that their own decimals say nothing more.
_ROUND = {"B": 100, "M": 100, "K": 100}


def _grouped(value: float) -> tuple[str, str] | None:
    """Digits and unit for a value of ten thousand or more, None below."""
    for step in _STEPS[language()]:
        if value >= step.least:
            scaled = value / step.size
            places = step.finer if scaled < 10 else step.places
            return f"{scaled:,.{0 if scaled >= _ROUND.get(step.unit, 1000) else places}f}", step.unit
    return None


def money(minor: int | float | None, *, signed: bool = False) -> Figure | str:
    """¥41.3 万, ¥1.82 万, ¥2.03 亿, ¥8,168, ¥92.0; in English ¥413K, ¥2.18M."""
    if minor is None:
        return ABSENT
    yuan = abs(minor) / 100
    sign = MINUS if minor < 0 else "+" if signed and minor > 0 else ""
    digits, unit = _grouped(yuan) or (f"{yuan:,.0f}" if yuan >= 1000 or not minor else f"{yuan:,.1f}", "")
    return Figure(sign, "¥", digits, unit)


def exact(minor: int | None) -> str:
    """To the cent, for a single order: −¥12.40."""
    if minor is None:
        return ABSENT
    return f"{MINUS if minor < 0 else ''}¥{abs(minor) / 100:,.2f}"


def count(value: int | float | None) -> Figure | str:
    """People, orders, points: in full below a million."""
    if value is None:
        return ABSENT
    sign = MINUS if value < 0 else ""
    grouped = _grouped(abs(value)) if abs(value) >= 1e6 else None
    digits, unit = grouped or (f"{abs(value):,.0f}", "")
    return Figure(sign, "", digits, unit)


def decimal(value: float | None, places: int = 1) -> str:
    if value is None:
        return ABSENT
    return f"{MINUS if value < 0 else ''}{abs(value):,.{places}f}"


def percent(ratio: float | None, *, signed: bool = False) -> str:
    """A ratio (0.081) as 8.1%."""
    if ratio is None:
        return ABSENT
    sign = MINUS if ratio < 0 else "+" if signed and ratio > 0 else ""
    return f"{sign}{abs(ratio) * 100:.1f}%"


def whole_share(ratio: float | None) -> str:
    """A share that should be whole: never rounded up to 100%, so that one in a million still shows."""
    if ratio is None:
        return ABSENT
    return "100%" if ratio == 1 else f"{int(ratio * 10_000) / 100:.2f}%"


def quantity(milli: int) -> str:
    """Thousandths as a count without empty decimals: 2, 0.5, 1.25."""
    return plain_quantity(milli)


_DAY = {"zh_Hans": "M 月 d 日", "zh_Hant": "M 月 d 日", "en": "MMM d"}
_DAY_YEAR = {"zh_Hans": "y 年 M 月 d 日", "zh_Hant": "y 年 M 月 d 日", "en": "MMM d, y"}


def local(at: datetime) -> datetime:
    return at.astimezone(clock.brand_zone())


def day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None, *, near: date | None = None) -> str:
    """A day in a sentence: 10 月 9 日; with its year when that differs from `near` (default: today)."""
    if value is None:
        return ABSENT
    that = day_of(value)
    patterns = _DAY if that.year == (near or clock.today()).year else _DAY_YEAR
    return format_date(that, patterns[language()], locale=language()).replace(" ", NBSP)


def short_day(value: date | datetime | None) -> str:
    """A day in a table: 2017-10-09."""
    return ABSENT if value is None else day_of(value).isoformat()


def weekday(value: date | datetime) -> str:
    return format_date(day_of(value), "EEEE" if language() == "en" else "EEE", locale=language())


def short_weekday(value: date | datetime) -> str:
    return format_date(day_of(value), "EEE", locale=language())


def hour(value: datetime | None) -> str:
    return ABSENT if value is None else format_datetime(local(value), "HH:mm", locale=language())


def ago(gone: timedelta) -> str:
    """2 分钟前, with the space that Babel leaves out."""
    said = format_timedelta(-gone, locale=language(), add_direction=True)
    return re.sub(r"(?<=\d)(?=[\u4e00-\u9fff])", NBSP, said)
