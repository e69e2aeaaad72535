"""Official clients of the tracking contract, unmodified, over a bad line: of 1,000 events each, exactly 1,000 arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.browser import chromium
from tests.clients import browser as browsers
from tests.clients import rounds
from tests.clients.rounds import Round

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import served

NAME = "tracking_clients"
TITLE = "Six official clients send 1,000 events each over a line of 500, 429 and lost answers; exactly 1,000 arrive of each."

EVENTS = 1_000


def run(seed: int) -> Result:
    found, claims = list(_rounds()), Claims()
    for one in found:
        claims.equal(f"{one.client}: arrived", one.arrived, EVENTS)
        for fault in ("500", "429", "lost"):
            claims.at_least(f"{one.client}: {fault} on the line", one.requests[fault], 1)
    return Result({"claims": claims.made, "clients": [one.figures for one in found]}, claims.hold)


def _rounds() -> Iterator[Round]:
    with scratch_home("tracking-clients") as home, served(home, scopes=["read"]) as site:
        for number, client in enumerate(rounds.COMMANDS):
            token, count = _opened(home, f"client{number}")
            yield rounds.by_process(client, port=site.port, key=token, events=EVENTS, count=count)
        with chromium.launched() as browser:
            for number, strategy in enumerate(browsers.STRATEGIES):
                with browsers.shop() as origin:
                    token, count = _opened(home, f"browser{number}", "--origin", origin)
                    with (
                        rounds.by_browser(strategy, port=site.port, events=EVENTS, count=count) as (
                            host,
                            ended,
                        ),
                        browsers.telling(browser, origin, host, token, EVENTS, strategy),
                    ):
                        yield ended()


def _opened(home: Home, name: str, *more: str) -> tuple[str, Callable[[], int]]:
    scopes = ("--scope", "events", "--scope", "people")
    token = home.told("tracking", "add", name, *scopes, *more, "--json")["token"]

    def count() -> int:
        rows, keys = home.row(
            "select count(*), count(distinct client_key) from fact f join source s on s.id = f.source_id where s.name = %s",
            f"track:{name}",
        )
        if rows != keys:
            raise AssertionError(f"{name}: {rows} facts of {keys} messages")
        return int(rows)

    return str(token), count
