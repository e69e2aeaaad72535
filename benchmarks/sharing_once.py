"""Why dealers of the invented brand do not share, as head office reads it, beside what was planted. Prints JSON, for the proof
`sharing`. `python -m benchmarks.sharing_once PEOPLE UNTIL SEED`, in a home that has that world."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import date
from typing import Any

from huoshui.project import boot


def main() -> None:
    people, until, seed = int(sys.argv[1]), date.fromisoformat(sys.argv[2]), int(sys.argv[3])
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.brand import api as brand
    from huoshui.core.actor import Actor

    boss = Actor("staff", 1, "老板", frozenset({"boss"}), frozenset({1}))
    capture = _planted(people, until, seed)
    ids = {name: unit for name in capture for unit in brand.find_units([f"dealer:{name}"]).values()}
    names = {unit: name for name, unit in ids.items()}
    before = _told(boss, names)
    # One that knows its customers well takes them back and along: what a dealer does who is afraid
    keeps = max((d for d in before["seen"] if d["known_share"]), key=lambda d: d["known_share"])["name"]
    _take_back(ids[keeps])
    print(
        json.dumps(
            {"planted": capture, "before": before, "keeps": keeps, "after": _told(boss, names)},
            ensure_ascii=False,
        )
    )


def _planted(people: int, until: date, seed: int) -> dict[str, float]:
    """Dealer → the part of the usual share of known customers that its stores were made to have (truth ⑦)."""
    from huoshui.project.sample.suyu.plan import plan

    places = plan(people=people, last=until, seed=seed).places
    weighed: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for store in places.stores:
        if store.dealer >= 0:
            weighed[store.dealer].append((store.weight, 0.5 if store.new_hands < 0.2 else 1.0))
    return {
        places.dealers[d].name: round(sum(w * part for w, part in of) / sum(w for w, _ in of), 3)
        for d, of in weighed.items()
    }


def _take_back(dealer_id: int) -> None:
    from django.db import transaction

    from huoshui.core.actor import Actor
    from huoshui.trade.protection import api as protection

    owner = Actor("staff", 2, "经销商", frozenset({"dealer"}), frozenset({dealer_id}))
    with transaction.atomic():
        protection.say(dealer_id, is_given=False, scope=protection.COUNTS, actor=owner)
    with transaction.atomic():
        protection.take_along(dealer_id, actor=owner).file.close()


def _told(actor: Any, names: dict[int, str]) -> dict[str, Any]:
    from time import perf_counter

    from huoshui.trade.protection import api as protection

    began = perf_counter()
    found = protection.reasons(actor)
    return {
        "seconds": round(perf_counter() - began, 2),
        "span": found.span.name,
        "seen": [
            {
                "name": names.get(d, ""),
                "orders": s.all_orders,
                "known_share": None if s.known_share is None else round(s.known_share, 3),
                "rate": s.bought.rate and round(s.bought.rate, 3),
            }
            for d, s in found.seen.items()
        ],
        "verdicts": [
            {
                "name": names.get(v.dealer_id, ""),
                "reason": v.reason,
                "how_sure": v.how_sure,
                "evidence": {e.name: e.value for e in v.evidence},
                "gain": v.gain and list(v.gain[:3]),
                "why_not": v.why_not,
            }
            for v in found.verdicts
        ],
    }


if __name__ == "__main__":
    main()
