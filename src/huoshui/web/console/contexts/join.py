"""扫码入会: what the page of a code says, and what it says once she is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.intake.scans.api import CHOICES, NOTICE, Joined
from huoshui.trade.codes.api import Code
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell

_ABOUT = {
    "marketing/sms": gettext_lazy("有优惠用短信告诉我，随时能退"),
    "profiling/": gettext_lazy("按我买过的东西推荐商品、提醒快用完的"),
    "head_office/": gettext_lazy(
        "把我的姓名、手机号和订单交给品牌总部，用来做售后和会员服务；平时只有为我服务的门店看得到"
    ),
}


class Said(NamedTuple):
    visit: str
    phone: str
    word: str
    agrees: bool
    choices: tuple[str, ...]
    act: str

    @staticmethod
    def of(post: QueryDict) -> Said:
        return Said(
            visit=post.get("visit", "")[:80],
            phone=post.get("phone", "").strip()[:40],
            word="".join(post.get("word", "").split())[:12],
            agrees=post.get("agrees") == "1",
            choices=tuple(one for one in CHOICES if one in post.getlist("choices")),
            act=post.get("act", "join"),
        )


@dataclass(frozen=True)
class Choice:
    value: str
    about: str
    is_separate: bool
    is_on: bool


@dataclass(frozen=True)
class JoinPage:
    brand: str
    who: str
    """Who invites, and from where."""
    offer: str
    offer_title: str
    visit: str
    phone: str
    word: str
    agrees: bool
    choices: list[Choice]
    is_sent: bool
    shown: str
    error: str
    notice: str
    can_send: bool


@dataclass(frozen=True)
class DonePage:
    brand: str
    title: str
    sentence: str
    coupon: str
    refusal: str
    guide: str
    store: str


def page(
    code: Code,
    visit: str,
    said: Said | None = None,
    *,
    error: str = "",
    is_sent: bool = False,
    shown: str = "",
) -> JoinPage:
    offer = rooms.scans.offered(code)
    guide, store = _place(code)
    who = _("{name}邀请您入会").format(name=guide) if guide else ""
    return JoinPage(
        brand=settings.HUOSHUI_BRAND,
        who=" · ".join(word for word in (who, store) if word) or _("欢迎入会"),
        offer=retell(offer.sentence) if offer else "",
        offer_title=offer.title if offer else "",
        visit=visit,
        phone=said.phone if said else "",
        word="" if is_sent or not said else said.word,
        agrees=bool(said and said.agrees),
        choices=[
            Choice(value, str(_ABOUT[value]), value == "head_office/", bool(said and value in said.choices))
            for value in CHOICES
        ],
        is_sent=is_sent,
        shown=shown,
        error=error,
        notice=NOTICE,
        can_send=rooms.codes.sending.is_open(),
    )


def done(code: Code, joined: Joined) -> DonePage:
    guide, store = _place(code)
    return DonePage(
        brand=settings.HUOSHUI_BRAND,
        title=joined.title if joined.coupon else "",
        sentence=retell(joined.sentence),
        coupon=joined.coupon,
        refusal=retell(joined.refusal),
        guide=guide,
        store=store,
    )


def _place(code: Code) -> tuple[str, str]:
    """The guide's and the store's name."""
    guide = rooms.brand.staff_names([code.guide_id]).get(code.guide_id, "") if code.guide_id else ""
    store = rooms.brand.unit_names([code.store_id]).get(code.store_id, "") if code.store_id else ""
    return guide, store
