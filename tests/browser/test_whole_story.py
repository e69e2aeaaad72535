"""Two guides, two dealers and the brand, on phones: from a scanned code to what a dealer takes along.

The last of this folder: what is sold today would move the days on which the other walks stand.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import urllib.request
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import product as products
from tests.browser.product import Product
from tests.browser.story_people import STORES, WORD
from tests.browser.test_codes import PHONE, look

pytestmark = pytest.mark.browser


MOBILE, AMOUNT = "13911112299", 20_000


class Stage:
    """Each of them on a phone of her own."""

    def __init__(self, product: Product, browser: Browser) -> None:
        self.product, self.browser = product, browser
        self.pages: dict[str, Page] = {}

    def phone(self, who: str) -> Page:
        if who not in self.pages:
            page = self.browser.new_context(
                viewport={"width": PHONE["width"], "height": PHONE["height"]}, reduced_motion="reduce"
            ).new_page()
            if who != "customer":
                page.goto(f"{self.product.url}/login/")
                page.locator("#username").fill(who)
                page.locator("#password").fill(WORD if who != "boss" else "huoshui-demo-boss")
                with page.expect_navigation():
                    page.keyboard.press("Enter")
            self.pages[who] = page
        return self.pages[who]

    def at(self, who: str, path: str) -> Page:
        page = self.phone(who)
        page.goto(f"{self.product.url}{path}")
        return page

    def until(self, who: str, path: str, text: str) -> Page:
        """The readers look each five seconds."""
        page = self.at(who, path)
        for _ in range(40):
            if text in page.locator("main").inner_text():
                return page
            page.wait_for_timeout(500)
            page.reload()
        raise AssertionError(f"{who} never saw {text!r} at {path}: {page.locator('main').inner_text()}")

    def said(self, command: str) -> Any:
        out = products.run([sys.executable, "-m", "tests.browser.story_people", command], self.product.home)
        return json.loads(out.splitlines()[-1])

    def till(self, told: dict[str, Any], path: str, key: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{self.product.url}{path}",
            json.dumps({"at": datetime.now(UTC).isoformat(), **body}).encode(),
            {
                "Authorization": f"Bearer {told['key']}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


def test_the_whole_story(product: Product, browser: Browser) -> None:
    stage = Stage(product, browser)
    try:
        told = stage.said("open")
        _joins(stage, told)
        _buys_elsewhere(stage, told)
        _both_guides_see_why(stage)
        _gives_half_back(stage, told)
        _the_dealers_settle(stage)
        _the_first_dealer_sees_and_leaves(stage, told)
    finally:
        stage.close()


def _joins(stage: Stage, told: dict[str, Any]) -> None:
    dealer = stage.at("dealer1", "/codes/")
    dealer.locator("#kind").select_option("guide")
    dealer.locator("#title").fill("导购1的码")
    dealer.locator("#place").select_option(f"{told['guide']}@{told['store']}")
    dealer.locator("form.hs-form button").click()
    address = dealer.locator("#code-url").input_value()
    customer = stage.phone("customer")
    customer.goto(address)
    customer.locator("#phone").fill(MOBILE)
    customer.locator("button[value=send]").click()
    word = re.search(r"\d{6}", customer.locator("[role=status]").inner_text())
    assert word is not None
    customer.locator("#word").fill(word[0])
    customer.locator("#agrees").check()
    customer.locator("button[value=join]:visible").click()
    expect(customer.locator("h1[role=status]")).to_be_visible()
    expect(customer.locator("main")).to_contain_text("导购1为您服务")
    look(customer, "story-joined")


def _buys_elsewhere(stage: Stage, told: dict[str, Any]) -> None:
    """At the other dealer's store, served by its guide."""
    line = {"sku": "P101", "quantity": 2, "amount": AMOUNT}
    body = {
        "order_key": "STORY1",
        "store": STORES[1],
        "staff": "guide2",
        "lines": [line],
        "customer": {"phone": MOBILE},
    }
    stage.till(told, "/api/v1/sales", "story-1", body)


def _both_guides_see_why(stage: Stage) -> None:
    """5 % of ¥200 to her who served; two fifths of that to her who brought, by her own house."""
    for who, amount in (("guide2", "¥10.00"), ("guide1", "¥4.00")):
        page = stage.until(who, "/g/commission/", amount)
        page.locator("a.hs-item").first.click()
        expect(page.locator("main")).to_contain_text("为什么是这个数")
        expect(page.locator("main")).to_contain_text(amount.removeprefix("¥"))
        look(page, f"story-why-{who}")


def _gives_half_back(stage: Stage, told: dict[str, Any]) -> None:
    body = {"refund_key": "STORY1-R", "lines": [{"line_no": 1, "quantity": 1}]}
    stage.till(told, "/api/v1/sales/STORY1/refunds", "story-2", body)
    for who, amount in (("guide2", "-¥5.00"), ("guide1", "-¥2.00")):
        page = stage.until(who, "/g/commission/", "退货扣回")
        expect(page.locator("main")).to_contain_text(amount.replace("-", "\u2212"))


def _the_dealers_settle(stage: Stage) -> None:
    assert stage.said("close")["statements"] >= 3
    page = stage.at("dealer2", "/commission/")
    row = page.locator("tr", has_text="杭州粟谷雨商贸")
    row.locator("a").first.click()
    page.locator("input[name=line]").first.check()
    page.locator("#said").fill("这位顾客本来就是我们的")
    page.locator("button[value=disputed]").click()
    expect(page.locator("[role=status]")).to_contain_text("1")
    look(page, "story-disputed")
    stage.until("dealer1", "/commission/", "武汉粟白露商贸")
    page = stage.phone("dealer1")
    page.locator("tr", has_text="武汉粟白露商贸").locator("a").first.click()
    expect(page.locator("main")).to_contain_text("这位顾客本来就是我们的")


def _the_first_dealer_sees_and_leaves(stage: Stage, told: dict[str, Any]) -> None:
    page = stage.until("dealer1", "/protection/", "武汉粟白露商贸")
    expect(page.locator("main")).to_contain_text("导购2")
    look(page, "story-protection")
    with page.expect_download() as waiting:
        page.locator("form[action$='archive.zip'] button").click()
    with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as archive:
        sums = [row.split(maxsplit=1) for row in archive.read("SHA256SUMS").decode().splitlines()]
        assert sums and all(
            hashlib.sha256(archive.read(name.lstrip("*"))).hexdigest() == made for made, name in sums
        )
        assert MOBILE in archive.read("顾客.csv").decode("utf-8-sig")
