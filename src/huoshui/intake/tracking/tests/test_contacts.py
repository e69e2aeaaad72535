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


_ONE = "13912345678"


@pytest.mark.parametrize(
    "told",
    [
        {"contact_phone": "+86 139-1234-5678"},
        {"receiverPhone": "0571 8888 1234"},
        {"mobile_no": int(_ONE)},
        {"收货人手机号": _ONE},
        {"phones": [_ONE]},
        {"note": _ONE},
        {"note": ["ann@example.cn"]},
        {"url": f"https://shop.example/?phone={_ONE}&a=1"},
        {"url": f"/me?to=ann%40example.cn&m=86{_ONE}"},
        {"hotel_tel": "88881234"},
    ],
)
def test_a_contact_is_found_and_sealed_under_whatever_name(told: object) -> None:
    body = _body(told)
    assert not contacts.is_plain(body)
    assert contacts.may_be_in(body)
    kept = json.dumps(contacts.sealed(told), ensure_ascii=False)
    assert (
        "1234" not in kept.replace('"tail4": "1234"', "") and "ann" not in kept.replace('"sealed": ', "")[:20]
    )
    assert ("sealed" in kept) != ("***" in kept)


def test_what_is_no_contact_stays() -> None:
    told = {
        "is_mobile": "yes",
        "device": "iPhone 15",
        "hotel": "88881234",
        "order": f"2026{_ONE}99",
        "phone": "",
    }
    assert contacts.sealed(told) == told
    assert contacts.is_plain(_body({"order": "2026112799", "id": "m-123e4567", "hotel": "88881234"}))


def test_nobody_says_that_we_have_sealed_it() -> None:
    assert contacts.sealed({"phone": {"sealed": "zzz"}}) == {"phone": {"said_sealed": "zzz"}}
