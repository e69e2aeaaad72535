"""How tests are shared out where several processes run them (`make test` takes two)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from huoshui.core import remember

# The laws of `make proof` look a thousand times further
settings.register_profile("make test", max_examples=16)
settings.load_profile("make test")

TransactionTestCase._fixture_teardown = lambda _: empty_all()  # type: ignore[attr-defined]


def empty_all() -> None:
    from huoshui.core.tests import ground  # only once Django is set up

    ground.empty_all()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    from huoshui.core.tests import ground

    with django_db_blocker.unblock():
        ground.remember_beginning()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """A test may empty tables that another has filled."""
    remember.forget()
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together, for they share fixtures; so do all that drive the browser, for they share a shop. These
    come first: they take minutes, and nobody is to wait for them in the end."""
    for item in items:
        together = "browser" if item.get_closest_marker("browser") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
