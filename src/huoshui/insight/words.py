"""Numbers as a person reads them, in Chinese and in English."""

from __future__ import annotations

from datetime import date

WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def yuan(minor: float, lang: str = "zh") -> str:
    """'¥12,345', '¥459.6 万', '¥1.72 亿'; cents only under a thousand."""
    amount, sign = abs(minor) / 100, "−" if minor < 0 else ""
    if lang == "zh" and amount >= 1e8:
        return f"{sign}¥{amount / 1e8:,.2f} 亿"
    if lang == "zh" and amount >= 1e5:
        return f"{sign}¥{amount / 1e4:,.1f} 万"
    return f"{sign}¥{amount:,.2f}" if amount < 1000 else f"{sign}¥{amount:,.0f}"


def counted(number: float, unit: str, lang: str = "zh") -> str:
    """'312 位顾客', '15.6 万位顾客', '155,848 orders'."""
    if lang == "zh" and abs(number) >= 1e5:
        return f"{number / 1e4:,.1f} 万{unit}"
    return f"{number:,.0f} {unit}" if number == round(number) else f"{number:,.1f} {unit}"


def percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def weekday(day: date, lang: str = "zh") -> str:
    return WEEKDAYS[lang][day.weekday()]


def times(ratio: float) -> str:
    return f"{ratio:.1f}"


def nobody_bought(lang: str) -> str:
    return (
        "Nobody known has bought in the last twelve months."
        if lang == "en"
        else "近 12 个月还没有认得出的顾客买过。"
    )
