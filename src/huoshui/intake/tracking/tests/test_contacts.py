"""What is looked for in a whole request at once is found wherever an event would be looked into."""

from __future__ import annotations

import json

import pytest

from huoshui.intake.tracking import contacts

_PLAIN = {
    "event": "Product Viewed",
    "properties": {"name": "鲜牛奶 950ml", "price": 18.9, "title": 'a "b" \\ c'},
}


def _body(more: object, *, ascii_only: bool = False) -> bytes:
    return json.dumps({"batch": [_PLAIN, {"properties": more}, _PLAIN]}, ensure_ascii=ascii_only).encode()


def test_what_holds_no_contact_is_plain() -> None:
    assert contacts.is_plain(_body({"category": "dairy", "手": "1"}))
    assert contacts.is_plain(b"")
    assert contacts.is_plain(b'""')


@pytest.mark.parametrize(
    "name", sorted({*contacts._KEYS, "Phone", "E_MAIL", "MobilePhone", "direct", "externalIds"})
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_any_name_of_a_contact_is_found(name: str, ascii_only: bool) -> None:
    assert not contacts.is_plain(_body({"deep": [{name: "13912345678"}]}, ascii_only=ascii_only))


def test_a_name_written_in_escapes_is_found() -> None:
    assert not contacts.is_plain(rb'{"batch":[{"properties":{"\u0070hone":"13912345678"}}]}')


@pytest.mark.parametrize("place", range(5))
def test_a_name_is_found_at_any_byte(place: int) -> None:
    assert not contacts.is_plain(b" " * place + b'{"tel":1}')
