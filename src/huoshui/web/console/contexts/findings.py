"""看得出的事: what the data itself shows of cards, tills, holidays and teams, each with its evidence and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.trade.conduct.api import Findings, Team, Teams
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.behind import BehindContext
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import behind, bold, opens

PAGE = 50
PAIRS = 12
NAMED = 20


@dataclass(frozen=True)
class Found:
    """One thing found: the sentence, how sure, and what speaks for it. `url`: the people behind it."""

    sentence: SafeString
    sure: str
    evidence: list[tuple[str, str]]
    url: str
    people: int


@dataclass(frozen=True)
class OpeningsPanel:
    looked: SafeString
    tills: list[Found]
    hunters: list[Found]
    crowds: list[Found]
    families: int
    families_url: str


@dataclass(frozen=True)
class PairRow:
    home: str
    away: str
    people: int
    amount: int
    url: str


@dataclass(frozen=True)
class AwaySpan:
    sentence: SafeString
    sure: str
    pairs: list[PairRow]
    more: int


@dataclass(frozen=True)
class AwayPanel:
    spans: list[AwaySpan]
    quiet: str


@dataclass(frozen=True)
class TeamRow:
    name: str
    team: Team
    url: str


@dataclass(frozen=True)
class TeamsPanel:
    sentence: SafeString
    sure: list[str]
    rows: list[TeamRow]
    more: int
    untold: int


def may_see(actor: Actor) -> bool:
    return rooms.conduct.may_see(actor)


def require(actor: Actor) -> None:
    if not may_see(actor):
        raise NotFound


# ---- cards -------------------------------------------------------------------------------------------------------------


def openings(actor: Actor) -> OpeningsPanel:
    found = rooms.conduct.look(actor)
    units = rooms.brand.unit_names(
        sorted({*(t.dealer_id for t in found.tills), *(c.store_id for c in found.crowds)})
    )
    return OpeningsPanel(
        looked=format_html(
            _("看了 {cards} 张卡、{dealers} 家经销商、{devices} 台设备；没有列在下面的，一切正常。"),
            cards=bold(numbers.count(found.openings)),
            dealers=bold(numbers.count(found.dealers)),
            devices=bold(numbers.count(found.devices)),
        ),
        tills=_tills(found, units),
        hunters=_hunters(found),
        crowds=_crowds(found, units),
        families=len(found.families),
        families_url=_url("family", 0),
    )


def _tills(found: Findings, units: dict[int, str]) -> list[Found]:
    return [
        Found(
            format_html(
                _(
                    "{dealer}：付款前 10 分钟内新开的 {n} 张卡里，有 {m} 位（{share}）早就在别家买过；"
                    "其他经销商合起来是 {usual}。"
                ),
                dealer=bold(units.get(t.dealer_id, "")),
                n=bold(numbers.count(t.openings)),
                m=opens(numbers.count(t.had_bought), _url("till", t.dealer_id)),
                share=numbers.percent(t.share),
                usual=numbers.percent(t.usual),
            ),
            sureness(t.chance),
            [
                (_("用的设备"), _("{n} 张卡在同一台 {device} 上开的").format(n=t.on_device, device=t.device)),
                (_("怎么办"), _("先听经销商怎么说；属实的，在顾客归属里按申诉判回原来的经销商。")),
            ],
            _url("till", t.dealer_id),
            len(t.people),
        )
        for t in found.tills
    ]


def _hunters(found: Findings) -> list[Found]:
    return [
        Found(
            format_html(
                _(
                    "{first}到{last}，{d} 台设备开了 {n} 个账号，其中 {m} 个只用一张{title}买过一单；"
                    "别的账号里这样的不到 {usual}。"
                ),
                first=numbers.day(h.first),
                last=numbers.day(h.last),
                d=bold(numbers.count(len(h.devices))),
                n=opens(numbers.count(h.accounts), _url("hunters", place)),
                m=bold(numbers.count(h.once)),
                title=_("「{title}」").format(title=h.title) if h.title else _("优惠券"),
                usual=numbers.percent(max(h.usual, 0.001)),
            ),
            sureness(h.chance),
            [
                (_("设备"), _("、").join(h.devices)),
                (_("怎么办"), _("这些账号不再发新人券；真有顾客被误伤，由店里补发。")),
            ],
            _url("hunters", place),
            len(h.people),
        )
        for place, h in enumerate(found.hunters)
    ]


def _crowds(found: Findings, units: dict[int, str]) -> list[Found]:
    return [
        Found(
            format_html(
                _(
                    "{store}的 {device} 登记了 {n} 位顾客，别的店的登记设备一般是 {usual} 位；"
                    "其中只有 {came} 位在这家店买过。"
                ),
                store=bold(units.get(c.store_id, "")),
                device=c.device,
                n=opens(numbers.count(c.sign_ups), _url("crowd", place)),
                usual=numbers.decimal(c.usual, 0),
                came=bold(numbers.count(c.came)),
            ),
            _("是一般设备的 {n} 倍").format(n=numbers.decimal(c.sign_ups / c.usual, 0)),
            [
                (_("从什么时候到什么时候"), f"{numbers.day(c.first)} – {numbers.day(c.last)}"),
                (_("怎么办"), _("这台设备认不出谁是谁，不按它合并顾客；请店里查一查登记是不是真的。")),
            ],
            _url("crowd", place),
            len(c.people),
        )
        for place, c in enumerate(found.crowds)
    ]


def sureness(chance: float) -> str:
    """In words: how likely the same would be by chance, after as many looks as there were."""
    if chance < 1e-6:
        return _("碰巧这样的可能不到百万分之一")
    return _("碰巧这样的可能约 {n} 分之一").format(n=numbers.count(round(1 / chance)))


def _url(kind: str, number: int) -> str:
    return reverse("console:findings-people", args=[kind, number])


def people(actor: Actor, kind: str, number: int, after: str = "") -> BehindContext:
    """Raises NotFound for what is not found (any more)."""
    ids = _people(rooms.conduct.look(actor), kind, number)
    start = int(after) if after.isdecimal() and len(after) < 19 else -1
    rest = [p for p in ids if p > start]
    shown = rooms.people.cards_for(actor, rest[:PAGE])
    day, url = standing_day(), _url(kind, number)
    return BehindContext(
        question="findings",
        sentence=format_html(_("这件事背后，有 {n} 位顾客。"), n=bold(numbers.count(len(ids)))),
        count=len(ids),
        rows=[cards.row(card, day) for card in shown],
        left=max(0, len(ids) - PAGE) if start < 0 else 0,
        next_url=f"{url}?after={rest[PAGE - 1]}" if len(rest) > PAGE else "",
        url=url,
        is_first=start < 0,
    )


def _people(found: Findings, kind: str, number: int) -> Sequence[int]:
    if kind == "till":
        for till in found.tills:
            if till.dealer_id == number:
                return till.people
    if kind == "family" and number == 0:
        return sorted({p for family in found.families for p in family.people})
    if kind == "hunters" and number < len(found.hunters):
        return found.hunters[number].people
    if kind == "crowd" and number < len(found.crowds):
        return found.crowds[number].people
    raise NotFound


# ---- holidays ----------------------------------------------------------------------------------------------------------


def away(actor: Actor) -> AwayPanel:
    require(actor)
    answer = rooms.insight.ask("away", lang="en" if numbers.language() == "en" else "zh")
    pairs = answer.extra["pairs"].rows
    return AwayPanel(
        [_span(row, [p for p in pairs if p["first"] == row["first"]]) for row in answer.rows],
        "" if answer.rows else answer.sentence,
    )


def _span(told: Mapping[str, Any], pairs: Sequence[Mapping[str, Any]]) -> AwaySpan:
    first, last = date.fromisoformat(told["first"]), told["last"]
    name = _event(first, last)
    return AwaySpan(
        format_html(
            _(
                "{name}{first}到{last}，{n} 位顾客在别家经销商的店里买过，占当时到店顾客的 {share}；"
                "平时同样天数是 {usual} 位。还是原来的人，不是新顾客。"
            ),
            name=bold(_("{name}前后，").format(name=name)) if name else "",
            first=numbers.day(first),
            last=numbers.day(last),
            n=opens(numbers.count(told["people"]), behind("away", {}, {"first": told["first"]})),
            share=numbers.percent(told["share"]),
            usual=numbers.decimal(told["usual"], 0),
        ),
        sureness(max(told["chance"], 1e-300)),
        [
            PairRow(
                p["home"],
                p["away"],
                p["people"],
                p["amount"],
                behind("away", {}, {k: p[k] for k in ("first", "home", "away")}),
            )
            for p in pairs[:PAIRS]
        ],
        max(0, len(pairs) - PAIRS),
    )


def _event(first: date, last: date) -> str:
    """Of the campaigns in the calendar, the one that these days are closest to; '' where none fits."""
    best, most = "", 0.0
    for event in rooms.insight.events(first=first, last=last):
        common = (min(last, event.ends_on) - max(first, event.starts_on)).days + 1
        whole = (max(last, event.ends_on) - min(first, event.starts_on)).days + 1
        if common / whole > most:
            best, most = event.name, common / whole
    return best if most >= 0.3 else ""


# ---- teams -------------------------------------------------------------------------------------------------------------


def teams(actor: Actor) -> TeamsPanel:
    found = rooms.conduct.teams(actor)
    names = rooms.brand.unit_names([t.store_id for t in found.named])
    codes = rooms.brand.unit_codes([t.store_id for t in found.named])
    rows = [
        TeamRow(
            names.get(t.store_id, ""),
            t,
            behind("known", {"channel": rooms.conduct.STORE_CHANNEL}, {"store": codes[t.store_id]}),
        )
        for t in found.named[:NAMED]
    ]
    sure = [
        _("{what}：是其他店的 {times}（{low} 到 {high}，100 次里 95 次在这个范围）").format(
            what=what,
            times=numbers.percent(r.times),
            low=numbers.percent(r.low),
            high=numbers.percent(r.high),
        )
        for what, r in ((_("认得出顾客的订单占比"), found.known), (_("人均用工具的次数"), found.uses))
        if r
    ]
    untold = sum(bool(t.staff) and not t.told for t in found.teams)
    return TeamsPanel(_teams_sentence(found), sure, rows, max(0, len(found.named) - NAMED), untold)


def _teams_sentence(found: Teams) -> SafeString:
    few = sum(t.has_few_new for t in found.teams)
    if found.known is None:
        return format_html("{}", _("员工表里有了入职日期，这里会比较新人多和新人少的店。"))
    told = format_html(
        _("新人不到两成的 {n} 家店，{a} 的订单认得出顾客，其他店是 {b}"),
        n=bold(numbers.count(few)),
        a=bold(numbers.percent(found.known.few)),
        b=bold(numbers.percent(found.known.others)),
    )
    if found.uses is None:
        return format_html(_("{told}。"), told=told)
    return format_html(
        _("{told}；四周里人均用工具 {c} 次，其他店 {d} 次。"),
        told=told,
        c=bold(numbers.decimal(found.uses.few, 0)),
        d=bold(numbers.decimal(found.uses.others, 0)),
    )
