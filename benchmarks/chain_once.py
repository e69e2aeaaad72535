"""The machine of the sale chain, or of a room of it, for so many steps on a throw-away database; prints as JSON what came.

    python -m benchmarks.chain_once --seed 7 --steps 100000
    python -m benchmarks.chain_once --seed 7 --steps 100000 --machine ledger
    python -m benchmarks.chain_once --seed 7 --steps 4000 --mutation "debts are not repaid"
    python -m benchmarks.chain_once --round 7000003        what was found there, with the steps that led to it

Examples run in rounds, each with a seed of its own that follows from the first, on empty tables: the audit at the end of
each example looks at everything there is, and a failure is told with the seed that brings it back in seconds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

EXAMPLES, STEPS = 10, 100  # of a round, and of an example
MACHINES = {
    "sale": "tests.river.sale_machine:SaleChain",
    "ledger": "huoshui.core.ledger.tests.test_machine:Ledger",
    "coupons": "huoshui.engage.campaigns.tests.test_machine:Coupons",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--machine", choices=MACHINES, default="sale")
    parser.add_argument("--round", type=int, help="play this round alone, and show its steps")
    parser.add_argument("--mutation", action="append", default=[], help="break the product so first")
    parser.add_argument("--list", action="store_true", help="which mutations there are; runs nothing")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    if given.list:
        from tests.river.mutations import MUTATIONS

        print(json.dumps(list(MUTATIONS)))
        return 0
    # Ended from outside, it still takes its database along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with _database():
        if given.round is not None:
            told: dict[str, Any] = dict(
                zip(("steps", "found"), _round(given.machine, given.round, aloud=True), strict=True)
            )
        elif given.mutation:
            told = {"mutations": [_mutated(name, given.seed, given.steps) for name in given.mutation]}
        else:
            told = _run(given.machine, given.seed, given.steps)
    print(json.dumps(told, ensure_ascii=False))
    return 0


@contextmanager
def _database() -> Iterator[None]:
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def _mutated(name: str, seed: int, steps: int) -> dict[str, Any]:
    from pytest import MonkeyPatch
    from tests.river.mutations import MUTATIONS

    with MonkeyPatch.context() as patch:
        MUTATIONS[name](patch)
        told = _run("sale", seed, steps)
    return {"mutation": name, **told}


def _run(machine: str, seed: int, steps: int) -> dict[str, Any]:
    begun, settled, done, number = perf_counter(), Counter[str](), 0, 0
    round_seed, failure = 0, ""
    while done < steps and not failure:
        round_seed = seed * 1_000_000 + number
        taken, failure = _round(machine, round_seed)
        settled += _settled()
        _empty()
        done, number = done + taken, number + 1
        each = 1000 * (perf_counter() - begun) / max(done, 1)
        print(f"seed {round_seed}: {done} steps, {each:.1f} ms each", file=sys.stderr, flush=True)
    told: dict[str, Any] = {"machine": machine, "seed": seed, "steps": done, "rounds": number}
    told["seconds"] = round(perf_counter() - begun, 1)
    if failure:
        told |= {"found in round": round_seed, "found": failure}
    return {**told, "facts settled": dict(settled.most_common())}


def _round(machine: str, seed: int, *, aloud: bool = False) -> tuple[int, str]:
    """(steps until all was over or something was found, what was found)."""
    from huoshui.core.tests.playing import play

    module, _, name = MACHINES[machine].partition(":")
    whole: Any = getattr(importlib.import_module(module), name)
    taken, is_found = 0, False

    class Counted(whole):  # type: ignore[misc]  # which of the machines is told when it is run
        def check_invariants(self, *given: Any) -> None:
            nonlocal taken
            # Called before the machine is open and after it was opened, too
            self.calls = getattr(self, "calls", 0) + 1
            taken += self.calls > 2 and not is_found
            super().check_invariants(*given)

        def teardown(self) -> None:
            nonlocal is_found, taken
            broken = isinstance(sys.exc_info()[1], Exception)
            try:
                super().teardown()
            except Exception:
                broken = True
                raise
            finally:
                # What was found is played again, to be told; those steps do not count
                is_found |= broken

    try:
        play(Counted, examples=EXAMPLES, steps=STEPS, from_seed=seed, is_quiet=not aloud)
    except Exception as error:
        return taken, _about(error)
    return taken, ""


def _about(error: BaseException) -> str:
    """Of several that Hypothesis found, and of one that did not come again, the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{where.name}: {type(error).__name__} {str(error)[:500]}".strip()


_SETTLED = "select name, count(*) from settlement where state = 'settled' group by 1"
_TABLES = "select tablename from pg_tables where schemaname = 'public'"


def _settled() -> Counter[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        return Counter(dict(cursor.fetchall()))


def _empty() -> None:
    from django.db import connection

    from huoshui.core.tests.ground import _KEPT

    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        names = [name for (name,) in cursor.fetchall() if name not in _KEPT and "procrastinate" not in name]
        cursor.execute(f"truncate {', '.join(names)} cascade")


if __name__ == "__main__":
    sys.exit(main())
