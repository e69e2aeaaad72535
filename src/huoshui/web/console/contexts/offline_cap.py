"""断网时的上限: what tills that nobody could ask may take of points and coupon money, where its rules are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.engage.loyalty.api import OfflineCap
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.rule_forms import Values, money_text

POINTS, COUPONS = "points", "coupons"
PAGES = {POINTS: "console:loyalty", COUPONS: "console:coupons"}
ACT = frozenset({"boss", "operator"})


@dataclass(frozen=True)
class CapForm:
    """`per_order` and `per_day` as they are written; empty: no cap."""

    kind: str
    url: str
    sentence: str
    per_order: str
    per_day: str
    unit: str
    error: str
    is_saved: bool
    may_act: bool


def form(
    actor: Actor, kind: str, *, said: Mapping[str, str] | None = None, error: str = "", is_saved: bool = False
) -> CapForm:
    cap = rooms.loyalty.offline_caps()[kind]
    written = _written(cap) if said is None else said
    return CapForm(
        kind=kind,
        url=reverse("console:offline-cap", args=[kind]),
        sentence=_sentence(cap),
        per_order=written.get("per_order", ""),
        per_day=written.get("per_day", ""),
        unit=_("积分") if kind == POINTS else _("元"),
        error=error,
        is_saved=is_saved,
        may_act=bool(actor.roles & ACT),
    )


def save(actor: Actor, kind: str, said: Mapping[str, str]) -> None:
    """Raises Refused with what is wrong with it."""
    if kind not in PAGES or not actor.roles & ACT:
        raise NotFound
    values = Values(said)
    read = values.whole if kind == POINTS else values.money
    labels = {"per_order": _("一单最多"), "per_day": _("一人一天最多")}
    most = {name: read(name, label) if values.text(name) else None for name, label in labels.items()}
    rooms.loyalty.set_offline_cap(OfflineCap(kind, most["per_order"], most["per_day"]), actor=actor)


def _written(cap: OfflineCap) -> dict[str, str]:
    say = str if cap.kind == POINTS else money_text
    told = {"per_order": cap.per_order, "per_day": cap.per_day}
    return {name: "" if most is None else say(most) for name, most in told.items()}


def _sentence(cap: OfflineCap) -> str:
    order, day = _amount(cap, cap.per_order), _amount(cap, cap.per_day)
    said = {
        (True, True): _("断网的收银台一单最多收 {order}，一位顾客一天最多 {day}。"),
        (True, False): _("断网的收银台一单最多收 {order}；一天不限。"),
        (False, True): _("断网的收银台一位顾客一天最多收 {day}；一单不限。"),
        (False, False): _("断网的收银台收多少都不提醒。"),
    }[bool(order), bool(day)]
    return said.format(order=order, day=day)


def _amount(cap: OfflineCap, most: int | None) -> str:
    if most is None:
        return ""
    if cap.kind == POINTS:
        return _("{n} 积分").format(n=numbers.count(most))
    return _("{money} 的券").format(money=numbers.money(most))
