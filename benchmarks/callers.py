"""Callers of the business API on this machine, in a process of their own. Prints JSON.

    python -m benchmarks.callers --port 8000 --requests asked.jsonl --connections 50 --seconds 15 [--rate 100]

`--requests` holds one request a line: [path, Idempotency-Key, body as text]; the key of the API comes in `API_TOKEN`. With
`--rate` they begin at even times whatever has been answered, and a request is as slow as its answer is late after that
time; without, each connection asks again as soon as it is answered. Ends when told on stdin, and at the latest after
`--seconds` or the last request.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

_PATIENCE = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float)
    given = parser.parse_args()
    asked = [_message(line, os.environ["API_TOKEN"]) for line in given.requests.open(encoding="utf-8")]
    gc.freeze()
    print(json.dumps(asyncio.run(Callers(given, asked).called())), flush=True)


def _message(line: str, token: str) -> bytes:
    path, key, text = json.loads(line)
    body: bytes = text.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Callers:
    def __init__(self, given: argparse.Namespace, asked: list[bytes]) -> None:
        self._given, self._left = given, iter(asked)
        self._is_over = False
        self._begun = 0.0
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.refusals: list[str] = []

    async def called(self) -> dict[str, Any]:
        connections = [
            await asyncio.open_connection("127.0.0.1", self._given.port)
            for _ in range(self._given.connections)
        ]
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin, self._end)
        self._begun = perf_counter()
        loop.call_later(self._given.seconds, self._end)
        due = self._due()
        await asyncio.gather(*(self._call(*connection, due) for connection in connections))
        loop.remove_reader(sys.stdin)
        took = perf_counter() - self._begun
        return {
            "seconds": round(took, 2),
            "answered": len(self.seconds),
            "answered_per_second": round(len(self.seconds) / took, 1),
            "statuses": dict(self.statuses),
            "refusals": self.refusals,
            **spread(self.seconds),
        }

    def _end(self) -> None:
        self._is_over = True

    def _due(self) -> Iterator[tuple[float, bytes]]:
        """(when it is to begin, request). At a rate the times are fixed beforehand."""
        rate = self._given.rate
        for number, message in enumerate(self._left):
            if self._is_over:
                return
            yield (self._begun + number / rate if rate else perf_counter()), message

    async def _call(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, due: Iterator[tuple[float, bytes]]
    ) -> None:
        for at, message in due:
            if (wait := at - perf_counter()) > 0:
                await asyncio.sleep(wait)
            if self._is_over:
                break
            writer.write(message)
            status, body = await asyncio.wait_for(_answer(reader), _PATIENCE)
            self.seconds.append(perf_counter() - at)
            self.statuses[status] += 1
            if status >= 400 and len(self.refusals) < 5:
                self.refusals.append(body.decode()[:500])
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {f"{name}_ms": round(1000 * ordered[int(len(ordered) * part)], 2) for name, part in at.items()}
    return {**found, "longest_ms": round(1000 * ordered[-1], 2)}


if __name__ == "__main__":
    main()
