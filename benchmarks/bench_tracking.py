"""Tracked events over HTTP, durable and deduplicated, against INSERT … SELECT unnest … ON CONFLICT of the same rows in process.

    python -m benchmarks.bench_tracking [--events 200000] [--connections 2] [--workers 1] [--seconds 20] [--rate 500]

Prints JSON and the ratios. In one run, on one server: the floor, one connection and 500 rows a statement; the same events in
batches of 500 over HTTP, the client on the same two cores; single calls at even times. All events must be there once, and
settled.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter, process_time, sleep
from typing import Any

from benchmarks import machine, tracked
from benchmarks.processes import cpu_seconds
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Request, Served, served
from huoshui.core.arrays import literal

OF_FLOOR_AT_LEAST = 0.4
P99_MS_AT_MOST = 30
RATE = 500
BATCH = 500
_WARM = 20_000

_TABLE = """
create table plain_event (
    message_id text primary key, occurred_at timestamptz not null, received_at timestamptz not null, source_id int not null,
    name text not null, user_id text, anonymous_id text, body jsonb not null)"""
_INSERT = """
insert into plain_event
select * from unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::text[],
    %s::jsonb[])
on conflict do nothing"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes of `huoshui serve`")
    parser.add_argument("--seconds", type=int, default=20, help="of single calls")
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--soak-seconds", type=int, default=0)
    given = parser.parse_args()
    found = measure(**vars(given))
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))
    print(f"{found['of_floor']} of the floor, {found['of_floor_by_cpu']} of it by processor time", end="")
    print(f"; p99 of a single call {found['single']['p99_ms']} ms")


def measure(
    *,
    events: int = 200_000,
    connections: int = 2,
    workers: int = 1,
    seconds: int = 20,
    rate: int = RATE,
    soak_seconds: int = 0,
) -> dict[str, Any]:
    with scratch_home("tracking") as home:
        token = tracked.open_source(home)
        sample = list(tracked.events(events, seed=1))
        floor = _floor(home, sample)
        with served(home, scopes=["read"], workers=workers) as site:
            _called(site, _batches(tracked.first_visits(), token), connections=connections)
            _until_settled(home)
            _called(site, _batches(tracked.events(_WARM, seed=2), token), connections=connections)
            before = _facts(home)
            bulk = _called(site, _batches(iter(sample), token), connections=connections)
            taken = _facts(home) - before
            again = _called(site, _batches(islice(sample, 5_000), token), connections=connections)
            doubled = _facts(home) - before - taken
            left = _until_settled(home)
            memory = site.peaks()
            single = site.called(
                _singles(tracked.events(rate * seconds, seed=3), token),
                connections=64,
                seconds=2 * seconds,
                rate=rate,
            )
            soak = _soak(site, token, rate, soak_seconds) if soak_seconds else None
    if taken != events or doubled:
        raise AssertionError(f"{taken} of {events} came in, and {doubled} twice")
    return _compared(floor, bulk, single, events) | {
        "again": again,
        "seconds_until_settled": left,
        "peak_mb": memory,
        "soak": soak,
    }


def _soak(site: Served, token: str, rate: int, seconds: int) -> dict[str, Any]:
    """Single calls for long: what the web holds in memory at the end, beside a minute after the beginning."""
    minute = min(60, seconds // 4)
    parts = []
    held = []
    for number, part in enumerate((minute, seconds - minute)):
        asked = _singles(tracked.events(rate * part, seed=100 + number), token)
        parts.append(site.called(asked, connections=64, seconds=2 * part, rate=rate))
        held.append(site.held())
    return {"seconds": seconds, "held_mb": held, "growth_mb": held[1] - held[0], "parts": parts}


def _compared(
    floor: dict[str, Any], bulk: dict[str, Any], single: dict[str, Any], events: int
) -> dict[str, Any]:
    by_event = {name: round(1000 * ms / BATCH, 1) for name, ms in bulk["cpu_ms_per_answer"].items()}
    by_event["client"] = round(1000 * bulk["caller_cpu_ms"] / BATCH, 1)
    rate = events / bulk["seconds"]
    return {
        "floor": floor,
        "bulk": {**bulk, "events_per_second": round(rate), "cpu_us_per_event": by_event},
        "of_floor": round(rate / floor["events_per_second"], 2),
        "of_floor_by_cpu": round(floor["cpu_us_per_event"] * 2 / sum(by_event.values()), 2),
        "single": single,
    }


def _floor(home: Home, sample: Sequence[dict[str, Any]]) -> dict[str, Any]:
    bodies = [json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in sample]
    with home.connect() as connection:
        connection.execute(_TABLE)
        backend = connection.info.backend_pid
        cpu, own, begun = cpu_seconds(backend), process_time(), perf_counter()
        for start in range(0, len(sample), BATCH):
            rows = sample[start : start + BATCH]
            columns: list[list[Any]] = [
                [e["messageId"] for e in rows],
                [e["timestamp"] for e in rows],
                [e["timestamp"] for e in rows],
                [1] * len(rows),
                [e["event"] for e in rows],
                [e.get("userId") for e in rows],
                [e["anonymousId"] for e in rows],
                bodies[start : start + BATCH],
            ]
            connection.execute(_INSERT, [literal(column) for column in columns], prepare=True)
        seconds = perf_counter() - begun
        cpu = cpu_seconds(backend) - cpu + process_time() - own
        connection.execute("drop table plain_event")
    each = 1_000_000 / len(sample)
    return {
        "events": len(sample),
        "bytes": round(sum(len(body.encode()) for body in bodies) / len(bodies)),
        "seconds": round(seconds, 2),
        "events_per_second": round(len(sample) / seconds),
        "cpu_us_per_event": round(cpu * each, 1),
    }


def _batches(events: Iterator[dict[str, Any]], token: str) -> Iterator[Request]:
    for number, batch in enumerate(tracked.batches(events, token, size=BATCH)):
        yield "/v1/batch", str(number), batch


def _singles(events: Iterator[dict[str, Any]], token: str) -> Iterator[Request]:
    for number, event in enumerate(events):
        yield "/v1/track", str(number), {**event, "writeKey": token, "sentAt": event["timestamp"]}


def _called(site: Served, requests: Iterator[Request], *, connections: int) -> dict[str, Any]:
    told = site.called(requests, connections=connections, seconds=600)
    if set(told["statuses"]) != {"200"}:
        raise AssertionError(f"{told['statuses']}: {told['refusals']}")
    return told


def _facts(home: Home) -> int:
    return int(home.row("select count(*) from tracked_message")[0])


def _until_settled(home: Home) -> float:
    """Seconds until nothing waits for the river."""
    begun = perf_counter()
    while home.row("select exists (select from settlement where state = 'received')")[0]:
        if perf_counter() - begun > 120:
            raise AssertionError("what was tracked does not settle")
        sleep(0.1)
    return round(perf_counter() - begun, 1)


if __name__ == "__main__":
    main()
