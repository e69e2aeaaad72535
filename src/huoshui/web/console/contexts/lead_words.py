"""What states, sources and reasons of leads are called on screen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.trade.leads.api import Lead
from huoshui.web.console.contexts import cards, rooms

STATES = {
    "new": gettext_lazy("等派单"),
    "double": gettext_lazy("重复"),
    "offered": gettext_lazy("等接单"),
    "held": gettext_lazy("跟进中"),
    "escalated": gettext_lazy("没人接"),
    "won": gettext_lazy("成交"),
    "lost": gettext_lazy("没成"),
    "bad": gettext_lazy("坏线索"),
}
SOURCES = {
    "scan": gettext_lazy("扫码"),
    "campaign": gettext_lazy("活动"),
    "form": gettext_lazy("网站表单"),
    "import": gettext_lazy("名单"),
    "partner": gettext_lazy("推荐合作人"),
}
BAD = {
    "empty_number": gettext_lazy("空号"),
    "duplicate": gettext_lazy("重复"),
    "out_of_area": gettext_lazy("不在本区"),
}
BOUNCES = (gettext_lazy("人手不够"), gettext_lazy("不在本区"), gettext_lazy("做不了这个"))
LOSSES = (gettext_lazy("联系不上"), gettext_lazy("买了别家"), gettext_lazy("太贵"), gettext_lazy("不需要了"))
BILLS = {
    "open": gettext_lazy("可以提异议"),
    "objected": gettext_lazy("等总部裁决"),
    "entered": gettext_lazy("已记账"),
    "waived": gettext_lazy("不收"),
    "refunded": gettext_lazy("已退"),
}
CLAIMS = {
    "open": gettext_lazy("等总部裁决"),
    "granted": gettext_lazy("属实，已退"),
    "refused": gettext_lazy("没有通过"),
}
KINDS = {"lead": gettext_lazy("接单费"), "conversion": gettext_lazy("成交引流费")}
EVENTS = {
    "made": gettext_lazy("进来"),
    "doubled": gettext_lazy("和另一条是同一位顾客"),
    "offered": gettext_lazy("派给"),
    "accepted": gettext_lazy("接单"),
    "bounced": gettext_lazy("退回"),
    "timed_out": gettext_lazy("超时没接"),
    "escalated": gettext_lazy("没人接，上交"),
    "recalled": gettext_lazy("总部收回"),
    "moved": gettext_lazy("跟进到"),
    "won": gettext_lazy("成交"),
    "lost": gettext_lazy("没成"),
    "bad": gettext_lazy("认定坏线索"),
}
SAID = {
    "bond": gettext_lazy("本来就是这家的顾客"),
    "fair": gettext_lazy("轮到"),
    "wins": gettext_lazy("成交率"),
    "room": gettext_lazy("有余力"),
    "tried": gettext_lazy("已经问过"),
    "full": gettext_lazy("手上满了"),
}


def left(until: datetime | None) -> str:
    """How long there is still to answer."""
    if until is None:
        return ""
    minutes = int((until - clock.now()).total_seconds() // 60)
    if minutes < 1:
        return _("时间到了")
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return _("还剩 {n} 天").format(n=hours // 24)
    return _("还剩 {h} 小时 {m} 分").format(h=hours, m=rest) if hours else _("还剩 {m} 分钟").format(m=rest)


def names(actor: Actor, found: Iterable[Lead]) -> dict[int, tuple[str, int]]:
    """Born id → what she is called, and the id of her page; only whom the actor may see."""
    born = sorted({lead.person_id for lead in found if lead.person_id is not None})
    heads = rooms.people.canonical_ids(born) if born else {}
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(heads.values())))}
    return {own: (cards.name_of(known[head]), head) for own, head in heads.items() if head in known}
