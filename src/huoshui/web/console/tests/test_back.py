"""No address of the console that takes forms only leaves a browser there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
_WORDS = {"int": "7", "slug": "points", "str": "points"}


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for one in resolver.url_patterns:
        address = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            yield address, one.callback
        else:
            yield from _patterns(one, address)


def _methods(view: Any) -> list[str]:
    """Those that `require_http_methods` lets in; GET and POST where it does not stand."""
    while view is not None:
        inside = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if "request_method_list" in inside:
            return list(inside["request_method_list"])
        view = getattr(view, "__wrapped__", None)
    return ["GET", "POST"]


def _form_addresses() -> list[str]:
    return [
        "/" + re.sub(r"<(\w+):\w+>", lambda found: _WORDS[found[1]], address)
        for address, view in _patterns(get_resolver())
        if view.__module__.startswith("huoshui.web.console.") and "GET" not in _methods(view)
    ]


def test_there_are_addresses_for_forms_only() -> None:
    assert len(_form_addresses()) > 30 and "/devices/7/file/" in _form_addresses()


@pytest.mark.django_db
def test_a_browser_that_asks_for_a_forms_address_is_sent_to_a_page_above_it() -> None:
    visitor, stranded = Client(), []
    for start in _form_addresses():
        at, hops = start, 0
        while "GET" not in _methods(resolve(at).func) and hops < 4:
            answer = visitor.get(at, headers=BROWSER)
            if answer.status_code != 303 or not start.startswith(answer["Location"]):
                break
            at, hops = answer["Location"], hops + 1
        if "GET" not in _methods(resolve(at).func) or at == "/":
            stranded.append((start, at))
    assert stranded == []


def test_programs_and_parts_of_pages_are_told_that_it_takes_forms_only() -> None:
    assert Client().get("/devices/7/file/").status_code == 405
    assert Client().get("/devices/7/file/", headers=BROWSER | {"HX-Request": "true"}).status_code == 405
