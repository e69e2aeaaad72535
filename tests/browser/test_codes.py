"""A code made at the desk, scanned on a phone, and joined by: in both languages and themes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import audit
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
_LOOK = os.environ.get("HUOSHUI_LOOK", "")


def look(page: Page, name: str) -> None:
    """For whoever wants to see it."""
    if _LOOK:
        page.screenshot(path=str(Path(_LOOK) / f"{name}.png"), full_page=True)


def complaints_of(page: Page) -> list[str]:
    return [*audit.names(page), *audit.contrast(page), *audit.edges(page)]


def test_a_code_is_made_and_joined_by(enter: Enter, browser: Browser) -> None:
    staff = enter("/codes/").page
    complaints = complaints_of(staff)
    staff.locator("#kind").select_option("store")
    staff.locator("#title").fill("收银台立牌")
    staff.locator("#place").select_option(index=1)
    if staff.locator("#coupon option").count() > 1:
        staff.locator("#coupon").select_option(index=1)
    staff.locator("form.hs-form button").click()
    address = staff.locator("#code-url").input_value()
    complaints += complaints_of(staff)
    look(staff, "code")
    staff.goto(staff.url.rsplit("/", 2)[0] + "/")
    look(staff, "codes")
    for number, theme in enumerate(("light", "dark")):
        context = browser.new_context(viewport=PHONE, color_scheme=theme)  # type: ignore[arg-type]  # Playwright's own words
        page = context.new_page()
        page.goto(address)
        assert page.locator(":checked").count() == 0, "nothing is ticked for her"
        complaints += complaints_of(page)
        look(page, f"join-{theme}")
        page.locator("#phone").fill(f"1391111222{number}")
        page.locator("button[value=send]").click()
        said = page.locator("[role=status]").inner_text()
        word = re.search(r"\d{6}", said)
        assert word is not None
        page.locator("#word").fill(word[0])
        page.locator("button[value=join]:visible").click()
        expect(page.locator("[role=alert]")).to_contain_text("14")
        complaints += complaints_of(page)
        page.locator("button[value=en]").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        look(page, f"join-{theme}-en")
        complaints += complaints_of(page)
        page.goto(address)
        page.locator("#phone").fill(f"1391111222{number}")
        page.locator("#word").fill(word[0])
        page.locator("#agrees").check()
        page.locator("button[value=join]:visible").click()
        expect(page.locator("h1[role=status]")).to_be_visible()
        complaints += complaints_of(page)
        look(page, f"joined-{theme}-en")
        context.close()
    assert not complaints, "\n".join(complaints)
