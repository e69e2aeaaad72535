"""Somebody of the staff at a browser. The rooms behind are the real ones: only who is signed in is played."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.web.console.contexts import rooms
from huoshui.web.console.i18n import compile_catalogues


class Desk:
    """Who sits there is `actor`, and may change while one looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, actor: Actor, *, login: str = "lin") -> None:
        self.actor = actor
        play(monkeypatch, lambda _: self.actor)
        self.client = signed_in(login)


def play(monkeypatch: pytest.MonkeyPatch, actor_of: Callable[[Any], Actor]) -> None:
    """Every user is whom `actor_of` says."""
    compile_catalogues()
    doors = {name: getattr(brand, name) for name in brand.__all__}
    monkeypatch.setattr(rooms, "brand", SimpleNamespace(**doors | {"actor_of": actor_of}))


def signed_in(login: str) -> Client:
    client = Client()
    user, _ = User.objects.get_or_create(username=login)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
