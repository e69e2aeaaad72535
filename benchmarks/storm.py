"""Sales and refunds over HTTP at a steady rate, each told again under its key until it is answered.

What a till does whose line is bad: a connection that breaks, no answer in time, a 5xx or 429, and the same is sent again. Now
and then a customer walks away: that sale is told once only, and nobody knows what became of it. Runs on an event loop of its
own in a thread, beside whoever kills what answers.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from benchmarks.background import Background
from benchmarks.crowd import Ask

LINES = 64
_ANSWER_WITHIN = 15.0
_FINISH_WITHIN = 180.0
_TOO_BUSY = 429
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)
# What a broken line raises, in whatever state the server left it
BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError, IndexError)


@dataclass(frozen=True)
class Wanted:
    """A sale, and what the till does after it was acknowledged."""

    ask: Ask
    then: Ask | None = None
    is_patient: bool = True


@dataclass
class Seen:
    """By key: the answer of those acknowledged; those refused; those of whom nothing is known."""

    acknowledged: dict[str, dict[str, object]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    repeats: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    """When each was acknowledged."""


class Storm(Background):
    def __init__(self, port: int, token: str, wanted: Sequence[Wanted], *, rate: float, seed: int) -> None:
        super().__init__("storm")
        self.seen = Seen()
        self.begun = self.took = 0.0
        self.broke: BaseException | None = None
        self.rate = rate
        self._port, self._token = port, token
        self._due = iter(enumerate(wanted))
        self._chance = random.Random(seed)

    @property
    def last_acknowledged(self) -> float:
        return self.seen.at[-1] if self.seen.at else 0.0

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:  # told at the end: a storm that died down proves nothing
            self.broke = error

    async def _all(self) -> None:
        self.begun = monotonic()
        await asyncio.gather(*(self._till(_Line(self._port)) for _ in range(LINES)))
        self.took = monotonic() - self.begun

    async def _till(self, line: _Line) -> None:
        for number, one in self._due:
            if (wait := self.begun + number / self.rate - monotonic()) > 0:
                await asyncio.sleep(wait)
            if self._ended.is_set():
                break
            if await self._told(line, one.ask, is_patient=one.is_patient) and one.then is not None:
                await self._told(line, one.then, is_patient=True)
        line.close()

    async def _told(self, line: _Line, ask: Ask, *, is_patient: bool) -> bool:
        """Whether it was acknowledged."""
        message, begun = self._message(ask), monotonic()
        while True:
            try:
                status, is_repeat, body = await asyncio.wait_for(line.ask(message), _ANSWER_WITHIN)
            except BROKEN as error:
                line.close()
                why = type(error).__name__
            else:
                if status < 300:
                    self._note(ask, json.loads(body), is_repeat, monotonic() - begun)
                    return True
                if status < 500 and status != _TOO_BUSY:
                    self.seen.refused[ask.key] = body.decode()[:300]
                    return False
                why = str(status)
            self.seen.retries[why] += 1
            if not is_patient or monotonic() > begun + _FINISH_WITHIN:
                self.seen.unknown.add(ask.key)
                return False
            await asyncio.sleep(self._chance.uniform(0.2, 1.0))

    def _note(self, ask: Ask, body: dict[str, object], is_repeat: bool, seconds: float) -> None:
        self.seen.acknowledged[ask.key] = body
        self.seen.repeats += is_repeat
        self.seen.seconds.append(seconds)
        self.seen.at.append(monotonic())

    def _message(self, ask: Ask) -> bytes:
        body = json.dumps(ask.body).encode()
        head = _HEAD.format(path=ask.path, token=self._token, key=ask.key, length=len(body))
        return head.encode() + body


class _Line:
    """A connection, opened again when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, message: bytes) -> tuple[int, bool, bytes]:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._ends
        writer.write(message)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
        body = await reader.readexactly(length)
        return int(head.split(" ", 2)[1]), "idempotent-replayed: true" in head, body

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
        self._ends = None
