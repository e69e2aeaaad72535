"""优惠券: what is offered, how it goes, and what has been done about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.ledger.types import BUDGET
from huoshui.engage.campaigns.api import TemplateView
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import coupon_words, offline_cap, rooms
from huoshui.web.console.contexts.coupon_form import is_beyond, may_act, may_see, require
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold

MOST_PRINTED = 10_000
MOST_USES = 1_000_000
MOST_VOIDED = 1_000
WHOLE = 1000


@dataclass(frozen=True)
class CouponRow:
    id: int
    url: str
    title: str
    state: str
    tone: str
    sentence: str
    issued: int
    total: int | None
    redeemed: int
    given: int
    budget_left: int | None


@dataclass(frozen=True)
class Coupons:
    sentence: SafeString
    rows: list[CouponRow]
    choices: tuple[Choice, ...]
    chosen: str
    may_act: bool
    total: int
    offline: offline_cap.CapForm


@dataclass(frozen=True)
class CouponContext:
    row: CouponRow
    sentence: str
    standing: SafeString
    version: int
    may_act: bool
    may_publish: bool
    may_pause: bool
    may_end: bool
    may_print: bool
    may_edit: bool
    is_beyond: bool
    has_budget: bool
    budget_url: str
    brand_share: str
    dealer_share: str
    key: str
    error: str
    done: str
    most_printed: int


def coupons(actor: Actor, query: Mapping[str, str]) -> Coupons:
    require(may_see(actor))
    views = rooms.campaigns.templates_for(actor)
    chosen = query.get("state", "")
    chosen = chosen if chosen in words.COUPON_STATES else ""
    names = _unit_names(views)
    return Coupons(
        sentence=_list_sentence(views),
        rows=[_row(v, names) for v in views if chosen in {"", v.state}],
        choices=_choices(chosen),
        chosen=chosen,
        may_act=may_act(actor),
        total=len(views),
        offline=offline_cap.form(actor, offline_cap.COUPONS, is_saved=query.get("done") == "offline"),
    )


def _choices(chosen: str) -> tuple[Choice, ...]:
    options = {"": _("全部"), **{state: str(said) for state, said in words.COUPON_STATES.items()}}
    return tuple(Choice(value, label, value == chosen) for value, label in options.items())


def _unit_names(views: list[TemplateView]) -> dict[int, str]:
    """Of all coupons at once: one look-up, however many there are."""
    units = sorted({unit for view in views for unit in view.rule.org_units})
    return dict(rooms.brand.unit_names(units)) if units else {}


def _row(view: TemplateView, names: Mapping[int, str]) -> CouponRow:
    return CouponRow(
        id=view.id,
        url=reverse("console:coupon", args=[view.id]),
        title=view.title,
        state=str(words.COUPON_STATES[view.state]),
        tone=words.COUPON_TONES[view.state],
        sentence=coupon_words.rule_sentence(view.rule, names),
        issued=view.issued_count,
        total=view.total_count,
        redeemed=view.redeemed_count,
        given=view.given_amount,
        budget_left=view.budget_left,
    )


def _list_sentence(views: list[TemplateView]) -> SafeString:
    if not views:
        return format_html("{}", _("还没有优惠券。建一张草稿，写好了再发布。"))
    live = sum(view.state == "live" for view in views)
    given = sum(view.given_amount for view in views)
    return format_html(
        _("有 {live} 张券在发；所有券到现在一共让利 {given}，核销 {n} 次。"),
        live=bold(numbers.count(live)),
        given=bold(numbers.money(given)),
        n=bold(numbers.count(sum(view.redeemed_count for view in views))),
    )


def coupon(
    actor: Actor,
    template_id: int,
    *,
    error: str = "",
    done: str = "",
    figures: Mapping[str, str] | None = None,
) -> CouponContext:
    """Raises NotFound for one that is absent and for whoever may not see it."""
    require(may_see(actor))
    view = rooms.campaigns.template_for(actor, template_id)
    acts, rule = may_act(actor), view.rule
    row = _row(view, _unit_names([view]))
    beyond = is_beyond(view.title, rule)
    return CouponContext(
        row=row,
        sentence=row.sentence,
        standing=_standing(view),
        version=view.version,
        may_act=acts,
        may_publish=acts and view.state in {"draft", "paused"},
        may_pause=acts and view.state == "live",
        may_end=acts and view.state != "ended",
        may_print=acts and view.state == "live",
        may_edit=acts and view.state != "ended" and not beyond,
        is_beyond=beyond,
        has_budget=rule.has_budget,
        budget_url=_budget_url(view.id) if rule.has_budget else "",
        brand_share=f"{rule.brand_permille / 10:g}%",
        dealer_share=f"{(WHOLE - rule.brand_permille) / 10:g}%" if rule.brand_permille < WHOLE else "",
        key=secrets.token_hex(8),
        error=error,
        done=_said_done(done, figures or {}),
        most_printed=MOST_PRINTED,
    )


def _said_done(done: str, figures: Mapping[str, str]) -> str:
    n, left = (_figure(figures.get(name, "")) for name in ("n", "left"))
    said = words.COUPON_DONE.get("void_some" if done == "void" and left else done, "")
    return str(said).format(n=numbers.count(n), left=numbers.count(left))


def _figure(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() else 0


def _budget_url(template_id: int) -> str:
    """Its account in the books, once the first money has made one."""
    accounts = rooms.explorer.accounts_of(BUDGET, "template", [template_id])
    return reverse("console:ledger-account", args=[accounts[0].id]) if accounts else ""


def _standing(view: TemplateView) -> SafeString:
    if view.state == "draft":
        return format_html("{}", _("还是草稿：顾客看不到，也领不了。"))
    said = {
        "live": _("正在发：发了 {issued} 张，用了 {n} 张，让利 {given}。"),
        "paused": _("暂停中，领不了；顾客手里的照常能用。发了 {issued} 张，用了 {n} 张，让利 {given}。"),
        "ended": _("已经结束；顾客手里的用到过期为止。发了 {issued} 张，用了 {n} 张，让利 {given}。"),
    }[view.state]
    return format_html(
        said,
        issued=bold(numbers.count(view.issued_count)),
        n=bold(numbers.count(view.redeemed_count)),
        given=bold(numbers.money(view.given_amount)),
    )
