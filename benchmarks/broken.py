"""`huoshui serve` with one lock taken out, for the controls of races: what must be found out.

    python -m benchmarks.broken KIND --port 8001 --workers 2

Serves the product's own application; only the statement that locks is run without its lock, and between reading and
writing lies long enough for others to come between. Nothing of this is in the product.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

_PAUSE = 0.03


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", required=True)
    parser.add_argument("--workers", default="1")
    given = parser.parse_args()
    from huoshui.project.commands.running import THREADS

    os.environ["BENCH_BROKEN"] = given.kind
    command = [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            given.port,
        ),
        *(
            "--workers",
            given.workers,
            "--blocking-threads",
            str(THREADS),
            "--no-ws",
            "--log-level",
            "warning",
        ),
        "benchmarks.broken_site:application",
    ]
    os.execv(sys.executable, command)


def without(statements: Any, name: str, words: str) -> None:
    """From now on this statement runs without these words, which are its lock."""
    locking = getattr(statements, name)
    unlocked = replace(locking, text=locking.text.replace(words, ""))
    if unlocked == locking:
        raise AssertionError(f"{name} does not say {words!r}")
    statements._by_name[name] = unlocked


def slow(module: Any, name: str) -> None:
    """Others may come between what this function has read and what is made of it."""
    quick = getattr(module, name)

    def slowed(*args: Any, **more: Any) -> Any:
        found = quick(*args, **more)
        time.sleep(_PAUSE)
        return found

    setattr(module, name, slowed)


def last_claim() -> None:
    from huoshui.engage.campaigns import actions, claiming

    without(actions.Q, "offered", "for no key update")
    slow(claiming, "decide")


def last_use() -> None:
    from huoshui.engage.campaigns import redeem

    without(redeem.Q, "lock_used", "for update of c")
    slow(redeem, "_orders")


def last_item() -> None:
    from huoshui.core.ledger import goods, goods_rules

    without(goods.Q, "lock_shelves", "for no key update")
    slow(goods_rules, "decide")


def points() -> None:
    """The floor in the table is a second lock, and a customer's progress to the next tier a third: neither is left."""
    from huoshui.core.ledger import actions, rules
    from huoshui.engage.loyalty import api as loyalty

    without(actions.Q, "lock_accounts", "for no key update")
    slow(rules, "decide")
    loyalty.earn = lambda *_, **__: loyalty.Earned([], [])


def refund() -> None:
    from huoshui.trade.sales import actions as selling

    _orders_unlocked()
    without(selling.Q, "lock_sales", "for no key update")
    slow(selling, "_parts")


def key() -> None:
    """Kept where nothing is unique: whoever says it again says it anew."""
    from huoshui.core.facts import once

    _orders_unlocked()
    without(once.Q, "take_once", "on conflict (source_id, client_key) do nothing")


def _orders_unlocked() -> None:
    from huoshui.core.facts import actions, api

    actions.lock_orders = api.lock_orders = lambda *_: None


KINDS: dict[str, Callable[[], None]] = {
    "last claim": last_claim,
    "last use": last_use,
    "last item": last_item,
    "points": points,
    "refund": refund,
    "key": key,
}

if __name__ == "__main__":
    main()
