"""When do many customers buy at another dealer's store than usual: people who go home for a holiday, and come back.

A customer's home is the dealer at whose stores he ordered most often in two years. A day stands out when more of those who
bought at stores that day did so away from home than chance allows, measured against all other days; such days, close
together, are a span. One human may belong to one dealer and buy at another: that is no customer lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.core.chance import at_least
from huoshui.insight import words
from huoshui.insight.buyers import person_orders
from huoshui.insight.days import months_before
from huoshui.insight.given import BadQuestion, Given, Strings, as_day, require
from huoshui.insight.lake import Lake
from huoshui.insight.types import Answer, Cell, Column, Grid, in_order

NAME = "away"
LABEL_ZH, LABEL_EN = "在别家店买", "Bought at another dealer's"

MONTHS = 24
SURE = 0.001
# Quiet days between two that stand out, and the least that is a span
GAP, LEAST_DAYS, LEAST_PEOPLE = 2, 3, 10
# The usual share is of the nine tenths of days with the least of it: a holiday must not hide itself
CALM = 0.9
HEAD_OFFICE = "总部直营"

COLUMNS = (
    Column("first", "从", "From", "dimension"),
    Column("last", "到", "To", "date"),
    Column("people", "在别家店买的顾客", "People who bought away from home", "count", opens=True),
    Column("usual", "平时同样天数", "Usual in as many days", "ratio"),
    Column("share", "占当时到店顾客", "Share of those who bought then", "share"),
    Column("amount", "买了", "Amount", "money"),
    Column("chance", "碰巧的可能", "Chance", "ratio"),
)
PAIRS = (
    Column("first", "从", "From", "dimension"),
    Column("home", "平时在哪家买", "Home dealer", "dimension"),
    Column("away", "这几天在哪家买", "Bought at", "dimension"),
    Column("people", "顾客", "People", "count", opens=True),
    Column("amount", "买了", "Amount", "money"),
)


@dataclass(frozen=True)
class Params:
    as_of: date | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(given.day("as_of"), given.lang())
        given.done()
        return params


class Day(NamedTuple):
    """Buyers at stores on it, and those of them who were away from home."""

    day: date
    buyers: int
    away: int


class Span(NamedTuple):
    first: date
    last: date


def result(lake: Lake, params: Params) -> Answer:
    day = params.as_of or lake.newest_day()
    visits = _visits(lake, day)
    told = [Day(r["business_day"], r["buyers"], r["away"]) for r in lake.rows(_by_day(visits))]
    usual, spans = usual_share(told), spans_of(told)
    rows, pairs = [], []
    for span in spans:
        some = lake.rows(_pairs(visits, span))
        people = lake.rows(_during(visits, span).agg(n=_.person_id.nunique()))[0]["n"]
        within = [d for d in told if span.first <= d.day <= span.last]
        buyers, away = sum(d.buyers for d in within), sum(d.away for d in within)
        rows.append(
            {
                "first": str(span.first), "last": span.last, "people": people, "usual": round(usual * buyers, 1),
                "share": away / buyers, "amount": sum(r["amount"] for r in some),
                "chance": min(1.0, at_least(away, buyers, usual) * len(told)),
            }
        )  # fmt: skip
        pairs += [in_order({**r, "first": str(span.first)}, PAIRS) for r in some]
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(rows),
        sentence=_sentence(rows, params.lang),
        fresh_at=lake.fresh_at,
        extra={"as_of": day, "usual_share": usual, "days": len(told), "pairs": Grid(PAIRS, tuple(pairs))},
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: first (the first day of a span), home, away (dealers by name)."""
    for name in cell:
        require(name, {"first": "从", "home": "平时在哪家买", "away": "这几天在哪家买"}, "维度")
    if "first" not in cell:
        raise BadQuestion("要说明从哪一天（first）。")
    first = as_day(cell["first"])
    visits = _visits(lake, params.as_of or lake.newest_day())
    told = [Day(r["business_day"], r["buyers"], r["away"]) for r in lake.rows(_by_day(visits))]
    span = next((s for s in spans_of(told) if s.first == first), None)
    if span is None:
        raise BadQuestion(f"{first} 起没有这样的几天。")
    table = _during(visits, span)
    for name in {"home", "away"} & cell.keys():
        table = table.filter(table["home" if name == "home" else "dealer"] == cell[name])
    return table.select("person_id").distinct()


def usual_share(days: Sequence[Day]) -> float:
    calm = sorted(days, key=lambda d: d.away / d.buyers)[: max(1, int(len(days) * CALM))]
    return (sum(d.away for d in calm) + 1) / (sum(d.buyers for d in calm) + 2) if calm else 1.0


def spans_of(days: Sequence[Day]) -> list[Span]:
    usual = usual_share(days)
    high = [d for d in days if at_least(d.away, d.buyers, usual) * len(days) < SURE]
    groups: list[list[Day]] = []
    for one in sorted(high):
        if groups and one.day - groups[-1][-1].day <= timedelta(GAP + 1):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [
        Span(some[0].day, some[-1].day)
        for some in groups
        if len(some) >= LEAST_DAYS and sum(d.away for d in some) >= LEAST_PEOPLE
    ]


def _visits(lake: Lake, day: date) -> ir.Table:
    """person_id, business_day, dealer, home, amount: a row for each dealer at whose stores somebody bought on a day."""
    stores = lake.org_units.filter(lake.org_units.kind == "store")
    stores = stores.select("org_unit_id", dealer=stores.dealer.coalesce(HEAD_OFFICE))
    bought = person_orders(lake, months_before(day, MONTHS), day).filter(_.counts)
    visits = bought.inner_join(stores, "org_unit_id").aggregate(
        by=["person_id", "business_day", "dealer"], orders=_.count(), amount=_.amount.sum().cast("int64")
    )
    return visits.inner_join(_homes(visits), "person_id")


def _homes(visits: ir.Table) -> ir.Table:
    """person_id, home: where most was ordered; of two alike, where it began."""
    each = visits.aggregate(by=["person_id", "dealer"], n=_.orders.sum(), since=_.business_day.min())
    best = ibis.row_number().over(group_by=each.person_id, order_by=[each.n.desc(), each.since, each.dealer])
    return each.mutate(place=best).filter(_.place == 0).select("person_id", home=_.dealer)


def _by_day(visits: ir.Table) -> ir.Table:
    away = visits.home != visits.dealer
    return visits.aggregate(
        by="business_day", buyers=_.person_id.nunique(), away=_.person_id.nunique(where=away)
    ).order_by("business_day")


def _during(visits: ir.Table, span: Span) -> ir.Table:
    return visits.filter(
        (visits.business_day >= span.first)
        & (visits.business_day <= span.last)
        & (visits.home != visits.dealer)
    )


def _pairs(visits: ir.Table, span: Span) -> ir.Table:
    pairs = _during(visits, span).aggregate(
        by=["home", "dealer"], people=_.person_id.nunique(), amount=_.amount.sum().cast("int64")
    )
    return pairs.rename(away="dealer").order_by([ibis.desc("people"), "home", "away"])


def _sentence(rows: Sequence[dict[str, Any]], lang: str) -> str:
    if not rows:
        if lang == "en":
            return "On no days more customers than usual bought at another dealer's store."
        return "没有哪几天特别多的顾客到别家经销商的店里买：正常波动，不用管。"
    top = max(rows, key=lambda row: row["people"])
    first, last = date.fromisoformat(top["first"]), top["last"]
    if lang == "en":
        return (
            f"From {first} to {last}, {words.counted(top['people'], 'customers', lang)} bought at another dealer's store; "
            f"{words.counted(top['usual'], 'are usual', lang)} in as many days."
        )
    return (
        f"{first.month} 月 {first.day} 日到 {last.month} 月 {last.day} 日，{words.counted(top['people'], '位顾客')}"
        f"到别家经销商的店里买过，平时同样天数是 {words.counted(top['usual'], '位')}：同一个人，换了地方买。"
    )
