"""One product and one browser for all walks of this folder; a fresh, watched window for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

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


Enter = Callable[..., Visitor]


@pytest.fixture
def enter(product: Product, browser: Browser) -> Iterator[Enter]:
    """A visitor with a window of their own. What they were refused must be what the test says they expected."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def make(*, language: str = "", width: int = 1440, theme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        watch = Watch(product.url)
        watch.follow(context)
        if language:
            context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
        opened.append((context, Visitor(context.new_page(), product.url, watch)))
        return opened[-1][1]

    yield make
    for context, visitor in opened:
        context.close()
        visitor.watch.settle(*visitor.expected)
