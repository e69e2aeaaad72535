"""Which telephone numbers are one human's: a mobile is. A landline, a 400 and an 800 number are a household's, an office's, a
shop's own hotline: they are kept and shown, and neither find nor join anybody. Facts carry them with a scope that says so."""

from __future__ import annotations

import re

import phonenumbers

from huoshui.core.phone import NotAPhone, normalise
from huoshui.people.identity.kinds import FIXED

_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}", re.ASCII)  # nearly all there are: nothing need be looked up
_ONES = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,  # countries whose numbers do not tell
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    }
)


def scope_of(kind: str, value: str, scope: str = "") -> str:
    """The scope under which a value, plain or as typed, is kept: its own, or that of lines that many share."""
    return FIXED if kind == "phone" and not scope and is_shared_line(value) else scope


def is_shared_line(value: str) -> bool:
    """False also for what is no number at all."""
    if _MOBILE.fullmatch(value):
        return False
    try:
        number = phonenumbers.parse(normalise(value))
    except NotAPhone:
        return False
    return phonenumbers.number_type(number) not in _ONES
