"""What stands around every page: side bar, search, the person signed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.intake.wecom import api as wecom
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import (
    bonds,
    commission,
    coupon_form,
    ledger,
    loyalty,
    org,
    protection,
    refunds,
    rooms,
    stock,
    tracking_sources,
    visitors,
)

LANGUAGES = (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"))

# (section title, ((url name, icon, title), …)); a page is listed only once it exists
NAV = (
    ("", (("today", "sun-high", gettext_lazy("今日")),)),
    (
        gettext_lazy("顾客"),
        (
            ("people", "user", gettext_lazy("顾客")),
            ("groups", "users-group", gettext_lazy("人群")),
            ("next", "shopping-bag-plus", gettext_lazy("下一件")),
            ("segments", "filter", gettext_lazy("人群包")),
            ("portraits", "user-scan", gettext_lazy("人群画像")),
            ("tags", "tags", gettext_lazy("标签")),
            ("bonds", "link", gettext_lazy("顾客归属")),
            ("codes", "qrcode", gettext_lazy("活码")),
            ("protection", "shield-lock", gettext_lazy("顾客保护")),
            ("leads", "target-arrow", gettext_lazy("线索")),
            ("commission", "coin", gettext_lazy("提成与结算")),
            ("findings", "eye-search", gettext_lazy("看得出的事")),
            ("relations", "topology-star-3", gettext_lazy("关系")),
            ("visitors", "door-exit", gettext_lazy("进店未购")),
            ("loyalty", "medal", gettext_lazy("会员规则")),
            ("alliance", "arrows-exchange", gettext_lazy("异业合作")),
            ("notices", "bell", gettext_lazy("该跟进的")),
            ("alike", "users", gettext_lazy("疑似同一人")),
            ("identity-rules", "fingerprint", gettext_lazy("识别规则")),
            ("rights", "shield-check", gettext_lazy("同意与权利")),
        ),
    ),
    (
        gettext_lazy("营销与售后"),
        (
            ("coupons", "ticket", gettext_lazy("优惠券")),
            ("effect", "chart-arrows-vertical", gettext_lazy("活动效果")),
            ("refunds", "receipt-refund", gettext_lazy("退货退款")),
        ),
    ),
    (
        gettext_lazy("商品"),
        (
            ("products", "packages", gettext_lazy("商品与库存")),
            ("stock", "building-warehouse", gettext_lazy("库存单据")),
        ),
    ),
    (
        gettext_lazy("组织"),
        (
            ("org", "sitemap", gettext_lazy("组织架构")),
            ("staff", "id-badge-2", gettext_lazy("员工与岗位")),
        ),
    ),
    (
        gettext_lazy("数据"),
        (
            ("trust", "shield-check", gettext_lazy("数据可信")),
            ("imports", "database-import", gettext_lazy("数据接入")),
            ("pickups", "clock-down", gettext_lazy("定时取数")),
            ("wecom", "brand-wechat", gettext_lazy("企业微信")),
            ("stream", "activity", gettext_lazy("实时行为")),
            ("sources", "key", gettext_lazy("来源与密钥")),
            ("devices", "devices", gettext_lazy("设备")),
            ("plan", "list-check", gettext_lazy("埋点方案")),
            ("exceptions", "alert-triangle", gettext_lazy("异常数据")),
            ("ledger", "book-2", gettext_lazy("账本")),
        ),
    ),
)


def _is_open(name: str, actor: Actor) -> bool:
    """Whoever may not enter a page sees no door to it."""
    if name == "imports":
        return rooms.imports.may_import(actor)
    if name == "pickups":
        return rooms.pickup.may_see(actor)
    if name == "wecom":
        return wecom.may_set_up(actor)
    if name == "trust":
        return rooms.trust.may_see(actor)
    if name == "exceptions":
        return rooms.desk.may_see(actor)
    if name in {"stream", "sources", "plan", "devices"}:
        return tracking_sources.may_see(actor)
    if name == "ledger":
        return ledger.may_see(actor)
    if name in {"loyalty", "alliance"}:
        return loyalty.may_see(actor)
    if name == "stock":
        return stock.may_see(actor)
    if name == "bonds":
        return bonds.may_see(actor)
    if name == "protection":
        return protection.may_see(actor)
    if name == "leads":
        return rooms.leads.may_see(actor)
    if name == "commission":
        return commission.may_see(actor)
    if name == "visitors":
        return visitors.may_see(actor)
    if name in {"coupons", "effect"}:
        return coupon_form.may_see(actor)
    if name in {"rights", "segments", "tags", "identity-rules", "findings"}:
        return actor.sees_whole_brand
    if name == "portraits":  # who sees segments whole finds their portraits there
        return rooms.insight.portraits.may_see(actor) and not actor.sees_whole_brand
    if name == "alike":
        return rooms.people.matching_reads.may_review(actor)
    if name in {"org", "staff"}:
        return org.may_see(actor)
    if name == "refunds":
        return refunds.may_refund(actor)
    return True


def _waiting(name: str, actor: Actor) -> int:
    """How many things behind a door wait for somebody's eyes."""
    if name == "pickups":
        return rooms.pickup.waiting(actor)
    return sum(kind.cases for kind in rooms.desk.kinds(actor)) if name == "exceptions" else 0


@dataclass(frozen=True)
class NavItem:
    url: str
    icon: str
    title: str
    is_current: bool
    waiting: int


@dataclass(frozen=True)
class Shell:
    brand: str
    is_demo: bool
    sections: tuple[tuple[str, tuple[NavItem, ...]], ...]
    name: str
    initial: str
    roles: str
    language: str
    languages: tuple[tuple[str, str], ...]
    chart_words: dict[str, str]
    query: str
    is_acting: bool


def _items(items: Iterable[tuple[str, str, object]], actor: Actor, current: str) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(reverse(f"console:{name}"), icon, str(title), name == current, _waiting(name, actor))
        for name, icon, title in items
        if _is_open(name, actor)
    )


def shell_for(actor: Actor, *, current: str, query: str = "") -> Shell:
    sections = tuple((str(title), _items(items, actor, current)) for title, items in NAV)
    return Shell(
        brand=getattr(settings, "HUOSHUI_BRAND", ""),
        is_demo=getattr(settings, "HUOSHUI_DEMO", False),
        sections=tuple(section for section in sections if section[1]),
        name=actor.name,
        initial=actor.name[:1],
        roles=_("、").join(str(words.ROLES.get(role, role)) for role in sorted(actor.roles)),
        language=numbers.language(),
        languages=LANGUAGES,
        chart_words={key: str(word) for key, word in words.CHART.items()},
        query=query,
        is_acting=actor.acting_id is not None,
    )


def page(
    request: HttpRequest, actor: Actor, template: str, context: object, *, current: str, status: int = 200
) -> HttpResponse:
    """A whole page; `context` is the page's one dataclass, called `page` in its template."""
    shell = shell_for(actor, current=current, query=request.GET.get("q", "") if current == "people" else "")
    return render(request, template, {"page": context, "shell": shell}, status=status)


def fragment(request: HttpRequest, template: str, context: object, *, status: int = 200) -> HttpResponse:
    """A part of a page, for htmx; the template reads the same `page`."""
    return render(request, template, {"page": context}, status=status)
