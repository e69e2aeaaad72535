"""The river's `redeem` step: one set of statements for one fact and for five hundred."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from huoshui.core import clock, sql
from huoshui.core.facts.types import ORDER_REFUNDED
from huoshui.engage.campaigns import around, claims, codes, reads
from huoshui.engage.campaigns.redeeming import Coupon, Order, Outcome, Redeeming, Redemption
from huoshui.engage.campaigns.splitting import Line, Part, Use
from huoshui.engage.campaigns.types import Basket, BasketLine, Held, Place, Product, Redeemed, Tier
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")


@dataclass(frozen=True)
class Looked:
    """Settled facts whose coupons have been asked for. Of those in `later` the orders may have used some before."""

    later: Set[int]
    touched: sql.Asked | None


def look(fact_ids: Sequence[int], *, with_kin: Set[int] | None = None) -> Looked:
    """Ask together with the next statement that is waited for. Only those `with_kin` (None: any) may change an order that
    used some."""
    later = set(fact_ids) if with_kin is None else with_kin & set(fact_ids)
    if not fact_ids:
        return Looked(later, None)
    return Looked(later, sql.ask(Q.touched, fact_ids=list(fact_ids), later_ids=sorted(later)))


def redeem(looked: Looked, *, asks: Set[int], kin: people.Kin | None = None) -> Redeemed:
    """Redeem the coupons of these settled facts, and give back those of orders taken back.

    Of an ask whatever is wrong is unmet, and the caller undoes it. A report's coupon is redeemed unless nobody knows it or it
    was used up or void; what else is wrong with it is told beside. Facts without coupons cost one query.
    """
    facts = looked.touched.rows() if looked.touched else []
    if not facts:
        return Redeemed()
    kin = kin or people.Kin()
    kin.ask(f.person_id for f in facts if f.person_id is not None)
    told = _Told(facts, looked.later)
    coupons = _lock_coupons(told, kin, with_budgets=any(f.fact_id in asks for f in facts))
    orders = _orders(told, asks, coupons, kin)
    redeeming = Redeeming(coupons, _taken(orders, coupons))
    for order in orders:
        redeeming.take(order)
    _write(redeeming.out, coupons.values())
    over = loyalty.beyond_caps("coupons", redeeming.out.offline, kin=kin)
    unmet = redeeming.out.unmet + over
    refunds = {f.fact_id for f in facts if f.name == ORDER_REFUNDED and f.fact_id in asks}
    return Redeemed(
        redeeming.out.movements,
        [u for u in unmet if u.fact_id not in refunds],
        [u for u in unmet if u.fact_id in refunds],
    )


class _Told:
    """What the orders of these facts say by now, and what they have used so far."""

    def __init__(self, facts: Sequence[sql.Row], later: Set[int]) -> None:
        self.facts = facts
        # The only fact of its order is all there is of it, and has used nothing before
        self._order_of = {f.fact_id: f.order_id for f in facts if f.fact_id not in later}
        order_ids = sorted({f.order_id for f in facts if f.fact_id in later})
        current = sql.fetch(Q.current_facts, order_ids=order_ids) if order_ids else ()
        self._order_of |= {r.fact_id: r.order_id for r in current}
        self._refunds = {r.fact_id for r in current if r.is_refund}
        fact_ids = sorted(self._order_of)
        self._lines = sql.ask(Q.lines_of_facts, fact_ids=fact_ids)
        self.sold: dict[int, list[Line]] = defaultdict(list)
        self.returned: dict[int, list[Line]] = defaultdict(list)
        self.uses: dict[int, list[Use]] = defaultdict(list)
        earlier = sorted(set(fact_ids) - {f.fact_id for f in facts})
        uses = [
            Use(f.fact_id, *use)
            for f in facts
            if f.fact_id in self._order_of and f.codes
            for use in zip(f.codes, f.amounts, strict=True)
        ]
        if earlier:
            uses += sql.fetch_as(Use, Q.uses_of_facts, fact_ids=earlier)
        for use in sorted(uses, key=lambda use: use.fact_id):
            self.uses[self._order_of[use.fact_id]].append(use)
        past = sql.fetch(Q.redemptions_of_orders, order_ids=order_ids) if order_ids else ()
        self.gone: dict[int, dict[int, int]] = defaultdict(dict)
        for r in past:
            if not r.is_live:
                self.gone[r.order_id][r.coupon_id] = r.amount - r.excess
        self.live: Mapping[int, list[Redemption]] = _live([r for r in past if r.is_live], order_ids)

    def read_lines(self) -> None:
        for line in sql.rows_as(Line, self._lines):
            into = self.returned if line.fact_id in self._refunds else self.sold
            into[self._order_of[line.fact_id]].append(line)


def _live(rows: Sequence[sql.Row], order_ids: Sequence[int]) -> Mapping[int, list[Redemption]]:
    parts: dict[tuple[int, int], list[Part]] = defaultdict(list)
    if rows:
        for r in sql.fetch(Q.live_lines, order_ids=list(order_ids)):
            parts[r.fact_id, r.coupon_id].append(Part(r.line_no, r.key, r.amount))
    out: dict[int, list[Redemption]] = defaultdict(list)
    for row in rows:
        known = {name: value for name, value in row._asdict().items() if name != "is_live"}
        out[row.order_id].append(Redemption(**known, parts=tuple(parts[row.fact_id, row.coupon_id])))
    return out


def _lock_coupons(told: _Told, kin: people.Kin, *, with_budgets: bool) -> dict[str, Coupon]:
    """By key. What is left of a budget is asked of asks only: a report has happened, whatever was left."""
    keys = {codes.key(use.code) for uses in told.uses.values() for use in uses}
    used = {r.coupon_id for live in told.live.values() for r in live}
    which = {"keys": sorted(keys), "coupon_ids": sorted(used)}
    locking = sql.ask(Q.lock_used, **which, now=clock.now())
    budgets = sql.ask(Q.budgets_of_used, **which) if with_budgets else None
    rows = locking.rows()
    told.read_lines()
    left = {r.template_id: r.balance for r in budgets.rows()} if budgets else {}
    held_now = reads.as_held(rows, kin=kin, budgets=left)
    return {
        r.key: Coupon(
            held=held,
            state=r.state,
            is_shared=r.is_shared,
            uses=r.uses,
            used=r.used,
            person_id=r.person_id,
            valid_until=r.valid_until,
            order_id=r.redeemed_fact_id,
        )
        for r, held in zip(rows, held_now, strict=True)
    }


def _orders(told: _Told, asks: Set[int], coupons: Mapping[str, Coupon], kin: people.Kin) -> list[Order]:
    own = kin.canonical({f.person_id for f in told.facts if f.person_id is not None})
    selling = [f for f in told.facts if f.name != ORDER_REFUNDED]
    rules = [c.held.rule for c in coupons.values() if c.held.rule]
    tiers = around.tiers_of(_persons(selling, own)) if selling and any(r.tiers for r in rules) else {}
    needs = selling and any(r.names_products for r in rules)
    skus = {line.sku_id for f in selling for line in told.sold[f.order_id]} if needs else set()
    products = around.products_of(skus)
    places = around.places_of({f.org_unit_id for f in told.facts if f.org_unit_id is not None})
    # By which a coupon is valid: of an ask it is now, whatever the till says; a report has happened when it did
    zone, now = clock.brand_zone(), clock.now()
    return [
        Order(
            order_id=f.order_id,
            fact_id=f.fact_id,
            is_ask=(is_ask := f.fact_id in asks and f.name != ORDER_REFUNDED),
            basket=_basket(
                f,
                _bought(f, told, asks),
                own,
                products,
                places,
                tiers,
                at=(now if is_ask else f.occurred_at).astimezone(zone),
            ),
            org_unit_id=f.org_unit_id,
            sold=told.sold[f.order_id],
            returned=told.returned[f.order_id],
            uses=told.uses[f.order_id],
            live=told.live[f.order_id],
            gone=told.gone[f.order_id],
            dealer_id=_dealer(f.org_unit_id, places),
            day=f.business_day,
        )
        for f in told.facts
    ]


def _bought(fact: sql.Row, told: _Told, asks: Set[int]) -> list[Line]:
    """What a rule is asked about: of an ask what it sells, of a report its order as it stands."""
    sold = told.sold[fact.order_id]
    return [line for line in sold if line.fact_id == fact.fact_id] if fact.fact_id in asks else sold


def _persons(facts: Iterable[sql.Row], own: Mapping[int, int]) -> list[int]:
    return sorted({own[f.person_id] for f in facts if f.person_id is not None})


def _dealer(org_unit_id: int | None, places: Mapping[int, Place]) -> int | None:
    """The dealer to whom the brand owes its share of what this till gave away. At a store of our own, nobody."""
    return places[org_unit_id].dealer_id if org_unit_id is not None else None


def _basket(
    fact: sql.Row,
    sold: Sequence[Line],
    own: Mapping[int, int],
    products: Mapping[int, Product],
    places: Mapping[int, Place],
    tiers: Mapping[int, Tier],
    *,
    at: datetime,
) -> Basket:
    person_id = own[fact.person_id] if fact.person_id is not None else None
    tier = tiers.get(person_id) if person_id is not None else None
    return Basket(
        lines=tuple(_basket_line(line, products) for line in sold),
        at=at,
        org_unit_ids=places[fact.org_unit_id].org_unit_ids if fact.org_unit_id is not None else (),
        channel=fact.channel,
        person_id=person_id,
        tier_rank=tier.rank if tier else None,
        tier=tier.name if tier else "",
        source_id=fact.source_id,
        order_key=fact.order_key,
    )


_UNDESCRIBED = Product("", (), "")


def _basket_line(line: Line, products: Mapping[int, Product]) -> BasketLine:
    """As it was before coupons."""
    code, path, brand = products.get(line.sku_id, _UNDESCRIBED)
    amount = line.amount + line.coupon_discount
    return BasketLine(line.line_no, line.sku_id, code, line.quantity_milli, amount, path, brand)


def _taken(orders: Sequence[Order], coupons: Mapping[str, Coupon]) -> Counter[tuple[int, int]]:
    """How many uses of codes of nobody these customers have had, under lock, where there is a limit to them."""

    def is_counted(held: Held) -> bool:
        return held.owner_id is None and held.rule is not None and held.rule.per_person is not None

    by_id = {c.held.coupon_id: c.held for c in coupons.values()}
    places = {
        (held.template_id, order.basket.person_id)
        for order in orders
        for use in order.uses
        if (coupon := coupons.get(codes.key(use.code))) and is_counted(held := coupon.held)
        if order.basket.person_id is not None
    }
    places |= {
        (by_id[r.coupon_id].template_id, r.person_id)
        for order in orders
        for r in order.live
        if r.person_id is not None
    }
    # What was beyond one's share stays so, whoever's the code has become by it
    places |= {
        (held.template_id, order.basket.person_id)
        for order in orders
        for r in order.live
        if r.excess and order.basket.person_id is not None
        if (held := by_id[r.coupon_id]).rule is not None and held.rule.per_person is not None
    }
    return claims.lock_taken(sorted(places)) if places else Counter()


# ── writes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _write(out: Outcome, coupons: Iterable[Coupon]) -> None:
    if changed := [c for c in coupons if c.is_changed]:
        sql.send(
            Q.put_coupons,
            ids=[c.held.coupon_id for c in changed],
            states=[c.state for c in changed],
            useds=[c.used for c in changed],
            person_ids=[c.person_id for c in changed],
            order_ids=[c.order_id for c in changed],
            untils=[c.valid_until for c in changed],
        )
        now = clock.now()
        if over := [c.valid_until for c in changed if c.state == "issued" and c.valid_until <= now]:
            sql.send(Q.expire_from, since=min(over))
    if out.redeemed:
        _add(out.redeemed)
    if out.changed:
        _put(out.changed)
    if out.resplit:
        places = {
            "fact_ids": [r.fact_id for r in out.resplit],
            "coupon_ids": [r.coupon_id for r in out.resplit],
        }
        sql.send(Q.drop_lines, **places)
    if split := [*out.redeemed, *out.resplit]:
        _add_lines(split)
    if any(out.tally.values()) or any(out.given.values()):
        templates = sorted(out.tally.keys() | out.given.keys())
        sql.send(
            Q.tally,
            template_ids=templates,
            counts=[out.tally[t] for t in templates],
            amounts=[out.given[t] for t in templates],
        )
    if out.taken:
        claims.count_taken(out.taken)


def _add(redeemed: Sequence[Redemption]) -> None:
    sql.send(
        Q.add_redemptions,
        fact_ids=[r.fact_id for r in redeemed],
        coupon_ids=[r.coupon_id for r in redeemed],
        order_ids=[r.order_id for r in redeemed],
        template_ids=[r.template_id for r in redeemed],
        amounts=[r.amount for r in redeemed],
        org_unit_ids=[r.org_unit_id for r in redeemed],
        permilles=[r.brand_permille for r in redeemed],
        dealer_ids=[r.dealer_id for r in redeemed],
        excesses=[r.excess for r in redeemed],
        budgets=[r.budget for r in redeemed],
        payables=[r.payable for r in redeemed],
        person_ids=[r.person_id for r in redeemed],
        times=[r.at for r in redeemed],
    )


def _put(changed: Sequence[Redemption]) -> None:
    sql.send(
        Q.put_redemptions,
        fact_ids=[r.fact_id for r in changed],
        coupon_ids=[r.coupon_id for r in changed],
        amounts=[r.amount for r in changed],
        excesses=[r.excess for r in changed],
        budgets=[r.budget for r in changed],
        payables=[r.payable for r in changed],
        taken_back_ats=[r.at if r.taken_back_by is not None else None for r in changed],
        taken_back_fact_ids=[r.taken_back_by for r in changed],
    )


def _add_lines(split: Sequence[Redemption]) -> None:
    parts = [(r, part) for r in split for part in r.parts]
    sql.send(
        Q.add_lines,
        fact_ids=[r.fact_id for r, _ in parts],
        coupon_ids=[r.coupon_id for r, _ in parts],
        line_nos=[part.line_no for _, part in parts],
        keys=[part.key for _, part in parts],
        amounts=[part.amount for _, part in parts],
    )
