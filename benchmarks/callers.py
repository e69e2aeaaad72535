"""Callers of the business API on this machine, in a process of their own. Prints JSON.

    python -m benchmarks.callers --port 8000 --requests asked.jsonl --connections 50 --seconds 15 [--rate 100]

`--requests` holds one request a line: [path, Idempotency-Key, body as text]; the key of the API comes in `API_TOKEN`. With
`--rate` they begin at even times whatever has been answered, and a request is as slow as its answer is late after that
time; without, each connection asks again as soon as it is answered. Ends when told on stdin, and at the latest after
`--seconds` or the last request.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import select
import socket
import sys
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

_PATIENCE = 60.0
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


def main() -> None:
    token = os.environ["API_TOKEN"]
    call(__doc__, lambda line: _message(line, token))


def call(description: str | None, message: Callable[[str], bytes]) -> None:
    """As the command line says; `message` makes of each line of `--requests` what is sent."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float)
    given = parser.parse_args()
    asked = [message(line) for line in given.requests.open(encoding="utf-8")]
    gc.freeze()
    print(json.dumps(Callers(given, asked).called()), flush=True)


def _message(line: str, token: str) -> bytes:
    path, key, text = json.loads(line)
    body: bytes = text.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One socket that is kept open. What is asked on it next waits until the last answer is whole."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due_at = 0.0
        self._read = b""

    def ask(self, message: bytes, due_at: float) -> None:
        self.due_at, self._read = due_at, b""
        self.socket.sendall(message)

    def answer(self) -> tuple[int, bytes] | None:
        """Status and body, once all of it is here."""
        more = self.socket.recv(1 << 16)
        if not more:
            raise ConnectionError("the server hung up")
        self._read += more
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(_LENGTH.search(head)[1])  # type: ignore[index]  # without one it is no answer of ours
        return (int(head[9:12]), body) if len(body) == length else None


class Callers:
    def __init__(self, given: argparse.Namespace, asked: list[bytes]) -> None:
        self._given = given
        self._asked = iter(asked)
        self._poll = select.epoll()
        self._free: deque[Connection] = deque()
        self._busy: dict[int, Connection] = {}
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.refusals: list[str] = []

    def called(self) -> dict[str, Any]:
        for _ in range(self._given.connections):
            connection = Connection(self._given.port)
            self._poll.register(connection.socket, select.EPOLLIN)
            self._free.append(connection)
        self._poll.register(sys.stdin, select.EPOLLIN)
        begun, used = perf_counter(), process_time()
        self._call(begun)
        took, used = perf_counter() - begun, process_time() - used
        answered = len(self.seconds)
        return {
            "seconds": round(took, 2),
            "answered": answered,
            "answered_per_second": round(answered / took, 1),
            "caller_cpu_ms": round(1000 * used / max(answered, 1), 3),
            "statuses": dict(self.statuses),
            "refusals": self.refusals,
            **spread(self.seconds),
        }

    def _call(self, begun: float) -> None:
        rate, end = self._given.rate, begun + self._given.seconds
        following, number = next(self._asked, None), 0
        while following or self._busy:
            now = perf_counter()
            if now > end:
                following = None
            # At a rate the times are fixed beforehand: who finds no connection free is late, and so is his answer
            while following and self._free and (due_at := begun + number / rate if rate else now) <= now:
                self._ask(following, due_at)
                following, number = next(self._asked, None), number + 1
            waits_for_time = rate and following and self._free
            if self._listen(
                max(0.0, begun + number / rate - perf_counter()) if waits_for_time else _PATIENCE
            ):
                following = None

    def _ask(self, message: bytes, due_at: float) -> None:
        connection = self._free.popleft()
        connection.ask(message, due_at)
        self._busy[connection.socket.fileno()] = connection

    def _listen(self, seconds: float) -> bool:
        """Take what is answered within this time; whether we were told to end."""
        # epoll counts in milliseconds, in which an answer would seem late
        if not select.select([self._poll], [], [], seconds)[0] and seconds == _PATIENCE:
            raise TimeoutError("no answer")
        is_told = False
        for number, _ in self._poll.poll(0):
            if number == sys.stdin.fileno():
                self._poll.unregister(sys.stdin)
                is_told = True
            elif number not in self._busy:  # the server hung up on one that rests
                self._poll.unregister(number)
                self._free = deque(c for c in self._free if c.socket.fileno() != number)
            elif found := self._busy[number].answer():
                self._note(self._busy.pop(number), *found)
        return is_told

    def _note(self, connection: Connection, status: int, body: bytes) -> None:
        self.seconds.append(perf_counter() - connection.due_at)
        self.statuses[status] += 1
        if status >= 400 and len(self.refusals) < 5:
            self.refusals.append(body.decode()[:500])
        self._free.append(connection)


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {f"{name}_ms": round(1000 * ordered[int(len(ordered) * part)], 2) for name, part in at.items()}
    return {**found, "longest_ms": round(1000 * ordered[-1], 2)}


if __name__ == "__main__":
    main()
