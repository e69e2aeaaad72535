"""Phone numbers in E.164, Chinese by default."""

from __future__ import annotations

import phonenumbers

from huoshui.core.errors import Refused


class NotAPhone(Refused):
    """这不是一个有效的手机号。"""

    code = "not_a_phone"


def normalise(text: str, region: str = "CN") -> str:
    """'138 0013 8000' → '+8613800138000'. Raises NotAPhone, also for a masked number."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone from error
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(tail4: str) -> str:
    """What a screen shows where the whole number is not the reader's to see."""
    return f"*******{tail4}" if tail4 else ""
