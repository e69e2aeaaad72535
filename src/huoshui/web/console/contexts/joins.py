"""合并与撤销: by what people are one, what would follow if it were taken back, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import KINDS, Card, Filters, identity_rules, joins
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, parties, rooms
from huoshui.web.console.contexts.following import Sample, evidence, parts
from huoshui.web.console.markup import bold

SHOWN = 8  # humans who would part
_PARTS = 6
_RUNS = 12
_FOUND = 8
_MOST_DIGITS = 18


@dataclass(frozen=True)
class WayRow:
    name: str
    note: str
    links: int | None
    url: str
    is_rule: bool = False
    kind: str = ""


@dataclass(frozen=True)
class DoneRow:
    name: str
    url: str
    who: str
    at: datetime
    said: str


@dataclass(frozen=True)
class Overview:
    sentence: SafeString
    rules: list[WayRow]
    hands: list[WayRow]
    runs: list[WayRow]
    done: list[DoneRow]
    may_draft: bool
    error: str


@dataclass(frozen=True)
class WayPage:
    title: str
    sentence: SafeString
    evidence: str
    samples: list[Sample]
    more: int
    may_act: bool
    is_working: bool
    is_done: bool
    again_url: str
    url: str
    error: str
    reason: str


@dataclass(frozen=True)
class Choice:
    name: str
    what: str
    url: str


@dataclass(frozen=True)
class PairPage:
    one: int
    text: str
    choices: list[Choice]
    is_searched: bool
    sample: Sample | None
    other: int
    error: str
    reason: str


def overview(actor: Actor, *, error: str = "") -> Overview:
    """Raises NotFound for who may not look."""
    kinds, hands = joins.kinds(actor), joins.hands(actor)
    by_rule, by_hand = sum(k.links for k in kinds), sum(h.links for h in hands)
    said = _(
        "现在有 {rule} 次合并是按识别规则，{hand} 次是人工或自动比对。每一次都可以撤销，订单、积分和券跟着各自的账号走。"
    )
    return Overview(
        sentence=format_html(said, rule=bold(f"{by_rule:,}"), hand=bold(f"{by_hand:,}")),
        rules=[
            WayRow(
                _("同一个{kind}").format(kind=_(KINDS[k.what].label)),
                _last(k.last_at),
                k.links,
                "",
                True,
                k.what,
            )
            for k in kinds
        ],
        hands=[
            WayRow(_hand(actor, h.what), _last(h.last_at), h.links, _url(joins.HAND, h.what)) for h in hands
        ],
        runs=_runs(actor),
        done=_done(actor),
        may_draft=identity_rules.may_edit(actor),
        error=error,
    )


def _last(at: datetime) -> str:
    return _("最近一次 {day}").format(day=numbers.short_day(at))


def _hand(actor: Actor, what: str) -> str:
    return (
        _("自动比对合并的")
        if what == "system:0"
        else _("{who}手工合并的").format(who=parties.who(actor, what))
    )


def _url(how: str, what: str) -> str:
    return reverse("console:join", args=[how, what])


def _runs(actor: Actor) -> list[WayRow]:
    if not rooms.imports.may_import(actor):
        return []
    return [
        WayRow(
            _("第 {n} 次导入").format(n=run.id),
            _("{what} · {day}").format(what=run.source_name, day=numbers.short_day(run.created_at)),
            None,
            _url(joins.RUN, str(run.id)),
        )
        for run in rooms.imports.runs(actor, limit=_RUNS)
        if run.state == "done" and not run.is_dry_run
    ]


def _done(actor: Actor) -> list[DoneRow]:
    """What was taken back lately, one by one and by the lot."""
    lots = [
        DoneRow(
            _title(actor, joins.Way(u.how, u.what)),
            _url(u.how, u.what),
            parties.who(actor, u.actor),
            u.asked_at,
            _("撤销了 {n} 次合并").format(n=f"{u.done:,}") if u.state == "done" else _("正在撤销"),
        )
        for u in joins.undoings(actor)
    ]
    ones = [
        DoneRow(
            _("两位顾客的合并"),
            _url(joins.LINK, str(g.link_id)),
            parties.who(actor, g.actor),
            g.at,
            g.reason,
        )
        for g in joins.lately(actor)
    ]
    return sorted([*lots, *ones], key=lambda d: d.at, reverse=True)[:20]


def _title(actor: Actor, way: joins.Way) -> str:
    if way.how == joins.RUN:
        return _("第 {n} 次导入连起来的").format(n=way.what)
    return _hand(actor, way.what) if way.how == joins.HAND else _("两位顾客的合并")


def way(actor: Actor, how: str, what: str, *, error: str = "", reason: str = "") -> WayPage:
    """Raises NotFound for links that never were, and for who may not look."""
    chosen = joins.Way(how, what)
    before = joins.look(actor, chosen)
    lot = joins.latest(actor, chosen) if how != joins.LINK else None
    is_working = lot is not None and lot.state != "done"
    one = joins.evidence(actor, int(what)) if how == joins.LINK and before.links else None
    if not before.links and not is_working:
        return _over(actor, chosen, lot)
    shown = [] if is_working else before.splits[:SHOWN]
    return WayPage(
        title=_title(actor, chosen),
        sentence=_working(lot.done) if lot is not None and is_working else _ahead(before),
        evidence=evidence(actor, one) if one else "",
        samples=[_sample(actor, s.parts) for s in shown],
        more=0 if is_working else len(before.splits) - len(shown),
        may_act=not is_working,
        is_working=is_working,
        is_done=False,
        again_url="",
        url=_url(how, what),
        error=error,
        reason=reason,
    )


def _sample(actor: Actor, groups: Sequence[Sequence[int]]) -> Sample:
    return Sample(parts(actor, groups[:_PARTS]), max(0, len(groups) - _PARTS))


def _ahead(before: joins.Preview) -> SafeString:
    links = ngettext("{n} 次合并", "{n} 次合并", before.links).format(n=f"{before.links:,}")
    if not before.more:
        said = _("撤销这 {links}以后没有人会分开：他们还由别的依据连在一起。")
        return format_html(said, links=bold(links))
    now = before.people - before.held
    text = _("撤销 {links}，{now} 位顾客会分成 {then} 位。现在还没有动。")
    told = format_html(
        text, links=bold(links), now=bold(f"{now:,}"), then=bold(f"{now + before.more:,}", "bad")
    )
    if before.held:
        also = _("另有 {n} 位还由别的依据连在一起，不会分开。").format(n=f"{before.held:,}")
        return format_html("{}{}", told, also)
    return told


def _working(done: int) -> SafeString:
    return format_html(_("正在撤销，已经撤销 {n} 次；可以离开这一页，不会停。"), n=bold(f"{done:,}"))


def _over(actor: Actor, chosen: joins.Way, lot: joins.Undoing | None) -> WayPage:
    """Nothing of it stands: it was taken back, or an import has joined nobody."""
    sentence, again = _none(chosen), ""
    samples: list[Sample] = []
    if lot is not None:
        said = _("{day}{who}撤销了 {n} 次合并，多出 {more} 位顾客。")
        sentence = format_html(
            said,
            day=numbers.day(lot.ended_at or lot.asked_at),
            who=parties.who(actor, lot.actor),
            n=bold(f"{lot.done:,}"),
            more=bold(f"{lot.split:,}"),
        )
    elif chosen.how == joins.LINK:
        gone = joins.gone(actor, int(chosen.what))
        if gone is None:
            raise NotFound
        sentence, samples, again = _gone(actor, gone)
    return WayPage(
        _title(actor, chosen), sentence, "", samples, 0, False, False, bool(lot) or chosen.how == joins.LINK, again,
        _url(chosen.how, chosen.what), "", "",
    )  # fmt: skip


def _none(chosen: joins.Way) -> SafeString:
    if chosen.how == joins.HAND:
        return format_html("{}", _("这里没有还有效的合并。"))
    return format_html("{}", _("这次导入没有把谁连起来。"))


def _gone(actor: Actor, gone: joins.Gone) -> tuple[SafeString, list[Sample], str]:
    ids = rooms.people.canonical_ids([gone.person_a, gone.person_b])
    one, other = ids[gone.person_a], ids[gone.person_b]
    said = _("{day}{who}撤销了这次合并：{why}。")
    told = format_html(said, day=numbers.day(gone.at), who=parties.who(actor, gone.actor), why=gone.reason)
    if one == other:
        return format_html("{}{}", told, _("两边还由别的依据连在一起。")), [], ""
    both = [[p for p, _head in rooms.people.members_of([head])] for head in (one, other)]
    query = urlencode({"one": gone.person_a, "other": gone.person_b})
    sample = Sample(parts(actor, both), 0)
    return (
        format_html("{}{}", told, _("现在是两位顾客：")),
        [sample],
        f"{reverse('console:join-pair')}?{query}",
    )


def pair(actor: Actor, one: str, other: str, text: str, *, error: str = "", reason: str = "") -> PairPage:
    """Who is to be joined with `one`: `other` where that is decided, else who is found by what was typed. Raises NotFound."""
    if not joins.may_review(actor):
        raise NotFound
    first = rooms.people.card_for(actor, _number(one))
    choices, sample, second = [], None, 0
    if other:
        second = _number(other)
        heads = [first.person_id, rooms.people.card_for(actor, second).person_id]
        if heads[0] != heads[1]:
            groups = [[p for p, _head in rooms.people.members_of([head])] for head in heads]
            sample = Sample(parts(actor, groups), 0)
        elif not error:
            error = _("这两位顾客已经合并过了。")
    elif text.strip():
        found = rooms.people.search(actor, text, Filters(), limit=_FOUND).rows
        choices = [_choice(first.person_id, int(one), c) for c in found if c.person_id != first.person_id]
    return PairPage(int(one), text, choices, bool(text.strip()), sample, second, error, reason)


def _choice(head: int, one: int, card: Card) -> Choice:
    query = urlencode({"one": one, "other": card.person_id})
    known = [card.card_no, f"•••• {card.phone_tail4}" if card.phone_tail4 else "", card.home_store]
    said = _("、").join(k for k in known if k)
    return Choice(cards.name_of(card), said, f"{reverse('console:join-pair')}?{query}")


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise NotFound
    return int(text)
