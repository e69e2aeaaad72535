"""One product and one browser for all walks of this folder; a fresh, watched window for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState

from tests.browser import chromium
from tests.browser import product as products
from tests.browser.product import Product
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

# By package, not by session: while Playwright's loop lives, Django refuses its database to every other test.


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    chromium.binary()
    with products.scratch_home() as home:
        command = [sys.executable, "-m", "tests.browser.prepare", str(home.parent / "files")]
        products.run(command, home)
        with products.serving(home) as served:
            yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(scope="package")
def signed_in(product: Product, browser: Browser) -> StorageState:
    """What the browser keeps of somebody who signed in as the boss: once for all, since passwords are slow by design."""
    context = browser.new_context()
    visitor = Visitor(context.new_page(), product.url, Watch(product.url))
    visitor.open("/login/")
    visitor.sign_in()
    kept = context.storage_state()
    context.close()
    return kept


Enter = Callable[..., Visitor]


@pytest.fixture
def enter(product: Product, browser: Browser, signed_in: StorageState) -> Iterator[Enter]:
    """A visitor with a window of their own. What they were refused must be what the test says they expected."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def make(path: str = "", *, language: str = "", width: int = 1440) -> Visitor:
        """With a path, signed in as the boss and there; without one, a stranger."""
        context = browser.new_context(
            storage_state=signed_in if path else None,
            viewport={"width": width, "height": 900},
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        watch = Watch(product.url)
        watch.follow(context)
        if language:
            context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
        visitor = Visitor(context.new_page(), product.url, watch)
        opened.append((context, visitor))
        if path:
            visitor.open(path)
        return visitor

    yield make
    for context, visitor in opened:
        context.close()
        visitor.watch.settle(*visitor.expected)
