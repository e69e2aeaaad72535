"""Her own page on her phone: from the code that staff show to a word given and taken back, in both languages and themes."""

from __future__ import annotations

import os
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


def test_she_agrees_and_takes_it_back_by_one_tap_each(enter: Enter, browser: Browser) -> None:
    staff = enter("/people/")
    staff.page.locator("main table a").first.click()
    panel = staff.page.locator("#consents")
    panel.locator("button[value=make]").click()
    address = panel.locator("#own-url").input_value()
    expect(panel.locator(".hs-own-code svg")).to_be_visible()
    look(staff.page, "person")
    complaints: list[str] = []
    for theme in ("light", "dark"):
        context = browser.new_context(viewport=PHONE, color_scheme=theme)  # type: ignore[arg-type]  # Playwright's own words
        page = context.new_page()
        page.goto(address)
        complaints += [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
        look(page, f"own-{theme}")
        page.locator('button[value="marketing//yes"]').click()
        expect(page.locator("[role=status]")).to_contain_text("记下了")
        page.locator('button[value="marketing//no"]').click()
        expect(page.locator("[role=status]")).to_contain_text("收回")
        page.locator("button[value=en]").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.locator(".hs-own-ask summary").first.click()
        complaints += [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
        look(page, f"own-{theme}-en")
        page.goto(address.replace("/my/", "/my/x"))
        look(page, f"closed-{theme}")
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_wrong_number_is_corrected_on_a_narrow_page_too(enter: Enter, language: str) -> None:
    staff = enter("/people/", width=390, language=language)
    page = staff.page
    page.locator("main table a").nth(1 if language == "en" else 2).click()
    page.locator("details:has(input[name=value]) summary").first.click()
    complaints = [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
    look(page, f"correct-{language}")
    page.locator("#r-kind").select_option("correct")
    page.locator("#consents form:has(#r-kind) button").last.click()
    expect(page.locator("#c-identifier")).to_be_visible()
    complaints += [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
    look(page, f"case-{language}")
    assert not complaints, "\n".join(complaints)
