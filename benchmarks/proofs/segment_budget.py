"""Segments over a large lake, within their budget.

    HUOSHUI_SCALE_FACTS=10000000 HUOSHUI_SCALE_LAKE=/somewhere python -m benchmarks.proof segment_budget

A hundred million facts unless told otherwise; a folder that is named keeps its lake for the next run. What is measured is
judging: reading the lake, and the answer as a table. Nothing is timed once only; of each the best is kept, since others
on the machine can but slow it down. What a rule is written down as is kept from one time to the next, as an installation
keeps it; the first time is reported beside.
"""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from benchmarks import generate_lake, scratch_lake
from benchmarks.generate_lake import LAST_DAY, Size
from benchmarks.result import Claims, Result

NAME = "segment_budget"
TITLE = (
    "Segments over 100 million facts: as fast as SQL by hand, refreshed at once, a hundred of them together"
)
FACTS = 100_000_000
TOUCHED = 10_000
SEGMENTS = 100
MOST_MB = 4096
_NARROW_MB = 600
"""As an installation has it, unless told otherwise."""
AT = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 4, tzinfo=UTC)
ALIKE = {
    "looked and did not redeem": 'count("Product Viewed" last 30 days) >= 3 and absent("Coupon Redeemed" last 90 days)',
    "looked often and fills baskets": 'count("Product Viewed") >= 10 and count("Product Added" last 60 days) >= 2',
}
BY_HAND = {
    "looked and did not redeem": """
        with canon as (select person_id as born, number::bigint as now from {state_now} where key = 'cluster'),
        did as (
            select coalesce(now, f.person_id) as person_id,
                count(*) filter (name = 'Product Viewed' and business_day >= date '2026-06-30' - 29) as looked,
                count(*) filter (name = 'Coupon Redeemed') as redeemed
            from {facts} f left join canon on born = f.person_id
            where business_day between date '2026-06-30' - 89 and date '2026-06-30' and f.person_id is not null
                and name in ('Product Viewed', 'Coupon Redeemed')
            group by all)
        select person_id from did where looked >= 3 and redeemed = 0""",
    "looked often and fills baskets": """
        with canon as (select person_id as born, number::bigint as now from {state_now} where key = 'cluster'),
        did as (
            select coalesce(now, f.person_id) as person_id, count(*) filter (name = 'Product Viewed') as looked,
                count(*) filter (name = 'Product Added' and business_day >= date '2026-06-30' - 59) as added
            from {facts} f left join canon on born = f.person_id
            where business_day <= date '2026-06-30' and f.person_id is not null
                and name in ('Product Viewed', 'Product Added')
            group by all)
        select person_id from did where looked >= 10 and added >= 2""",
}
_KINDS = ("Product Viewed", "Products Searched", "Product Added", "Coupon Redeemed", "Order Completed")


def run(seed: int) -> Result:
    size = Size(int(os.environ.get("HUOSHUI_SCALE_FACTS", FACTS)), seed)
    with _folder() as folder:
        started = perf_counter()
        generate_lake.open_lake(folder, size)
        figures: dict[str, Any] = {
            "facts": size.facts,
            "people": size.people,
            "lake_seconds": round(perf_counter() - started, 1),
            "lake": scratch_lake.sizes()["tables"],
        }
        return _measured(size, figures)


def _measured(size: Size, figures: dict[str, Any]) -> Result:
    from huoshui.lake import api as lake

    engine, claims = lake.engine(), Claims()
    figures["first_tables_seconds"] = _timed(engine.tables, times=1)[0]
    figures["against_sql"] = _against_sql(engine, claims)
    figures["refresh"] = _refresh(engine, size, claims)
    figures["hundred"] = _hundred(engine, size, figures["refresh"]["one_seconds"], claims)
    figures["spilled"] = _spilled(engine, size, claims)
    figures["peak_mb"] = scratch_lake.peak_mb()
    claims.at_most("peak memory of the process, MB", figures["peak_mb"], MOST_MB)
    return Result({"claims": claims.made, **figures}, claims.hold, _notes(size))


def _notes(size: Size) -> tuple[str, ...]:
    if size.facts >= FACTS:
        return ()
    return (
        f"At {size.facts:,} facts a full judging is so short that a share of it says little; the law is of {FACTS:,}.",
    )


def _against_sql(engine: Any, claims: Claims) -> dict[str, Any]:
    from huoshui.insight.rules import api

    told, shown = engine.tables(), {}
    names = {name: getattr(told, name).get_name() for name in ("facts", "state_now")}
    for name, text in ALIKE.items():
        rule, statement = api.parse(text), BY_HAND[name].format(**names)
        first = _timed(lambda rule=rule: api.whom(rule, AT, engine=engine), times=1)[0]
        ours, hand = _in_turn(
            lambda rule=rule: api.whom(rule, AT, engine=engine),
            lambda statement=statement: engine._cursor().con.execute(statement).to_arrow_table(),
        )
        claims.equal(f"members as by hand: {name}", _ids(ours[1]), _ids(hand[1]["person_id"]))
        claims.at_most(f"times SQL by hand: {name}", round(ours[0] / hand[0], 2), 1.2)
        full = _timed(lambda rule=rule: api.judged(rule, AT, engine=engine))[0]
        shown[name] = {
            "members": len(ours[1]),
            "first_seconds": first,
            "seconds": ours[0],
            "by_hand_seconds": hand[0],
            "with_rechecks_seconds": full,
        }
    return shown


def _ids(person_ids: Any) -> str:
    """Many ids as one text, so that neither a report nor the memory need hold them."""
    ordered = np.sort(person_ids.to_numpy())
    return f"{len(ordered)} {hashlib.sha256(ordered.tobytes()).hexdigest()[:16]}"


def _refresh(engine: Any, size: Size, claims: Claims) -> dict[str, Any]:
    from huoshui.insight.rules import api

    rule = api.parse(ALIKE["looked often and fills baskets"])
    touched = _touched(size)
    first = _timed(lambda: api.judged(rule, AT, touched, engine=engine), times=1)[0]
    some, rows = _timed(lambda: api.judged(rule, AT, touched, engine=engine))
    full, everyone = _timed(lambda: api.judged(rule, AT, engine=engine))
    theirs = everyone.filter(pc.is_in(everyone["person_id"], pa.array(touched, pa.int64())))
    inside, wanted = (found.filter(found["is_member"])["person_id"] for found in (rows, theirs))
    claims.equal("members among the touched, judged alone and with all", _ids(inside), _ids(wanted))
    claims.at_most("refresh after 10,000 touched people, seconds", some, 0.5)
    claims.at_most("share of a full refresh", round(some / full, 3), 0.2)
    return {
        "books_written_seconds": first,
        "one_seconds": some,
        "full_seconds": full,
        "touched": len(touched),
    }


def _touched(size: Size) -> list[int]:
    """Canonical ids: one in fifty is another's."""
    draw = random.Random(7)
    return [p for p in draw.sample(range(1, size.people + 1), min(TOUCHED, size.people)) if p % 50 != 2]


def _hundred(engine: Any, size: Size, one: float, claims: Claims) -> dict[str, Any]:
    from huoshui.insight.rules import api

    draw = random.Random(5)
    rules = [api.parse(f"{_condition(draw)} and {_condition(draw)}") for _number in range(SEGMENTS)]
    touched = _touched(size)
    # of all, and twice: the second time writes the books of what is known of people
    first = [_timed(lambda: api.judged_together(rules, AT, touched, engine=engine), times=1)[0] for _ in "12"]
    seconds, told = _timed(lambda: api.judged_together(rules, AT, touched, engine=engine))
    for place in (0, SEGMENTS // 2, SEGMENTS - 1):
        alone = api.judged(rules[place], AT, touched, engine=engine)
        claims.equal(
            f"segment {place} of the hundred says what it says alone", told[place].equals(alone), True
        )
    claims.at_most("a hundred segments, times one", round(seconds / one, 1), 10)
    return {"first_seconds": first, "seconds": seconds, "times_one": round(seconds / one, 1)}


def _condition(draw: random.Random) -> str:
    days, kind = draw.choice([7, 14, 30, 60, 90, 180, 365]), draw.choice(_KINDS)
    return draw.choice(
        [
            f'count("{kind}" last {days} days) >= {draw.choice([1, 2, 3, 5])}',
            f'absent("{kind}" last {days} days)',
            f"count(buy last {days} days) >= {draw.choice([1, 2, 3])}",
            f"total(buy last {days} days) >= {draw.choice([100, 300, 500])}元",
            f'days_since(last, "{kind}") > {days}',
            f'count(buy[category_1 in ("类{draw.randrange(12)}")] last {days} days) >= 1',
            f'known("attr.city") in ("城市{draw.randrange(20)}")',
            f'number("tier") >= {draw.choice([1, 2, 3])}',
        ]
    )


def _spilled(engine: Any, size: Size, claims: Claims) -> dict[str, Any]:
    """The largest of them once more in a part of the memory its groups take."""
    from huoshui.insight.rules import api

    rule = api.parse('count("Product Viewed") >= 10 and count(buy) >= 2 and distinct(buy, product) >= 3')
    megabytes = max(_NARROW_MB * size.facts // FACTS, 100)
    free = api.whom(rule, AT, engine=engine)
    database = engine._cursor().con
    before = database.execute("select current_setting('memory_limit')").fetchone()[0]
    database.execute(f"set memory_limit = '{megabytes}MB'")
    try:
        with _watched(Path(settings.HUOSHUI_HOME) / "spill") as most:
            seconds, narrow = _timed(lambda: api.whom(rule, AT, engine=engine), times=1)
    finally:
        database.execute(f"set memory_limit = '{before}'")
    claims.equal("members with little memory as with memory to spare", _ids(narrow), _ids(free))
    claims.at_least("spilled, MB", most[0], 1)
    return {"memory_mb": megabytes, "spilled_mb": most[0], "seconds": seconds, "members": len(narrow)}


@contextmanager
def _watched(folder: Path) -> Iterator[list[int]]:
    """The most megabytes that ever lay there, looked at fifty times a second."""
    most, is_over = [0], Event()

    def look() -> None:
        while not is_over.wait(0.02):
            lying = 0
            for file in folder.glob("*") if folder.exists() else ():
                # gone since it was named
                with suppress(FileNotFoundError):
                    lying += file.stat().st_size
            most[0] = max(most[0], lying // 1_000_000)

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        is_over.set()
        watcher.join()


def _timed(ask: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    best, told = float("inf"), None
    for _number in range(times):
        started = perf_counter()
        told = ask()
        best = min(best, perf_counter() - started)
    return round(best, 3), told


def _in_turn(one: Callable[[], Any], other: Callable[[], Any], times: int = 7) -> tuple[Any, Any]:
    """Best of each; turn by turn, so that both meet the same machine."""
    best = [(float("inf"), None), (float("inf"), None)]
    for _number in range(times):
        for place, ask in enumerate((one, other)):
            seconds, told = _timed(ask, times=1)
            best[place] = (min(best[place][0], seconds), told)
    return best[0], best[1]


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("HUOSHUI_SCALE_LAKE")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="huoshui-scale-") as folder:
        yield Path(folder)
