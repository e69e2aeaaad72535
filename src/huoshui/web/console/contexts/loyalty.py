"""会员规则: how points are earned, what gives more, and which tiers there are, each as one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.engage.loyalty.api import Bonus, EarnRule, Tier
from huoshui.people.api import Filters
from huoshui.web.console import numbers
from huoshui.web.console.contexts import offline_cap, rooms, rule_words
from huoshui.web.console.contexts.tier_gifts import gift_title
from huoshui.web.console.markup import bold

SEE = frozenset({"boss", "operator", "analyst", "auditor"})
ACT = frozenset({"boss", "operator"})
COUNTED = 1000  # customers of a tier are counted up to here; the list behind the number goes on


@dataclass(frozen=True)
class RuleRow:
    sentence: str
    url: str


@dataclass(frozen=True)
class EarnRow:
    rule: EarnRule
    sentence: str
    from_day: str  # '' for what always was


@dataclass(frozen=True)
class BonusRow:
    name: str
    code: str
    sentence: str
    is_over: bool
    is_coming: bool
    url: str


@dataclass(frozen=True)
class TierRow:
    rank: int
    name: str
    sentence: str
    url: str


@dataclass(frozen=True)
class RulesContext:
    sentence: SafeString
    now: EarnRow
    coming: tuple[EarnRow, ...]
    bonuses: list[BonusRow]
    tiers: list[TierRow]
    may_act: bool
    waiting: int
    offline: offline_cap.CapForm
    done: str


@dataclass(frozen=True)
class TierCount:
    name: str
    persons: int
    is_more: bool
    share: float
    url: str


@dataclass(frozen=True)
class TierCounts:
    everyone: int
    rows: list[TierCount]


def may_see(actor: Actor) -> bool:
    return bool(actor.roles & SEE)


def may_act(actor: Actor) -> bool:
    return bool(actor.roles & ACT)


def require(actor: Actor, *, acts: bool = False) -> None:
    if not (may_act(actor) if acts else may_see(actor)):
        raise NotFound


def rules(actor: Actor, done: str = "") -> RulesContext:
    require(actor)
    versions = rooms.loyalty.rulebook().versions
    today = clock.today()
    bonuses = rooms.loyalty.bonuses()
    tiers = rooms.loyalty.all_tiers()
    now = [v for v in versions if v.from_day <= today][-1]
    live = sum(b.from_day <= today <= b.until_day for b in bonuses)
    return RulesContext(
        sentence=_sentence(now, live, tiers),
        now=EarnRow(now, rule_words.earn(now), ""),
        coming=tuple(
            EarnRow(v, rule_words.earn(v), numbers.day(v.from_day)) for v in versions if v.from_day > today
        ),
        bonuses=bonus_rows(bonuses),
        tiers=[
            TierRow(
                t.rank,
                _(t.name),
                rule_words.tier(t, gift_title(t)),
                reverse("console:loyalty-tier", args=[t.rank]),
            )
            for t in reversed(tiers)
        ],
        may_act=may_act(actor),
        waiting=len(rooms.loyalty.waiting()),
        offline=offline_cap.form(actor, offline_cap.POINTS, is_saved=done == "offline"),
        done={
            "rule": _("新的积分规则"),
            "bonus": _("加倍与加送"),
            "ended": _("已停用一条加倍或加送"),
            "tier": _("会员等级"),
        }.get(done, ""),
    )


def _sentence(now: EarnRule, live: int, tiers: list[Tier]) -> SafeString:
    bonuses = (
        ngettext("另有 {n} 条加倍或加送", "另有 {n} 条加倍或加送", live).format(n=live)
        if live
        else _("没有加倍或加送")
    )
    return format_html(
        ngettext(
            "现在每消费 {money} 得 {points} 积分，{bonuses}；会员分 {tiers} 级，最高是{top}。",
            "现在每消费 {money} 得 {points} 积分，{bonuses}；会员分 {tiers} 级，最高是{top}。",
            now.points,
        ),
        money=bold(rule_words.yuan(now.per_minor)),
        points=bold(f"{now.points:,}"),
        bonuses=bonuses,
        tiers=len(tiers),
        top=bold(_(tiers[-1].name)),
    )


def bonus_rows(bonuses: list[Bonus]) -> list[BonusRow]:
    tiers = {t.rank: _(t.name) for t in rooms.loyalty.all_tiers()}
    stores = rooms.brand.unit_names(sorted({i for b in bonuses for i in b.org_unit_ids}))
    named = rooms.brand.product_names(sorted({i for b in bonuses for i in b.sku_ids}))
    goods = {i: name or code for i, (code, name) in named.items()}
    today = clock.today()
    return [
        BonusRow(
            name=b.name,
            code=b.code,
            sentence=rule_words.bonus(b, tiers, stores, goods),
            is_over=b.until_day < today,
            is_coming=b.from_day > today,
            url=reverse("console:loyalty-bonus", args=[b.code]),
        )
        for b in bonuses
    ]


def tier_counts(actor: Actor) -> TierCounts:
    """How many customers each tier has now, from their cards."""
    require(actor)
    found: Mapping[str, int] = {
        name: len(rooms.people.search(actor, "", Filters(tier=name), limit=COUNTED + 1).rows)
        for name in reversed(rooms.loyalty.tier_names())
    }
    most = max([min(n, COUNTED) for n in found.values()], default=0)
    return TierCounts(
        everyone=rooms.people.count_people(),
        rows=[
            TierCount(
                name=_(name),
                persons=min(n, COUNTED),
                is_more=n > COUNTED,
                share=100 * min(n, COUNTED) / most if most else 0,
                url=f"{reverse('console:people')}?{urlencode({'tier': name})}",
            )
            for name, n in found.items()
        ],
    )
