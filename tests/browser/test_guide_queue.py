"""The guide's phone without a net: what was tapped waits in it, and is kept once though the answer was lost."""

from __future__ import annotations

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from huoshui.core.postgres.api import DATABASE, ensure_server
from tests.browser.conftest import Enter
from tests.browser.product import Product

pytestmark = pytest.mark.browser


def test_taps_wait_in_the_phone_and_arrive_once(enter: Enter, product: Product) -> None:
    guide = enter("/people/", width=390)
    page = guide.page
    person = page.locator("tbody a.hs-open").first.get_attribute("href")
    guide.open(f"/g{person}")
    before = _kept(product)

    page.context.set_offline(True)
    for whom in ("self", "family", "gift"):
        _tap(page, whom)
    expect(page.locator("#offline")).to_contain_text("3 条")
    assert _kept(product) == before
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
    assert _kept(product) == before + 3

    # The server has it, and the phone does not hear so
    page.route("**/note/", _lose_the_answer)
    with page.expect_event("requestfailed"):
        _tap(page, "gift")
    assert _kept(product) == before + 4
    page.unroute("**/note/")
    with page.expect_response("**/note/") as again:
        page.reload()
    assert again.value.status == 204
    expect(page.locator("#saved")).to_be_visible()
    assert _kept(product) == before + 4


def _tap(page: Page, whom: str) -> None:
    page.locator(f'.g-chip:has(input[value="{whom}"])').click()
    page.locator("form[data-queue] button.weui-btn_primary").click()


def _lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


def _kept(product: Product) -> int:
    with psycopg.connect(ensure_server(product.home).superuser_url(DATABASE)) as connection:
        row = connection.execute("select count(*) from settlement where name = 'Guide Noted'").fetchone()
    assert row
    return int(row[0])
