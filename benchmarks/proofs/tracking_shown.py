"""From acknowledged to seen: in the live stream, and on the page of the person, while much else comes in.

Somebody known looks at a product, a visitor comes for the first time, somebody new says who he is, a known one buys. Each is
looked for over HTTP as a person at the console would: the stream with a filter, then the person whom it names. The stream's
page asks by itself every two seconds, which is added to what is measured. First at 500 single calls a second, then beside
batches that come as fast as they are answered.
"""

from __future__ import annotations

import html
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from benchmarks import tracked
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Request, Served, served
from benchmarks.services import Browser, Service

NAME = "tracking_shown"
TITLE = "What is tracked shows in the live stream and on the person's page within 5 seconds, under load."

SECONDS, RATE, SINGLES, BATCHES = 60, 500, 64, 2
WITHIN = 5.0
STREAM_ASKS_EVERY = 2.0
_LOGIN = ("boss", "huoshui-proof-boss")
_PATIENCE = 30.0
_PAUSE = 0.1


@dataclass
class Watched:
    """Seconds from the answer until it was there, by kind."""

    stream: dict[str, list[float]] = field(default_factory=dict)
    person: dict[str, list[float]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        return {
            where: {kind: {"times": len(s), "longest": round(max(s), 2)} for kind, s in found.items()}
            for where, found in (("stream", self.stream), ("person", self.person))
        }

    def longest(self, where: dict[str, list[float]]) -> float:
        return max((s for found in where.values() for s in found), default=_PATIENCE)


def run(seed: int, *, seconds: int = SECONDS) -> Result:
    claims = Claims()
    with scratch_home("tracking-shown") as home:
        _set_up(home)
        token = tracked.open_source(home)
        with served(home, scopes=["read"]) as site, Service(home, "worker"):
            _known(home, site, token)
            phases = {
                "500 single calls a second": (_singles(RATE * seconds, seed, token), SINGLES, RATE),
                "batches": (_batches(seconds, seed, token), BATCHES, None),
            }
            figures = {
                name: _phase(site, token, requests, connections, rate, seconds, (name, claims))
                for name, (requests, connections, rate) in phases.items()
            }
    return Result({"claims": claims.made, **figures}, claims.hold)


def _set_up(home: Home) -> None:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        brand.unit_ids(["S0"])
        name, password = _LOGIN
        brand.ensure_login(username=name, password=password, name="老板", roles=["boss"], actor=SYSTEM)


def _known(home: Home, site: Served, token: str) -> None:
    first = ((f"/v1/{path}", str(n), body) for path, n, body in _first(token))
    site.called(first, connections=2, seconds=120)
    while home.row("select exists (select from settlement where state <> 'settled')")[0]:
        sleep(0.2)


def _first(token: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for number, batch in enumerate(tracked.batches(tracked.first_visits(), token)):
        yield "batch", number, batch


def _singles(count: int, seed: int, token: str) -> Iterator[Request]:
    for number, event in enumerate(tracked.events(count, seed=seed)):
        yield "/v1/track", str(number), {**event, "writeKey": token, "sentAt": event["timestamp"]}


def _batches(seconds: int, seed: int, token: str) -> Iterator[Request]:
    """More than can be answered in that time."""
    events = tracked.events(20_000 * seconds, seed=seed + 1)
    for number, batch in enumerate(tracked.batches(events, token)):
        yield "/v1/batch", f"b{number}", batch


def _phase(
    site: Served,
    token: str,
    requests: Iterator[Request],
    connections: int,
    rate: int | None,
    seconds: int,
    claimed: tuple[str, Claims],
) -> dict[str, Any]:
    name, claims = claimed
    watcher = _Watcher(site.port, token, name)
    with site.calling(requests, connections=connections, seconds=seconds, rate=rate) as callers:
        watcher.watch(callers.process.poll)
        told = callers.told()
    claims.equal(f"{name}: all answered", set(told["statuses"]), {"200"})
    seen = watcher.seen
    in_stream = seen.longest(seen.stream) + STREAM_ASKS_EVERY
    claims.at_most(f"{name}: in the stream, s", round(in_stream, 2), WITHIN)
    claims.at_most(f"{name}: on the person's page, s", round(seen.longest(seen.person), 2), WITHIN)
    claims.at_least(f"{name}: looked for", min(map(len, seen.person.values()), default=0), 3)
    return {"seconds until seen": seen.told(), "load": told}


class _Watcher:
    def __init__(self, port: int, token: str, name: str) -> None:
        self._port, self._token = port, token
        self._prefix = f"Seen{len(name)}"
        self._browser = Browser(port, *_LOGIN)
        self._number = 0
        self.seen = Watched()

    def watch(self, poll: Callable[[], int | None]) -> None:
        """Until the callers have ended."""
        self._page("/stream/rows/")  # signs in
        kinds = (self._known, self._stranger, self._named, self._buys)
        while poll() is None:
            for kind in kinds:
                self._number += 1
                kind(f"{self._prefix}x{self._number}")

    def _known(self, mark: str) -> None:
        self._tell("track", mark, userId=f"u{2 * self._number + 1}", event=mark)
        self._look("known", f"name={quote(mark)}", mark)

    def _stranger(self, mark: str) -> None:
        self._tell("track", mark, anonymousId=mark, event=mark)
        self._look("first visit", f"name={quote(mark)}", mark)

    def _named(self, mark: str) -> None:
        self._tell("identify", mark, userId=f"new-{mark}", traits={"name": mark})
        self._look("says who he is", f"name=Identify&text={mark}", mark)

    def _buys(self, mark: str) -> None:
        products = [{"sku": mark, "name": mark, "price": 12.5, "quantity": 1}]
        order = {"order_id": mark, "store_code": "S0", "products": products}
        self._tell("track", mark, userId="u1", event="Order Completed", properties=order)
        self._look("buys", f"name=Order+Completed&text={mark}", mark)

    def _tell(self, path: str, mark: str, **event: Any) -> None:
        told = {"messageId": mark, "writeKey": self._token, "timestamp": datetime.now(UTC).isoformat()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/v1/{path}", json.dumps(told | event).encode()
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            status = json.loads(answer.read())["verdicts"][0]["status"]
        if status != "accepted":
            raise AssertionError(f"{mark}: {status}")

    def _look(self, kind: str, filters: str, mark: str) -> None:
        """In the stream first, then where its row leads, which it does once it is known whose it is."""
        begun = monotonic()
        rows = self._until(f"/stream/rows/?{filters}", mark, begun)
        self.seen.stream.setdefault(kind, []).append(monotonic() - begun)
        while not (person := re.search(r'href="(/people/\d+/)"', rows)):
            sleep(_PAUSE)
            rows = self._until(f"/stream/rows/?{filters}", mark, begun)
        self._until(person[1], mark, begun)
        self.seen.person.setdefault(kind, []).append(monotonic() - begun)

    def _until(self, path: str, mark: str, begun: float) -> str:
        while monotonic() < begun + _PATIENCE:
            if mark in (page := self._page(path)):
                return page
            sleep(_PAUSE)
        raise TimeoutError(f"{mark} does not show at {path}")

    def _page(self, path: str) -> str:
        with suppress(urllib.error.HTTPError):  # whose page is still to come
            return html.unescape(self._browser.page(path) or self._browser.page(path) or "")
        return ""
