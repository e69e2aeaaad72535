"""In the home of `HUOSHUI_HOME`: batches of identifiers through identity, on a base that `benchmarks.based` has filled.

`python -m benchmarks.settled_once SEED PERSONS` prints JSON: one entry a batch. Each batch is 5,000 facts with two identifiers
each, in the proportions of a day's imports: most are known, some new, some join two who were apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from huoshui.project import boot

BATCHES, FACTS = 5, 5_000

Carried = tuple[tuple[str, str], tuple[str, str]]


def main() -> None:
    seed, persons = map(int, sys.argv[1:])
    boot.boot("river", with_owner=True)
    chosen = random.Random(seed)
    print(json.dumps([_settled(list(_facts(chosen, persons, batch, seed))) for batch in range(BATCHES)]))


def _facts(chosen: random.Random, persons: int, batch: int, seed: int) -> Iterator[Carried]:
    for place in range(FACTS):
        one, other = chosen.sample(range(1, persons + 1), 2)
        new = f"new-{seed}-{batch}-{place}"
        card, phone = ("card_no", f"C{one}"), ("phone", phone_key(one))
        match place % 10:
            case 0 | 1 | 2 | 3:
                yield card, phone
            case 4 | 5:
                yield ("card_no", new), ("phone", _key(new))
            case 6:
                yield card, ("phone", _key(new))  # she has a phone already: born anew, and linked
            case 7:
                yield ("card_no", new), phone
            case 8:
                yield ("card_no", f"C{other}"), phone  # two who were apart are one
            case _:
                yield card, ("openid", new)


def phone_key(person: int) -> str:
    """As the base has it."""
    return _key(str(person))


def _key(word: str) -> str:
    return hashlib.md5(word.encode(), usedforsecurity=False).hexdigest()


def _settled(carried: list[Carried]) -> dict[str, Any]:
    from django.db import connection, transaction

    from huoshui.core import sql
    from huoshui.core.actor import SYSTEM
    from huoshui.core.facts import api as facts
    from huoshui.core.facts.types import IDENTIFY
    from huoshui.core.tests.ground import Told, batch
    from huoshui.people import api as people

    source = facts.ensure_source(name="base", label="base", mode="live")
    told = [
        Told(_key(f"{place}{pair}"), name=IDENTIFY, identifiers=pair) for place, pair in enumerate(carried)
    ]
    with transaction.atomic():
        fact_ids = facts.receive(batch(told), source=source, actor=SYSTEM).fact_ids
    backend = connection.connection.info.backend_pid
    cpu, there, wall = process_time(), _cpu_of(backend), perf_counter()
    with transaction.atomic():
        sql.by_index()  # as the river does
        persons = people.resolve(fact_ids, actor=SYSTEM)
        facts.mark_settled(fact_ids, persons)
    wall = perf_counter() - wall
    return {
        "facts": len(fact_ids),
        "identifiers": 2 * len(fact_ids),
        "persons": len(set(persons.values())),
        "wall_seconds": round(wall, 3),
        "python_cpu_seconds": round(process_time() - cpu, 3),
        "postgres_cpu_seconds": round(_cpu_of(backend) - there, 3),
    }


def _cpu_of(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
