"""What WeCom seals, held against a vector that `openssl enc -aes-256-cbc -nopad` and `openssl sha1` made."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from huoshui.intake.wecom import envelope, reading
from huoshui.intake.wecom.types import Door, Tampered

# The key is the bytes 0 … 31
DOOR = Door("ww1f2e3d4c5b6a7988", "QDG6eK", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
SEALED = (
    "4j/AuRx71kQlxVlzbpsMWOcENBv6a/27Krej9wB4AE0z+CPj0spu25dDfvNg66Bv7RYA5ml+9DN2iXuFQ8E1MgW2BRyu8lFd23paqFyoPfWXuRubp7LXTNUwxgAp"
    "cmFLTaXkvs0652XJZGmkbRzXUjvmB1EtAATEsV3HUv0xlZ3XwUwqclyXsFzhDqvCdSyA993wvr34D04/tzSTAHbnr8GMVduRq0UbPSy2s4zL1lHRkgtKYPEWZh09"
    "/BMABVEXhVK1WDZM9r4dTPvCoX/ssBIfrqq8L0vFMZv9eO+sbD0M2RuuvGxyFoWk8DULI4cvzNb1wZirticrQU3q86w/IQt+P04JnBbr42RE+2UUxmrqLWJJfAMs"
    "eBIQPI4Rs5pWdaS/jBaet3gCV+pdJc8nKUx2P1JEckAwr/afM6i8wxEW0+JVNG5IEucIAiUZkZm4rI5T1gsPoRaZg8ejcA3qzo4HILHQNgzWZ+gehGmppicZjkCI"
    "W2fHfuzYg+wbu1zfpCR/aP88oYUXWAH0P9vHkvqfmfWJt5L8wXQbBNl1weyNJENWkL4zowusX/OvQD1DwtJkzEygdmX69KOJ25P9xjywSrtt/cSs/NI309KmtnYJ"
    "k9DLGfbJDae3s6SUOqKN"
)
SIGNED = {
    "msg_signature": "cd32ca5effa0577b926a70a812b51a57157c5d53", "timestamp": "1409659813", "nonce": "1372623149",
    "sealed": SEALED,
}  # fmt: skip


def test_what_openssl_sealed_is_read() -> None:
    news = reading.added(reading.fields(envelope.opened(DOOR, **SIGNED)))
    assert news is not None
    assert (news.user_id, news.external_userid) == ("zhoumin", "woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA")
    assert (news.state, news.at.timestamp()) == ("0123456789abcdef0123456789abcd", 1767225600)


def _signed(sealed: str, door: Door = DOOR) -> dict[str, str]:
    return {
        **SIGNED,
        "sealed": sealed,
        "msg_signature": envelope.signature(door.token, "1409659813", "1372623149", sealed),
    }


@pytest.mark.parametrize(
    ("door", "asked"),
    [
        (DOOR, SIGNED | {"msg_signature": "0" * 40}),
        (DOOR, SIGNED | {"msg_signature": "不是"}),
        (DOOR, SIGNED | {"nonce": "1"}),
        (replace(DOOR, token="other"), SIGNED),
        (replace(DOOR, corp_id="ww1f2e3d4c5b6a7989"), SIGNED),  # meant for somebody else
        (replace(DOOR, aes_key="B" + DOOR.aes_key[1:]), SIGNED),  # the padding does not come out
        (DOOR, _signed("")),
        (DOOR, _signed("?" * 44)),
        (DOOR, _signed(base64.b64encode(b"x" * 31).decode())),
        (DOOR, _signed(base64.b64encode(b"x" * 32).decode())),
    ],
)
def test_what_is_not_theirs_is_refused(door: Door, asked: dict[str, str]) -> None:
    with pytest.raises(Tampered):
        envelope.opened(door, **asked)


@pytest.mark.parametrize("size", [0, 1, 10, 11, 12, 27, 500])
def test_every_length_comes_back_and_is_padded_to_thirty_two(size: int) -> None:
    message = b"\x01" * size
    sealed = envelope.sealed(DOOR, message)
    assert len(base64.b64decode(sealed)) % 32 == 0
    assert envelope.opened(DOOR, **_signed(sealed)) == message


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x><Encrypt>&b;</Encrypt></x>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><Encrypt>&a;</Encrypt></x>'
OUTER = b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><x><Encrypt>a</Encrypt></x>'


@pytest.mark.parametrize(
    "text",
    [BOMB, FILE, OUTER, b"", b"<x>", b"\xff", b"<x>" * 9 + b"</x>" * 9, b"<x>" + b" " * (1 << 17) + b"</x>"],
)
def test_xml_that_declares_anything_is_refused_unread(text: bytes) -> None:
    with pytest.raises(Tampered):
        reading.fields(text)


def told(**more: str) -> dict[str, str]:
    return {
        "Event": "change_external_contact", "ChangeType": "add_half_external_contact", "UserID": "a", "ExternalUserID": "wo1",
        "CreateTime": "1767225600", "State": "s",
    } | more  # fmt: skip


def test_only_that_somebody_was_added_is_news() -> None:
    assert reading.added(told()) is not None
    assert reading.added(told(ChangeType="del_follow_user")) is None
    assert reading.added(told(Event="change_contact")) is None
    for wrong in (told(ExternalUserID=""), told(ExternalUserID="有 空格"), told(CreateTime="昨天")):
        with pytest.raises(Tampered):
            reading.added(wrong)
