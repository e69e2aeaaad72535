"""RFM: how lately, how often and how much each customer bought, scored 1 to 5 by fifths of all customers.

Hughes 1994, Strategic Database Marketing. The score is 1 + the fifth into which the number of people below
falls, so equal values always share a score, and 5 is the best: the latest, the most often, the most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight import words
from huoshui.insight.buyers import buyers, fifth
from huoshui.insight.days import trailing_year
from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.questions.columns import ORDERS_EACH, TICKET, WHO
from huoshui.insight.types import Answer, Cell, Column, Grid, in_order

NAME = "rfm"
LABEL_ZH, LABEL_EN = "RFM", "RFM"

# A score of 4 or 5: the upper two fifths.
HIGH = 4
SCORES = {
    "recency": ("最近一次", "Recency"),
    "frequency": ("买的次数", "Frequency"),
    "monetary": ("买的金额", "Monetary"),
}
# by (recency, frequency, monetary) high or not
SEGMENTS = {
    (True, True, True): ("important_value", "重要价值", "Champions"),
    (True, False, True): ("important_grow", "重要发展", "Big spenders to grow"),
    (False, True, True): ("important_keep", "重要保持", "Loyal, slipping away"),
    (False, False, True): ("important_win_back", "重要挽留", "Big spenders to win back"),
    (True, True, False): ("general_value", "一般价值", "Frequent, small"),
    (True, False, False): ("general_grow", "一般发展", "Recent, to grow"),
    (False, True, False): ("general_keep", "一般保持", "Frequent once, small"),
    (False, False, False): ("general_win_back", "一般挽留", "Gone quiet"),
}
SEGMENT_NAMES = {key: (zh, en) for key, zh, en in SEGMENTS.values()}
DIMENSIONS = {name: zh for name, (zh, _en) in SCORES.items()} | {"segment": "分类"}

MEASURES = (
    *WHO,
    ORDERS_EACH,
    TICKET,
    Column("days_silent", "距上次购买平均天数", "Average days since last order", "days"),
)
EDGES = (
    Column("score", "分数", "Score", "count"),
    Column("days_least", "最近一次，最少几天前", "Recency from, days", "days"),
    Column("days_most", "最近一次，最多几天前", "Recency to, days", "days"),
    Column("orders_least", "最少几单", "Orders from", "count"),
    Column("orders_most", "最多几单", "Orders to", "count"),
    Column("amount_least", "最少买了", "Spent from", "money"),
    Column("amount_most", "最多买了", "Spent to", "money"),
)


@dataclass(frozen=True)
class Params:
    by: tuple[str, ...] = ("recency", "frequency")
    as_of: date | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        by = given.listed("by") or cls.by
        for name in by:
            require(name, DIMENSIONS, "维度")
        params = cls(by=by, as_of=given.day("as_of"), lang=given.lang())
        given.done()
        return params


def result(lake: Lake, params: Params) -> Answer:
    day = params.as_of or lake.newest_day()
    cells = lake.rows(_cells(scores(lake, day)))  # at most 125: everything below is a sum of them
    columns = (*(_dimension(name) for name in params.by), *MEASURES)
    rows = sorted(_summed(cells, params.by), key=lambda row: _best_first(row, params.by))
    segments = _segments(cells, params.lang)
    return Answer(
        question=NAME,
        columns=columns,
        rows=tuple(in_order(row, columns) for row in rows),
        sentence=_sentence(segments.rows, params.lang),
        fresh_at=lake.fresh_at,
        extra={"as_of": day, "segments": segments, "edges": Grid(EDGES, tuple(_edges(cells)))},
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    table = scores(lake, params.as_of or lake.newest_day())
    for name, text in cell.items():
        require(name, DIMENSIONS, "维度")
        if name == "segment":
            require(text, {key: zh for key, (zh, _en) in SEGMENT_NAMES.items()}, "分类")
            table = table.filter(_.segment == text)
        elif text not in {"1", "2", "3", "4", "5"}:
            raise BadQuestion(f"{DIMENSIONS[name]}的分数是 1 到 5，现在是“{text}”。")
        else:
            table = table.filter(table[name] == int(text))
    return table.select("person_id")


def scores(lake: Lake, as_of: date) -> ir.Table:
    """person_id, recency, frequency, monetary (1 to 5), segment, with the figures they come from."""
    table = buyers(lake, *trailing_year(as_of))
    table = table.mutate(
        recency=fifth(table, table.last_day),
        frequency=fifth(table, table.orders),
        monetary=fifth(table, table.amount),
    )
    segment = ibis.cases(
        *(
            (
                ((_.recency >= HIGH) == r) & ((_.frequency >= HIGH) == f) & ((_.monetary >= HIGH) == m),
                name,
            )
            for (r, f, m), (name, _zh, _en) in SEGMENTS.items()
        )
    )
    return table.mutate(segment=segment, days_silent=ibis.literal(as_of).delta(table.last_day, unit="day"))


def _cells(scored: ir.Table) -> ir.Table:
    return scored.aggregate(
        by=["recency", "frequency", "monetary", "segment"],
        people=_.count(),
        spent=_.amount.sum().cast("int64"),
        ordered=_.orders.sum(),
        silent=_.days_silent.sum(),
        days_least=_.days_silent.min(),
        days_most=_.days_silent.max(),
        orders_least=_.orders.min(),
        orders_most=_.orders.max(),
        amount_least=_.amount.min(),
        amount_most=_.amount.max(),
    )


def _summed(cells: Sequence[Mapping[str, Any]], by: Sequence[str]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for cell in cells:
        group = groups[tuple(cell[name] for name in by)]
        group.update({name: cell[name] for name in ("people", "spent", "ordered", "silent")})
    heads, sold = sum(g["people"] for g in groups.values()), sum(g["spent"] for g in groups.values())
    return [
        {
            **dict(zip(by, key, strict=True)),
            "people": group["people"],
            "share": group["people"] / heads,
            "amount": group["spent"],
            "amount_share": group["spent"] / sold if sold else None,
            "orders_per_person": round(group["ordered"] / group["people"], 2),
            "ticket": round(group["spent"] / group["ordered"]),
            "days_silent": round(group["silent"] / group["people"], 1),
        }
        for key, group in groups.items()
    ]


def _dimension(name: str) -> Column:
    zh, en = SCORES.get(name, ("分类", "Segment"))
    return Column(name, zh, en, "dimension")


def _segments(cells: Sequence[Mapping[str, Any]], lang: str) -> Grid:
    columns = (_dimension("segment"), Column("segment_name", "分类", "Segment", "text"), *MEASURES)
    place = {key: n for n, key in enumerate(SEGMENT_NAMES)}
    rows = sorted(_summed(cells, ("segment",)), key=lambda row: place[row["segment"]])
    for row in rows:
        row["segment_name"] = SEGMENT_NAMES[row["segment"]][lang == "en"]
    return Grid(columns, tuple(in_order(row, columns) for row in rows))


def _edges(cells: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What each score means: from which to which value; None where nobody has it."""
    spans = (("recency", "days"), ("frequency", "orders"), ("monetary", "amount"))
    for score in range(5, 0, -1):
        edge: dict[str, Any] = {"score": score}
        for dimension, figure in spans:
            same = [cell for cell in cells if cell[dimension] == score]
            edge[f"{figure}_least"] = min((cell[f"{figure}_least"] for cell in same), default=None)
            edge[f"{figure}_most"] = max((cell[f"{figure}_most"] for cell in same), default=None)
        yield edge


def _best_first(row: Mapping[str, Any], by: Sequence[str]) -> tuple[Any, ...]:
    return tuple(-row[name] if name in SCORES else row[name] for name in by)


def _sentence(segments: Sequence[Mapping[str, Any]], lang: str) -> str:
    if not segments:
        return words.nobody_bought(lang)
    everyone = words.counted(
        sum(row["people"] for row in segments), "customers" if lang == "en" else "位顾客", lang
    )
    told = [f"{everyone} bought." if lang == "en" else f"近 12 个月有 {everyone}买过。"]
    by_name = {row["segment"]: row for row in segments}
    if best := by_name.get("important_value"):
        share = words.percent(best["amount_share"] or 0)
        told.append(
            f"{words.counted(best['people'], 'champions', lang)} bring {share} of sales."
            if lang == "en"
            else f"重要价值 {words.counted(best['people'], '人')}，带来 {share} 的成交额。"
        )
    if slipping := by_name.get("important_keep"):
        told.append(
            f"{words.counted(slipping['people'], 'good ones', lang)} last came long ago: see to them first."
            if lang == "en"
            else f"重要保持 {words.counted(slipping['people'], '人')}，买得多、来得勤，这次却隔得久，先照顾她们。"
        )
    return (" " if lang == "en" else "").join(told)
