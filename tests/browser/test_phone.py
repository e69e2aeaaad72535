"""What fits a desk fits a phone; and what opens over a page stays beside its side bar."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

# Of every panel that is wider than the window, its heading and its width
_TOO_WIDE = """() => [...document.querySelectorAll("main .hs-panel")]
  .map((e) => [e.querySelector("h2")?.innerText ?? e.id, e.getBoundingClientRect().right, e.scrollWidth - e.clientWidth])
  .filter(([, right, over]) => right > innerWidth + 1 || over > 1)"""


def _person(visitor: Visitor) -> None:
    visitor.open("/people/")
    visitor.page.locator("tbody a.hs-open").first.click()
    expect(visitor.page.locator("#consents")).to_be_visible()
    expect(visitor.page.locator("#person-roles")).to_be_visible()
    visitor.settle()


def test_a_person_fits_a_phone(enter: Enter) -> None:
    visitor = enter("/", width=390)
    _person(visitor)
    assert visitor.page.evaluate(_TOO_WIDE) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_why_of_a_role_opens_beside_the_side_bar(enter: Enter) -> None:
    visitor = enter("/", width=1440)
    _person(visitor)
    chip = visitor.page.locator(".hs-roles button.hs-tag").first
    chip.click()
    # A popover is set beside its button an instant after it opens
    inside = "(left) => ((b) => b && b.left >= left && b.right <= innerWidth)"
    inside += "(document.querySelector('.hs-roles .hs-pop:popover-open')?.getBoundingClientRect())"
    side = visitor.page.locator(".hs-side").bounding_box()
    assert side
    visitor.page.wait_for_function(inside, arg=side["x"] + side["width"])
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.page.keyboard.press("Escape")
    chip.scroll_into_view_if_needed()
    chip.click()
    visitor.page.wait_for_function(inside, arg=0)
