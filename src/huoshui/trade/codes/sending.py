"""The door words go out by: an address of the house's own that sends messages, or in a demo nobody at all.

A brand's provider of messages is behind `HUOSHUI_WORD_SENDER`: it gets {"phone", "text"} as JSON and answers 2xx once it has
taken it. Called outside of any transaction.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from django.conf import settings

from huoshui.trade.codes.types import NotSent, SenderMissing

_SECONDS = 5


def is_open() -> bool:
    return bool(settings.HUOSHUI_DEMO or settings.HUOSHUI_WORD_SENDER)


def send(phone: str, word: str) -> str:
    """What to show on the page: in a demo the word, which went nowhere; '' where it was sent. Raises SenderMissing, NotSent."""
    if settings.HUOSHUI_DEMO:
        return word
    if not settings.HUOSHUI_WORD_SENDER:
        raise SenderMissing
    text = f"【{settings.HUOSHUI_BRAND}】验证码 {word}，10 分钟内有效。请不要告诉别人。"
    request = urllib.request.Request(  # the address is the operator's own setting
        settings.HUOSHUI_WORD_SENDER,
        data=json.dumps({"phone": phone, "text": text}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return ""
    except OSError as error:
        raise NotSent from error
