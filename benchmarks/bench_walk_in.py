"""How long "who just walked in" takes over HTTP among very many people, against one row by its primary key over HTTP.

    python -m benchmarks.bench_walk_in [--people 1000000] [--rate 100] [--seconds 20] [--rounds 3]

Prints JSON. `huoshui serve` as it comes, guides who are signed in, the caller on the same two cores. By turns, at the same even
rate:

- the floor, `GET /g/people/ID/news/?since=…`: what an open page asks each twenty seconds. It passes the same middleware,
  session, post and row-level scope, then reads one row of `person_card` by its primary key and answers 204 without a page;
- the page: `GET /g/find/?q=…` by turns with a phone's tail, a card's number, and the address of the code she shows. One
  customer found is her whole page in that answer; where a tail is several customers' of the store, the answer is the list
  and the next request opens one of them.

What counts is the middle of the rounds' p99, of either.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks import machine, walked_in
from benchmarks.scratch import scratch_home
from benchmarks.served import Served, served
from benchmarks.walked_in import GUIDES, STORES, Base, tail_of

RATE = 100
TIMES_FLOOR_AT_MOST = 3
CONNECTIONS = 32
_WARM_SECONDS = 5
_STEP = 7919  # so that those who walk in one after another do not lie beside each other

Page = tuple[str, str]
"""Address, cookie."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    found = measure(people=given.people, rate=given.rate, seconds=given.seconds, rounds=given.rounds)
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))


def measure(
    *, people: int = 1_000_000, rate: int = RATE, seconds: int = 20, rounds: int = 3
) -> dict[str, Any]:
    with scratch_home("walk-in") as home:
        base = walked_in.fill(home, people)
        since = dict(home.rows("select person_id, updated_at from person_card where guide_id is not null"))
        floor = _floor(base, {person_id: at.isoformat() for person_id, at in since.items()})
        page = _pages(base)
        with served(home, scopes=["read"]) as site:
            for asked in (floor, page):
                _called(site, islice(asked, rate * _WARM_SECONDS), seconds=2 * _WARM_SECONDS, rate=rate)
            found: dict[str, list[dict[str, Any]]] = {"floor": [], "page": []}
            for _ in range(rounds):
                for name, asked in (("floor", floor), ("page", page)):
                    one = _called(site, islice(asked, rate * seconds), seconds=2 * seconds, rate=rate)
                    found[name].append(one)
    for name, status in (("floor", "204"), ("page", "200")):
        if any(set(one["statuses"]) != {status} for one in found[name]):
            raise AssertionError(f"{name}: {[(one['statuses'], one['refusals']) for one in found[name]]}")
    p99 = {name: median(one["p99_ms"] for one in told) for name, told in found.items()}
    return {
        "people": people,
        "rate": rate,
        "p99_ms": p99,
        "p50_ms": {name: median(one["p50_ms"] for one in told) for name, told in found.items()},
        "times_floor": round(p99["page"] / p99["floor"], 2),
        "answered_per_second": min(one["answered_per_second"] for one in found["page"]),
        "rounds": found,
    }


def _walkers(base: Base) -> Iterator[tuple[int, str]]:
    """(person, cookie of a guide of her store), for ever."""
    each = base.people // STORES
    for number in count():
        guide = number % GUIDES
        place = number // GUIDES * _STEP % (each - 1) + 1
        yield STORES * place + guide, f"huoshui={base.sessions[guide]}"


def _floor(base: Base, since: dict[int, str]) -> Iterator[Page]:
    for person_id, cookie in _walkers(base):
        yield f"/g/people/{person_id}/news/?{urlencode({'since': since[person_id]})}", cookie


def _pages(base: Base) -> Iterator[Page]:
    coded, shared = list(base.tokens.items()), _shared_tails(base)
    for number, (person_id, cookie) in enumerate(_walkers(base)):
        kind = number // GUIDES % 3
        if kind == 0:
            tail = tail_of(person_id)
            yield f"/g/find/?q={tail}", cookie
            if (base.store_of(person_id), tail) in shared:
                yield f"/g/people/{person_id}/", cookie
        elif kind == 1:
            yield f"/g/find/?q=C{person_id:08}", cookie
        else:
            shown, token = coded[number % len(coded)]
            session = base.sessions[base.store_of(shown) - 1]
            yield f"/g/find/?{urlencode({'q': f'http://127.0.0.1/c/{token}/'})}", f"huoshui={session}"


def _shared_tails(base: Base) -> set[tuple[int, str]]:
    """(store, tail) that several customers of a guide's store have."""
    served = [p for p in range(1, base.people + 1) if base.store_of(p) <= GUIDES]
    counted = Counter((base.store_of(p), tail_of(p)) for p in served)
    return {where for where, people in counted.items() if people > 1}


def _called(site: Served, pages: Iterator[Page], *, seconds: int, rate: int) -> dict[str, Any]:
    asked = site.home.path / "pages.jsonl"
    asked.write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
    command = [
        *(
            sys.executable,
            "-m",
            "benchmarks.page_callers",
            "--port",
            str(site.port),
            "--requests",
            str(asked),
        ),
        *("--connections", str(CONNECTIONS), "--seconds", str(seconds), "--rate", str(rate)),
    ]
    # Its stdin stays open: the callers end when they are told there
    with subprocess.Popen(
        command,
        env=site.home.environment,
        cwd=machine.REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


if __name__ == "__main__":
    main()
