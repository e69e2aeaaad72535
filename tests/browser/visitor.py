"""Somebody at the console: what they can do, in the words of any language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.watch import Watch

BOSS, OPERATOR = ("boss", "huoshui-demo-boss"), ("operator", "huoshui-demo-operator")
# No panel is still being computed, and every chart that stands on the page is drawn.
SETTLED = """() => document.readyState === 'complete'
  && !document.querySelector('[aria-busy="true"]')
  && [...document.querySelectorAll('.hs-chart[data-chart]')].every((chart) => chart.querySelector('canvas'))"""
UNITS = {"": 1, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "K": 10**3, "M": 10**6, "B": 10**9}


@dataclass
class Visitor:
    page: Page
    base: str
    watch: Watch
    expected: list[tuple[int, str]] = field(default_factory=list)

    def open(self, path: str) -> Response:
        response = self.page.goto(f"{self.base}{path}")
        assert response is not None
        self.settle()
        return response

    def settle(self) -> None:
        self.page.wait_for_function(SETTLED)
        expect(self.page.locator(".hs-fail")).to_have_count(0)

    def sign_in(self, login: tuple[str, str] = BOSS) -> None:
        self.page.locator("#username").fill(login[0])
        self.page.locator("#password").fill(login[1])
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def go(self, place: str) -> None:
        """By the side bar."""
        self.page.locator(f'.hs-nav a[href="{place}"]').click()
        self.page.wait_for_url(f"{self.base}{place}")
        self.settle()

    def speak(self, language: str) -> None:
        """By the menu at one's own name, or on the login page."""
        menu = self.page.locator(".hs-me")
        if menu.count():
            menu.click()
        with self.page.expect_navigation():
            self.page.locator(f'button[name="language"][value="{language}"]').click()
        self.settle()

    def say(self) -> str:
        """The sentence a page opens with."""
        return plain(self.page.locator(".hs-say").first.inner_text())


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


@dataclass(frozen=True)
class Figure:
    """A figure as a screen rounds it: the true one lies within half of its last digit."""

    value: Decimal
    step: Decimal

    def shows(self, true: Any) -> bool:
        return abs(self.value - Decimal(str(true))) <= self.step / 2


def figure(of: Locator) -> Figure:
    """Reads ¥1.83 万, ¥8,168, 540, ¥18.3K."""
    text = plain(of.inner_text()).replace(" ", "")
    found = re.fullmatch(r"¥?([\d,]+)(?:\.(\d+))?([万萬亿億KMB]?)人?", text)
    assert found, f"No figure: {text!r}"
    whole, part, unit = found[1].replace(",", ""), found[2] or "", UNITS[found[3]]
    return Figure(Decimal(f"{whole}.{part or '0'}") * unit, Decimal(unit) / 10 ** len(part))
