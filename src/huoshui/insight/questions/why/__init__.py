"""Why sales moved: between two spans, shared out among what makes them up, by people, and by place.

The change is that of net sales. What known customers bought is taken apart exactly (maths/divisia.py); what nobody
known bought, and what was refunded, are pieces of their own. Pieces and bridge add up to the change, to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import ibis.expr.types as ir
from ibis import _

from huoshui.core import clock
from huoshui.insight.dimensions import FILTERS, LABELS, Scope, matching
from huoshui.insight.given import BadQuestion, Given, Strings, check_span, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import orders
from huoshui.insight.maths.divisia import Chain, Part, parts
from huoshui.insight.questions.why import saying
from huoshui.insight.questions.why.days import Judged, calendar, calendar_grid, daybook, judged
from huoshui.insight.questions.why.places import places
from huoshui.insight.questions.why.sides import BRIDGE, both, by_person, moved
from huoshui.insight.questions.why.spans import Against, Span, asked, compared
from huoshui.insight.types import Answer, Cell, Column, Grid, Money

NAME = "why"
LABEL_ZH, LABEL_EN = "为什么涨跌", "Why sales moved"

BY = ("store", "category", "product", "channel")
AGAINST = {"before": "上一期", "last_year": "去年同期"}
CHAIN = ("days", "visitors", "customers", "orders", "units")

COLUMNS = (
    Column("piece", "原因", "Piece", "dimension"),
    Column("piece_name", "原因", "Piece", "text"),
    Column("before", "上期", "Before", "ratio"),
    Column("now", "本期", "Now", "ratio"),
    Column("amount", "带来的变化", "Brought", "money"),
    Column("share", "占全部变化", "Of the whole change", "share"),
    Column("people", "顾客数", "Customers", "count", opens=True),
)
BRIDGE_COLUMNS = (
    Column("bridge", "顾客", "Customers", "dimension"),
    Column("bridge_name", "顾客", "Customers", "text"),
    Column("people", "顾客数", "Customers", "count", opens=True),
    Column("before", "上期", "Before", "money"),
    Column("now", "本期", "Now", "money"),
    Column("amount", "变化", "Change", "money"),
)


@dataclass(frozen=True)
class Params:
    """`visitors` and `visitors_before` are what was counted at the doors, where somebody counts: counters are not in the
    lake, so who knows their figures says them."""

    first: date | None = None
    last: date | None = None
    against: Against = "before"
    by: tuple[str, ...] = BY
    scope: Scope = field(default_factory=Scope)
    visitors: int | None = None
    visitors_before: int | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        by = given.listed("by") or BY
        for name in by:
            require(name, {name: LABELS[name] for name in FILTERS}, "维度")
        params = cls(
            first=given.day("from"),
            last=given.day("to"),
            against=cast("Against", given.one_of("against", AGAINST, "before")),
            by=by,
            scope=Scope.read(given),
            visitors=given.number("visitors", at_least=0, at_most=10**9),
            visitors_before=given.number("visitors_before", at_least=0, at_most=10**9),
            lang=given.lang(),
        )
        given.done()
        check_span(params.first, params.last)
        return params


@dataclass(frozen=True)
class Sums:
    """Of both sides: what known customers bought, what nobody known did, and refunds."""

    before: Chain
    now: Chain
    nobody: tuple[int, int]
    refunds: tuple[int, int]

    @property
    def totals(self) -> tuple[int, int]:
        return (
            self.before.amount + self.nobody[0] + self.refunds[0],
            self.now.amount + self.nobody[1] + self.refunds[1],
        )


def result(lake: Lake, params: Params) -> Answer:
    """Of days nobody names, answered once a day: `fresh_at` says as of when."""
    if params.first or params.last or params.scope.values:
        return _result(lake, params)
    answer: Answer = lake.daily((NAME, params), lambda: _result(lake, params))
    return answer


def _result(lake: Lake, params: Params) -> Answer:
    span, before = _spans(lake, params)
    table = by_person(lake, params.scope, span, before)
    moves = {f"moved_{name}": hit.cast("int64").sum() for name, hit in moved(table).items()}
    groups = lake.rows(table.aggregate(by="bridge", people=_.person_id.nunique(), **_totals(), **moves))
    sums = _sums(groups, params, span, before)
    pieces = _pieces(sums, groups, params.lang)
    book = daybook(lake, params.scope, span, before)
    noise = judged(book, span, before, sums.totals, params.against)
    found = calendar(book, noise, span, before)
    where = places(lake, both(lake, params.scope, span, before), params.by, params.lang)
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(pieces),
        sentence=saying.sentence(span, before, sums.totals, noise, pieces, where.rows, found, params.lang),
        fresh_at=lake.fresh_at,
        extra={
            "span": {"from": span.first, "to": span.last, "days": span.days},
            "against": {"from": before.first, "to": before.last, "days": before.days},
            "before": Money(sums.totals[0]),
            "now": Money(sums.totals[1]),
            "change": Money(sums.totals[1] - sums.totals[0]),
            "noise": _told(noise, params.lang),
            "calendar": calendar_grid(found, params.lang),
            "bridge": Grid(BRIDGE_COLUMNS, tuple(_bridge(groups, params.lang))),
            "places": where,
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: piece (those whose own figure changed), bridge, or by with value (those who bought there in either
    span); none: all of both spans."""
    require_keys = ("piece", "bridge", "by", "value")
    for name in cell:
        require(name, require_keys, "维度")
    span, before = _spans(lake, params)
    table = by_person(lake, params.scope, span, before).filter(_.person_id.notnull())
    if "piece" in cell:
        hits = moved(table)
        require(cell["piece"], {name: names[0] for name, names in saying.PIECES.items()}, "原因")
        table = table.filter(hits[cell["piece"]])
    if "bridge" in cell:
        require(cell["bridge"], {name: names[0] for name, names in BRIDGE.items()}, "顾客")
        table = table.filter(_.bridge == cell["bridge"])
    found = table.select("person_id")
    if "by" in cell or "value" in cell:
        there = _bought_there(lake, params, span, before, cell)
        found = found.filter(_.person_id.isin(there.person_id))
    return found


def _bought_there(lake: Lake, params: Params, span: Span, before: Span, cell: Cell) -> ir.Table:
    if "by" not in cell or "value" not in cell:
        raise BadQuestion("看一处的人要同时写 by 和 value，比如 by=store、value=S1。")
    require(cell["by"], {name: LABELS[name] for name in FILTERS}, "维度")
    table = matching(both(lake, params.scope, span, before), lake, {cell["by"]: cell["value"]})
    return orders(table).filter(_.counts & _.person_id.notnull()).select("person_id").distinct()


def _spans(lake: Lake, params: Params) -> tuple[Span, Span]:
    """Refused where one of them is not whole: half a month against a month is no answer."""
    days = lake.order_lines.agg(oldest=_.business_day.min(), newest=_.business_day.max())
    known = lake.rows(days)[0]
    english = params.lang == "en"
    if known["oldest"] is None:
        raise BadQuestion("Nothing has been sold yet." if english else "还没有成交，没有涨跌可以看。")
    # half a day against a whole one is no answer either
    ended = min(known["newest"], clock.today() - timedelta(days=1))
    span = asked(params.first, params.last, ended)
    check_span(span.first, span.last)
    before = compared(span, params.against)
    if span.last > known["newest"]:
        raise BadQuestion(
            f"Sales are known up to {known['newest']}; choose a span that ends by then."
            if english
            else f"成交只到 {known['newest']}，请把结束日期改到这一天或更早。"
        )
    if before.first < known["oldest"]:
        raise BadQuestion(
            f"Sales are known from {known['oldest']}; there is nothing from {before.first} to {before.last} to compare with."
            if english
            else f"成交从 {known['oldest']} 才有，没有完整的 {before} 可以比。请换一段日期。"
        )
    return span, before


def _totals() -> dict[str, ir.Deferred]:
    names = ("orders", "amount", "units", "refunds")
    sums = {f"{name}_{side}": _[f"{name}_{side}"].sum() for name in names for side in ("now", "before")}
    return sums | {f"customers_{side}": (_[f"orders_{side}"] > 0).sum() for side in ("now", "before")}


def _sums(groups: Sequence[Mapping[str, Any]], params: Params, span: Span, before: Span) -> Sums:
    known = [group for group in groups if group["bridge"] != "nobody"]
    nobody = [group for group in groups if group["bridge"] == "nobody"]

    def total(rows: Sequence[Mapping[str, Any]], name: str) -> Any:
        return sum(row[name] for row in rows)

    def chain(side: str, one: Span, visitors: int | None) -> Chain:
        customers, orders_ = total(known, f"customers_{side}"), total(known, f"orders_{side}")
        units = round(total(known, f"units_{side}"), 3)
        # as many days on both sides are no reason for anything
        days = one.days if span.days != before.days else None
        return Chain((days, visitors, customers, orders_, units), int(total(known, f"amount_{side}")))

    return Sums(
        chain("before", before, params.visitors_before),
        chain("now", span, params.visitors),
        (int(total(nobody, "amount_before")), int(total(nobody, "amount_now"))),
        (int(total(groups, "refunds_before")), int(total(groups, "refunds_now"))),
    )


def _pieces(sums: Sums, groups: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    found = parts(CHAIN, sums.before, sums.now)
    has_units = any(part.name == "units" for part in found)
    named = [part._replace(name=_named(part.name, has_units=has_units)) for part in found]
    named += [
        Part(name, before / 100, now / 100, now - before)
        for name, (before, now) in (("nobody", sums.nobody), ("refunds", sums.refunds))
        if before or now
    ]
    change = sums.totals[1] - sums.totals[0]
    return [
        {
            "piece": part.name,
            "piece_name": saying.piece(part.name, [one.name for one in named], lang),
            "before": _figure(part, part.before),
            "now": _figure(part, part.now),
            "amount": part.amount,
            "share": part.amount / change if change else None,
            "people": sum(int(group[f"moved_{part.name}"]) for group in groups),
        }
        for part in named
    ]


def _named(name: str, *, has_units: bool) -> str:
    if name != "amount":
        return name
    return "price" if has_units else "ticket"


def _figure(part: Part, value: float | None) -> float | None:
    """Prices in yuan, as everything that is read."""
    if value is None:
        return None
    return round(value / 100, 2) if part.name in ("price", "ticket") else round(value, 4)


def _bridge(groups: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    by_name = {group["bridge"]: group for group in groups}
    rows = []
    for name, names in BRIDGE.items():
        if group := by_name.get(name):
            before = int(group["amount_before"] + group["refunds_before"])
            now = int(group["amount_now"] + group["refunds_now"])
            row = {"bridge": name, "bridge_name": names[lang == "en"], "people": group["people"]}
            rows.append(row | {"before": before, "now": now, "amount": now - before})
    return rows


def _told(noise: Judged, lang: str) -> dict[str, Any]:
    return {
        "verdict": noise.verdict,
        "verdict_name": saying.VERDICTS[noise.verdict][lang == "en"],
        "change": None if noise.change is None else Money(round(noise.change)),
        "reach": None if noise.reach is None else Money(round(noise.reach)),
    }
