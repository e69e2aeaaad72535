"""`python -m benchmarks.planted_world SEED TRUTHS`: a demo world without some truths, and what the product says of it, as JSON.

In a process and a home of its own (`HUOSHUI_HOME`). Nothing here reads the truth file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from functools import partial
from typing import Any

from benchmarks.proofs.planted import LAST, PEOPLE
from huoshui.core.actor import Actor
from huoshui.core.scope import scoped
from huoshui.project import demo
from huoshui.project.sample.suyu import plan as plans

MOST = 100_000


def main(seed: str, without: str) -> None:
    os.environ |= {"PEOPLE": str(PEOPLE), "UNTIL": LAST, "SEED": seed}
    left_out = frozenset(int(n) for n in without.split(",") if n)
    plans.plan = partial(plans.plan, without=left_out)
    demo.prepare("suyu")
    from django.db import transaction

    with transaction.atomic():
        print(json.dumps(_told(), ensure_ascii=False, default=str))


def _told() -> dict[str, Any]:
    from huoshui.brand import api as brand
    from huoshui.insight import api as insight
    from huoshui.trade.conduct import api as conduct

    actor = Actor("staff", 1, "总部", frozenset({"boss"}))
    found, teams, away = conduct.look(actor), conduct.teams(actor), insight.ask("away")
    codes = brand.unit_codes([*(c.store_id for c in found.crowds), *(t.store_id for t in teams.named)])
    names = brand.unit_names([t.dealer_id for t in found.tills])
    spans = [(row["first"], str(row["last"])) for row in away.rows]
    away_people = [
        p for first, _last in spans for p in insight.people("away", {}, {"first": first}, limit=MOST)
    ]
    dealer_codes = _codes_of_dealers(actor)
    numbers = _numbers([*away_people, *(p for family in found.families for p in family.people)])
    return {
        "dealers": [dealer_codes[names[t.dealer_id]] for t in found.tills],
        "dealer_devices": [t.device for t in found.tills],
        "dealer_share": [round(t.share, 3) for t in found.tills],
        "dealer_usual": [round(t.usual, 3) for t in found.tills],
        "hunters": sorted(d for h in found.hunters for d in h.devices),
        "hunter_accounts": sum(h.accounts for h in found.hunters) if found.hunters else 0,
        "crowds": [c.device for c in found.crowds],
        "crowd_stores": [codes[c.store_id] for c in found.crowds],
        "family_cards": [
            sorted(set().union(*(numbers[p] for p in family.people))) for family in found.families
        ],
        "spans": spans,
        "holiday_cards": sorted(set().union(*(numbers[p] for p in away_people))),
        "few_hands": sorted(codes[t.store_id] for t in teams.named),
        "known": teams.known._asdict() | {"times": teams.known.times} if teams.known else None,
        "uses": teams.uses._asdict() | {"times": teams.uses.times} if teams.uses else None,
    }


def _numbers(person_ids: Iterable[int]) -> dict[int, set[str]]:
    """The outside world's numbers of each of these (canonical ids), as its card numbers carry them: 8, the number in nine
    digits, one for a further card, and a check digit."""
    from django.db import connection

    from huoshui.people import api as people

    ids = sorted(set(person_ids))
    head_of = {born: head for head, kin in people.kin_of(ids).items() for born in kin}
    found: dict[int, set[str]] = {head: set() for head in ids}
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, [list(head_of)])
        for person_id, card in cursor.fetchall():
            found[head_of[person_id]].add(str((int(card) // 10 - 80_000_000_000) // 10))
    return found


_CARDS = """
select distinct s.person_id, i.key from settlement s join fact_identifier i using (fact_id)
where s.name = 'Identify' and i.kind = 'card_no' and s.person_id = any(%s)
"""


def _codes_of_dealers(actor: Actor) -> dict[str, str]:
    from huoshui.trade.dealers import api as dealers

    with scoped(actor):
        return {d.name: d.code for d in dealers.dealers_for(actor)}


if __name__ == "__main__":
    main(*sys.argv[1:3])
