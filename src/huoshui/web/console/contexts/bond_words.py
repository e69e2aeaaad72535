"""What screens say of a bond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.trade.bonds.api import Spell

KINDS: Mapping[str, Any] = {
    "purchase": gettext_lazy("购买"),
    "scan": gettext_lazy("扫码"),
    "join": gettext_lazy("入会"),
    "follow": gettext_lazy("关注或加企业微信"),
}
_HOW: Mapping[str, Any] = {
    "assigned": gettext_lazy("总部指定"),
    "transferred": gettext_lazy("原来的归属方同意转让"),
    "wished": gettext_lazy("顾客自己的意愿"),
    "decided": gettext_lazy("申诉成立"),
    "handed": gettext_lazy("顾客交接"),
    "served": gettext_lazy("换了人接待"),
    "returned": gettext_lazy("别家那一单退完了，归属回来"),
}
_END: Mapping[str, Any] = {
    "silent": gettext_lazy("太久没有来，自动释放"),
    "refunded": gettext_lazy("带来归属的那一单退完了"),
    "released": gettext_lazy("归属方放弃"),
    "moved": gettext_lazy("归到别家"),
    "assigned": gettext_lazy("总部改了归属"),
    "transferred": gettext_lazy("转让给别家"),
    "wished": gettext_lazy("顾客自己选了别家"),
    "decided": gettext_lazy("申诉后改判"),
    "served": gettext_lazy("换了人接待"),
    "handed": gettext_lazy("交接给别的导购"),
}
_STATES: Mapping[str, Any] = {
    "open": gettext_lazy("等总部裁决"),
    "granted": gettext_lazy("申诉成立"),
    "refused": gettext_lazy("申诉不成立"),
    "withdrawn": gettext_lazy("已撤回"),
}


def owner(spell: Spell, names: Mapping[tuple[str, int], str]) -> str:
    return _("总部") if spell.dealer_id is None else names.get(("unit", spell.dealer_id), "")


def place(spell: Spell, names: Mapping[tuple[str, int], str]) -> str:
    store = names.get(("unit", spell.store_id or 0), "")
    guide = names.get(("staff", spell.guide_id or 0), "")
    return " · ".join(word for word in (store, guide) if word)


def how(spell: Spell) -> str:
    if spell.how in ("first", "moved"):
        did = str(KINDS.get(spell.made_as, ""))
        return (_("第一次{did}") if spell.how == "first" else _("后来的{did}")).format(did=did)
    return str(_HOW.get(spell.how, ""))


def ended(spell: Spell) -> str:
    if spell.state == "suspended":
        return _("合并后另有更早的归属，暂停；撤销合并就恢复")
    return str(_END.get(spell.end_reason, ""))


def state(name: str) -> str:
    return str(_STATES[name])
