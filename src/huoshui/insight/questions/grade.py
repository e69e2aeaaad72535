"""Value grade: who brings most of the sales, who moved since a month ago, and why.

Everyone who bought in the twelve months up to the day is ranked by net amount. `high` (高) are those with
fewer than 20 % of people above them, `mid` (中) those with fewer than 50 %, `growing` (成长) the rest. Equal
amounts get equal grades; whoever bought nothing on balance is growing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight import words
from huoshui.insight.buyers import buyers
from huoshui.insight.days import months_before, trailing_year
from huoshui.insight.given import Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical
from huoshui.insight.questions.columns import ORDERS_EACH, TICKET, WHO
from huoshui.insight.types import Answer, Cell, Column, Grid, in_order

NAME = "grade"
LABEL_ZH, LABEL_EN = "价值分层", "Value grade"

GRADES = {"high": ("高", "High"), "mid": ("中", "Mid"), "growing": ("成长", "Growing")}
REASONS = {
    "orders": ("来的次数变了", "Number of orders changed"),
    "ticket": ("每次买的金额变了", "Amount of an order changed"),
    "others": ("自己没变，别人变了", "Others changed, not this person"),
    "new": ("一个月前还没买过", "Had not bought a month before"),
    "gone": ("满 12 个月没再买", "Bought nothing for twelve months"),
}
REFERRED_BY = "referred_by"
NO_REFERRALS = ("还没有老带新的记录，算不出来", "No referrals are recorded yet")

COLUMNS = (
    Column("grade", "价值分层", "Grade", "dimension"),
    Column("grade_name", "分层", "Grade", "text"),
    *WHO,
    ORDERS_EACH,
    TICKET,
    Column("least", "最少买了", "Least spent", "money"),
    Column("moved_up", "比上月升上来", "Moved up", "count"),
    Column("moved_down", "比上月降下来", "Moved down", "count"),
    Column("arrived", "新买的", "New", "count"),
    Column("brought_per_person", "人均带来新顾客", "New customers brought each", "ratio"),
)
MOVES = (
    Column("from", "上月分层", "Grade a month before", "dimension"),
    Column("grade", "价值分层", "Grade", "dimension"),
    Column("why", "原因", "Why", "dimension"),
    Column("from_name", "上月", "Before", "text"),
    Column("grade_name", "现在", "Now", "text"),
    Column("why_name", "为什么", "Why", "text"),
    Column("people", "顾客数", "Customers", "count", opens=True),
)
_ORDER = {"high": 0, "mid": 1, "growing": 2, None: 3}


@dataclass(frozen=True)
class Params:
    as_of: date | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(as_of=given.day("as_of"), lang=given.lang())
        given.done()
        return params


def result(lake: Lake, params: Params) -> Answer:
    day = params.as_of or lake.newest_day()
    moves = lake.rows(_counted(_moves(lake, day)))
    brought = _brought(lake, day)
    rows = [_row(name, moves, brought, params.lang) for name in GRADES] if moves else []
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(rows),
        sentence=_sentence(rows, params.lang),
        fresh_at=lake.fresh_at,
        extra={
            "as_of": day,
            "compared_with": months_before(day, 1),
            "moves": Grid(MOVES, tuple(_move(row, params.lang) for row in sorted(moves, key=_place))),
            "brought_unknown": None if brought else NO_REFERRALS[params.lang == "en"],
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: grade, from (a month before), why. '' as a grade: bought nothing in those months."""
    day = params.as_of or lake.newest_day()
    table = _moves(lake, day)
    for name, text in cell.items():
        require(name, ("grade", "from", "why"), "维度")
        require(text, {"": "无"} | {k: v[0] for k, v in (GRADES | REASONS).items()}, "取值")
        table = table.filter(table[name].isnull() if text == "" else table[name] == text)
    if "grade" not in cell and "from" not in cell:
        table = table.filter(_.grade.notnull())
    return table.select("person_id")


def person_grades(lake: Lake, as_of: date) -> ir.Table:
    """person_id, grade of everyone who bought in the twelve months up to `as_of`."""
    return _graded(lake, as_of).select("person_id", "grade")


def _graded(lake: Lake, as_of: date) -> ir.Table:
    table = buyers(lake, *trailing_year(as_of)).mutate(
        above=ibis.rank().over(order_by=ibis.desc("amount")), everyone=_.count().over(ibis.window())
    )
    grade = ibis.cases(
        ((_.amount > 0) & (_.above * 5 < _.everyone), "high"),
        ((_.amount > 0) & (_.above * 2 < _.everyone), "mid"),
        else_="growing",
    )
    return table.select("person_id", "orders", "amount", grade=grade)


def _moves(lake: Lake, day: date) -> ir.Table:
    """Everyone graded now or a month before: grade, from, why."""
    now = _graded(lake, day)
    before = _graded(lake, months_before(day, 1)).rename(
        id_before="person_id", orders_before="orders", amount_before="amount", before="grade"
    )
    both = now.outer_join(before, now.person_id == before.id_before)
    return both.select(
        "grade", "orders", "amount",
        person_id=ibis.coalesce(_.person_id, _.id_before), why=_why(both), **{"from": _.before},
    )  # fmt: skip


def _why(both: ir.Table) -> ir.StringValue:
    """Amount = orders × ticket: the reason is the factor that changed more in the direction of the move."""
    rank = {name: place for name, place in _ORDER.items() if name}
    went = both.before.cases(*rank.items()) - both.grade.cases(*rank.items())
    # orders ratio against ticket ratio, multiplied out so that nothing is divided by nothing
    by_orders = both.orders.cast("float64") * both.orders * both.amount_before
    by_ticket = both.amount.cast("float64") * both.orders_before * both.orders_before
    return ibis.cases(
        (both.before.isnull(), "new"),
        (both.grade.isnull(), "gone"),
        (went == 0, ibis.null("string")),
        ((went > 0) & (both.amount <= both.amount_before), "others"),
        ((went < 0) & (both.amount >= both.amount_before), "others"),
        ((went > 0) & (by_orders >= by_ticket), "orders"),
        ((went < 0) & (by_orders <= by_ticket), "orders"),
        else_="ticket",
    )


def _counted(moves: ir.Table) -> ir.Table:
    return moves.aggregate(
        by=["from", "grade", "why"],
        people=_.count(),
        orders=_.orders.sum(),
        amount=_.amount.sum().cast("int64"),
        least=_.amount.min(),
    )


def _brought(lake: Lake, day: date) -> dict[str, int]:
    """New customers by the grade of who brought them; empty while nobody says who brought whom."""
    said = canonical(lake.state_now.filter(_.key == REFERRED_BY), lake).select(
        newcomer=_.person_id, person_id=_.number.cast("int64")
    )
    bringers = canonical(said, lake).distinct()
    graded = bringers.left_join(person_grades(lake, day), "person_id")
    rows = lake.rows(graded.aggregate(by="grade", people=_.newcomer.nunique()))
    return {row["grade"]: row["people"] for row in rows}


def _row(
    name: str, moves: Sequence[Mapping[str, Any]], brought: Mapping[str, int], lang: str
) -> dict[str, Any]:
    now = [m for m in moves if m["grade"]]
    mine = [m for m in now if m["grade"] == name]
    heads, everyone = _sum(mine, "people"), _sum(now, "people")
    amount, orders_ = _sum(mine, "amount"), _sum(mine, "orders")
    came_from = {"up": 0, "down": 0}
    for move in mine:
        if move["from"] and move["from"] != name:
            came_from["up" if _ORDER[move["from"]] > _ORDER[name] else "down"] += move["people"]
    return {
        "grade": name,
        "grade_name": GRADES[name][lang == "en"],
        "people": heads,
        "share": heads / everyone,
        "amount": amount,
        "amount_share": amount / _sum(now, "amount") if _sum(now, "amount") else None,
        "orders_per_person": round(orders_ / heads, 2) if heads else None,
        "ticket": round(amount / orders_) if orders_ else None,
        "least": min((m["least"] for m in mine), default=None),
        "moved_up": came_from["up"],
        "moved_down": came_from["down"],
        "arrived": sum(m["people"] for m in mine if m["why"] == "new"),
        "brought_per_person": round(brought.get(name, 0) / heads, 3) if brought and heads else None,
    }


def _move(row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    english = lang == "en"
    none = ("没买", "None")[english]
    named = {
        "from_name": GRADES[row["from"]][english] if row["from"] else none,
        "grade_name": GRADES[row["grade"]][english] if row["grade"] else none,
        "why_name": REASONS[row["why"]][english] if row["why"] else ("没有变", "Unchanged")[english],
    }
    return in_order({**row, **named}, MOVES)


def _place(row: Mapping[str, Any]) -> tuple[int, int, str]:
    return _ORDER[row["grade"]], _ORDER[row["from"]], row["why"] or ""


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows)


def _sentence(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    if not rows:
        return words.nobody_bought(lang)
    top = rows[0]
    share, sold = words.percent(top["share"]), words.percent(top["amount_share"] or 0)
    up, down = top["moved_up"], sum(row["moved_down"] for row in rows[1:])
    if lang == "en":
        moved = f"Since last month {up} moved up into High and {down} moved down."
        return f"{share} of customers bring {sold} of sales. {moved}"
    moved = f"和上月比，{words.counted(up, '人')}升到高，{words.counted(down, '人')}降了一层或两层。"
    return f"{share} 的顾客带来 {sold} 的成交额。{moved}"
