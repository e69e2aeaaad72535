"""Why a dealer does not share, as its own doings show, and what it would sell more: no database, no clock (ADR 0047)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, median, stdev
from typing import Final, NamedTuple

FEAR, EXECUTION, NO_TOOL, UNKNOWN = "fear", "execution", "no_tool", "unknown"
SURE, LIKELY, UNSURE = "sure", "likely", "unsure"

MATCHES: Final = 8
FEWEST_MATCHES: Final = 4
NEAR: Final = log(3)
"""How far apart two dealers may be in orders and ticket together, each as a ratio, to be held against each other."""
T90: Final = {3: 2.35, 4: 2.13, 5: 2.02, 6: 1.94, 7: 1.90}
"""Student's t, nine times in ten, by degrees of freedom."""
_LOW: Final = 0.75
"""Known customers are few where they are below this part of what is usual elsewhere, beyond chance."""
_Z: Final = 3.0
"""One of forty dealers would pass by chance once in twenty times."""
_NAMED: Final = 0.05


@dataclass(frozen=True)
class Bought:
    """A quarter of a dealer's: people known, how many of them came twice, their orders and money; None where not told."""

    people: int | None = None
    returned: int | None = None
    orders: int | None = None
    amount: int | None = None

    @property
    def rate(self) -> float | None:
        """Of the known customers, how many came at least twice."""
        return min(1.0, self.returned / self.people) if self.people and self.returned is not None else None

    @property
    def ticket(self) -> float | None:
        return self.amount / self.orders if self.orders and self.amount else None


@dataclass(frozen=True)
class Seen:
    """What is seen of a dealer. `said_no`: scopes it closed by its own word; `archives`: how often it took its customers
    along in a year; `all_orders` and `known_orders`: of the quarter; `logins`: staff who may sign in;
    `scans`: of its codes, ever."""

    dealer_id: int
    is_shared: bool
    said_no: int
    archives: int
    customers: int | None
    all_orders: int
    known_orders: int | None
    staff: int
    logins: int
    codes: int
    scans: int
    bought: Bought = Bought()

    @property
    def known_share(self) -> float | None:
        if self.known_orders is None or not self.all_orders:
            return None
        return min(1.0, self.known_orders / self.all_orders)


class Evidence(NamedTuple):
    """`value` and what it is held against, as the page words it by `name`; `points`: how much it speaks for the reason."""

    reason: str
    name: str
    value: float
    usual: float | None
    points: int


class Gain(NamedTuple):
    """Of a quarter, in minor units: expected, and nine times in ten between low and high. `rate` and `ticket`: differences to
    the mean of those it is held against (`matched`)."""

    expected: int
    low: int
    high: int
    rate: float
    ticket: int
    matched: tuple[int, ...]


class Verdict(NamedTuple):
    """`gain` None: too little to tell it by, `why_not` says what is missing ('own', 'others')."""

    dealer_id: int
    reason: str
    how_sure: str
    evidence: tuple[Evidence, ...]
    gain: Gain | None
    why_not: str


def verdicts(seen: Sequence[Seen]) -> list[Verdict]:
    """Of every dealer that does not share: it has not opened contacts, or hardly knows its customers."""
    usual = usual_share(seen)
    sharing = [d for d in seen if d.is_shared and not is_low(d, usual) and d.all_orders]
    found = []
    for dealer in seen:
        if dealer in sharing:
            continue
        evidence = evidence_of(dealer, usual)
        reason, how_sure = judged(evidence)
        gain, why_not = gain_of(dealer, sharing)
        found.append(Verdict(dealer.dealer_id, reason, how_sure, evidence, gain, why_not))
    return found


def usual_share(seen: Sequence[Seen]) -> float | None:
    """The median of dealers' known shares of orders."""
    shares = [d.known_share for d in seen if d.known_share is not None]
    return median(shares) if len(shares) >= 3 else None


def is_low(dealer: Seen, usual: float | None) -> bool:
    """Hardly any of its buyers are known: well below the usual, and by more than chance (test of a proportion). Whoever is
    known is so in each of her orders, so they count as so many people."""
    share = dealer.known_share
    if share is None or not usual or share >= _LOW * usual:
        return False
    own = dealer.bought
    each = max(1.0, own.orders / own.people) if own.orders and own.people else 2.0
    spread = sqrt(usual * (1 - usual) * each / dealer.all_orders)
    return share - usual <= -_Z * spread


def evidence_of(dealer: Seen, usual: float | None) -> tuple[Evidence, ...]:
    """All that speaks for a reason, the strongest first."""
    share, low = dealer.known_share, is_low(dealer, usual)
    # A till that names whom it sells to is a tool like a login or a code; of whom that is not told is not known to have none
    names = share is None or share > _NAMED
    has_tools = dealer.all_orders > 0 and (dealer.logins > 0 or dealer.codes > 0 or names)
    found = []

    def tell(reason: str, name: str, value: float, points: int, of: float | None = None) -> None:
        if points:
            found.append(Evidence(reason, name, value, of, points))

    tell(NO_TOOL, "orders", dealer.all_orders, 2 * (dealer.all_orders == 0))
    tell(NO_TOOL, "logins", dealer.logins, int(not has_tools and dealer.logins == 0), dealer.staff)
    tell(NO_TOOL, "codes", dealer.codes, int(not has_tools and dealer.codes == 0))
    if share is not None:
        tell(EXECUTION, "known_share", share, 2 * (low and has_tools), usual)
        # It knows its customers well enough, and keeps them to itself
        tell(FEAR, "known_share", share, int(not dealer.is_shared and not low and bool(usual)), usual)
    if has_tools:
        tell(
            EXECUTION,
            "scans",
            dealer.scans,
            int(dealer.codes > 0 and dealer.scans < dealer.codes),
            dealer.codes,
        )
        tell(EXECUTION, "with_tools", dealer.logins, int(low), dealer.staff)
    tell(FEAR, "said_no", dealer.said_no, 2 * (dealer.said_no > 0))
    tell(FEAR, "archives", dealer.archives, int(dealer.archives > 0 and not dealer.is_shared))
    return tuple(sorted(found, key=lambda e: (-e.points, e.reason, e.name)))


def judged(evidence: Sequence[Evidence]) -> tuple[str, str]:
    """The reason that most speaks for, and how sure: sure with three points where hardly anything speaks for another, likely
    with two and a lead."""
    points = {
        reason: sum(e.points for e in evidence if e.reason == reason) for reason in (FEAR, EXECUTION, NO_TOOL)
    }
    first, second = sorted(points, key=lambda r: -points[r])[:2]
    if points[first] < 2 or points[first] == points[second]:
        return UNKNOWN, UNSURE
    return first, SURE if points[first] >= 3 and points[second] <= 1 else LIKELY


def gain_of(dealer: Seen, sharing: Sequence[Seen]) -> tuple[Gain | None, str]:
    """What it would sell more in a quarter if its own customers came again as often, and spent as much an order, as those of
    the dealers most like it who share. People stay as many: nothing is said of new ones.

    N·Δr·e·t + O·Δt: its people, the difference of rates, the orders more that one who returns makes, its ticket; its orders,
    the difference of tickets. The interval is by the spread between those it is held against (Student's t), and its own chance.
    """
    own, rate, ticket = dealer.bought, dealer.bought.rate, dealer.bought.ticket
    if own.people is None or own.orders is None or rate is None or ticket is None:
        return None, "own"
    near = _nearest(dealer, sharing)
    if len(near) < FEWEST_MATCHES:
        return None, "others"
    rates = [d.bought.rate or 0.0 for d in near]
    tickets = [d.bought.ticket or 0.0 for d in near]
    more = fmean(_more_orders(d.bought) for d in near)
    by_rate, by_ticket = own.people * more * ticket, float(own.orders)
    d_rate, d_ticket = fmean(rates) - rate, fmean(tickets) - ticket
    n = len(near)
    spread = sqrt(
        by_rate**2 * (stdev(rates) ** 2 / n + rate * (1 - rate) / own.people)
        + by_ticket**2 * stdev(tickets) ** 2 / n
    )
    expected, reach = by_rate * d_rate + by_ticket * d_ticket, T90[n - 1] * spread
    return (
        Gain(
            round(expected), round(expected - reach), round(expected + reach), d_rate, round(d_ticket),
            tuple(d.dealer_id for d in near),
        ),
        "",
    )  # fmt: skip


def _more_orders(of: Bought) -> float:
    """Orders beyond the first of those who came again."""
    return ((of.orders or 0) - (of.people or 0)) / of.returned if of.returned else 1.0


def _nearest(dealer: Seen, sharing: Sequence[Seen]) -> list[Seen]:
    def far(other: Seen) -> float:
        orders = abs(log(max(dealer.all_orders, 1) / max(other.all_orders, 1)))
        return orders + abs(log((dealer.bought.ticket or 1) / (other.bought.ticket or 1)))

    fit = [
        d
        for d in sharing
        if d.dealer_id != dealer.dealer_id and d.bought.rate is not None and d.bought.ticket is not None
    ]
    return [d for d in sorted(fit, key=lambda d: (far(d), d.dealer_id)) if far(d) <= NEAR][:MATCHES]
