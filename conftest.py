"""How tests are shared out where several processes run them (`make test` takes two)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase

from huoshui.core import remember

TransactionTestCase._fixture_teardown = lambda _: empty_models()  # type: ignore[attr-defined]


def empty_models() -> None:
    from huoshui.core.tests import ground  # only once Django is set up

    ground.empty_models()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """A test may empty tables that another has filled."""
    remember.forget()
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together, for they share fixtures; so do all that drive the browser, for they share a shop."""
    for item in items:
        together = "browser" if item.get_closest_marker("browser") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))
