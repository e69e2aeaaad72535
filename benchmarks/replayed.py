"""Orders of The Complete Journey sold again: its coupons as templates, issued when their campaign began, quoted and used on
the day they were redeemed, and some of the orders taken back piece by piece.

Django must be set up before this is imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import time_machine
from django.db import transaction

from benchmarks.redeemed import ZONE, Data, Key, Line, Redemption
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Basket, BasketLine, CouponUse, Refund, RefundLine, Sale, SaleLine, Tender
from huoshui.people import api as people
from huoshui.project.sample import coupons
from huoshui.project.sample.coupons import Offer

PIECE = 1000


@dataclass(frozen=True)
class Order:
    """A basket as it stood before these coupons: its goods, and what each line cost then."""

    basket: int
    household: int
    store: int
    at: datetime
    lines: tuple[Line, ...]
    before: tuple[int, ...]
    uses: tuple[Redemption, ...]


@dataclass(frozen=True)
class Answer:
    """What a coupon gave, by place of the line; or why it gave nothing."""

    shares: Mapping[int, int] = field(default_factory=dict)
    refusal: str = ""

    @property
    def amount(self) -> int:
        return sum(self.shares.values())


@dataclass(frozen=True)
class Sold:
    order: Order
    coupon: Mapping[int, Answer]
    match: Mapping[int, Answer]
    """By number of the redemption; `match` only of those that the retailer doubles."""
    paid: tuple[int, ...]
    state: str
    fact_id: int
    codes: tuple[str, ...]

    def off(self, place: int) -> int:
        return sum(a.shares.get(place, 0) for a in (*self.coupon.values(), *self.match.values()))


class Shop:
    def __init__(self, data: Data, offers: Mapping[Key, Offer]) -> None:
        with transaction.atomic():
            source = facts.ensure_source(name="till:journey", label="收银台", mode="live")
        self.till = tills.Till(source.id, "till")
        self.templates = 0
        self._codes: dict[tuple[int, str], str] = {}
        of_campaign: dict[int, list[Key]] = defaultdict(list)
        for key in offers:
            of_campaign[key[1]].append(key)
        for campaign, keys in sorted(of_campaign.items(), key=lambda one: data.spans[one[0]]):
            opens = datetime.combine(data.spans[campaign][0], time(6), ZoneInfo(ZONE))
            with time_machine.travel(opens), transaction.atomic():
                self._issue(data, campaign, {key: offers[key] for key in sorted(keys)})

    def _issue(self, data: Data, campaign: int, offers: Mapping[Key, Offer]) -> None:
        first, last = data.spans[campaign]
        made: dict[tuple[Key, str], int] = {}
        for key, offer in offers.items():
            rule = coupons.rule(offer, skus=[str(sku) for sku in data.covered[key]], first=first, last=last)
            made[key, "coupon"] = self._template(f"券 {key[0]}", rule)
            if offer.match:
                made[key, "match"] = self._template(f"加倍 {key[0]}", coupons.match_rule(rule, offer))
        asked = [
            (r.number, kind, campaigns.Claim(made[r.key, kind], _person(r.household), f"{r.number}/{kind}"))
            for r in data.redemptions
            for kind in ("coupon", "match")
            if (r.key, kind) in made
        ]
        given = campaigns.claim([claim for _, _, claim in asked], actor=SYSTEM)
        for (number, kind, _), verdict in zip(asked, given, strict=True):
            if not verdict.code:
                raise AssertionError(verdict)
            self._codes[number, kind] = verdict.code

    def _template(self, title: str, rule: Mapping[str, object]) -> int:
        template_id = campaigns.create_template(title=title, rule=rule, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        self.templates += 1
        return template_id

    def sell(self, order: Order) -> Sold:
        with time_machine.travel(order.at):
            return self._sell(order)

    def _sell(self, order: Order) -> Sold:
        wanted = {
            (r.number, kind): code
            for r in order.uses
            for kind in ("coupon", "match")
            if (code := self._codes.get((r.number, kind)))
        }
        who = (("card_no", str(order.household)),)
        lines = tuple(
            BasketLine(str(x.sku), x.quantity * PIECE, amount)
            for x, amount in zip(order.lines, order.before, strict=True)
        )
        basket = Basket(str(order.store), order.at, lines, who, coupons=tuple(wanted.values()))
        quote = tills.quote(self.till, basket, lock_for=str(order.basket))
        gave = {a.code: Answer({x.line_no - 1: x.amount for x in a.lines}) for a in quote.applied}
        gave |= {n.code: Answer(refusal=n.reason) for n in quote.not_usable}
        off = [sum(a.shares.get(place, 0) for a in gave.values()) for place in range(len(lines))]
        sale = _sale(order, off, [CouponUse(a.code, a.amount) for a in quote.applied])
        (outcome,) = tills.sell(self.till, [sale])
        return Sold(
            order=order,
            coupon={number: gave[code] for (number, kind), code in wanted.items() if kind == "coupon"},
            match={number: gave[code] for (number, kind), code in wanted.items() if kind == "match"},
            paid=tuple(x.amount for x in sale.lines),
            state=outcome.state,
            fact_id=outcome.fact_id or 0,
            codes=tuple(a.code for a in quote.applied),
        )

    # ── and taken back ──

    def take_back(self, sold: Sold, chance: Random) -> list[str]:
        """The order given back in some parts, by quantity. Returns what went wrong."""
        found: list[str] = []
        recorded = _recorded(sold)
        if sum(off for _, off in recorded) != sum(sold.off(place) for place in range(len(sold.paid))):
            found.append("recorded another discount than was given")
        back, money = [0] * len(sold.paid), [0] * len(sold.paid)
        for number, part in enumerate(_parts(sold, chance)):
            at = sold.order.at + timedelta(days=1, minutes=number)
            lines = tuple(RefundLine(line_no=p + 1, quantity_milli=q) for p, q in sorted(part.items()))
            with time_machine.travel(at):
                command = Refund(f"{sold.order.basket}/{number}", str(sold.order.basket), at, lines=lines)
                (outcome,) = tills.refund(self.till, [command])
            told = [x.amount for x in outcome.lines]
            due = [_due(sold, p, back[p], q) for p, q in sorted(part.items())]
            if outcome.state != "settled" or told != due:
                found.append(f"part {number}: {outcome.state}, {told} instead of {due}")
            for place, quantity in part.items():
                back[place] += quantity
                money[place] += _due(sold, place, back[place] - quantity, quantity)
            if _recorded(sold) != recorded:
                found.append(f"part {number}: the discount was spread anew")
        if tuple(money) != sold.paid:
            found.append("the parts do not come to the whole")
        if any(h.problem for h in campaigns.find(sold.codes)):
            found.append("a coupon was not given back")
        return found


def _sale(order: Order, off: Sequence[int], uses: Iterable[CouponUse]) -> Sale:
    lines = tuple(
        SaleLine(str(x.sku), x.quantity * PIECE, amount - o, discount=o, coupon_discount=o)
        for x, amount, o in zip(order.lines, order.before, off, strict=True)
    )
    return Sale(
        key=f"sale-{order.basket}",
        order_key=str(order.basket),
        store_code=str(order.store),
        at=order.at,
        lines=lines,
        identifiers=(("card_no", str(order.household)),),
        tenders=(Tender("cash", sum(x.amount for x in lines)),),
        coupons=tuple(uses),
    )


def _person(household: int) -> int:
    person_id = people.find("card_no", str(household))
    assert person_id is not None, f"household {household} is not among the members"
    return person_id


def _recorded(sold: Sold) -> list[tuple[int, int]]:
    return sorted((x.line_no, x.amount) for r in campaigns.redemptions_of([sold.fact_id]) for x in r.lines)


def _due(sold: Sold, place: int, before: int, quantity: int) -> int:
    """Of what was paid for a line, the share of these pieces after those before them."""
    paid, whole = sold.paid[place], sold.order.lines[place].quantity * PIECE
    return paid * (before + quantity) // whole - paid * before // whole


def _parts(sold: Sold, chance: Random) -> list[dict[int, int]]:
    """All goods of the order, dealt out into two to four refunds piece by piece; of a thousand pieces (fuel), in lots."""
    parts: list[dict[int, int]] = [defaultdict(int) for _ in range(chance.randint(2, 4))]
    for place, line in enumerate(sold.order.lines):
        lot = max(line.quantity // 20, 1)
        left = line.quantity
        while left > 0:
            chance.choice(parts)[place] += min(lot, left) * PIECE
            left -= lot
    return [dict(part) for part in parts if part]
