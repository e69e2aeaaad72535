"""Small pieces of HTML that a computed sentence carries."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

CELL = "cell."


def behind(question: str, params: Mapping[str, str], cell: Mapping[str, str]) -> str:
    """The address of the people behind one number: the question, its parameters and the cell."""
    query = dict(params) | {CELL + key: value for key, value in cell.items()}
    return f"{reverse('console:behind', args=[question])}?{urlencode(query)}"


def opens(text: object, url: str, *, title: str = "") -> SafeString:
    """A number that opens: a plain link without scripts, the drawer with them."""
    if not url:
        return format_html("{}", text)
    return format_html(
        '<a class="hs-open hs-n" href="{0}" hx-get="{0}" hx-target="#drawer-body"{1}>{2}</a>',
        url,
        format_html(' title="{}"', title) if title else "",
        text,
    )


def bold(text: object, tone: str = "") -> SafeString:
    return format_html("<b{}>{}</b>", format_html(' class="{}"', tone) if tone else "", text)
