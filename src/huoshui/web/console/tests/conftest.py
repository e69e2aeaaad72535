from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from huoshui.web.console.contexts import rooms
from huoshui.web.console.i18n import compile_catalogues
from huoshui.web.console.tests.stand_in_books import Desk, Explorer, Ledger, River
from huoshui.web.console.tests.stand_in_insight import Insight
from huoshui.web.console.tests.stand_in_points import Loyalty
from huoshui.web.console.tests.stand_ins import Brand, House, Imports, Lake, People, Sales


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    compile_catalogues()


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> House:
    """The console's doors lead to the small shop instead of the real rooms."""
    cache.clear()
    desk = Desk()
    the_house = House(
        *(Insight(), Lake(), People(), Sales(), Brand(), Loyalty(), Imports(tmp_path)),
        *(Ledger(), Explorer(), desk, River(desk)),
    )
    for door in fields(House):
        monkeypatch.setattr(rooms, door.name, getattr(the_house, door.name))
    monkeypatch.setattr(
        rooms.visitors, "visits_of", lambda *_, **__: []
    )  # nobody of the small shop left without buying
    return the_house


@pytest.fixture
def visitor(db: None, house: House, settings: Settings) -> Client:
    """Somebody who has not signed in."""
    # Each client makes the middleware anew; looking through all of the libraries' files each time is slow
    settings.WHITENOISE_USE_FINDERS = False
    return Client()


@pytest.fixture
def boss(visitor: Client) -> Client:
    user = User.objects.create_user("boss", password="a-long-password")
    visitor.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return visitor
