"""What is out of the ordinary in how cards are opened. Pure: openings in, findings out.

Nothing here knows a name. A dealer is measured against all the others together, a device against all other devices; what
is said needs at least so many cases, a multiple of what is usual, and a chance below a thousandth after as many looks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from statistics import median
from typing import Final

from huoshui.core.chance import at_least
from huoshui.trade.conduct.types import Crowd, Hunters, Opening, Till

AT_TILL_MINUTES: Final = 10
LEAST_MOVED: Final = 5
TIMES_USUAL: Final = 3
SURE: Final = 0.001

LEAST_ACCOUNTS: Final = 5
"""On one device; a family has fewer."""
BURST: Final = timedelta(days=7)
MOSTLY: Final = 0.8

SHOPS_LEAST: Final = 3
CROWD_LEAST, CROWD_TIMES = 50, 12
ONE_STORE: Final = 0.95


def at_till(opening: Opening) -> bool:
    return opening.minutes is not None and opening.minutes <= AT_TILL_MINUTES


def tills(openings: Iterable[Opening]) -> list[Till]:
    """Dealers that stand out, the surest first."""
    by_dealer: dict[int, list[Opening]] = defaultdict(list)
    for opening in openings:
        if opening.dealer_id is not None and at_till(opening):
            by_dealer[opening.dealer_id].append(opening)
    everyone = sum(map(len, by_dealer.values()))
    moved = sum(o.had_bought for some in by_dealer.values() for o in some)
    found = []
    for dealer_id, some in by_dealer.items():
        mine = [o for o in some if o.had_bought]
        # A hair above nothing, so that one case among few others is no wonder
        usual = (moved - len(mine) + 1) / (everyone - len(some) + 2)
        chance = at_least(len(mine), len(some), usual) * len(by_dealer)
        if len(mine) >= LEAST_MOVED and len(mine) >= TIMES_USUAL * usual * len(some) and chance < SURE:
            (device, count), *_ = Counter(o.device for o in some).most_common(1)
            people = tuple(sorted({o.person_id for o in mine}))
            found.append(Till(dealer_id, len(some), len(mine), usual, chance, device, count, people))
    return sorted(found, key=lambda t: (t.chance, -t.had_bought))


def hunters(openings: Sequence[Opening]) -> list[Hunters]:
    """Devices whose accounts were opened for one coupon; those of the same coupon and days are told together."""
    devices = by_device(openings)
    suspects = {d: some for d, some in devices.items() if _hunts(some)}
    others = [o for d, some in devices.items() if d not in suspects for o in some]
    usual = (sum(o.once for o in others) + 1) / (len(others) + 2)
    found = []
    for names in _together(suspects):
        some = [o for name in names for o in suspects[name]]
        once = sum(o.once for o in some)
        chance = min(1.0, at_least(once, len(some), usual) * len(devices))
        if chance < SURE:
            days = sorted(o.at.date() for o in some)
            title = Counter(o.title for o in some if o.title).most_common(1)
            people = tuple(sorted({o.person_id for o in some}))
            said = title[0][0] if title else ""
            found.append(
                Hunters(tuple(sorted(names)), len(some), once, days[0], days[-1], said, usual, chance, people)
            )
    return sorted(found, key=lambda h: -h.accounts)


def _hunts(some: Sequence[Opening]) -> bool:
    if len(some) < LEAST_ACCOUNTS or sum(o.once for o in some) < MOSTLY * len(some):
        return False
    times = sorted(o.at for o in some)
    most = max(sum(start <= t <= start + BURST for t in times) for start in times)
    return most >= MOSTLY * len(some)


def _together(suspects: dict[str, list[Opening]]) -> list[list[str]]:
    """Devices whose days overlap."""
    spans = sorted((min(o.at for o in some), max(o.at for o in some), d) for d, some in suspects.items())
    groups: list[list[str]] = []
    until = None
    for start, end, device in spans:
        if until is None or start > until:
            groups.append([])
            until = end
        groups[-1].append(device)
        until = max(until, end)
    return groups


def crowds(openings: Sequence[Opening]) -> list[Crowd]:
    """Devices of shops with far more sign-ups than their like."""
    shops: dict[str, tuple[int, list[Opening]]] = {}
    for device, some in by_device(openings).items():
        (store_id, count), *_ = Counter(o.store_id for o in some).most_common(1)
        if len(some) >= SHOPS_LEAST and store_id is not None and count >= ONE_STORE * len(some):
            shops[device] = store_id, some
    if len(shops) < 2:
        return []
    usual = float(median(len(some) for _, some in shops.values()))
    found = []
    for device, (store_id, some) in shops.items():
        if len(some) >= max(CROWD_LEAST, CROWD_TIMES * usual):
            days = sorted(o.at.date() for o in some)
            people, came = tuple(sorted({o.person_id for o in some})), sum(o.came for o in some)
            found.append(Crowd(device, store_id, len(some), usual, came, days[0], days[-1], people))
    return sorted(found, key=lambda c: -c.sign_ups)


def by_device(openings: Iterable[Opening]) -> dict[str, list[Opening]]:
    found: dict[str, list[Opening]] = defaultdict(list)
    for opening in openings:
        found[opening.device].append(opening)
    return found
