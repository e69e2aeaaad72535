"""Her customers, the most urgent first, each with one reason fit for whoever looks over her shoulder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.trade.service import api as service
from huoshui.web.guide import known
from huoshui.web.guide.contexts import words

MOST_PAGES: Final = 1_000
_ICONS: Final = {
    "due": "repeat",
    "coupon": "ticket",
    "care": "heart",
    "birthday": "gift",
    "silent": "chat",
    "": "user",
}


@dataclass(frozen=True)
class MineRow:
    url: str
    title: str
    says: str
    icon: str
    is_urgent: bool


@dataclass(frozen=True)
class MinePage:
    """Pages are counted from 1; 0 for none."""

    who: str
    rows: list[MineRow]
    earlier: int
    later: int


def mine(actor: Actor, page: int) -> MinePage:
    words.server(actor)
    number = min(max(page, 1), MOST_PAGES)
    found, has_more = service.mine(actor, page=number - 1)
    goods = known.goods({one.sku_id for one in found if one.sku_id is not None})
    names = {i: good.name for i, good in goods.items() if service.may_be_shown(good.name)}
    rows = [
        MineRow(
            url=reverse("console:guide-person", args=[one.card.person_id]),
            title=words.title(one.card),
            says=_says(one, names),
            icon=_ICONS[one.kind],
            is_urgent=bool(one.kind),
        )
        for one in found
    ]
    return MinePage(str(actor), rows, number - 1, number + 1 if has_more else 0)


def _says(one: service.Mine, names: Mapping[int, str]) -> str:
    name = names.get(one.sku_id or 0, "")
    if one.kind == "due" and name:
        return _("{name}快用完了").format(name=name)
    if one.kind == "due":
        return _("大约 {days} 天来一次，上次是 {gone} 天前").format(days=one.every, gone=one.gone)
    if one.kind == "care":
        return _("{name}买了 {days} 天，问一声好不好用").format(name=name or _("东西"), days=one.gone)
    return {
        "coupon": _("有券快到期了，提醒一声"),
        "birthday": _("好日子快到了，送声祝福"),
        "silent": _("有一阵没见了，问一声好"),
    }.get(one.kind) or words.seen(one.card)
