"""How a store treats what it has not got, and which of its goods others may sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms, rule_forms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.stock import POLICIES, TEXT_LENGTH, pieces, require
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

SET = frozenset({"boss", "operator", "dealer", "manager"})


@dataclass(frozen=True)
class PolicyLine:
    what: str
    code: str
    policy: str
    floor: str


@dataclass(frozen=True)
class ShareLine:
    what: str
    terms: str
    kept: str
    code: str
    category: str


@dataclass(frozen=True)
class SettingsContext:
    store_id: int
    store: str
    stock_url: str
    sentence: SafeString
    policies: list[PolicyLine]
    shares: list[ShareLine]
    choices: tuple[Choice, ...]
    may_set: bool
    said: Mapping[str, str]
    error: str
    done: bool


def settings(
    actor: Actor,
    org_unit_id: int,
    *,
    said: Mapping[str, str] | None = None,
    error: Refused | None = None,
    done: bool = False,
) -> SettingsContext:
    store = require(actor, org_unit_id)
    policies = rooms.brand.stock_policies(actor, org_unit_id)
    shares = rooms.brand.shared_by(actor, org_unit_id)
    ids = {p.sku_id for p in policies if p.sku_id} | {s.sku_id for s in shares if s.sku_id}
    named = rooms.brand.product_names(sorted(ids))
    whole = next((p.policy for p in policies if not p.sku_id), "open")
    return SettingsContext(
        store_id=org_unit_id,
        store=store,
        stock_url=f"{reverse('console:stock')}?store={org_unit_id}",
        sentence=_settings_sentence(store, whole, len(shares)),
        policies=[
            PolicyLine(
                what=_named(named, p.sku_id) or _("整家店"),
                code=named.get(p.sku_id, ("", ""))[0],
                policy=str(POLICIES[p.policy]),
                floor=pieces(p.floor_milli) if p.policy == "strict" and p.floor_milli else "",
            )
            for p in sorted(policies, key=lambda p: p.sku_id)
        ],
        shares=[
            ShareLine(
                what=_named(named, s.sku_id or 0) or s.category or _("所有商品"),
                terms=_terms(s.is_open, s.transfer_price, s.price_permille),
                kept=pieces(s.kept_milli) if s.kept_milli else "",
                code=named.get(s.sku_id or 0, ("", ""))[0],
                category=s.category,
            )
            for s in shares
        ],
        choices=tuple(Choice(v, str(w), v == whole) for v, w in POLICIES.items()),
        may_set=bool(actor.roles & SET),
        said=said or {},
        error=retell(str(error)) if error else "",
        done=done,
    )


def _named(named: Mapping[int, tuple[str, str]], sku_id: int) -> str:
    code, name = named.get(sku_id, ("", ""))
    return name or code


def _terms(is_open: bool, price: int | None, permille: int | None) -> str:
    if not is_open:
        return _("不共享")
    if price is not None:
        return _("每件结算 {money}").format(money=numbers.exact(price))
    return _("按吊牌价的 {share} 结算").format(share=f"{(permille or 0) / 10:g}%")


def _settings_sentence(store: str, policy: str, shares: int) -> SafeString:
    shared = (
        ngettext("设了 {n} 条共享", "设了 {n} 条共享", shares).format(n=shares)
        if shares
        else _("没有共享给别人卖")
    )
    return format_html(
        _("{store}现在{policy}，{shared}。"),
        store=bold(store),
        policy=bold(POLICIES.get(policy, POLICIES["open"])),
        shared=shared,
    )


def set_policy(actor: Actor, org_unit_id: int, said: Mapping[str, str]) -> None:
    """Raises NotFound for whoever may not, Refused with what is wrong."""
    require(actor, org_unit_id, roles=SET)
    values = rule_forms.Values(said)
    policy = values.text("policy")
    rooms.brand.set_stock_policy(
        org_unit_id=org_unit_id,
        sku_id=_sku(values.text("code")),
        policy="strict" if policy == "strict" else "open" if policy == "open" else None,
        floor_milli=0,
        actor=actor,
    )


def set_share(actor: Actor, org_unit_id: int, said: Mapping[str, str]) -> None:
    require(actor, org_unit_id, roles=SET)
    values = rule_forms.Values(said)
    code, category = values.text("code"), values.text("category")[:TEXT_LENGTH]
    if values.text("act") == "unshare":
        rooms.brand.unshare_stock(org_unit_id=org_unit_id, sku_id=_sku(code), category=category, actor=actor)
        return
    rooms.brand.share_stock(
        org_unit_id=org_unit_id,
        sku_id=_sku(code),
        category=category,
        kept_milli=1000 * values.whole("kept", _("自己留几件")) if values.text("kept") else 0,
        transfer_price=values.money("price", _("每件结算多少钱")) if values.text("price") else None,
        price_permille=10 * values.whole("percent", _("吊牌价的百分之几"))
        if values.text("percent")
        else None,
        actor=actor,
    )


def _sku(code: str) -> int | None:
    """None: no code was written. Raises Refused for one that is not in the product list."""
    if not code:
        return None
    found: int | None = rooms.brand.find_skus([code]).get(code)
    if found is None:
        raise Refused(_("没有这个编码的商品：{code}").format(code=code))
    return found
