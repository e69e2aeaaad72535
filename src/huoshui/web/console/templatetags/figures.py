"""Filters and tags for figures; the rules are in `numbers`."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huoshui.web.console import markup, numbers
from huoshui.web.console.contexts import parties

register = template.Library()

register.filter("exact", numbers.exact)
register.filter("percent", numbers.percent)
register.filter("decimal", numbers.decimal)
register.filter("whole_share", numbers.whole_share)
register.filter("quantity", numbers.quantity)
register.filter("short_day", numbers.short_day)
register.filter("weekday", numbers.weekday)
register.filter("short_weekday", numbers.short_weekday)
register.filter("hour", numbers.hour)
register.filter("by_name", parties.by_name)


@register.filter
def money(minor: int | float | None) -> str:
    return str(numbers.money(minor))


@register.filter
def count(value: int | float | None) -> str:
    return str(numbers.count(value))


@register.filter
def in_words(value: date | datetime | None) -> str:
    return numbers.day(value)


@register.filter
def stock(milli: int) -> str:
    """Goods on a shelf, in pieces; a shelf may stand below nothing."""
    return f"{numbers.MINUS if milli < 0 else ''}{numbers.quantity(abs(milli))}"


def _set(figure: numbers.Figure | str) -> SafeString:
    """Currency and unit in their own elements, so that the style sets them smaller."""
    if isinstance(figure, str):
        return format_html("{}", figure)
    return format_html(
        "{}{}{}{}",
        figure.sign,
        format_html("<s>{}</s>", figure.currency) if figure.currency else "",
        figure.digits,
        format_html("<u>{}</u>", figure.unit) if figure.unit else "",
    )


@register.filter
def money_figure(minor: int | float | None) -> SafeString:
    return _set(numbers.money(minor))


@register.filter
def count_figure(value: int | float | None) -> SafeString:
    return _set(numbers.count(value))


@register.simple_block_tag
def opens(content: str, url: str, title: str = "") -> SafeString:
    return markup.opens(content, url, title=title)
