"""What may become of a lead, whose it is next, and what a conversion costs. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from huoshui.trade.leads.terms import Terms
from huoshui.trade.leads.types import Event, LeadGone, State

WHOLE: Final = 1000

_FROM: Final = {
    "made": frozenset({""}),
    "doubled": frozenset({"new"}),
    "offered": frozenset({"new", "escalated"}),
    "accepted": frozenset({"offered"}),
    "bounced": frozenset({"offered"}),
    "timed_out": frozenset({"offered"}),
    "escalated": frozenset({"new"}),
    "recalled": frozenset({"offered", "held", "lost", "bad"}),
    "moved": frozenset({"held", "won"}),
    "won": frozenset({"held"}),
    "lost": frozenset({"held"}),
    "bad": frozenset({"held", "won", "lost"}),
}
"""What may happen in which state. A lead that is open is in somebody's hands, on somebody's desk or about to be given out."""


def may(now: State, kind: str) -> bool:
    return now.state in _FROM[kind]


def applied(now: State, event: Event) -> State:
    """Raises LeadGone for what may not happen (any more), and for whom it is not."""
    if not may(now, event.kind):
        raise LeadGone
    if (
        event.kind in ("accepted", "bounced", "timed_out", "moved", "won", "lost")
        and event.dealer_id != now.dealer_id
    ):
        raise LeadGone
    after = now._replace(no=now.no + 1)
    match event.kind:
        case "made":
            return after._replace(state="new")
        case "doubled":
            return after._replace(state="double")
        case "offered":
            return after._replace(
                state="offered",
                dealer_id=event.dealer_id,
                desk_id=None,
                until=event.until,
                tries=now.tries + 1,
            )
        case "accepted":
            if now.until is not None and event.at > now.until:
                raise LeadGone
            return after._replace(
                state="held", until=None, held_at=event.at, store_id=event.store_id, stage=event.stage
            )
        case "bounced" | "timed_out":
            return after._replace(state="new", dealer_id=None, until=None)
        case "escalated":
            return after._replace(state="escalated", desk_id=event.desk_id)
        case "recalled":
            return State(state="new", no=after.no)
        case "moved":
            return after._replace(stage=event.stage)
        case "won":
            return after._replace(state="won", stage=event.stage, order_id=event.order_id)
        case _:
            return after._replace(state=event.kind)


def replay(events: Iterable[Event]) -> State:
    now = State()
    for event in events:
        now = applied(now, event)
    return now


class Wanted(NamedTuple):
    """A lead to be given out. `unit_path`: the unit it is meant for and all above it; `tried`: dealers that had the offer."""

    lead_id: int
    district: str = ""
    unit_path: tuple[int, ...] = ()
    bond_dealer_id: int | None = None
    tried: frozenset[int] = frozenset()
    tries: int = 0


class House(NamedTuple):
    """A dealer as it stands. `path`: itself and all above it; `in_hand`: leads offered to it or held; `offered`, `won` and
    `closed` are of the days looked back."""

    dealer_id: int
    path: tuple[int, ...]
    in_hand: int = 0
    offered: int = 0
    won: int = 0
    closed: int = 0


class Candidate(NamedTuple):
    """`said`: what spoke for it with its points, and what spoke against it: then it cannot have it."""

    dealer_id: int
    points: int
    said: tuple[tuple[str, int], ...]
    is_out: bool


class Verdict(NamedTuple):
    """`dealer_id` None: nobody can have it, `because`; it goes to the desk of the region, None: head office's."""

    lead_id: int
    dealer_id: int | None
    candidates: tuple[Candidate, ...]
    because: str = ""
    desk_id: int | None = None


def give_out(
    wanted: Sequence[Wanted], houses: Sequence[House], terms: Terms, *, regions: frozenset[int]
) -> list[Verdict]:
    """One after the other, each seeing what the ones before it were given."""
    known = {h.dealer_id: h for h in houses}
    verdicts = []
    for lead in wanted:
        verdict = _one(lead, known, terms, regions)
        verdicts.append(verdict)
        if verdict.dealer_id is not None:
            had = known[verdict.dealer_id]
            known[had.dealer_id] = had._replace(in_hand=had.in_hand + 1, offered=had.offered + 1)
    return verdicts


def _one(lead: Wanted, houses: dict[int, House], terms: Terms, regions: frozenset[int]) -> Verdict:
    if lead.tries >= terms.most_tries:
        there = _in_area(lead, houses, terms)
        return Verdict(lead.lead_id, None, (), "tries", _desk(lead, there, regions))
    if terms.bond_wins and lead.bond_dealer_id in houses and lead.bond_dealer_id not in lead.tried:
        # Nobody is given another's customer, however full the owner's hands are
        own = Candidate(lead.bond_dealer_id, WHOLE, (("bond", WHOLE),), False)
        return Verdict(lead.lead_id, own.dealer_id, (own,))
    there = _in_area(lead, houses, terms)
    busiest = max((h.offered for h in there), default=0)
    candidates = tuple(_weighed(lead, h, busiest, terms) for h in there)
    free = [c for c in candidates if not c.is_out]
    if not free:
        return Verdict(
            lead.lead_id, None, candidates, "full" if there else "area", _desk(lead, there, regions)
        )
    best = min(free, key=lambda c: (-c.points, houses[c.dealer_id].offered, c.dealer_id))
    return Verdict(lead.lead_id, best.dealer_id, candidates)


def _in_area(lead: Wanted, houses: dict[int, House], terms: Terms) -> list[House]:
    """By the unit it is meant for, else by its district, else everybody. The root of the tree is everybody's."""
    for unit in lead.unit_path[:-1]:
        if unit in houses:
            return [houses[unit]]
        below = [h for h in houses.values() if unit in h.path]
        if below:
            return below
    fitting = [name for name in terms.areas if lead.district.startswith(name)]
    if fitting:
        return [houses[d] for d in terms.areas[max(fitting, key=len)] if d in houses]
    return list(houses.values())


def _weighed(lead: Wanted, house: House, busiest: int, terms: Terms) -> Candidate:
    if house.dealer_id in lead.tried:
        return Candidate(house.dealer_id, 0, (("tried", 0),), True)
    if terms.capacity and house.in_hand >= terms.capacity:
        return Candidate(house.dealer_id, 0, (("full", house.in_hand),), True)
    said = (
        ("fair", terms.weight_fair * (busiest - house.offered) // busiest if busiest else terms.weight_fair),
        # As if one of two had been won before: who has had none yet is not the last
        ("wins", terms.weight_wins * (house.won + 1) // (house.closed + 2)),
        (
            "room",
            terms.weight_room * (terms.capacity - house.in_hand) // terms.capacity if terms.capacity else 0,
        ),
    )
    return Candidate(house.dealer_id, sum(points for _, points in said), said, False)


def _desk(lead: Wanted, there: Sequence[House], regions: frozenset[int]) -> int | None:
    above = [*lead.unit_path, *(unit for house in there for unit in house.path)]
    return next((unit for unit in above if unit in regions), None)


def fee(net: int, *, permille: int, cap: int) -> int:
    """Of what is left of an order; below nothing no order goes. A cap of 0 is none."""
    whole = max(net, 0) * permille // WHOLE
    return min(whole, cap) if cap else whole


def shared(amount: int, permilles: Sequence[int]) -> list[int]:
    """Parts that sum to the whole (ADR 0010)."""
    before, parts = 0, []
    for permille in permilles:
        parts.append(amount * (before + permille) // WHOLE - amount * before // WHOLE)
        before += permille
    return parts
