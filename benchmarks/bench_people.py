"""How long a page of the people search takes among very many cards, against one primary-key read in the same run.

    python -m benchmarks.bench_people [--cards 1000000] [--pages 8]

Prints JSON. Cards and identifiers nobody ever bought with, on a server of its own, read as the console reads them: by the
web's role, behind its row-level policy.
"""

from __future__ import annotations

import argparse
import json
import os
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import machine
from benchmarks.scratch import Home, scratch_home

_CARDS = """
insert into person_card (person_id, display_name, card_no, phone_tail4, tier, points, grade, frequency, ticket,
    home_org_unit_id, first_sale_at, last_sale_at, orders, spend)
select n, (array['王', '李', '张', '刘', '陈', '杨', '赵'])[1 + n % 7]
        || (array['丽', '敏', '静', '娟', '欣怡', '雨桐'])[1 + n / 7 % 6] || n % 100,
    n::text, lpad((n::bigint * 7919 % 10000)::text, 4, '0'),
    (array['普通会员', '银卡会员', '金卡会员', '钻石会员'])[1 + n % 4], n % 5000, (array['high', 'mid', 'growing'])[1 + n % 3],
    (array['high', 'low'])[1 + n % 2], (array['high', 'low'])[1 + n / 2 % 2], 1 + n % 457, timestamptz '2024-01-01',
    case when n % 20 > 0 then timestamptz '2024-01-01' + n::bigint * 104729 % 63072000 * interval '1 second' end,
    1 + n % 50, n % 100000
from generate_series(1, {cards}) n
"""
_IDENTIFIERS = """
insert into identifier (kind, key, person_id, fact_id, tail4)
select 'phone', md5(n::text), n, 0, lpad((n::bigint * 7919 % 10000)::text, 4, '0') from generate_series(1, {cards}) n
union all
select 'card_no', n::text, n, 0, null from generate_series(1, {cards}) n
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cards", type=int, default=1_000_000)
    parser.add_argument("--pages", type=int, default=8)
    given = parser.parse_args()
    with scratch_home("people") as home:
        home.empty()
        _plant(home, given.cards)
        found = _measured(home, given.cards, given.pages)
    print(
        json.dumps(
            {"machine": machine.described(), "cards": given.cards, **found}, ensure_ascii=False, indent=2
        )
    )


def _plant(home: Home, cards: int) -> None:
    home.migrate()
    with home.connect() as connection:
        for text in (
            "insert into person (id, born_fact_id) select n, 0 from generate_series(1, {cards}) n",
            _CARDS,
        ):
            connection.execute(text.format(cards=cards).encode())
        connection.execute(_IDENTIFIERS.format(cards=cards).encode())
        connection.execute("vacuum analyze person_card, identifier")


def _measured(home: Home, cards: int, pages: int) -> dict[str, Any]:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("web")
    from huoshui.core.actor import SYSTEM
    from huoshui.core.scope import scoped
    from huoshui.people import api as people
    from huoshui.people.api import Filters

    asked = {
        "everybody": ("", Filters()),
        "high grade": ("", Filters(grade="high")),
        "a tier": ("", Filters(tier="钻石会员")),
        "silent for 400 days": ("", Filters(silent_days=400)),
        "a store": ("", Filters(home_org_unit_id=7)),
        "all filters": ("", Filters("mid", "low", "low", tier="金卡会员", home_org_unit_id=3)),
        "a phone's tail": ("1234", Filters()),
        "a card": (str(cards // 2), Filters()),
        "a card's beginning": ("12", Filters()),
        "a name": ("王丽", Filters()),
        "a family name": ("王", Filters()),
        "a name nobody has": ("欧阳", Filters()),
    }
    found = {}
    with scoped(SYSTEM):
        reads = [_timed(lambda n=n: people.cards_for(SYSTEM, [n]))[1] for n in range(1, 200)]
        for name, (text, filters) in asked.items():
            after, times = "", []
            while len(times) < pages and (after or not times):
                page, seconds = _timed(
                    lambda t=text, f=filters, a=after: people.search(SYSTEM, t, f, after=a)
                )
                times.append(seconds)
                after = page.next
            found[name] = {
                "milliseconds": [round(t * 1000, 1) for t in times],
                "times a card by id": round(median(times) / median(reads), 1),
            }
    return {"a card by id, milliseconds": round(median(reads) * 1000, 2), "pages": found}


def _timed(work: Any) -> tuple[Any, float]:
    started = perf_counter()
    return work(), perf_counter() - started


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
