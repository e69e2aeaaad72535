"""到期删除: each class of data, how long it is kept, what would go tonight and what went last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.people.api import RetentionRule
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.markup import bold


@dataclass(frozen=True)
class Row:
    name: str
    label: str
    why: str
    days: int
    is_on: bool
    may_turn_on: bool
    tonight: str
    last: str


@dataclass(frozen=True)
class Retention:
    sentence: SafeString
    rows: list[Row]
    kept: list[tuple[str, str]]
    counted_at: datetime | None
    is_off: bool


def panel(actor: Actor) -> Retention:
    found = rooms.people.retention_reads.rules_of(actor)
    counted = [rule.counted_at for rule in found if rule.counted_at]
    return Retention(
        sentence=_sentence(found),
        rows=[_row(rule) for rule in found],
        kept=[(_(what), _(why)) for what, why in rooms.people.retention_rules.KEPT],
        counted_at=min(counted) if counted else None,
        is_off=not any(rule.is_on for rule in found),
    )


def _row(rule: RetentionRule) -> Row:
    return Row(
        name=rule.name,
        label=_(rule.label),
        why=_(rule.why),
        days=rule.days,
        is_on=rule.is_on,
        may_turn_on=rule.is_counted,
        tonight=_tonight(rule),
        last=_("{day} 删了 {what}").format(day=numbers.short_day(rule.last_at), what=_said(rule.last))
        if rule.last_at
        else "",
    )


def _tonight(rule: RetentionRule) -> str:
    if not rule.is_counted:
        return _("还没有数")
    total = rooms.people.retention_rules.total(rule.tonight)
    if not total:
        return _("没有到期的")
    said = _("今晚删 {n}") if rule.is_on else _("打开后删 {n}")
    return said.format(n=numbers.count(total))


def _said(counts: Mapping[str, int]) -> str:
    return _("、").join(f"{_(word)} {numbers.count(n)}" for word, n in counts.items())


def _sentence(found: list[RetentionRule]) -> SafeString:
    on = [rule for rule in found if rule.is_on]
    if not on:
        return format_html("{}", _("现在什么都不会自己删。选好留多少天，看过会删多少，再打开。"))
    due = [rule for rule in on if rooms.people.retention_rules.total(rule.tonight)]
    said = (
        _("{on} 类打开了，今晚有 {due} 类要删。删了找不回来。")
        if due
        else _("{on} 类打开了，今晚没有到期的。")
    )
    return format_html(said, on=bold(len(on)), due=bold(len(due)))
