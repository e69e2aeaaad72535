"""Two customers are joined by hand and parted again, and a number is said to have changed hands, as staff do it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import audit
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser

_LOOK = os.environ.get("HUOSHUI_LOOK", "")


def look(page: Page, name: str) -> list[str]:
    """What the eye of a script finds wrong; and a picture for whoever wants to see it."""
    if _LOOK:
        page.screenshot(path=str(Path(_LOOK) / f"{name}.png"), full_page=True)
    found = [*audit.names(page), *audit.contrast(page), *audit.edges(page)]
    return [f"{name}: {complaint}" for complaint in found]


@pytest.mark.parametrize(("language", "width", "theme"), [("zh-hans", 1440, "light"), ("en", 390, "dark")])
def test_two_are_joined_and_parted_again(enter: Enter, language: str, width: int, theme: str) -> None:
    visitor = enter("/people/", language=language, width=width)
    page = visitor.page
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # Playwright's own words
    links = page.locator("main table a")
    place = 3 if language == "en" else 5
    other = links.nth(place + 1).get_attribute("href") or ""
    links.nth(place).click()
    one = page.url
    complaints = look(page, f"person-{language}")
    number = other.rstrip("/").rpartition("/")[2]
    page.goto(f"{one.split('/people/')[0]}/joins/pair/?one={one.rstrip('/').rpartition('/')[2]}")
    page.locator("input[name=text]").fill("1")
    page.locator("main form button").first.click()
    complaints += look(page, f"pair-{language}")
    page.goto(f"{page.url.partition('&')[0]}&other={number}")
    complaints += look(page, f"pair-both-{language}")
    page.locator("#reason").fill("本人到店说的")
    page.locator("main form button").click()
    expect(page.locator("#join")).to_be_visible()
    complaints += look(page, f"join-{language}")
    page.locator("#reason").fill("看错了")
    page.locator("#join form button").click()
    expect(page.locator("#join .hs-joinparts")).to_be_visible()
    expect(page.locator("#join form")).to_have_count(0)
    complaints += look(page, f"parted-{language}")
    page.goto(f"{page.url.split('/joins/')[0]}/joins/")
    complaints += look(page, f"joins-{language}")
    page.goto(one)
    retire = page.locator("details:has(input[name=on])").first
    retire.locator("summary").click()
    retire.locator("input[name=on]").fill("2017-06-01")
    retire.locator("input[name=reason]").fill("新机主接的电话")
    complaints += look(page, f"retire-{language}")
    assert not complaints, "\n".join(complaints)
