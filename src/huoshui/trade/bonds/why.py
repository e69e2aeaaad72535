"""A bond's reasons in sentences, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from huoshui.core import clock
from huoshui.trade.bonds.types import Spell

Names = Mapping[tuple[str, int], str]

_DID = {
    "purchase": "在这里买了东西",
    "scan": "扫了这里的码",
    "follow": "在这里加了关注",
    "join": "在这里入会",
}
_HOW = {
    "assigned": "总部指定",
    "transferred": "原来的归属方同意转让",
    "wished": "顾客自己的意愿",
    "decided": "申诉成立",
    "handed": "导购交接",
    "served": "换了人接待",
    "returned": "别家那一单的钱退完了，归属回到这里",
}
_END = {
    "silent": "太久没有来，归属自动释放",
    "refunded": "带来归属的那一单退完了",
    "released": "归属方放弃",
    "moved": "归到别家",
    "assigned": "总部改了归属",
    "transferred": "转让给别家",
    "wished": "顾客自己选了别家",
    "decided": "申诉后改判",
    "served": "换了人接待",
    "handed": "交接给别的导购",
}


def owner(spell: Spell, names: Names) -> str:
    return "总部" if spell.dealer_id is None else names.get(("unit", spell.dealer_id), "")


def served_at(spell: Spell, names: Names) -> str:
    store = names.get(("unit", spell.store_id or 0), "")
    guide = names.get(("staff", spell.guide_id or 0), "")
    return " · ".join(word for word in (store, guide) if word)


def sentence(spell: Spell, names: Names) -> str:
    """One spell: whose, since when, by what."""
    how = _HOW.get(spell.how)
    if spell.how in ("first", "moved"):
        how = ("第一次" if spell.how == "first" else "") + _DID.get(spell.made_as, "")
    said = f"{_day(spell.since)}起归 {owner(spell, names)}：{how}"
    place = served_at(spell, names)
    if place:
        said += f"（{place}）"
    if spell.reason:
        said += f"，理由：{spell.reason}"
    said += f"。按第 {spell.rule_version} 版规则，记录 {spell.made_by}。"
    if spell.until is not None:
        said += f"{_day(spell.until)}结束：{_END.get(spell.end_reason, spell.end_reason)}。"
    if spell.state == "suspended":
        said += f"合并后同一位顾客另有更早的归属（记录 {spell.suspended_by}），这一份暂停；撤销合并就恢复。"
    return said


def sentences(spells: Sequence[Spell], names: Names, now: datetime) -> tuple[str, ...]:
    """What holds now first, then the latest."""
    live = [s for s in spells if s.state == "live"]
    told = [sentence(s, names) for s in live]
    if live and live[0].protected_until is not None:
        left = (clock.business_day(live[0].protected_until) - clock.business_day(now)).days
        if live[0].made_as == "wished":
            told.append("这是顾客自己选的，只有她自己能改。")
        elif left > 0:
            told.append(f"保护期到 {_day(live[0].protected_until)}，还剩 {left} 天。")
        else:
            told.append(f"保护期已在 {_day(live[0].protected_until)}结束。")
    past = sorted((s for s in spells if s.state != "live"), key=lambda s: s.since, reverse=True)
    return (*told, *(sentence(s, names) for s in past))


def _day(at: datetime) -> str:
    day = clock.business_day(at)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
