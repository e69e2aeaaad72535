"""A home that is served, and callers who ask it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.machine import REPOSITORY
from benchmarks.processes import Watch, cpu_seconds, descendants, own_peak_mb, peak_mb
from benchmarks.scratch import Home
from benchmarks.services import free_port, wait_until_up

_PATIENCE = 60.0
Request = tuple[str, str, dict[str, Any]]
"""Path, Idempotency-Key, body."""


@dataclass(frozen=True)
class Served:
    home: Home
    port: int
    token: str
    server: subprocess.Popen[bytes]

    @contextmanager
    def calling(
        self, requests: Iterable[Request], *, connections: int, seconds: float, rate: float | None = None
    ) -> Iterator[Callers]:
        """Callers at work while the block lasts; `told` waits for what they found, `end` makes them come to it."""
        asked = self.home.path / "asked.jsonl"
        with asked.open("w", encoding="utf-8") as file:
            for path, key, body in requests:
                file.write(json.dumps([path, key, json.dumps(body, ensure_ascii=False)]) + "\n")
        command = [
            *(sys.executable, "-m", "benchmarks.callers", "--port", str(self.port), "--requests", str(asked)),
            *("--connections", str(connections), "--seconds", str(seconds)),
            *(("--rate", str(rate)) if rate else ()),
        ]
        with subprocess.Popen(
            command,
            env={**self.home.environment, "API_TOKEN": self.token},
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Callers(process)

    def called(self, requests: Iterable[Request], **how: Any) -> dict[str, Any]:
        """What the callers found, and the processor time each answer cost us."""
        with self.calling(requests, **how) as callers:
            before = {p.pid: cpu_seconds(p.pid) for p in descendants(self._roots)}
            with Watch([self.server.pid], homes=[self.home.path], every=0.5) as watch:
                told = callers.told()
        spent = {"web": 0.0, "PostgreSQL": 0.0}
        for pid, seconds in watch.cpu.items():
            name = "web" if "granian" in watch.titles[pid] else "PostgreSQL"
            spent[name] += seconds - before.get(pid, 0.0)
        each = max(told["answered"], 1)
        return {**told, "cpu_ms_per_answer": {n: round(1000 * s / each, 2) for n, s in spent.items()}}

    def held(self) -> int:
        """Megabytes that the processes of the web hold now, of their own."""
        return sum(own_peak_mb(p.pid) for p in descendants([self.server.pid]))

    def peaks(self) -> dict[str, int]:
        """Megabytes that the processes of the web ever had at once, the largest of them."""
        web = [p.pid for p in descendants([self.server.pid])]
        return {"web": max(peak_mb(pid) for pid in web)}

    @property
    def _roots(self) -> list[int]:
        return [self.server.pid, *([self.home.postmaster] if self.home.postmaster else [])]


@dataclass(frozen=True)
class Callers:
    process: subprocess.Popen[str]

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("end\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        assert self.process.stdout
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def served(home: Home, *, scopes: Iterable[str], name: str = "bench", workers: int = 1) -> Iterator[Served]:
    """`huoshui serve` on a port of its own, and a key to it that belongs to the source `till:<name>`."""
    wanted = [part for scope in scopes for part in ("--scope", scope)]
    token = home.told("keys", "add", name, *wanted, "--rate", "1000000", "--json")["token"]
    port = free_port()
    server = home.start("serve", "--port", str(port), "--workers", str(workers), log=home.path / "serve.log")
    try:
        wait_until_up(port, server, home.path / "serve.log")
        yield Served(home, port, token, server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(_PATIENCE)
