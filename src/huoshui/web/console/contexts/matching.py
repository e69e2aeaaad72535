"""疑似同一人: pairs that wait for somebody to look, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Proposal, Side
from huoshui.web.console.contexts import matching_words as words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.markup import bold

_SHOWN = 30
_FULL = 12.0  # bits at which a bar is as long as it gets


@dataclass(frozen=True)
class Row:
    id: int
    url: str
    title: str
    sure: str
    is_current: bool
    is_later: bool


@dataclass(frozen=True)
class Bar:
    """`length` in percent of a half; to the right it speaks for one human, to the left against."""

    name: str
    stands: str
    length: float
    is_for: bool
    weight: str


@dataclass(frozen=True)
class Value:
    name: str
    one: str
    other: str
    is_same: bool


@dataclass(frozen=True)
class Pair:
    id: int
    sure: str
    urls: tuple[str, str]
    values: list[Value]
    bars: list[Bar]
    unknown: str
    told: str


@dataclass(frozen=True)
class Queue:
    sentence: SafeString
    rows: list[Row]
    pair: Pair | None
    before: str
    after: str
    after_id: int | None
    done: str
    error: str


def may_see(actor: Actor) -> bool:
    return rooms.people.matching_reads.may_review(actor)


def queue(actor: Actor, shown_id: int | None, *, done: str = "", error: str = "") -> Queue:
    """Raises NotFound for who may not look."""
    waiting = rooms.people.matching_reads.queue(actor, limit=_SHOWN)
    shown = next((p for p in waiting if p.id == shown_id), waiting[0] if waiting else None)
    sides = {}
    for one in waiting:
        try:
            sides[one.id] = rooms.people.matching_reads.sides(actor, one)
        except NotFound:
            continue  # an import that told of one of them was taken back a moment ago
    rows = [
        Row(
            p.id,
            _url(p.id),
            " · ".join(dict.fromkeys(side.title for side in sides[p.id])),
            _sure(p),
            shown is not None and p.id == shown.id,
            p.state == "later",
        )
        for p in waiting
        if p.id in sides
    ]
    place = next((n for n, row in enumerate(rows) if row.is_current), None)
    return Queue(
        sentence=_sentence(),
        rows=rows,
        pair=_pair(shown, sides[shown.id]) if shown is not None and shown.id in sides else None,
        before=rows[place - 1].url if place else "",
        after=rows[place + 1].url if place is not None and place + 1 < len(rows) else "",
        after_id=rows[place + 1].id if place is not None and place + 1 < len(rows) else None,
        done=str(words.DONE.get(done, "")),
        error=error,
    )


def _url(proposal_id: int) -> str:
    return f"{reverse('console:alike')}?pair={proposal_id}"


def _sure(shown: Proposal) -> str:
    """How sure the comparing is; of a pair that it has not found nothing is said."""
    probability = shown.probability
    if shown.told:
        return _("扫码")
    return f"{min(probability, 0.9999):.2%}" if probability > 0.99 else f"{probability:.0%}"


def _sentence() -> SafeString:
    counts = rooms.people.matching_reads.counts()
    run = rooms.people.matching_reads.latest_run()
    if run is None:
        return format_html("{}", _("还没有比对过。比对会在每周一凌晨进行，也可以现在开始。"))
    waiting = counts["open"] + counts["later"]
    if not waiting:
        return format_html(_("比对了 {} 位顾客，没有等待核对的。"), bold(f"{run.persons:,}"))
    return format_html(
        _("有 {} 对顾客可能是同一人，请看一眼。已经核对 {} 对，其中 {} 对合并了。"),
        bold(f"{waiting:,}"),
        f"{counts['same'] + counts['different']:,}",
        f"{counts['same']:,}",
    )


def _pair(shown: Proposal, sides: tuple[Side, Side]) -> Pair:
    one, other = sides
    values = [
        Value(
            str(name),
            one.values.get(key, ""),
            other.values.get(key, ""),
            one.values.get(key) == other.values.get(key) and key not in one.hidden | other.hidden,
        )
        for key, name in words.VALUES.items()
        if one.values.get(key) or other.values.get(key)
    ]
    bars = [
        Bar(
            str(words.COMPARED[s.name]),
            str(words.LEVELS[s.name, s.level]),
            round(min(abs(s.bits), _FULL) / _FULL * 100, 1),
            s.bits >= 0,
            _times(s.bits),
        )
        for s in shown.steps
        if s.level
    ]
    unknown = _("、").join(str(words.COMPARED[s.name]) for s in shown.steps if not s.level)
    people = tuple(reverse("console:person", args=[side.person_id]) for side in sides)
    told = str(words.TOLD[shown.told]) if shown.told else ""
    return Pair(shown.id, _sure(shown), (people[0], people[1]), values, bars, unknown, told)


def _times(bits: float) -> str:
    """How many times likelier it is in one human than in two."""
    times = 2 ** abs(bits)
    told = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
    return f"×{told}" if bits >= 0 else f"÷{told}"
