"""顾客: search, filters, keyset pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.people.api import Filters
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import bold

PAGE = 50
TEXT_LENGTH = 60


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Picker:
    name: str
    label: str
    anything: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class PeopleContext:
    text: str
    pickers: tuple[Picker, ...]
    sentence: SafeString
    rows: list[PersonRow]
    next_url: str
    everyone: int
    is_filtered: bool


def people(actor: Actor, query: Mapping[str, str]) -> PeopleContext:
    text = query.get("q", "").strip()[:TEXT_LENGTH]
    pickers = _pickers(query)
    chosen = {p.name: c.value for p in pickers for c in p.choices if c.is_chosen}
    day = standing_day()
    page = rooms.people.search(actor, text, _filters(chosen, day), limit=PAGE, after=query.get("after", ""))
    is_filtered = bool(text or chosen)
    everyone = rooms.people.count_people()
    kept = {key: value for key, value in {"q": text, **chosen}.items() if value}
    next_url = f"{reverse('console:people')}?{urlencode({**kept, 'after': page.next})}" if page.next else ""
    return PeopleContext(
        text=text,
        pickers=pickers,
        sentence=_sentence(text, is_filtered, everyone, len(page.rows), bool(page.next)),
        rows=[cards.row(card, day) for card in page.rows],
        next_url=next_url,
        everyone=everyone,
        is_filtered=is_filtered,
    )


def _pickers(query: Mapping[str, str]) -> tuple[Picker, ...]:
    return (
        _picker(query, "grade", _("价值分层"), _("全部"), words.GRADES),
        _picker(query, "group", _("频次与客单"), _("全部"), words.GROUPS),
        _picker(
            query, "tier", _("会员等级"), _("全部"), {name: _(name) for name in rooms.loyalty.tier_names()}
        ),
        _picker(query, "store", _("常去门店"), _("全部"), _stores()),
        _picker(query, "silent", _("最近一次"), _("不限"), {str(k): v for k, v in words.SILENT.items()}),
    )


def _picker(
    query: Mapping[str, str], name: str, label: str, anything: str, options: Mapping[str, object]
) -> Picker:
    """A value that is not on offer chooses nothing."""
    wanted = query.get(name, "")
    choices = tuple(Choice(value, str(text), value == wanted) for value, text in options.items())
    return Picker(name, label, anything, choices)


def _stores() -> dict[str, str]:
    units = rooms.brand.org_units_table().to_pylist()
    return {str(u["org_unit_id"]): u["name"] for u in units if u["kind"] == "store"}


def _filters(chosen: Mapping[str, str], day: date) -> Filters:
    frequency, _sep, ticket = chosen.get("group", "").partition("_")
    silent = int(chosen["silent"]) if "silent" in chosen else None
    if silent is not None:
        # People are silent as of the day the console stands on, which for old data is not today.
        silent += (clock.today() - day).days
    return Filters(
        grade=chosen.get("grade", ""),
        frequency=frequency,
        ticket=ticket,
        tier=chosen.get("tier", ""),
        home_org_unit_id=int(chosen["store"]) if "store" in chosen else None,
        silent_days=silent,
    )


def _sentence(text: str, is_filtered: bool, everyone: int, shown: int, has_more: bool) -> SafeString:
    total = bold(numbers.count(everyone))
    if not is_filtered:
        return format_html(_("一共 {total} 位顾客，最近来过的排在前面。"), total=total)
    if not shown:
        return format_html("{}", _("没有找到符合条件的顾客。"))
    found = bold(numbers.count(shown))
    if has_more:
        return format_html(_("符合条件的很多，先看最近来过的 {found} 位；再加一个条件会更准。"), found=found)
    return format_html(_("{total} 位顾客里，有 {found} 位符合条件。"), total=total, found=found)
