"""The pictures of the documents: `make docs`. From the demo, as its boss sees it, never by hand.

Without `--url` it prepares the demo of HUOSHUI_HOME (seconds when that is done already), serves it on a free port
and stops it again. Nothing is imported beyond the demo; one file is uploaded to be looked at, once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tests of the console know how to start it and how to walk through it

from playwright.sync_api import Browser, Locator, Page  # noqa: E402
from tests.browser import chromium, shop  # noqa: E402
from tests.browser import product as products  # noqa: E402
from tests.browser.visitor import Visitor  # noqa: E402
from tests.browser.watch import Watch  # noqa: E402

TARGET = ROOT / "docs" / "screens"
WIDTH, HEIGHT, TALLEST = 1440, 900, 2000
UPLOADED = "门店收银导出.csv"
# A till's own headers, none of them ours, and a column nobody needs
TILL_HEADERS = (
    "小票号",
    "收银时间",
    "店铺名称",
    "VIP卡号",
    "货号",
    "品名",
    "件数",
    "实收",
    "优惠金额",
    "备注",
)


@dataclass(frozen=True)
class Shot:
    name: str
    take: Callable[[Visitor], Locator | None]
    """Goes there; returns the part to show, None for the page."""
    language: str = "zh-hans"
    theme: str = "light"
    is_whole: bool = True
    until: str = ""
    """The picture of a page ends above this part of it."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url", help="a demo that is served already")
    url = arguments.parse_args().url
    TARGET.mkdir(parents=True, exist_ok=True)
    with _demo(url) as address, chromium.launched(["--lang=zh-CN"]) as browser:
        watch = Watch(address)
        for shot in SHOTS:
            path = TARGET / f"{shot.name}.png"
            _take(browser, watch, shot, path)
            print(f"  {path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")
        watch.settle()


@contextmanager
def _demo(url: str | None) -> Iterator[str]:
    if url:
        yield url.rstrip("/")
        return
    home = Path(os.environ.get("HUOSHUI_HOME", ROOT / ".huoshui")).resolve()
    os.environ |= {"SERVE": "0", "WORLD": "completejourney"}  # the pictures are of real data
    products.run([str(products.HUOSHUI), "demo"], home)
    with products.serving(home, worker=False) as product:
        yield product.url


def _take(browser: Browser, watch: Watch, shot: Shot, path: Path) -> None:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US" if shot.language == "en" else "zh-CN",
    )
    context.set_default_timeout(120_000)
    watch.follow(context)
    context.add_cookies([{"name": "django_language", "value": shot.language, "url": watch.base}])
    visitor = Visitor(context.new_page(), watch.base, watch)
    part = shot.take(visitor)
    if part is not None:
        part.screenshot(path=path, animations="disabled")
    else:
        if shot.is_whole:
            _grow(visitor.page, shot.until)
        visitor.page.screenshot(path=path, animations="disabled")
    context.close()


def _grow(page: Page, until: str) -> None:
    """A window as tall as its page, so that the side bar stands beside all of it; very long pages end somewhere."""
    if until:
        height = int(page.locator(until).evaluate("(part) => part.getBoundingClientRect().top + scrollY"))
    else:
        height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": WIDTH, "height": min(max(height, HEIGHT), TALLEST)})
    page.wait_for_timeout(400)  # charts follow the window


# ---- where each picture is taken -------------------------------------------------------------------------------


def _login(visitor: Visitor) -> None:
    visitor.open("/login/")


def _at(path: str) -> Callable[[Visitor], None]:
    def take(visitor: Visitor) -> None:
        visitor.open("/login/")
        visitor.sign_in()
        visitor.open(path)

    return take


def _person(visitor: Visitor) -> None:
    """Somebody who comes often and buys much."""
    _at("/people/?grade=high&group=high_high")(visitor)
    visitor.page.locator("#found tbody a.hs-open").first.click()
    visitor.page.wait_for_url(re.compile(r"/people/\d+/$"))
    visitor.settle()
    # An order of several things says more than the last one, which may be a tank of petrol
    visitor.page.locator('.hs-tl a.hs-open[title*="、"], .hs-tl a.hs-open[title*=","]').first.click()
    visitor.page.locator("#chain .src li").nth(1).wait_for()
    visitor.settle()
    visitor.page.evaluate("scrollTo(0, 0)")


def _chain(visitor: Visitor) -> Locator:
    _person(visitor)
    return visitor.page.locator("#chain")


def _drawer(visitor: Visitor) -> None:
    _at("/groups/")(visitor)
    visitor.page.locator(".hs-matrix .q.highhigh header a.hs-open").click()
    visitor.page.locator("#drawer tbody tr").first.wait_for()
    visitor.settle()


def _portrait(visitor: Visitor) -> Locator:
    _at("/groups/?group=high")(visitor)
    return visitor.page.locator("#portrait")


def _import_mapping(visitor: Visitor) -> None:
    """The file waits for somebody to confirm it and is never imported; it is uploaded only if it does not wait yet."""
    _at("/imports/")(visitor)
    page = visitor.page
    waiting = page.locator("tbody tr", has_text=UPLOADED).locator("a.hs-open").first
    if waiting.count():
        waiting.click()
    else:
        content = shop.table(TILL_HEADERS, _till_rows()).encode("gb18030")
        page.locator("#files").set_input_files({"name": UPLOADED, "mimeType": "text/csv", "buffer": content})
        page.locator("form.hs-form button").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    visitor.settle()


def _till_rows() -> Iterator[tuple[str, ...]]:
    stores = {code: name for code, name, _region, _dealer in shop.STORES}
    names = {code: name for code, name, *_rest in shop.PRODUCTS}
    for order, at, store, card, sku, quantity, paid, discount, _coupon in shop.sales_of(shop.LAST_DAY):
        if sku in names:
            yield order, at, stores[store], card, sku, names[sku], quantity, paid, discount, ""


SHOTS = (
    Shot("login", _login),
    Shot("today", _at("/")),
    Shot("today-dark", _at("/"), theme="dark"),
    Shot("today-en", _at("/"), language="en"),
    Shot("people", _at("/people/"), is_whole=False),
    Shot("person", _person),
    Shot("person-dark", _person, theme="dark"),
    Shot("chain", _chain),
    Shot("groups", _at("/groups/"), until="#portrait"),
    Shot("groups-en", _at("/groups/"), language="en", until="#portrait"),
    Shot("drawer", _drawer, is_whole=False),
    Shot("portrait", _portrait),
    Shot("imports", _at("/imports/"), is_whole=False),
    Shot("import-mapping", _import_mapping, is_whole=False),
)


if __name__ == "__main__":
    main()
