"""Official clients, unmodified, over a line that answers 500 and 429 and loses answers: each event arrives once.

A short round; the full one is `make proof LAW=tracking_clients`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from huoshui.core.postgres.api import DATABASE, ensure_server
from tests.browser import chromium
from tests.browser import product as products
from tests.browser.product import Product
from tests.clients import browser as browsers
from tests.clients import rounds
from tests.clients.rounds import Round

psycopg = pytest.importorskip("psycopg")

EVENTS = 24

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with products.scratch_home() as home, products.serving(home, worker=False) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as launched:
        yield launched


def opened(product: Product, name: str, *more: str) -> tuple[str, Callable[[], int]]:
    """A key of a source of its own, and how many facts that has."""
    scopes = ("--scope", "events", "--scope", "people")
    token = product.answer("tracking", "add", name, *scopes, *more)["token"]

    def count() -> int:
        url = ensure_server(product.home).superuser_url(DATABASE)
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(
                "select count(*), count(distinct client_key) from fact f join source s on s.id = f.source_id"
                " where s.name = %s",
                (f"track:{name}",),
            ).fetchone()
        assert found[0] == found[1]
        return int(found[0])

    return str(token), count


def _port(product: Product) -> int:
    return int(product.url.rpartition(":")[2])


def _check(done: Round) -> None:
    assert done.arrived == done.sent
    # The line was as bad as it was meant to be, and something came twice
    assert done.requests["500"] and done.requests["429"] and done.requests["lost"]


@pytest.mark.parametrize("client", list(rounds.COMMANDS))
def test_each_event_of_a_client_arrives_once(product: Product, client: str) -> None:
    token, count = opened(product, client.strip("@").replace("/", "."))
    _check(rounds.by_process(client, port=_port(product), key=token, events=EVENTS * 2, count=count))


@pytest.mark.browser
@pytest.mark.parametrize("strategy", list(browsers.STRATEGIES))
def test_each_event_of_the_browser_library_arrives_once(
    product: Product, browser: Browser, strategy: str
) -> None:
    events = EVENTS * (4 if strategy == "batching" else 1)
    with browsers.shop() as origin:
        token, count = opened(product, f"browser-{strategy[:3]}", "--origin", origin)
        with (
            rounds.by_browser(strategy, port=_port(product), events=events, count=count) as (host, ended),
            browsers.telling(browser, origin, host, token, events, strategy),
        ):
            done = ended()
    _check(done)
