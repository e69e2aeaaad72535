"""Of each dealer who does not share: why, and what it would sell more (ADR 0047). What is read of whoever has not granted it
comes by the cohorts' door, blurred; the rest are its doings: words, logins, codes, archives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.trade.codes import api as codes
from huoshui.trade.protection import measuring, reads
from huoshui.trade.protection.answering import draw
from huoshui.trade.protection.cohorts import answered
from huoshui.trade.protection.measuring import Span
from huoshui.trade.protection.reasons import Bought, Seen, Verdict, verdicts
from huoshui.trade.protection.rules import COUNTS

Q = sql.load("huoshui.trade.protection")

_YEAR = timedelta(days=365)
_ALL_STAFF = 1_000_000


class Reasons(NamedTuple):
    """`seen`: all dealers, those who share too, for what the others are held against."""

    span: Span
    seen: dict[int, Seen]
    verdicts: list[Verdict]


def reasons(actor: Actor) -> Reasons:
    """Of the last quarter that is over. Raises NotFound for whoever is not head office."""
    if not actor.sees_whole_brand:
        raise NotFound
    span = measuring.spans(clock.today())[0]
    seen = _seen(actor, span)
    return Reasons(span, {s.dealer_id: s for s in seen}, verdicts(seen))


def _seen(actor: Actor, span: Span) -> list[Seen]:
    dealer_of = _units_of_dealers()
    ids = sorted({*dealer_of.values()})
    closed, uncounted = reads.closed(actor), reads.closed(actor, COUNTS)
    stands = {s.dealer_id: s for s in reads.standings(actor, ids)}
    noes, archives = reads.noes(actor, ids), _archives(ids)
    bought, orders = measuring.bought(dealer_of, span), measuring.orders_of(dealer_of, span)
    staff, logins = _staff(actor, dealer_of)
    scanned = codes.counted(ids)
    found = []
    for d in ids:
        told = _blurred(bought[d]) if d in closed else _exact(bought[d])
        all_orders, known = orders.get(d, (0, 0))
        code = scanned.get(d)
        found.append(
            Seen(
                dealer_id=d,
                is_shared=stands[d].is_shared,
                said_no=noes.get(d, 0),
                archives=archives.get(d, 0),
                customers=None if d in uncounted else stands[d].customers,
                all_orders=all_orders,
                known_orders=told.orders if d in closed else known,
                staff=staff[d],
                logins=logins[d],
                codes=code.codes if code else 0,
                scans=code.scans if code else 0,
                bought=told,
            )
        )
    return found


def _units_of_dealers() -> dict[int, int]:
    table = brand.org_units_table().to_pylist()
    branches = brand.branches_of([u["org_unit_id"] for u in table])
    return {unit: b.dealer_id for unit, b in branches.items() if b.dealer_id is not None}


def _exact(of: measuring.Bought) -> Bought:
    return Bought(len(of.people), int((of.orders >= 2).sum()), int(of.orders.sum()), int(of.amount.sum()))


def _blurred(of: measuring.Bought) -> Bought:
    """What the door of cohorts tells of it, and no more."""
    answer = answered(*measuring.tables_of(of, ()), draw)
    people, (orders, amount) = answer.whole.people, answer.whole.sums
    once = answer.tables["frequency"][0].people
    returned = max(0, people - once) if people is not None and once is not None else None
    return Bought(people, returned, orders, amount)


def _archives(ids: list[int]) -> dict[int, int]:
    rows = sql.fetch(Q.archives, dealer_ids=ids, since=clock.now() - _YEAR)
    return {r.dealer_id: r.archives for r in rows}


def _staff(actor: Actor, dealer_of: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """By dealer: who works there now, and who of them may sign in."""
    today = clock.today()
    staff, logins = Counter[int](), Counter[int]()
    for member in brand.staff_list(actor, limit=_ALL_STAFF):
        held = [s.org_unit_id for s in member.seats if s.holds(today)]
        for dealer in {dealer_of[unit] for unit in held if unit in dealer_of}:
            staff[dealer] += 1
            logins[dealer] += member.may_sign_in
    return staff, logins
