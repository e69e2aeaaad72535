"""Every redemption of The Complete Journey, replayed and compared; docs/journey-coupons.md tells what came of it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks import journey, redeemed
from benchmarks.redeemed import Data, Key, Line, Redemption
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from huoshui.project.sample import coupons
from huoshui.project.sample.coupons import Offer

if TYPE_CHECKING:
    from benchmarks.replayed import Order, Sold

NAME = "journey_coupons"
TITLE = "The Complete Journey's coupon redemptions, replayed, give the data's discounts, or each difference is explained."

REDEMPTIONS = 2_102
REFUNDED_ORDERS = 300
_EXAMPLES = 3

SAME = {
    "same_line": "the data's discount to the cent, on the data's line",
    "same_spread": "the data's discount to the cent, shared out over all covered lines; the data books it on one",
    "same_together": "several coupons on one line: their sum to the cent",
    "same_own": "the retailer's own coupon: to the cent what the covered goods were cheaper by",
}
DIFFERENT = {
    "too_few_pieces": "discount given with fewer pieces than the coupon asks for; ours refuses it",
    "times": "a multiple of the coupon's amount: used several times, redeemed once by the table",
    "match_differs": "the coupon to the cent, the retailer's match another",
    "capped": "the line costs less than the coupon; ours gives no more than the line costs",
    "other_value": "a covered line's discount is of an amount this coupon cannot give: another coupon's",
    "together_differs": "several coupons on one line, and another sum",
    "free_price": "a free piece: ours takes the dearest covered, the data another amount",
    "placeholder_equal": "nothing of it on covered goods; a discount line without goods has the very amount",
    "placeholder_larger": "nothing of it on covered goods; discount lines without goods are larger and hold other coupons too",
    "placeholder_smaller": "nothing of it on covered goods; discount lines without goods are smaller than this coupon",
    "elsewhere": "nothing of it on covered goods; the very amount is booked on goods outside of the coupon's list",
    "bought_without": "covered goods bought, the amount is on no line of the day",
    "not_bought": "no covered goods bought, the amount is on no line of the day",
    "no_goods": "the day's receipts hold no goods at all, only discount lines",
    "own_not_seen": "the retailer's own coupon of known value: no covered line was cheaper by it",
    "own_unknown": "the retailer's own coupon: the data tells no value; it lies within the card's discount, if anywhere",
}
CLASSES = SAME | DIFFERENT


@dataclass(frozen=True)
class Case:
    """A redemption, judged. Amounts in cents: of the data, and of our engine."""

    redemption: Redemption
    kind: str
    line: Line | None
    data: int
    ours: int
    refusal: str = ""


def run(seed: int) -> Result:
    claims, data = Claims(), redeemed.read()
    learn, tried = redeemed.halves(data.redemptions, seed)
    offers = _offers(data, learn)
    links = _links(data, offers)
    figures: dict[str, Any] = {"held_out": _held_out(data, learn, tried, links, claims)}
    figures["control"] = _control(data, offers, seed, claims)
    with scratch_home(NAME) as home:
        sold, refunds = _replay(home, data, offers, links, seed, claims)
        audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    cases = _judge(data, offers, links, sold)
    figures |= _told(data, cases, links, claims)
    orders = _orders(sold, links)
    claims.equal(
        "the classes add up to the orders' discount, the data's",
        sum(c.data for c in cases),
        orders["discount of the data"],
    )
    claims.equal(
        "the classes add up to the orders' discount, ours",
        sum(c.ours for c in cases),
        orders["discount of ours"],
    )
    figures |= {"orders": orders, "refunds": refunds}
    return Result({"claims": claims.made, **figures}, claims.hold, _NOTES)


_NOTES = (
    "Money in cents. 'linked': a covered line of that day with a coupon discount; which coupon caused it the data never says.",
    "Values come from the coupon numbers, not from the discounts; 'held_out' learns them from half of the redemptions instead.",
)


def _offers(data: Data, learn: frozenset[int]) -> dict[Key, Offer]:
    own = redeemed.learned_of_retailer(data, learn)
    out = {}
    for r in data.redemptions:
        offer = coupons.stated(r.upc) or (Offer(own[r.upc], is_matched=False) if r.upc in own else None)
        if offer:
            out[r.key] = offer
    return out


def _links(data: Data, offers: Mapping[Key, Offer]) -> dict[int, Line]:
    trips: dict[redeemed.Trip, list[Redemption]] = defaultdict(list)
    out: dict[int, Line] = {}
    for r in data.redemptions:
        if coupons.is_manufacturers(r.upc):
            trips[r.trip].append(r)
        elif r.key in offers:
            very = [x for x in redeemed.bought(data, r) if x.excess and x.excess == offers[r.key].amount]
            if very:
                out[r.number] = very[0]
    for together in trips.values():
        out |= redeemed.link(data, together, offers)
    return out


def _held_out(
    data: Data, learn: frozenset[int], tried: frozenset[int], links: Mapping[int, Line], claims: Claims
) -> dict[str, Any]:
    """What half of the redemptions teach about value codes, against what the numbers state, and on the other half."""
    learned = redeemed.learned_by_code(data, learn)
    stated = {code: coupons.stated(int(f"{coupons.MANUFACTURER}00000000{code}")) for code in learned}
    wrong = {c: [a, s.amount] for c, a in learned.items() if (s := stated[c]) and s.amount not in (None, a)}
    claims.equal("value codes learned otherwise than their numbers state", wrong, {})
    seen: Counter[str] = Counter()
    for r in data.redemptions:
        code = str(r.upc)[-2:]
        if r.number in tried and r.number in links and coupons.is_manufacturers(r.upc):
            hit = (
                "unknown"
                if code not in learned
                else "hit"
                if links[r.number].coupon == learned[code]
                else "missed"
            )
            seen[hit] += 1
    claims.at_least(
        "share of the other half hit to the cent by what half taught", seen["hit"] / seen.total(), 0.85
    )
    return {"value codes learned": len(learned), "tried": seen.total(), **seen}


def _control(data: Data, offers: Mapping[Key, Offer], seed: int, claims: Claims) -> dict[str, float]:
    """Where a covered line leaves no choice: how often it holds the amount stated, and how often that of any other coupon."""
    alone = [(r, found[0]) for r in data.redemptions if len(found := redeemed.candidates(data, r)) == 1]
    alone = [(r, line) for r, line in alone if coupons.is_manufacturers(r.upc)]
    dealt = [offers[r.key].amount for r, _ in alone]
    right = sum(line.coupon == amount for (_, line), amount in zip(alone, dealt, strict=True))
    Random(seed).shuffle(dealt)
    chance = sum(line.coupon == amount for (_, line), amount in zip(alone, dealt, strict=True))
    claims.at_most("share hit with the amounts dealt out anew", chance / len(alone), 0.5)
    return {"one covered line": len(alone), "amount stated": right, "amounts dealt out anew": chance}


# ── the replay ───────────────────────────────────────────────────────────────────────────────────────────────────


def _replay(
    home: Home,
    data: Data,
    offers: Mapping[Key, Offer],
    links: Mapping[int, Line],
    seed: int,
    claims: Claims,
) -> tuple[list[Sold], dict[str, Any]]:
    files = journey.files(1)
    for kind in ("stores", "products", "people"):
        home.run("import", kind, *map(str, files.of(kind)), "--json")
    home.adopt_process()
    os.environ["HUOSHUI_ZONE"] = redeemed.ZONE
    from huoshui.project import boot

    boot.boot("river")
    from benchmarks.replayed import Shop

    shop = Shop(data, offers)
    sold = [shop.sell(order) for order in _baskets(data, offers, links)]
    claims.equal("orders not settled", [s.order.basket for s in sold if s.state != "settled"], [])
    chance = Random(seed)
    some = [s for s in sold if s.codes and len(s.paid) > 1]
    chosen = chance.sample(some, min(REFUNDED_ORDERS, len(some)))
    wrong = {s.order.basket: found for s in chosen if (found := shop.take_back(s, chance))}
    claims.equal("orders taken back in parts that did not come out even", wrong, {})
    claims.at_least("orders taken back in parts", len(chosen), min(REFUNDED_ORDERS, 200))
    told = {"orders": len(chosen), "lines": sum(len(s.paid) for s in chosen), "templates": shop.templates}
    return sold, told


def _baskets(data: Data, offers: Mapping[Key, Offer], links: Mapping[int, Line]) -> list[Order]:
    """Each redemption with a rule in one basket of its day: that of its line, else the one with most covered goods."""
    from benchmarks.replayed import Order

    uses: dict[int, list[Redemption]] = defaultdict(list)
    lines: dict[int, list[Line]] = {}
    for r in data.redemptions:
        if r.key in offers and any(x.is_goods for x in data.lines[r.trip]):
            basket = links[r.number].basket if r.number in links else _likeliest(data, r)
            uses[basket].append(r)
            lines[basket] = [x for x in data.lines[r.trip] if x.basket == basket and x.is_goods]
    out = []
    for basket, told in uses.items():
        goods = lines[basket]
        linked = {links[r.number].number: r for r in told if r.number in links}
        before = tuple(_before(x, linked.get(x.number)) for x in goods)
        first = goods[0]
        out.append(Order(basket, first.household, first.store, first.at, tuple(goods), before, tuple(told)))
    return sorted(out, key=lambda order: (order.at, order.basket))


def _likeliest(data: Data, r: Redemption) -> int:
    covered = data.covered[r.key]
    goods = [x for x in data.lines[r.trip] if x.is_goods]
    pieces: Counter[int] = Counter()
    for x in goods:
        pieces[x.basket] += x.quantity if x.sku in covered else 0
    return min(pieces, key=lambda basket: (-pieces[basket], basket))


def _before(line: Line, use: Redemption | None) -> int:
    """What the line cost before the coupons replayed; coupons that the campaigns do not know count as the till's own."""
    if use is None:
        return max(line.value - line.coupon, 0)
    if coupons.is_manufacturers(use.upc):
        return line.value + line.match
    return line.value + line.excess


# ── the judgement ────────────────────────────────────────────────────────────────────────────────────────────────


def _judge(
    data: Data, offers: Mapping[Key, Offer], links: Mapping[int, Line], sold: Sequence[Sold]
) -> list[Case]:
    by_number = {r.number: s for s in sold for r in s.order.uses}
    on_line: dict[tuple[int, int], list[Redemption]] = defaultdict(list)
    for r in data.redemptions:
        if r.number in links:
            on_line[links[r.number].basket, links[r.number].number].append(r)
    placeholders = redeemed.without_goods(data, offers, links)
    out = []
    for r in data.redemptions:
        s, line = by_number.get(r.number), links.get(r.number)
        if s is None:
            out.append(Case(r, "no_goods" if r.key in offers else "own_unknown", None, 0, 0))
            continue
        ours = s.coupon[r.number].amount + _matched(s, r)
        refusal = s.coupon[r.number].refusal
        if line is None:
            kind = _unlinked(data, r, offers[r.key], placeholders)
            out.append(Case(r, kind, None, 0, ours, refusal))
        elif not coupons.is_manufacturers(r.upc):
            kind = "same_own" if ours == line.excess else "own_not_seen"
            out.append(Case(r, kind, line, line.excess, ours, refusal))
        else:
            together = on_line[line.basket, line.number]
            kind = _alone(r, offers[r.key], line, s) if len(together) == 1 else _together(together, line, s)
            said = line.coupon + line.match if together[0] is r else 0  # a line's discount counts once
            out.append(Case(r, kind, line, said, ours, refusal))
    return out


def _matched(s: Sold, r: Redemption) -> int:
    return s.match[r.number].amount if r.number in s.match else 0


def _alone(r: Redemption, offer: Offer, line: Line, s: Sold) -> str:
    coupon, match = s.coupon[r.number], _matched(s, r)
    if coupon.refusal:
        return "too_few_pieces" if coupon.refusal == "coupon_threshold" else f"unexplained {coupon.refusal}"
    if coupon.amount == line.coupon:
        if match != line.match:
            return "match_differs"
        place = next(p for p, x in enumerate(s.order.lines) if x.number == line.number)
        return "same_line" if set(coupon.shares) == {place} else "same_spread"
    if offer.amount is None:
        return "free_price"
    if line.coupon == offer.amount:
        return "capped" if line.value + line.match < offer.amount else "unexplained"
    if line.coupon % offer.amount == 0:
        return "times"
    return "other_value"


def _together(uses: Sequence[Redemption], line: Line, s: Sold) -> str:
    coupon = sum(s.coupon[r.number].amount for r in uses)
    match = sum(_matched(s, r) for r in uses)
    return "same_together" if (coupon, match) == (line.coupon, line.match) else "together_differs"


def _unlinked(data: Data, r: Redemption, offer: Offer, placeholders: Mapping[int, str]) -> str:
    if not coupons.is_manufacturers(r.upc):
        return "own_not_seen"
    if kind := placeholders.get(r.number):
        return kind
    goods = [x for x in data.lines[r.trip] if x.is_goods]
    if any(x.coupon and x.coupon == offer.amount for x in goods):
        return "elsewhere"
    return "bought_without" if redeemed.bought(data, r) else "not_bought"


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────


def _told(data: Data, cases: Sequence[Case], links: Mapping[int, Line], claims: Claims) -> dict[str, Any]:
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_kind[case.kind].append(case)
    claims.equal("redemptions", len(data.redemptions), REDEMPTIONS)
    claims.equal("redemptions judged", len({c.redemption.number for c in cases}), REDEMPTIONS)
    claims.equal("redemptions unexplained", sorted(by_kind.keys() - CLASSES.keys()), [])
    by_us = sum(map(coupons.is_manufacturers, (r.upc for r in data.redemptions)))
    linked = sum(coupons.is_manufacturers(c.redemption.upc) for c in cases if c.redemption.number in links)
    same = sum(len(by_kind[kind]) for kind in SAME)
    same_linked = same - len(by_kind["same_own"])
    claims.at_least("share of linked redemptions replayed to the cent", same_linked / linked, 0.8)
    return {
        "redemptions": {
            "in all": len(cases),
            "shopped that day": sum(bool(data.lines.get(r.trip)) for r in data.redemptions),
            "shopped that day, were it UTC's": data.on_utc_days,
            "with a coupon discount on any line that day": sum(
                any(x.coupon for x in data.lines.get(r.trip, ())) for r in data.redemptions
            ),
            "with a coupon discount on a covered line": sum(
                bool(redeemed.candidates(data, r)) for r in data.redemptions
            ),
            "manufacturers'": by_us,
            "retailer's own": len(cases) - by_us,
            "manufacturers' linked to a line": linked,
            "to the cent": same,
        },
        "classes": {
            kind: _class(by_kind[kind], CLASSES.get(kind, kind))
            for kind in dict.fromkeys([*CLASSES, *by_kind])
        },
    }


def _class(cases: Sequence[Case], meaning: str) -> dict[str, Any]:
    said, ours = sum(c.data for c in cases), sum(c.ours for c in cases)
    return {
        "meaning": meaning,
        "redemptions": len(cases),
        "data": said,
        "ours": ours,
        "ours answers": dict(Counter(c.refusal or ("given") for c in cases).most_common()),
        "examples": [_example(c) for c in cases[:_EXAMPLES]],
    }


def _example(case: Case) -> dict[str, Any]:
    r, line = case.redemption, case.line
    told = {"household": r.household, "coupon": r.upc, "day": r.day.isoformat(), "ours": case.ours}
    if line:
        told |= {"basket": line.basket, "product": line.sku, "quantity": line.quantity}
        told |= {"value": line.value, "coupon_disc": line.coupon, "coupon_match_disc": line.match}
    return told


def _orders(sold: Iterable[Sold], links: Mapping[int, Line]) -> dict[str, int]:
    """Line by line and order by order: what the data booked on the lines linked, and what ours gave, elsewhere none."""
    seen: Counter[str] = Counter()
    for s in sold:
        said: dict[int, int] = {}
        for r in s.order.uses:
            if line := links.get(r.number):
                own = not coupons.is_manufacturers(r.upc)
                said[line.number] = line.excess if own else line.coupon + line.match
        pairs = [(said.get(x.number, 0), s.off(place)) for place, x in enumerate(s.order.lines)]
        is_same = sum(a for a, _ in pairs) == sum(b for _, b in pairs)
        is_linked = all(r.number in links for r in s.order.uses)
        seen["orders"] += 1
        seen["orders with the same discount"] += is_same
        seen["orders with a line for every coupon"] += is_linked
        seen["of those the same"] += is_linked and is_same
        seen["orders with the same on every line"] += all(a == b for a, b in pairs)
        seen["lines"] += len(pairs)
        seen["lines with the same discount"] += sum(a == b for a, b in pairs)
        seen["lines with a discount in either"] += sum(bool(a or b) for a, b in pairs)
        seen["of them the same"] += sum(bool(a or b) and a == b for a, b in pairs)
        seen["discount of the data"] += sum(a for a, _ in pairs)
        seen["discount of ours"] += sum(b for _, b in pairs)
    return dict(seen)
