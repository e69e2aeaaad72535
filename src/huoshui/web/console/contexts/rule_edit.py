"""One rule being written: its form, what it would have cost, and putting it in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.engage.loyalty.api import Bonus, EarnRule, RuleSet, Tier, WhatIf
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms, rule_forms, rule_words
from huoshui.web.console.contexts.behind import BehindContext
from huoshui.web.console.contexts.loyalty import bonus_rows, require
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.contexts.tier_gifts import coupon_titles, gift_title
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

KEPT_SECONDS = 600
SEVERAL = ("ranks", "weekdays")  # fields that are several boxes


@dataclass(frozen=True)
class Target:
    """Which rule is being written."""

    kind: str  # 'rule', 'bonus', 'tier'
    url: str
    code: str = ""
    rank: int = 0

    @property
    def movers_url(self) -> str:
        return f"{self.url}movers/"


@dataclass(frozen=True)
class Move:
    before: str
    after: str
    persons: int
    url: str
    is_up: bool


@dataclass(frozen=True)
class Tried:
    """What the sales of a month would have given and cost by the rule as written."""

    sentence: SafeString
    says: str  # the rule as written, as a sentence
    month: str
    orders: int
    points_now: int
    points_then: int
    money_now: int
    money_then: int
    moves: list[Move]

    @property
    def more_money(self) -> int:
        return self.money_then - self.money_now


@dataclass(frozen=True)
class EditContext:
    target: Target
    title: str
    now: str
    values: dict[str, str]
    ranks: tuple[Choice, ...]
    weekdays: tuple[Choice, ...]
    birthdays: tuple[Choice, ...]
    counts: tuple[Choice, ...]
    gifts: tuple[Choice, ...]
    is_lowest: bool
    action: str
    tried: Tried | None
    error: str
    may_act: bool


def form(actor: Actor, target: Target, said: Mapping[str, str] | None = None) -> EditContext:
    """Raises NotFound for a tier or a bonus rule that is not there. `said` None: as the rule is now."""
    require(actor, acts=True)
    return _context(target, said)


def try_out(actor: Actor, target: Target, said: Mapping[str, str]) -> EditContext:
    require(actor, acts=True)
    context = _context(target, said)
    try:
        changed = _changed(target, said)
        return replace(context, tried=_tried(target, said, changed))
    except NotFound:
        raise
    except Refused as error:
        return replace(context, error=retell(str(error)))


def save(actor: Actor, target: Target, said: Mapping[str, str]) -> None:
    """Raises Refused with what is wrong with it."""
    require(actor, acts=True)
    made = _made(target, said)
    if isinstance(made, EarnRule):
        rooms.loyalty.set_rule(made, actor=actor)
    elif isinstance(made, Bonus):
        rooms.loyalty.set_bonus(made, actor=actor)
    else:
        rooms.loyalty.set_tier(made, actor=actor)


def refused(actor: Actor, target: Target, said: Mapping[str, str], error: Refused) -> EditContext:
    return replace(form(actor, target, said), error=retell(str(error)))


def movers(actor: Actor, target: Target, query: Mapping[str, str]) -> BehindContext:
    """The customers behind one change of tier; the address says which rule, never who was found."""
    require(actor, acts=True)
    try:
        found = _what_if(_changed(target, query))
    except Refused as error:
        raise NotFound from error
    asked = (query.get("move.before", ""), query.get("move.after", ""))
    move = next((m for m in found.moves if (m.before, m.after) == asked), None)
    if move is None:
        raise NotFound
    day = standing_day()
    rows = [cards.row(card, day) for card in rooms.people.cards_for(actor, list(move.some))]
    said = _("从{before}到{after}的有 {n} 位。")
    more = _("从{before}到{after}的有 {n} 位，先看其中 {shown} 位。")
    return BehindContext(
        question="tiers",
        sentence=format_html(
            more if move.persons > len(rows) else said,
            before=_(move.before),
            after=_(move.after),
            n=bold(numbers.count(move.persons)),
            shown=len(rows),
        ),
        count=move.persons,
        rows=rows,
        left=move.persons - len(rows),
        next_url="",
        url=f"{target.movers_url}?{urlencode(query)}",
        is_first=True,
    )


def _what_if(changed: RuleSet) -> WhatIf:
    """Kept for a while: it takes seconds, and each of its numbers asks again when it is opened."""
    asked = f"{rooms.lake.engine().fresh_at()} {rooms.loyalty.rules_now()} {changed} {month()}"
    key = f"console.what_if.{hashlib.sha256(asked.encode()).hexdigest()}"
    known: WhatIf | None = cache.get(key)
    if known is None:
        known = rooms.loyalty.what_if(changed, month())
        cache.set(key, known, KEPT_SECONDS)
    return known


def month() -> date:
    """The last month that is over, by the day the console stands on."""
    following = (standing_day() + timedelta(days=1)).replace(day=1)
    return (following - timedelta(days=1)).replace(day=1)


def _tier(target: Target) -> Tier:
    found = next((t for t in rooms.loyalty.all_tiers() if t.rank == target.rank), None)
    if found is None:
        raise NotFound
    return found


def _bonus(target: Target) -> Bonus | None:
    """None for one that is still to be made."""
    if not target.code:
        return None
    found = next((b for b in rooms.loyalty.bonuses() if b.code == target.code), None)
    if found is None:
        raise NotFound
    return found


def _made(target: Target, said: Mapping[str, str]) -> EarnRule | Bonus | Tier:
    values = rule_forms.Values(said)
    if target.kind == "rule":
        return rule_forms.rule(values, rooms.loyalty.rules_now().rule)
    if target.kind == "tier":
        tier = rule_forms.tier(values, _tier(target))
        if tier.gift_template_id is not None and str(tier.gift_template_id) not in coupon_titles(
            with_ended=str(_tier(target).gift_template_id)
        ):
            raise Refused(_("没有这张券，请重新选一张。"))
        return tier
    before = _bonus(target)
    made = rule_forms.bonus(
        values,
        code=before.code if before else rule_forms.new_code(),
        stores=rooms.brand.find_units(list(values.listed("stores"))),
        skus=rooms.brand.find_skus(list(values.listed("skus"))),
    )
    if not made.name:
        raise Refused("请给积分规则起一个名字，收银员和顾客会看到它。")
    return made


def _changed(target: Target, said: Mapping[str, str]) -> RuleSet:
    now, made = rooms.loyalty.rules_now(), _made(target, said)
    if isinstance(made, EarnRule):
        return RuleSet(made, now.bonuses, now.tiers)
    if isinstance(made, Bonus):
        return RuleSet(now.rule, [*(b for b in now.bonuses if b.code != made.code), made], now.tiers)
    return RuleSet(now.rule, now.bonuses, _ascending([made if t.rank == made.rank else t for t in now.tiers]))


def _ascending(tiers: list[Tier]) -> list[Tier]:
    """Told before trying what saving would refuse."""
    steps = [t.spend_at_least for t in tiers]
    if sorted(set(steps)) != steps:
        raise Refused("等级越高，门槛也要越高；请检查各级的消费门槛。")
    return tiers


def _tried(target: Target, said: Mapping[str, str], changed: RuleSet) -> Tried:
    found = _what_if(changed)
    ranks = {t.name: t.rank for t in changed.tiers} | {t.name: t.rank for t in rooms.loyalty.all_tiers()}
    kept = {k: v for k, v in said.items() if v and k not in {"act", "csrfmiddlewaretoken"}}
    return Tried(
        sentence=_with_movers(_sentence(found), found),
        says=_says(target, changed),
        month=found.month,
        orders=found.orders,
        points_now=found.points_now,
        points_then=found.points_then,
        money_now=found.money_now,
        money_then=found.money_then,
        moves=[
            Move(
                before=_(m.before),
                after=_(m.after),
                persons=m.persons,
                url=f"{target.movers_url}?{urlencode({**kept, 'move.before': m.before, 'move.after': m.after})}",
                is_up=ranks.get(m.after, 0) > ranks.get(m.before, 0),
            )
            for m in found.moves
        ],
    )


def _with_movers(said: SafeString, found: WhatIf) -> SafeString:
    movers = sum(m.persons for m in found.moves)
    if not movers:
        return said
    return format_html(_("{said}{n} 位顾客的等级会变。"), said=said, n=bold(numbers.count(movers)))


def _says(target: Target, changed: RuleSet) -> str:
    if target.kind == "rule":
        return rule_words.earn(changed.rule)
    if target.kind == "tier":
        of = next(t for t in changed.tiers if t.rank == target.rank)
        return _("{name}：{said}").format(name=_(of.name), said=rule_words.tier(of, gift_title(of)))
    return _bonus_says(changed.bonuses[-1])


def _bonus_says(of: Bonus) -> str:
    return bonus_rows([of])[0].sentence


def _sentence(found: WhatIf) -> SafeString:
    day = date.fromisoformat(f"{found.month}-01")
    when = _("{year} 年 {month} 月").format(year=day.year, month=day.month)
    if not found.orders:
        return format_html(_("{when}没有订单，试算不出花费；等级的变动照算。"), when=when)
    gap = found.money_then - found.money_now
    points = found.points_then - found.points_now
    if not points and not gap:
        return format_html(_("照 {when}的订单算，发出的积分不变。"), when=when)
    said = (
        _("照 {when}的订单算，会多发 {points} 积分，多花约 {money}。")
        if gap > 0 or (gap == 0 and points > 0)
        else _("照 {when}的订单算，会少发 {points} 积分，少花约 {money}。")
    )
    if (points > 0) != (gap > 0) and points and gap:
        said = _("照 {when}的订单算，积分变动 {points}，花费变动约 {money}。")
    return format_html(
        said,
        when=when,
        points=bold(f"{abs(points):,}"),
        money=bold(numbers.money(abs(gap)), "bad" if gap > 0 else ""),
    )


def _context(target: Target, said: Mapping[str, str] | None) -> EditContext:
    now, initial = _now(target)
    values = initial if said is None else {**dict.fromkeys(initial, ""), **said}
    chosen = {name: set(values.get(name, "").split(",")) for name in SEVERAL}
    return EditContext(
        target=target,
        title=_title(target),
        now=now,
        values=values,
        ranks=tuple(
            Choice(str(t.rank), _(t.name), str(t.rank) in chosen["ranks"]) for t in rooms.loyalty.all_tiers()
        ),
        weekdays=tuple(
            Choice(str(n), str(word), str(n) in chosen["weekdays"])
            for n, word in enumerate(rule_words.WEEKDAYS, 1)
        ),
        birthdays=_choices(rule_words.BIRTHDAYS, values.get("birthday", "")),
        counts=_choices(rule_words.COUNTS, values.get("counts", "")),
        gifts=_gifts(values.get("gift", "")) if target.kind == "tier" else (),
        is_lowest=target.kind == "tier" and target.rank == 0,
        action=target.url,
        tried=None,
        error="",
        may_act=True,
    )


def _choices(of: Mapping[str, object], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(word), value == chosen) for value, word in of.items())


def _gifts(chosen: str) -> tuple[Choice, ...]:
    """Coupons that may come with a tier; an ended one only where the tier has it."""
    options = {"": _("不送券"), **coupon_titles(with_ended=chosen)}
    return tuple(Choice(value, title, value == chosen) for value, title in options.items())


def _title(target: Target) -> str:
    if target.kind == "rule":
        return _("改积分规则")
    if target.kind == "tier":
        return _("改会员等级")
    return _("改加倍或加送") if target.code else _("加一条加倍或加送")


def _now(target: Target) -> tuple[str, dict[str, str]]:
    """The rule as it is: in words, and as the form has it."""
    if target.kind == "rule":
        rule = rooms.loyalty.rules_now().rule
        return rule_words.earn(rule), rule_forms.of_rule(rule, clock.today() + timedelta(days=1))
    if target.kind == "tier":
        tier = _tier(target)
        return rule_words.tier(tier, gift_title(tier)), rule_forms.of_tier(tier)
    bonus = _bonus(target)
    if bonus is None:
        blank = Bonus(id=0, code="", version=0, name="", percent=200)
        return "", rule_forms.of_bonus(blank, stores={}, skus={})
    codes = rooms.brand.product_names(list(bonus.sku_ids))
    return _bonus_says(bonus), rule_forms.of_bonus(
        bonus,
        stores=rooms.brand.unit_codes(list(bonus.org_unit_ids)),
        skus={i: code for i, (code, _name) in codes.items()},
    )


def fields(data: Mapping[str, str], several: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """A posted form as one text for each field."""
    return {**data, **{name: ",".join(values) for name, values in several.items()}}


def rule_target() -> Target:
    return Target("rule", reverse("console:loyalty-rule"))


def tier_target(rank: int) -> Target:
    return Target("tier", reverse("console:loyalty-tier", args=[rank]), rank=rank)


def bonus_target(code: str) -> Target:
    """'' for one that is still to be made."""
    if not code:
        return Target("bonus", reverse("console:loyalty-bonus-new"))
    return Target("bonus", reverse("console:loyalty-bonus", args=[code]), code=code)
