"""All by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import shop
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser


def test_a_slash_searches(enter: Enter) -> None:
    visitor = enter("/")
    page, find = visitor.page, visitor.page.locator("#find")
    page.keyboard.press("/")
    expect(find).to_be_focused()
    page.keyboard.type("1/")
    expect(find).to_have_value("1/")
    page.keyboard.press("Escape")
    expect(find).not_to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("8000007")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    visitor.settle()
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page.locator("#people-q")).to_have_value("8000007")


def test_a_number_opens_and_gives_the_focus_back(enter: Enter) -> None:
    visitor = enter("/groups/")
    page, drawer = visitor.page, visitor.page.locator("#drawer")
    opener = page.locator(".hs-matrix .q header a.hs-open").last
    opener.focus()
    page.keyboard.press("Enter")
    expect(drawer.locator("tbody tr").first).to_be_visible()
    expect(drawer.locator("[data-close]")).to_be_focused()
    assert page.url == f"{visitor.base}/groups/"
    page.keyboard.press("/")
    expect(page.locator("#find")).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.locator("#drawer-body")).to_be_empty()


def test_a_whole_number_is_asked_for_and_the_focus_goes_on_from_it(enter: Enter) -> None:
    visitor = enter("/people/?q=1007")
    page = visitor.page
    with page.expect_navigation():
        page.locator("#found tbody a.hs-open").click()
    visitor.settle()
    contact = page.locator(".hs-contact")
    expect(contact).to_have_count(1)
    expect(contact).to_have_attribute("aria-live", "polite")
    assert not re.search(shop.PHONES, page.content())
    contact.get_by_role("button", name="查看完整号码（会留痕）").focus()
    page.keyboard.press("Enter")
    expect(contact).to_contain_text(f"{shop.PHONES[:7]}1007")
    expect(contact.locator("span")).to_be_focused()
    expect(contact.locator("button")).to_have_count(0)
    page.reload()
    visitor.settle()
    assert not re.search(shop.PHONES, page.content())


def test_a_reason_opens_and_closes(enter: Enter) -> None:
    visitor = enter("/")
    why, reason = (
        visitor.page.locator('[popovertarget="why-expected"]'),
        visitor.page.locator("#why-expected"),
    )
    why.focus()
    visitor.page.keyboard.press("Enter")
    expect(reason).to_be_visible()
    box = reason.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1440 and box["y"] + box["height"] <= 900
    visitor.page.keyboard.press("Escape")
    expect(reason).to_be_hidden()
    expect(why).to_be_focused()


def test_the_first_stop_skips_to_the_content(enter: Enter) -> None:
    visitor = enter("/people/")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".hs-skip")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#main")).to_be_focused()


def test_back_returns_to_what_was_searched_before(enter: Enter) -> None:
    visitor = enter("/people/")
    page = visitor.page
    everybody = page.locator("#found .hs-say").inner_text()
    page.locator('select[name="grade"]').select_option("high")
    page.wait_for_url(re.compile("grade=high"))
    visitor.settle()
    expect(page.locator("#found .hs-say")).not_to_have_text(everybody)
    page.go_back()
    visitor.settle()
    expect(page.locator("#found .hs-say")).to_have_text(everybody)
    expect(page.locator("h1")).to_have_count(1)
