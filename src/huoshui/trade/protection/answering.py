"""The door for what head office is told of customers whose dealer lets it see no single one (ADR 0047)."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.crypto import salted_hmac

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.protection import measuring, reads
from huoshui.trade.protection.cohorts import Answer, answered
from huoshui.trade.protection.measuring import Span
from huoshui.trade.protection.rules import COUNTS


class UnknownSpan(Refused):
    """只能看已经过完的季度。"""

    code = "unknown_span"


class Exact(NamedTuple):
    """What the scope `counts` opens: a dealer's totals of the span, as they are."""

    people: int
    orders: int
    amount: int


class DealerCohorts(NamedTuple):
    """`exact`: of whoever grants totals."""

    dealer_id: int
    answer: Answer
    exact: Exact | None


class Cohorts(NamedTuple):
    span: Span
    spans: list[Span]
    dealers: list[DealerCohorts]


def cohorts(actor: Actor, span: str = "") -> Cohorts:
    """All that may be told of one quarter, by default the last, of every dealer without a grant; by dealer's id, which says
    nothing. Raises NotFound for whoever is not head office, UnknownSpan."""
    if not actor.sees_whole_brand:
        raise NotFound
    known = measuring.spans(clock.today())
    chosen = next((s for s in known if s.name == span), None) if span else known[0]
    if chosen is None:
        raise UnknownSpan
    closed = sorted(reads.closed(actor))
    totals = frozenset(closed) - reads.closed(actor, COUNTS)
    branches = brand.branches_of(sorted(brand.units_below(closed))) if closed else {}
    dealer_of = {unit: b.dealer_id for unit, b in branches.items() if b.dealer_id is not None}
    found = measuring.bought(dealer_of, chosen)
    listed = measuring.categories() if closed else []
    return Cohorts(chosen, known, [_dealer(d, found[d], listed, d in totals) for d in closed])


def _dealer(dealer_id: int, of: measuring.Bought, listed: list[str], has_totals: bool) -> DealerCohorts:
    exact = Exact(len(of.people), int(of.orders.sum()), int(of.amount.sum())) if has_totals else None
    return DealerCohorts(dealer_id, answered(*measuring.tables_of(of, listed), draw), exact)


def draw(measure: str, people: bytes) -> float:
    """The same for the same people, by a key that only the server has."""
    digest = salted_hmac(f"huoshui.cohorts.{measure}", people, algorithm="sha256").digest()
    return int.from_bytes(digest[:7], "big") / 2**56
