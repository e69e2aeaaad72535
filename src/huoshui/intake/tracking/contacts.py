"""Contacts inside a body: whoever reads the database must not read them. Kept, sealed, with their last four.

A contact is what stands under a name that says so (`contact_phone`, 收货人手机号), and what is wholly a mobile number or an
address of mail, under whatever name. In an address of a page it is starred. Free text is left as it is.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Final

import numpy as np

from huoshui.core.crypto import seal

_KEYS = frozenset(
    {
        *("phone", "phonenumber", "mobile", "mobilephone", "tel", "telephone", "email", "emailaddress"),
        *("手机", "手机号", "电话", "邮箱"),
    }
)
"""Names, without what parts their words, under which anything at all is a contact."""

_EXTERNAL = frozenset({"phone", "email"})
_PARTS = re.compile(r"[\s_.\-]+")
_NAMED = re.compile(
    r"(?:(?<!micro)(?<!head)(?<!ear)(?<![^a-z]i)(?<!^i)phone|mobile|telephone|mail|手机|电话|邮箱)"
    r"(?:s|no|num|number|address|号|号码)?$|(?:^|[\s_.\-])tel$"
)
"""How other names of contacts end: what stands under them is one where it looks like one, for `is_mobile` may say yes."""
_LIKE_ONE = re.compile(r"@|(?:\d[\s\-()]*){5}")

_MOBILE: Final = r"(?:\+|%2[bB])?(?:86)?[ \-]?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}"
_MAIL: Final = r"[^\s@/=&?:,;<>\"']+(?:@|%40)(?:[\w\-]+\.)+[A-Za-z\u4e00-\u9fff]{2,}"
_WHOLE = re.compile(rf"\s*(?:{_MOBILE}|{_MAIL})\s*")
_IN_ADDRESS = re.compile(rf"=(?:{_MOBILE}|{_MAIL})(?=[&#;\s]|$)")

# ---- whether there may be one, found without reading --------------------------------------------------------------

_ENDS = ("", "s", "no", "_no", "num", "_num", "number", "_number", "address", "_address", "号", "号码")
_NAMES_END = {
    word.encode(): tuple(f'{word}{end}"'.encode() for end in _ENDS)
    for word in ("phone", "mobile", "mail", "手机", "电话", "邮箱")
} | {
    b"tel": (b'tel"',),
    b"\\u624b": (b"\\u624b\\u673a",),
    b"\\u7535": (b"\\u7535\\u8bdd",),
    b"\\u90ae": (b"\\u90ae\\u7bb1",),
}
_NUMBER = re.compile(rb"1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_IN_ADDRESS_BYTES = re.compile(rb"=" + _MOBILE.encode() + rb"(?!\d)")

# Of every way a name of a contact ends, and of the two names by which something else is looked for in an event, the last four
# bytes, small. A name that ends in blanks is none that anybody writes.
_LOOKED_FOR = (
    *(f"{word}{end}" for word in ("phone", "mobile", "mail") for end in _ENDS),
    *(f"{word}{end}" for word in ("手机", "电话", "邮箱") for end in ("", "号", "号码")),
    *("direct", "externalids"),
)
_SMALL = np.uint32(0x20202020)
_LAST_FOUR = np.unique(
    [
        np.uint32(int.from_bytes(end.encode()[-4:], "little")) | _SMALL
        for end in (*_LOOKED_FOR, '"tel', "_tel", "-tel", ".tel", " tel")
    ]
)
_LONGEST = 14  # characters of a number with what may part it
_HIGH, _DIGITS = np.uint32(0xF0F0F0F0), np.uint32(0x30303030)


def _folded(words: np.ndarray[Any, Any]) -> Any:
    return (words ^ (words >> np.uint32(16))) & np.uint32(0xFFFF)


# One look for all of them: who is not in it ends as none of them does
_MAY_END = np.zeros(65_536, bool)
_MAY_END[_folded(_LAST_FOUR)] = True


def is_plain(body: bytes) -> bool:
    """Whether no string in a whole request ends as the name of a contact does, or as a number, nor is a letter in escapes.

    Looked for in all of it at once: for most requests hold none, and to look for a few words in each event costs more than
    to read it. What is not plain is looked at event by event.
    """
    if b"@" in body or b"%40" in body or (b"\\" in body and b"\\u" in body) or _IN_ADDRESS_BYTES.search(body):
        return False
    quotes = np.flatnonzero(np.frombuffer(body, np.uint8) == ord('"'))
    quotes = quotes[quotes >= 4]
    words = np.ndarray((max(len(body) - 3, 0),), np.dtype("<u4"), body, strides=(1,))
    ends = words[quotes - 4]
    small = ends | _SMALL
    alike = small[_MAY_END[_folded(small)]]
    if alike.size and bool(np.isin(alike, _LAST_FOUR).any()):
        return False
    return not _is_number_before(quotes[(ends & _HIGH) == _DIGITS], words, body)


def _is_number_before(quotes: np.ndarray[Any, Any], words: np.ndarray[Any, Any], body: bytes) -> bool:
    """Whether before one of these quotes, which follow four digits, there stand as many as a mobile number has."""
    quotes = quotes[quotes >= 11]
    four = words[quotes - 8]
    parted = (words[quotes - 5] & np.uint32(0xFF)) < np.uint32(0x30)  # a blank, a hyphen, or whatever else
    near = quotes[((four & _HIGH) == _DIGITS) | parted].tolist()
    return any(_NUMBER.search(body, max(0, at - _LONGEST), at) for at in near)


def may_be_in(raw: bytes) -> bool:
    """Whether a body may hold a contact, or a letter in escapes: found without reading it, for it is asked of every event."""
    small = raw.lower()
    if b"@" in small or b"%40" in small or (b"\\" in small and b"\\u00" in small):
        return True
    if any(word in small and any(end in small for end in ends) for word, ends in _NAMES_END.items()):
        return True
    return _NUMBER.search(small) is not None


# ---- sealed ----------------------------------------------------------------------------------------------------------


def sealed(value: Any, *, by_us: bool = False) -> Any:
    """The same with every contact sealed, wherever it stands; NUL, which the database has no place for, is dropped. `by_us`:
    what says that it is sealed was sealed here."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and value.get("type") in _EXTERNAL:
            value = value | {"id": sealed_one(value["id"])}
        return {name.replace("\x00", ""): _under(name, one, by_us) for name, one in value.items()}
    if isinstance(value, list):
        return [sealed(one, by_us=by_us) for one in value]
    return _plain(value) if isinstance(value, str) else value


def _under(name: str, value: Any, by_us: bool) -> Any:
    """What stands under a name. What pretends that we have sealed it is not what it pretends."""
    short = _PARTS.sub("", name.lower())
    is_sure = short in _KEYS
    if not is_sure and not _NAMED.search(short) and not _NAMED.search(name.lower().strip()):
        return sealed(value, by_us=by_us)
    if isinstance(value, dict) and not by_us:
        return {f"said_{k}" if k == "sealed" else k: one for k, one in sealed(value).items()}
    return _each(value, is_sure, by_us)


def _each(value: Any, is_sure: bool, by_us: bool) -> Any:
    if isinstance(value, list):
        return [_each(one, is_sure, by_us) for one in value]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return sealed(value, by_us=by_us)
    return sealed_one(value) if is_sure or _LIKE_ONE.search(str(value)) else sealed(value, by_us=by_us)


def _plain(text: str) -> Any:
    if _WHOLE.fullmatch(text):
        return sealed_one(text)
    return _IN_ADDRESS.sub("=***", text.replace("\x00", "")) if "=" in text else text.replace("\x00", "")


def sealed_one(value: Any) -> dict[str, str]:
    text = str(value).replace("\x00", "")
    return {"sealed": base64.b64encode(seal(text)).decode(), "tail4": text[-4:] if len(text) > 4 else ""}
