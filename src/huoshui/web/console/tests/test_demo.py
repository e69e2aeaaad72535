"""Demo mode says so on every page, and shows its logins where one signs in; nothing of it stands elsewhere."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from huoshui.web.console import demo
from huoshui.web.console.tests.stand_ins import House

LOGINS = (("老板", "test-boss", "a-demo-password"), ("导购", "nobody-here", "another-password"))
PAGES = ("/", "/people/", "/g/notices/", "/no-such-page/", "/login/")


@pytest.fixture
def there(db: None) -> None:
    get_user_model().objects.create_user(username="test-boss", password="a-demo-password")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_a_demo(path: str, boss: Client, house: House, settings: Settings) -> None:
    client = Client() if path == "/login/" else boss  # who is signed in is not asked again
    settings.HUOSHUI_DEMO = True
    assert "演示数据" in client.get(path).content.decode()
    settings.HUOSHUI_DEMO = False
    assert "演示数据" not in client.get(path).content.decode()


def test_only_the_demo_shows_logins_and_only_those_that_exist(there: None, settings: Settings) -> None:
    settings.HUOSHUI_DEMO_LOGINS = LOGINS
    settings.HUOSHUI_DEMO = True
    page = Client().get("/login/").content.decode()
    assert "a-demo-password" in page
    assert "nobody-here" not in page and "another-password" not in page
    settings.HUOSHUI_DEMO = False
    assert demo.logins() == []
    assert "a-demo-password" not in Client().get("/login/").content.decode()
