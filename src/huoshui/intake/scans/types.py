from __future__ import annotations

from typing import Final, NamedTuple

from huoshui.core.errors import Refused

NOTICE: Final = "扫码入会 2026-11"
"""The version of what the page tells before anybody says yes. Another wording is another version."""

CHOICES: Final = ("marketing/sms", "profiling/", "head_office/")
"""What one may say yes to beside joining, each by itself: purpose/channel."""


class Joining(NamedTuple):
    """A phone (E.164) that was proven, on one opening of a code's page, and what was said yes to."""

    phone: str
    visit: str
    choices: tuple[str, ...] = ()


class Joined(NamedTuple):
    """`coupon` is the code of the coupon, '' where there is none, and then `refusal` says why if one was promised."""

    person_id: int
    coupon: str = ""
    title: str = ""
    sentence: str = ""
    refusal: str = ""


class CannotJoin(Refused):
    """这个号码不能用来入会，请换一个本人的号码，或者请店员帮忙。"""

    code = "cannot_join"
