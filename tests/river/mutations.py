"""Implementations that each break what the sale machine says must be, to show that it would be found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.facts import actions as telling
from huoshui.core.ledger import actions as posting
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import goods_rules
from huoshui.core.ledger.rules import _Book
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.redeeming import Redeeming
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty import expiry, standing, tender
from huoshui.engage.loyalty import rules as earning
from huoshui.engage.loyalty.types import EarnRule
from huoshui.intake.river import batches, settle
from huoshui.people import api as people
from huoshui.trade.sales import actions as selling
from huoshui.trade.sales import api as sales
from huoshui.trade.sales import rules as revising

Mutation = Callable[[MonkeyPatch], None]


def _instead(of: Any, name: str, broken: Callable[..., Any]) -> Mutation:
    """`broken` is given what it takes the place of, and then whatever that was called with."""

    def mutate(patch: MonkeyPatch) -> None:
        whole = getattr(of, name)
        patch.setattr(of, name, lambda *args, **more: broken(whole, *args, **more))

    return mutate


def _without(room: Any, step: str, reason: str) -> Mutation:
    """Leaves out the movements of one reason."""

    def lacking(whole: Any, *args: Any, **more: Any) -> Any:
        had = whole(*args, **more)
        return replace(had, movements=[m for m in had.movements if m.reason != reason])

    return _instead(room, step, lacking)


def _a_cent_too_much(take: Any, line: Any, quantity_milli: int) -> Any:
    back = take(line, quantity_milli)
    return back._replace(amount=back.amount + 1) if 0 < back.amount < line.left else back


def _had_again(seen: Any, self: Any, order: Any, use: Any, coupon: Any) -> Any:
    held = seen(self, order, use, coupon)
    return held._replace(problem="") if held.problem == "coupon_used" else held


def _to_one_bucket(give_back: Any, t: Any, parts: Any, book: Any) -> Any:
    last = max((bucket for _, bucket, _ in parts), default="")
    return give_back(t, [(owner, last, points) for owner, _, points in parts], book)


def _of_no_fact(post: Any, movements: Any) -> Any:
    return post([m._replace(fact_id=m.fact_id + 10**9) if m.reason == "expire" else m for m in movements])


def _one_is_lost(write: Any, transfers: Any) -> None:
    write(transfers)
    if transfers:
        sql.run(_LOSE, fact_id=transfers[-1].fact_id, reason=transfers[-1].reason)


def _never_released(record: Any, *args: Any, **more: Any) -> Any:
    recorded = record(*args, **more)
    recorded.released.clear()
    return recorded


def _folded_twice(fold: Any) -> Any:
    done = fold()
    sql.run(_ADD_PENDING)
    return done


_LOSE = sql.Statement(
    "lose", "delete from transfer where fact_id = %(fact_id)s and reason = %(reason)s and part = 0"
)
_ADD_PENDING = sql.Statement(
    "add_pending",
    "update stock set on_hand_milli = on_hand_milli - 1000 where floor_milli is null and on_hand_milli < 0",
)

MUTATIONS: dict[str, Mutation] = {
    "a file forgets how an order was paid": lambda patch: patch.setitem(
        telling.Q._by_name, "keep_payment", sql.Statement("keep_payment", "select %(fact_ids)s::bigint[]")
    ),
    # orders
    "a refund gives a cent too much": _instead(sales, "take_quantity", _a_cent_too_much),
    "an order told again is told beside": _instead(revising, "_revised", lambda *_: set()),
    "an order's row stays as it was": _instead(selling, "_apply", lambda *_: None),
    "a refund that waited is forgotten": _instead(sales, "record", _never_released),
    # points
    "a refund takes no points back": _without(loyalty, "earn", "take_back"),
    "points that paid do not come back": _without(loyalty, "spend", "spend_back"),
    "points are rounded up": _instead(EarnRule, "worth", lambda _, rule, minor: -(-minor // rule.per_minor)),
    "the past earns points": _instead(loyalty, "earn", lambda earn, ids, **_: earn(ids, history=frozenset())),
    "debts are not repaid": _instead(_Book, "_owed", lambda *_: 0),
    "points given back go to one bucket": _instead(tender, "_give_back", _to_one_bucket),
    "points live a year longer": _instead(EarnRule, "bucket", lambda _, rule, day: f"{day.year + 2}-12"),
    "points do not expire": _instead(expiry, "expire_due", lambda *_, **__: 0),
    "points expire a year early": _instead(
        expiry, "expire_due", lambda expire, at, **more: expire(at + timedelta(days=365), **more)
    ),
    # coupons
    "a coupon costs no budget": _without(campaigns, "redeem", "coupon_budget"),
    "a used coupon is had again": _instead(Redeeming, "_seen", _had_again),
    "a till's word is taken for what a coupon gives": _instead(
        Redeeming, "_beyond", lambda _, self, order, told, *more: dict.fromkeys(told, 0)
    ),
    "a coupon stays with what was taken back": _instead(Redeeming, "_give_back", lambda *_: None),
    # what an ask lacks, and a report owes
    "an ask takes what is not there": _instead(goods_rules, "_short", lambda *_: None),
    "an ask owes what it cannot pay": _instead(_Book, "_free", lambda *_: 1 << 62),
    "a refused ask stays": _instead(settle, "_answer", lambda answer, unmet, _: answer(unmet, frozenset())),
    "nobody is shown a debt": _instead(settle, "_announce", lambda tell, earned, _: tell(earned, {})),
    # goods
    "goods that come back stay away": _instead(
        goods_rules, "moved", lambda moved, shelf, by: moved(shelf, min(by, 0))
    ),
    "what is folded is folded twice": _instead(ledger, "fold_goods", _folded_twice),
    # persons
    "money taken back counts for the tier": _instead(
        earning, "spent", lambda spent, earnings, back: [s for s in spent(earnings, back) if s.amount > 0]
    ),
    "a tier is never reached": _instead(standing, "_put_ranks", lambda *_: None),
    "who was merged keeps his tier": _instead(standing, "reassess", lambda *_, **__: 0),
    "who was merged stays so": _instead(people, "unmerge", lambda *_, **__: None),
    # books
    "a transfer is lost": _instead(posting, "_write", _one_is_lost),
    "a transfer names no fact": _instead(ledger, "post", _of_no_fact),
    "the same again is news": _instead(batches, "_hash", lambda *_: uuid4().hex),
}
