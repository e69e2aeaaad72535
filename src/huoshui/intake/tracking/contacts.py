"""Contacts inside a body: whoever reads the database must not read them. Kept, sealed, with their last four."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from huoshui.core.crypto import seal

_KEYS = frozenset(
    {
        *(
            "phone",
            "phonenumber",
            "phone_number",
            "mobile",
            "mobilephone",
            "mobile_phone",
            "tel",
            "telephone",
        ),
        *("email", "e_mail", "emailaddress", "email_address"),
        *("手机", "手机号", "电话", "邮箱"),
    }
)
_EXTERNAL = frozenset({"phone", "email"})

# How a name among `_KEYS` ends, in small letters. Not "phone" alone: every iPhone says that of itself.
_ENDS = (
    b'phone"',
    b'phonenumber"',
    b'phone_number"',
    b'mobile"',
    b'mail"',
    b'mailaddress"',
    b'mail_address"',
)


_RARE = frozenset({"tel", "手机", "手机号", "电话", "邮箱"})


# Of every name above, and of the two by which something else is looked for in an event, the last four bytes, small
_LOOKED_FOR = (*_KEYS, "direct", "externalids")
_SMALL = np.uint32(0x20202020)
_LAST_FOUR = tuple(
    np.uint32(int.from_bytes(f'"{name}'.encode()[-4:], "little")) | _SMALL for name in sorted(_LOOKED_FOR)
)


def is_plain(body: bytes) -> bool:
    """Whether no string in a whole request ends as the name of a contact does, nor is a letter in escapes.

    Looked for in all of it at once: for most requests hold none, and to look for a few words in each event costs more than
    to read it. What is not plain is looked at event by event.
    """
    if b"\\" in body and b"\\u" in body:
        return False
    quotes = np.flatnonzero(np.frombuffer(body, np.uint8) == ord('"'))
    quotes = quotes[quotes >= 4]
    words = np.ndarray((max(len(body) - 3, 0),), np.dtype("<u4"), body, strides=(1,))
    ends = words[quotes - 4] | _SMALL
    return not any(bool((ends == one).any()) for one in _LAST_FOUR)


def may_be_in(raw: bytes, values: Mapping[str, Any]) -> bool:
    """Whether a body may hold a contact, or a letter in escapes: found without reading it, for it is asked of every event.
    Names that hardly anybody uses are looked for among its properties (or traits) and within those."""
    small = raw.lower()
    if b"\\" in small and b"\\u00" in small:
        return True
    if (b"phone" in small or b"mobile" in small or b"mail" in small) and any(end in small for end in _ENDS):
        return True
    return _has_rare(values)


def _has_rare(values: Any) -> bool:
    if isinstance(values, list):
        return any(_has_rare(one) for one in values)
    if not isinstance(values, dict):
        return False
    return not _RARE.isdisjoint(values) or any(
        _has_rare(one) for one in values.values() if type(one) in (dict, list)
    )


def sealed(value: Any) -> Any:
    """The same with every contact sealed, wherever it stands; NUL, which the database has no place for, is dropped."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and value.get("type") in _EXTERNAL:
            value = value | {"id": _sealed(value["id"])}
        return {
            name.replace("\x00", ""): _sealed(one)
            if name.lower() in _KEYS and isinstance(one, str | int) and one != ""
            else sealed(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [sealed(one) for one in value]
    return value.replace("\x00", "") if isinstance(value, str) else value


def _sealed(value: Any) -> dict[str, str]:
    text = str(value).replace("\x00", "")
    return {"sealed": base64.b64encode(seal(text)).decode(), "tail4": text[-4:] if len(text) > 4 else ""}
