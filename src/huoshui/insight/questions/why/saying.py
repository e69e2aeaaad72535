"""What `why` says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huoshui.insight import words
from huoshui.insight.questions.why.days import Judged, Special
from huoshui.insight.questions.why.spans import Span

PIECES = {
    "days": ("天数", "Days"),
    "visitors": ("客流", "Visitors"),
    "customers": ("顾客数", "Customers"),
    "orders": ("每人单数", "Orders per customer"),
    "units": ("连带率", "Units per order"),
    "price": ("件单价", "Price of a unit"),
    "ticket": ("客单价", "Ticket"),
    "nobody": ("没认出是谁的成交", "Sales to nobody known"),
    "refunds": ("退款", "Refunds"),
}
# after others the count is told as a ratio to them
_AFTER = {"visitors": ("每天客流", "Visitors a day"), "customers": ("每天顾客数", "Customers a day")}
CONVERSION = ("进店成交率", "Conversion")
VERDICTS = {
    "noise": ("正常波动，不用管", "Within the normal range"),
    "more": ("高于正常波动", "Above the normal range"),
    "less": ("低于正常波动", "Below the normal range"),
    "unknown": (
        "前面不满六周，看不出是不是正常波动",
        "Fewer than six weeks before: it cannot be told whether this is normal",
    ),
}


def piece(name: str, all_names: Sequence[str], lang: str) -> str:
    if name == "customers" and "visitors" in all_names:
        return CONVERSION[lang == "en"]
    names = _AFTER.get(name, PIECES[name]) if "days" in all_names else PIECES[name]
    return names[lang == "en"]


def sentence(
    span: Span,
    before: Span,
    totals: tuple[int, int],
    noise: Judged,
    pieces: Sequence[Mapping[str, Any]],
    places: Sequence[Mapping[str, Any]],
    special: Sequence[Special],
    lang: str,
) -> str:
    """Of noise no reasons are told: there are none."""
    told = [_change(span, before, totals, lang), _festivals(special, lang), _verdict(noise, lang)]
    if noise.verdict != "noise" and totals[0] != totals[1]:
        told += [_reasons(pieces, totals[1] - totals[0], lang), _where(places, lang)]
    return (" " if lang == "en" else "").join(part for part in told if part)


def _change(span: Span, before: Span, totals: tuple[int, int], lang: str) -> str:
    was, now = totals
    gap = words.yuan(abs(now - was), lang)
    share = f"{words.percent(abs(now - was) / was)}" if was > 0 else ""
    if lang == "en":
        more = "more" if now >= was else "less"
        of = f" ({share})" if share else ""
        return f"{_dates(span)}: {words.yuan(now, lang)}, {gap} {more}{of} than {_dates(before)}."
    of = f"（{share}）" if share else ""
    return f"{span} 卖了 {words.yuan(now)}，比 {before} {'多' if now >= was else '少'} {gap}{of}。"


def _dates(span: Span) -> str:
    return str(span.first) if span.first == span.last else f"{span.first} to {span.last}"


def _festivals(special: Sequence[Special], lang: str) -> str:
    """What one side has and the other has not, of a size to be told; two a side at most."""
    told = []
    sides = ((False, "上期", "The span before had"), (True, "本期", "This span has"))
    for is_now, zh, en in sides:
        mine = [one for one in special if one.is_now == is_now and one.is_large][:2]
        if not mine:
            continue
        if lang == "en":
            names = " and ".join(f"{one.festival.name(lang)} ({_signed(one.amount, lang)})" for one in mine)
            told.append(f"{en} {names}.")
        else:
            names = "、".join(f"{one.festival.name_zh}（比平常{_signed(one.amount, lang)}）" for one in mine)
            told.append(f"{zh}有{names}。")
    return (" " if lang == "en" else "").join(told)


def _verdict(noise: Judged, lang: str) -> str:
    return VERDICTS[noise.verdict][lang == "en"] + ("." if lang == "en" else "。")


def _reasons(pieces: Sequence[Mapping[str, Any]], change: int, lang: str) -> str:
    """The two that did most in the direction in which sales went."""
    with_it = sorted((p for p in pieces if p["amount"] * change > 0), key=lambda p: -abs(p["amount"]))[:2]
    if lang == "en":
        said = [f"{p['piece_name']} ({_signed(p['amount'], lang)})" for p in with_it]
        return f"Mostly: {', '.join(said)}."
    said = [f"{p['piece_name']}（{_signed(p['amount'], lang)}）" for p in with_it]
    return f"主要是{'、'.join(said)}。"


def _where(places: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The first dimension that explains anything at all, three values of it at most."""
    if not places:
        return ""
    first = [place for place in places if place["by"] == places[0]["by"]][:3]
    if lang == "en":
        said = [f"{place['value_name']} ({words.percent(place['explains'])})" for place in first]
        return f"Seen by {first[0]['by_name'].lower()}: {', '.join(said)} of it."
    said = [f"{place['value_name']}（{words.percent(place['explains'])}）" for place in first]
    return f"按{first[0]['by_name']}看，主要在{'、'.join(said)}。"


def _signed(amount: float, lang: str) -> str:
    return ("+" if amount > 0 else "") + words.yuan(amount, lang)
