"""What a number opens into: the people behind one cell of a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import CELL, bold

PAGE = 50
# Parameters that only the console reads
_OWN = {"after"}


@dataclass(frozen=True)
class BehindContext:
    question: str
    sentence: SafeString
    count: int
    rows: list[PersonRow]
    left: int
    next_url: str
    url: str
    is_first: bool
    lineage_url: str = ""


def behind(actor: Actor, question: str, query: Mapping[str, str]) -> BehindContext:
    """Raises NotFound for a question, a parameter or a cell that means nothing."""
    params = {k: v for k, v in query.items() if k not in _OWN and not k.startswith(CELL)}
    cell = {k.removeprefix(CELL): v for k, v in query.items() if k.startswith(CELL)}
    after = query.get("after", "")
    if (after and not after.isascii()) or (after and not after.isdigit()):
        raise NotFound
    try:
        # The people behind a number are those of the sales it was told from
        own = {"at": units} if (units := own_units(actor)) is not None else {}
        count = rooms.insight.count_people(question, params, cell, **own)
        first = int(after) if after else None
        ids = rooms.insight.people(question, params, cell, limit=PAGE, after=first, **own)
    except Refused as error:
        raise NotFound from error
    day = standing_day()
    rows = [cards.row(card, day) for card in rooms.people.cards_for(actor, ids)]
    place = reverse("console:behind", args=[question])
    kept = {k: v for k, v in query.items() if k != "after"}
    has_more = len(ids) == PAGE
    next_url = f"{place}?{urlencode({**kept, 'after': ids[-1]})}" if has_more else ""
    return BehindContext(
        question=question,
        sentence=_sentence(question, params, cell, count),
        count=count,
        rows=rows,
        left=max(0, count - PAGE) if not after else 0,
        next_url=next_url,
        url=f"{place}?{urlencode(kept)}",
        is_first=not after,
        lineage_url=_lineage(actor, question, params, cell),
    )


# What the page of a number's origin can narrow it to, and what says nothing of which sales are meant
_TRACED, _IDLE = frozenset({"day", "from", "to", "store", "product"}), frozenset({"by", "lang"})


def _lineage(actor: Actor, question: str, params: Mapping[str, str], cell: Mapping[str, str]) -> str:
    """The files and facts a sum of sales comes from; '' where the page that tells it could not tell of just this one."""
    asked = {**params, **cell}
    if question not in {"sales", "today"} or not rooms.trust.may_see(actor) or asked.keys() - _TRACED - _IDLE:
        return ""
    first, last = asked.get("day") or asked.get("from"), asked.get("day") or asked.get("to")
    if not first or not last:
        return ""
    places = {name: asked[name] or "-" for name in ("store", "product") if name in asked}
    if places.get("product") == "-":
        return ""
    query = {"from": first, "to": last} | places
    return f"{reverse('console:trust-lineage')}?{urlencode(query)}"


def _sentence(question: str, params: Mapping[str, str], cell: Mapping[str, str], count: int) -> SafeString:
    n = bold(numbers.count(count))
    if question in ("sales", "today"):
        when, what = _span(params, cell), _bought(cell)
        if not when:
            return format_html(_("{what}，有 {n} 位认得出的顾客。"), what=what, n=n)
        return format_html(_("{when}{what}，有 {n} 位认得出的顾客。"), when=when, what=what, n=n)
    group = f"{cell.get('frequency', '')}_{cell.get('ticket', '')}"
    if group in words.GROUPS:
        return format_html(_("{group}的顾客，有 {n} 位。"), group=bold(words.GROUPS[group]), n=n)
    if cell.get("grade") in words.GRADES:
        return format_html(
            _("价值分层为{grade}的顾客，有 {n} 位。"), grade=bold(words.GRADES[cell["grade"]]), n=n
        )
    return format_html(_("这个数背后，有 {n} 位顾客。"), n=n)


def _span(params: Mapping[str, str], cell: Mapping[str, str]) -> str:
    try:
        days = [date.fromisoformat(cell.get("day") or params[key]) for key in ("from", "to")]
    except (KeyError, ValueError):
        return ""
    first, last = (numbers.day(day) for day in days)
    return first if first == last else _("{first}到{last}").format(first=first, last=last)


def _bought(cell: Mapping[str, str]) -> str:
    named = _("、").join(value for key, value in cell.items() if key != "day" and value)
    return _("买过（{what}）").format(what=named) if named else _("买过")
