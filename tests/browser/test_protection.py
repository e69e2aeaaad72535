"""我的顾客保护, as head office reads it on a desk and on a phone: in both languages and themes."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Enter
from tests.browser.test_codes import complaints_of, look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_list_and_a_dealers_page_are_readable(enter: Enter, language: str) -> None:
    desk = enter("/protection/", language=language).page
    complaints = complaints_of(desk)
    look(desk, f"protections-{language}")
    address = desk.locator("th.nm a").first.get_attribute("href")
    assert address is not None
    phone = enter(address, language=language, width=390).page
    complaints += complaints_of(phone)
    look(phone, f"protection-{language}")
    phone.emulate_media(color_scheme="dark")
    complaints += complaints_of(phone)
    look(phone, f"protection-{language}-dark")
    assert not complaints, "\n".join(complaints)
