"""Histories with planted traps, or towns whose people are merged and parted, on a throw-away database; prints what came.

python -m benchmarks.traps_once --seed 7 --histories 5000
python -m benchmarks.traps_once --seed 7 --towns 30
python -m benchmarks.traps_once --seed 7 --mutants 25        each mutation with so many histories
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

TOGETHER = 100
"""Histories that are carried out at once."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--towns", type=int, default=0)
    parser.add_argument("--mutants", type=int, default=0)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from benchmarks.chain_once import _database

    # Ended from outside, it still takes its database along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun, used = perf_counter(), process_time()
    with _database(), tempfile.TemporaryDirectory(prefix="huoshui-towns-") as folder:
        told: dict[str, Any] = {"seed": given.seed}
        if given.histories:
            told["histories"] = _histories(given.seed, given.histories)
        if given.mutants:
            told["mutations"] = _mutants(given.seed, given.mutants)
        if given.towns:
            told["towns"] = _towns(given.seed, given.towns, Path(folder))
    told |= {"seconds": round(perf_counter() - begun, 1), "cpu seconds": round(process_time() - used, 1)}
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _histories(seed: int, count: int) -> dict[str, Any]:
    from tests.people.trapped import Found, play

    found, done = Found(), 0
    while done < count:
        some = min(TOGETHER, count - done)
        found.add(play(range(seed + done, seed + done + some), first=done))
        done += some
        print(f"{done} histories, {len(found.mixed)} of them mixed", file=sys.stderr, flush=True)
    return {
        **{name: getattr(found, name) for name in ("histories", "events", "clusters", "guarded")},
        "mixed": [f"seed {seed}: {', '.join(traps)}: {what[:200]}" for seed, traps, what in found.mixed],
        "joined": found.joined,
        "to join": found.to_join,
        "traps": dict(found.traps),
    }


def _mutants(seed: int, count: int) -> list[dict[str, Any]]:
    from pytest import MonkeyPatch
    from tests.people.trap_mutations import MUTATIONS
    from tests.people.trapped import play

    found = []
    for place, (name, (traps, mutate)) in enumerate(MUTATIONS.items(), 1):
        with MonkeyPatch.context() as patch:
            mutate(patch)
            one = play(range(seed, seed + count), first=900_000 + place * count, traps=traps)
        found.append({"mutation": name, "mixed": len(one.mixed), "recall": round(one.recall, 4)})
        print(found[-1], file=sys.stderr, flush=True)
    return found


def _towns(seed: int, count: int, folder: Path) -> dict[str, Any]:
    from tests.people.mergers import nothing_between, spent_between

    from benchmarks.chain_once import _empty
    from huoshui.intake.river.tests.world import check_books
    from huoshui.lake.tests import planting

    unlike, unchanged, short = [], 0, []
    for number in range(seed, seed + count):
        with _lake(folder / str(number)):
            before, meanwhile, after = nothing_between(number)
            unlike += [f"town {number}: {name}" for name in before if before[name] != after[name]]
            unchanged += before == meanwhile
            check_books()
        planting.clean()
        _empty()
        spent = spent_between(number)
        is_shown = spent.debt == spent.earned - spent.left > 0 and spent.shown == ["points_owed"]
        if spent.parted != spent.as_one or not is_shown:
            short.append(f"town {number}: {spent}")
        check_books()
        _empty()
        print(f"town {number}: {len(unlike)} unlike, {len(short)} short", file=sys.stderr, flush=True)
    return {"towns": count, "unlike": unlike, "where merging changed nothing": unchanged, "short": short}


@contextmanager
def _lake(place: Path) -> Iterator[None]:
    from django.test.utils import override_settings

    from huoshui.intake.trust.tests.ground import database_url
    from huoshui.lake import tables

    place.mkdir()
    with override_settings(
        HUOSHUI_HOME=place, HUOSHUI_DATABASE_URL=database_url(), HUOSHUI_LAKE=str(place / "lake")
    ):
        yield
        tables.catalog().close()


if __name__ == "__main__":
    sys.exit(main())
