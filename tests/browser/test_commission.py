"""What is owed, at the desk and on a guide's phone: in both languages and themes."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Enter
from tests.browser.test_codes import complaints_of, look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_desk_and_the_phone_are_readable(enter: Enter, language: str) -> None:
    desk = enter("/commission/", language=language).page
    complaints = complaints_of(desk)
    look(desk, f"commission-{language}")
    phone = enter("/g/commission/", language=language, width=390).page
    complaints += complaints_of(phone)
    phone.emulate_media(color_scheme="dark")
    complaints += complaints_of(phone)
    look(phone, f"own-{language}")
    assert not complaints, "\n".join(complaints)
