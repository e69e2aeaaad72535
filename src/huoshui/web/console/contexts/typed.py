"""Rates and money as somebody types them into a form; nothing typed is nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from huoshui.core.errors import Refused


def permille(text: str) -> int:
    """Of a rate in per cent, with one decimal at most. Raises Refused."""
    return _decimal(text, 1)


def cents(text: str) -> int:
    """Of an amount of money, with two decimals at most. Raises Refused."""
    return _decimal(text, 2)


def _decimal(text: str, places: int) -> int:
    try:
        value = Decimal(text.strip() or "0").scaleb(places)
    except InvalidOperation as error:
        raise Refused(_("比例和金额要填数字。")) from error
    if value != value.to_integral_value() or not 0 <= value < 10**12:
        raise Refused(_("比例最多一位小数，金额最多两位。"))
    return int(value)
