"""The guide's page on a phone: two taps at once are one visit, and what is tapped without a net is not lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

PHONE = 390


def test_taps_wait_for_the_net_and_count_once(enter: Enter) -> None:
    guide = enter("/g/visits/", width=PHONE)
    page, rows = guide.page, guide.page.locator("#rows .hs-item")
    assert not audit.names(page) + audit.contrast(page)
    page.locator('.hs-tap[value="price"]').dblclick()
    expect(rows).to_have_count(1)
    expect(page.locator("#rows [role=status]")).to_contain_text("记好了")

    page.context.set_offline(True)
    page.locator('.hs-tap[value="taste"]').click()
    page.locator('.hs-tap[value="out_of_stock"]').click()
    expect(page.locator("#offline")).to_contain_text("2 条")
    page.locator("#pending button").first.click()  # a mis-tap is taken back before it is sent
    expect(page.locator("#offline")).to_contain_text("1 条")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    expect(rows).to_have_count(2)
    page.reload()
    expect(rows).to_have_count(2)

    page.locator("[data-undo-form] button").first.click()
    expect(page.locator("#rows [role=status]")).to_contain_text("撤销了")
    expect(page.locator("#rows .hs-item_done")).to_have_count(1)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_is_hidden_on_either_page(enter: Enter, language: str) -> None:
    visitor = enter("/g/visits/", width=360, language=language)
    page = visitor.page
    page.locator("#more summary").click()
    complaints = [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
    page.set_viewport_size({"width": 1280, "height": 900})
    for path in ("/visitors/", "/visitors/settings/"):
        visitor.open(path)
        complaints += [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
    assert not complaints, "\n".join(complaints)
