"""Which coupons of a basket may be used, and the best legal combination of them. Pure: no database, no clock.

Coupons are applied one after another, each on what those before it have left of the lines: first those about single
pieces (fixed price, nth item, gift), then percentages, then amounts; within a kind by template, then the soonest to expire,
then the code. Thresholds look at the basket before any coupon, so that one coupon never spoils another's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from huoshui.core import money
from huoshui.engage.campaigns import giving
from huoshui.engage.campaigns.types import (
    AmountOff,
    Applied,
    Basket,
    FixedPrice,
    Gift,
    Held,
    LineShare,
    NotUsable,
    NthItem,
    PercentOff,
    Proposal,
    Rule,
    Times,
)

EXACT = 12
"""Up to so many coupons that could all be used (counting of each template no more than an order may carry), the best
combination is exact. Of more, those that alone give most are combined exactly, and the rest added where they still fit."""

_STAGE: Mapping[type, int] = {FixedPrice: 0, NthItem: 1, Gift: 2, PercentOff: 3, AmountOff: 4}
_NEVER = datetime.max.replace(tzinfo=UTC)

Why = tuple[str, Mapping[str, Any]]
Look = Callable[[Basket, Held, Rule], Why | None]


def lock_key(source_id: int, order_key: str) -> str:
    """Order keys are a source's own."""
    return f"{source_id}:{order_key}"


def best(basket: Basket, held: Sequence[Held]) -> Proposal:
    """The legal combination that takes most off; of equals the one with fewer coupons, then that of the coupons soonest to
    expire, then by code. The order of `held` does not matter; one told twice counts once."""
    held = list({h.code: h for h in sorted(held, key=lambda h: bool(h.problem))}.values())
    refused = [NotUsable(h, *why) for h in held if (why := why_not(basket, h))]
    barred = {id(n.held) for n in refused}
    usable = [h for h in held if id(h) not in barred]
    applied = _combine(basket, usable)
    used = {id(a.held) for a in applied}
    left = [NotUsable(h, *_left_out(basket, h, applied)) for h in usable if id(h) not in used]
    return Proposal(tuple(applied), tuple(sorted([*refused, *left], key=lambda n: _age(n.held))))


def combined(basket: Basket, held: Sequence[Held], *, by_rule_alone: bool = False) -> Proposal:
    """What exactly these coupons give together. Those that may not be used, or not beside the others, are left out.

    `by_rule_alone`: whoever's they are, whatever they are kept for, and whatever is left of the budget.
    """
    look = _by_rule if by_rule_alone else why_not
    if len(held) == 1:  # the everyday order
        why, off = _judged(basket, held[0], by_rule_alone=by_rule_alone)
        if why:
            return Proposal((), (NotUsable(held[0], *why),))
        return Proposal((_given(basket, held[0], off),), ())
    applied: list[Held] = []
    refused: list[NotUsable] = []
    for h in in_order(held):
        why = look(basket, h)
        if why is None and not _fits(h, applied):
            why = _beside(h, _apply(basket, applied))
        if why:
            refused.append(NotUsable(h, *why))
        else:
            applied.append(h)
    return Proposal(tuple(_apply(basket, applied)), tuple(refused))


def in_order(held: Sequence[Held]) -> list[Held]:
    """The order in which coupons are applied."""
    return sorted(
        held, key=lambda h: (_STAGE[type(_rule(h).benefit)] if h.rule else 9, h.template_id, _age(h))
    )


def _age(held: Held) -> tuple[datetime, str]:
    return held.valid_until or _NEVER, held.code


def _rule(held: Held) -> Rule:
    assert held.rule is not None
    return held.rule


# ── one coupon ───────────────────────────────────────────────────────────────────────────────────────────────────


def why_not(basket: Basket, held: Held) -> Why | None:
    """The first thing that speaks against a coupon on this basket, taken alone."""
    return _judged(basket, held)[0]


def _by_rule(basket: Basket, held: Held) -> Why | None:
    return _judged(basket, held, by_rule_alone=True)[0]


def _judged(basket: Basket, held: Held, *, by_rule_alone: bool = False) -> tuple[Why | None, Sequence[int]]:
    """What speaks against a coupon taken alone; and where nothing does, what it takes off each line."""
    if held.problem or held.rule is None:
        return _nobodys(held), ()
    if why := _first_of(_OF_RULE if by_rule_alone else _OF_ALL, basket, held, held.rule):
        return why, ()
    why, off = _what(basket, held.rule, None if by_rule_alone else held.budget_left)
    return _named(held, why) if why else None, off


def whose(basket: Basket, held: Held) -> Why | None:
    """Whether it is somebody else's, or kept for another order; nothing of one that nobody may use."""
    if held.problem or held.rule is None or not (why := _whose(basket, held, held.rule)):
        return None
    return _named(held, why)


def standing(basket: Basket, held: Held) -> Why | None:
    """What speaks against a coupon whatever is bought: whose it is, whether it is kept for another order, its time."""
    if held.problem or held.rule is None:
        return _nobodys(held)
    return _first_of((_whose, _when), basket, held, held.rule)


def _first_of(looks: Sequence[Look], basket: Basket, held: Held, rule: Rule) -> Why | None:
    for look in looks:
        if why := look(basket, held, rule):
            return _named(held, why)
    return None


def _named(held: Held, why: Why) -> Why:
    return why[0], {"code": held.code, "title": held.title, **why[1]}


def _nobodys(held: Held) -> Why:
    return _named(held, (held.problem or "coupon_unknown", held.detail))


def _whose(basket: Basket, held: Held, rule: Rule) -> Why | None:
    if held.owner_id is not None and held.owner_id != basket.person_id:
        return "coupon_not_yours", {}
    if held.locked_for is not None and held.locked_for != lock_key(basket.source_id, basket.order_key):
        return "coupon_locked", {}
    if held.owner_id is None and rule.per_person is not None and basket.person_id is None:
        return "coupon_needs_member", {"per_person": rule.per_person}
    return None


def _for_whom(basket: Basket, held: Held, rule: Rule) -> Why | None:
    tiers = rule.tiers
    if not tiers:
        return None
    has_rank = tiers.min_rank is None or (basket.tier_rank is not None and basket.tier_rank >= tiers.min_rank)
    if not (has_rank and (not tiers.names or basket.tier in tiers.names)):
        return "coupon_wrong_tier", {"tiers": "、".join(sorted(tiers.names)), "min_rank": tiers.min_rank}
    return None


def _when(basket: Basket, held: Held, rule: Rule) -> Why | None:
    if held.valid_from and basket.at < held.valid_from:
        return "coupon_not_yet", {"from": _moment(held.valid_from, basket)}
    if held.valid_until and basket.at >= held.valid_until:
        return "coupon_expired", {"until": _moment(held.valid_until, basket)}
    return None


def _hours(basket: Basket, held: Held, rule: Rule) -> Why | None:
    times = rule.times
    if not (times.weekdays or times.hours) or _is_time(times, basket.at):
        return None
    return "coupon_wrong_time", {}


def _moment(instant: datetime, basket: Basket) -> str:
    return f"{instant.astimezone(basket.at.tzinfo):%Y-%m-%d %H:%M}"


def _is_time(times: Times, at: datetime) -> bool:
    minute = at.hour * 60 + at.minute
    if times.weekdays and at.isoweekday() not in times.weekdays:
        return False
    return not times.hours or any(
        start <= minute < end if start < end else minute >= start or minute < end
        for start, end in times.hours
    )


def _where(basket: Basket, held: Held, rule: Rule) -> Why | None:
    if rule.org_units and not rule.org_units & set(basket.org_unit_ids):
        return "coupon_wrong_store", {}
    if rule.channels and basket.channel not in rule.channels:
        return "coupon_wrong_channel", {"channels": "、".join(sorted(rule.channels))}
    return None


_OF_RULE: Sequence[Look] = (_when, _for_whom, _hours, _where)
_OF_ALL: Sequence[Look] = (_whose, *_OF_RULE)


def _what(basket: Basket, rule: Rule, budget_left: int | None) -> tuple[Why | None, Sequence[int]]:
    """What speaks against it in what is bought, else what it takes off each line."""
    if isinstance(rule.benefit, Gift) and all(x.sku_code != rule.benefit.sku for x in basket.lines):
        return ("coupon_gift_absent", {"sku": rule.benefit.sku}), ()
    places = giving.in_scope(rule, basket.lines)
    if not places:
        return ("coupon_out_of_scope", {}), ()
    lack = giving.missing(rule, basket.lines, places)
    if lack.amount or lack.pieces:
        told = [f"{money.plain(lack.amount)} 元"] * bool(lack.amount) + [f"{lack.pieces} 件"] * bool(
            lack.pieces
        )
        detail = {"missing": "、".join(told), "missing_amount": lack.amount, "missing_pieces": lack.pieces}
        return ("coupon_threshold", detail), ()
    off = giving.discount(rule, basket.lines, [line.amount for line in basket.lines], places)
    gives = sum(off)
    if gives == 0:
        return ("coupon_gives_nothing", {}), ()
    if budget_left is not None and gives > budget_left:
        return ("coupon_budget_spent", {}), ()
    return None, off


# ── several together ─────────────────────────────────────────────────────────────────────────────────────────────


def _fits(held: Held, others: Sequence[Held]) -> bool:
    mine = _rule(held).stacking
    if sum(o.template_id == held.template_id for o in others) >= mine.max_per_order:
        return False
    return not any(
        mine.exclusive
        or _rule(o).stacking.exclusive
        or (mine.group and mine.group == _rule(o).stacking.group)
        for o in others
        if o.template_id != held.template_id
    )


def _beside(held: Held, applied: Sequence[Applied]) -> Why:
    titles = "、".join(dict.fromkeys(a.held.title or a.held.code for a in applied))
    return "coupon_stacking", {"code": held.code, "title": held.title, "with": titles}


def _left_out(basket: Basket, held: Held, applied: Sequence[Applied]) -> Why:
    """Why one that could be used alone is not among the best."""
    chosen = [a.held for a in applied]
    if _fits(held, chosen):
        more = _apply(basket, in_order([*chosen, held]))
        told = {"code": held.code, "title": held.title}
        if any(a.amount == 0 for a in more):
            return "coupon_gives_nothing", told
        if not _is_whole(more):
            return "coupon_budget_spent", told
    return _beside(held, applied)


def _apply(basket: Basket, chosen: Sequence[Held]) -> list[Applied]:
    """These coupons, in their order."""
    left = [line.amount for line in basket.lines]
    out = []
    for h in chosen:
        off = giving.discount(_rule(h), basket.lines, left)
        left = [a - b for a, b in zip(left, off, strict=True)]
        out.append(_given(basket, h, off))
    return out


def _given(basket: Basket, held: Held, off: Sequence[int]) -> Applied:
    shares = [LineShare(x.line_no, a) for x, a in zip(basket.lines, off, strict=True) if a]
    return Applied(held, sum(off), tuple(shares))


def _is_whole(applied: Sequence[Applied]) -> bool:
    """Each gives something, and no budget is asked for more than it has."""
    asked: Counter[int] = Counter()
    for a in applied:
        asked[a.held.template_id] += a.amount
    return all(a.amount > 0 for a in applied) and not any(
        a.held.budget_left is not None and asked[a.held.template_id] > a.held.budget_left for a in applied
    )


def _combine(basket: Basket, usable: Sequence[Held]) -> list[Applied]:
    worth = {id(h): _alone(basket, h) for h in usable}
    useful = _as_many_as_fit(usable)
    most = sorted(useful, key=lambda h: (-worth[id(h)], _age(h)))
    search = _Search(basket, in_order(most[:EXACT]), worth)
    chosen = search.best()
    for h in most[EXACT:]:
        more = _apply(basket, in_order([*chosen, h])) if _fits(h, chosen) else []
        if _is_whole(more) and sum(a.amount for a in more) > sum(a.amount for a in _apply(basket, chosen)):
            chosen = in_order([*chosen, h])
    return _apply(basket, chosen)


def _alone(basket: Basket, held: Held) -> int:
    return sum(giving.discount(_rule(held), basket.lines, [line.amount for line in basket.lines]))


def _as_many_as_fit(usable: Sequence[Held]) -> Iterator[Held]:
    """Of each template the soonest to expire, no more than an order may carry: the others are just like them."""
    seen: defaultdict[int, int] = defaultdict(int)
    for h in in_order(usable):
        seen[h.template_id] += 1
        if seen[h.template_id] <= _rule(h).stacking.max_per_order:
            yield h


class _Search:
    """Branch and bound over coupons in their order: take or leave. What remains can never give more than each of the
    remaining coupons would alone, and a unit for each line by rounding."""

    def __init__(self, basket: Basket, coupons: Sequence[Held], worth: Mapping[int, int]) -> None:
        self._basket = basket
        self._coupons = coupons
        self._ahead = [0] * (len(coupons) + 1)
        for place in range(len(coupons) - 1, -1, -1):
            self._ahead[place] = self._ahead[place + 1] + worth[id(coupons[place])] + len(basket.lines)
        self._found: list[Held] = []
        self._rank = _rank(0, [])

    def best(self) -> list[Held]:
        self._go(0, [], [], [line.amount for line in self._basket.lines])
        return self._found

    def _go(self, place: int, chosen: list[Held], gives: list[int], left: list[int]) -> None:
        total = sum(gives)
        if total + self._ahead[place] < -self._rank[0]:
            return
        if place == len(self._coupons):
            self._keep(chosen, gives)
            return
        coupon = self._coupons[place]
        if _fits(coupon, chosen):
            off = giving.discount(_rule(coupon), self._basket.lines, left)
            if any(off):
                rest = [a - b for a, b in zip(left, off, strict=True)]
                self._go(place + 1, [*chosen, coupon], [*gives, sum(off)], rest)
        self._go(place + 1, chosen, gives, left)

    def _keep(self, chosen: list[Held], gives: list[int]) -> None:
        rank = _rank(sum(gives), chosen)
        if rank < self._rank and _is_whole(_applied(chosen, gives)):
            self._rank, self._found = rank, chosen


def _rank(total: int, chosen: Sequence[Held]) -> tuple[int, int, list[tuple[datetime, str]]]:
    """Smaller is better."""
    return -total, len(chosen), sorted(map(_age, chosen))


def _applied(chosen: Sequence[Held], gives: Sequence[int]) -> list[Applied]:
    return [Applied(h, amount, ()) for h, amount in zip(chosen, gives, strict=True)]
