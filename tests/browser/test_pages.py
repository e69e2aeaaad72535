"""What every page owes everybody: a name for each control, enough contrast, nothing cut off, in any theme."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import audit, shop
from tests.browser.conftest import Enter
from tests.browser.visitor import OPERATOR, Visitor, plain

pytestmark = pytest.mark.browser

WIDTHS = (1280, 1440)
CHART_SECONDS = 200  # charts follow the window 120 ms after it came to rest


def _addresses(visitor: Visitor) -> list[str]:
    """All kinds of pages; of people and runs the first that a list shows."""
    visitor.open("/imports/")
    run = visitor.page.locator("tbody a.hs-open").first.get_attribute("href")
    visitor.open("/people/")
    person = visitor.page.locator("tbody a.hs-open").first.get_attribute("href")
    assert run and person
    return [
        "/",
        "/people/",
        "/people/?q=8000001&grade=high",
        "/people/?q=nobody-at-all",
        person,
        "/groups/?group=high",
        "/behind/groups/?cell.frequency=high&cell.ticket=low",
        "/imports/",
        run,
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_hides_anything_from_anybody(enter: Enter, language: str) -> None:
    stranger = enter(language=language)
    stranger.open("/login/")
    complaints = _complaints(stranger, "/login/")
    visitor = enter("/", language=language)
    titles = {}
    for address in _addresses(visitor):
        visitor.open(address)
        titles[address.partition("?")[0]] = visitor.page.title()
        complaints |= _complaints(visitor, address)
    assert not complaints, "\n".join(f"{where}: {what}" for where, what in complaints.items())
    assert len(set(titles.values())) == len(titles), titles


def _complaints(visitor: Visitor, address: str) -> dict[str, list[str]]:
    page = visitor.page
    found = {"names": audit.names(page), "contrast": audit.contrast(page)}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(CHART_SECONDS)
        found[f"edges at {width}"] = audit.edges(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    found["contrast in the dark"] = audit.contrast(page)
    page.emulate_media(color_scheme="light")
    return {f"{address} {what}": said for what, said in found.items() if said}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_drawer_hides_nothing_either(enter: Enter, language: str) -> None:
    visitor = enter("/groups/", language=language, width=1280)
    visitor.page.locator(".hs-matrix .q header a.hs-open").first.click()
    expect(visitor.page.locator("#drawer tbody tr").first).to_be_visible()
    visitor.settle()
    assert not audit.names(visitor.page) + audit.edges(visitor.page) + audit.contrast(visitor.page)


def test_a_chosen_theme_stays(enter: Enter) -> None:
    visitor = enter("/")
    light = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    visitor.page.locator(".hs-me").click()
    visitor.page.locator('[data-theme="dark"]').click()
    html = visitor.page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    visitor.open("/people/")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    assert visitor.page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_it_speaks_traditional_chinese(enter: Enter) -> None:
    visitor = enter()
    visitor.open("/login/")
    visitor.speak("zh-hant")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "zh-hant")
    visitor.sign_in()
    for place in ("/", "/people/", "/groups/", "/imports/"):
        visitor.go(place)
        ours = plain(visitor.page.locator("nav, h1, h2, label, thead").all_inner_texts().__str__())
        assert "顧客" in ours
        assert not re.search("[顾导数据门资单额时间]", ours), ours


def test_absent_and_forbidden_look_alike(enter: Enter) -> None:
    visitor = enter("/")
    pages = set()
    for path in ("/people/999999999/", "/imports/999999999/", "/behind/groups/", "/no-such-page/"):
        address = f"{path}?cell.frequency=often" if path.startswith("/behind") else path
        visitor.expected.append((404, path))
        assert visitor.open(address).status == 404
        assert not audit.names(visitor.page)
        pages.add((visitor.page.title(), plain(visitor.page.locator("body").inner_text())))
    assert len(pages) == 1


def test_nothing_is_shown_before_signing_in(enter: Enter) -> None:
    visitor = enter()
    for path in ("/", "/people/", "/people/1/", "/groups/", "/imports/", "/behind/groups/"):
        visitor.open(path)
        assert visitor.page.url.startswith(f"{visitor.base}/login/?next="), path
        assert not visitor.page.locator(".hs-nav").count()


def test_the_tail_of_a_phone_finds_its_owner_and_shows_no_more(enter: Enter) -> None:
    visitor = enter()
    visitor.open("/login/")
    visitor.sign_in(OPERATOR)
    visitor.open("/people/?q=1007")
    row = visitor.page.locator("#found tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator(".hs-phone")).to_contain_text("*******1007")
    assert not re.search(shop.PHONES, visitor.page.content())
    row.locator("a.hs-open").click()
    visitor.page.wait_for_url(re.compile(r"/people/\d+/$"))
    visitor.settle()
    expect(visitor.page.locator(".hs-ids")).to_contain_text("1007")
    assert not re.search(shop.PHONES, visitor.page.content())
