"""Who works in a store, whether they use their tools, and how many of their customers they know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import exp, log, sqrt
from typing import Final, NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.chance import at_most, at_most_of_usual
from huoshui.core.errors import NotFound
from huoshui.insight import api as insight

Q = sql.load("huoshui.trade.conduct")

NEW_FOR: Final = timedelta(days=365)
"""Whoever came within a year is a new hand."""
FEW, MANY = 0.20, 0.50
TOOL_DAYS: Final = 28
STORE_CHANNEL: Final = "门店"
LEAST_ORDERS: Final = 30
# A store knows few of its customers: less than so much of what others do, and not by chance. Stores differ by who their
# customers are, too; where the tool is told of, it has to speak for the same, and orders alone need not be as sure.
LOW, SURE = 0.75, 0.001
LOW_ALONE: Final = 0.5
LOW_USES, SURE_BESIDE = 0.6, 0.05


class Team(NamedTuple):
    """A store. `new`: of `told`, whose first day is known; `known` of `orders` name a customer, in twelve months;
    `uses`: of the guides' tool in four weeks, None where nobody tells. `is_low`: it knows fewer than others do, and uses
    the tool less."""

    store_id: int
    staff: int
    told: int
    new: int
    orders: int
    known: int
    uses: int | None
    is_low: bool

    @property
    def new_share(self) -> float | None:
        return self.new / self.told if self.told else None

    @property
    def has_few_new(self) -> bool:
        return bool(self.told) and self.new < FEW * self.told

    @property
    def known_share(self) -> float:
        return self.known / self.orders if self.orders else 0.0

    @property
    def uses_each(self) -> float | None:
        return self.uses / self.staff if self.uses is not None and self.staff else None


class Ratio(NamedTuple):
    """Of stores with few new hands against all others: so many times, between `low` and `high` in 95 of 100 cases."""

    few: float
    others: float
    low: float
    high: float

    @property
    def times(self) -> float:
        return self.few / self.others


class Teams(NamedTuple):
    """`named`: few new hands, and few customers known; those whom a pairing would help first. `known` and `uses` are None
    where there is nothing to compare."""

    teams: Sequence[Team]
    named: Sequence[Team]
    known: Ratio | None
    uses: Ratio | None


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def teams(actor: Actor) -> Teams:
    """All stores. Raises NotFound for whoever is not head office."""
    if not may_see(actor):
        raise NotFound
    units = [u for u in brand.org_units_table().to_pylist() if u["kind"] == "store"]
    ids = {u["code"]: u["org_unit_id"] for u in units}
    hands = brand.hands_at(sorted(ids.values()), since=clock.today() - NEW_FOR)
    asked = insight.ask("known", channel=STORE_CHANNEL).rows
    sold = {r["store"]: (r["orders"], r["known"]) for r in asked}
    uses = _tool_uses()
    everyone = sum(o for o, _ in sold.values()), sum(k for _, k in sold.values())
    usual_uses = sum(uses.values()) / max(1, sum(h.staff for h in hands.values()))
    found = []
    for code, store_id in sorted(ids.items()):
        orders, known = sold.get(code, (0, 0))
        at = hands.get(store_id) or brand.Hands(store_id, 0, 0, 0)
        told = uses.get(code, 0) if uses else None
        others = everyone[0] - orders, everyone[1] - known
        is_low = stands_back(orders, known, others, told, at.staff * usual_uses, looks=len(ids))
        found.append(Team(store_id, at.staff, at.told, at.new, orders, known, told, is_low))
    return compared(found)


def compared(found: Sequence[Team]) -> Teams:
    few = [t for t in found if t.has_few_new]
    others = [t for t in found if t.told and not t.has_few_new]
    named = sorted((t for t in few if t.is_low), key=lambda t: (t.known_share, t.store_id))
    return Teams(
        found,
        named,
        ratio([(t.known, t.orders) for t in few], [(t.known, t.orders) for t in others]),
        ratio(
            [(t.uses, t.staff) for t in few if t.uses is not None],
            [(t.uses, t.staff) for t in others if t.uses is not None],
        ),
    )


def stands_back(
    orders: int, known: int, others: tuple[int, int], uses: int | None, usual_uses: float, *, looks: int
) -> bool:
    """Whether a store knows clearly less of its customers than all `others` (orders, known) together, and uses the tool
    clearly less than as many people do elsewhere."""
    if orders < LEAST_ORDERS or not all(others):
        return False
    usual = others[1] / others[0]
    chance = at_most(known, orders, usual) * looks
    if uses is None:
        return known < LOW_ALONE * usual * orders and chance < SURE
    seldom = uses < LOW_USES * usual_uses and at_most_of_usual(uses, usual_uses) * looks < SURE
    return seldom and known < LOW * usual * orders and chance < SURE_BESIDE


def ratio(few: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Ratio | None:
    """Of two ratios of sums over stores; how sure comes from how the stores differ (Cochran 1977, 6.3)."""
    if len(few) < 2 or len(others) < 2:
        return None
    (a, va), (b, vb) = _mean(few), _mean(others)
    if not a or not b:
        return None
    wide = 1.96 * sqrt(va / a**2 + vb / b**2)
    return Ratio(a, b, exp(log(a / b) - wide), exp(log(a / b) + wide))


def _mean(some: Iterable[tuple[int, int]]) -> tuple[float, float]:
    pairs = list(some)
    n, whole = len(pairs), sum(of for _, of in pairs)
    if not whole:
        return 0.0, 0.0
    mean = sum(hits for hits, _ in pairs) / whole
    spread = sum((hits - mean * of) ** 2 for hits, of in pairs) / (n - 1)
    return mean, spread * n / whole**2


def _tool_uses() -> dict[str, int]:
    """By store code, of the last four weeks of which anything was told; nothing where nobody tells."""
    newest = sql.fetch_one(Q.newest_tool_use)
    if newest is None or newest.at is None:
        return {}
    return {r.store: r.uses for r in sql.fetch(Q.tool_uses, since=newest.at - timedelta(days=TOOL_DAYS))}
