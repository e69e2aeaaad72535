"""Silence and churn: who is probably gone, and what each is worth in the year to come.

BG/NBD with Gamma-Gamma (maths/bgnbd.py, maths/gamma_gamma.py) over everyone who ever bought. A purchase is a
business day with an order that still counts; its amount is what is left of that day's orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from numpy.typing import NDArray

from huoshui.insight import words
from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical, lines, orders
from huoshui.insight.maths import bgnbd, worth
from huoshui.insight.maths.bgnbd import Histories, Rates
from huoshui.insight.maths.fitting import Floats, NotFitted
from huoshui.insight.maths.worth import Model
from huoshui.insight.types import Answer, Cell, Column, Grid

NAME = "alive"
LABEL_ZH, LABEL_EN = "沉默与流失", "Silence and churn"

STATES = {
    "coming": ("多半还会来", "Likely to come back"),
    "unsure": ("说不准", "Could be either"),
    "gone": ("多半流失了", "Probably gone"),
    "once": ("只来过一次，看不出", "Came once: cannot be told"),
}
# Of ten such people at least seven still come, or at most three.
COMING, GONE = 0.7, 0.3
# Fewer people who came again than this, and the two beta parameters are anybody's guess.
FEWEST_REPEAT = 30
# What a fit needs of more people than this it has learned from every n-th of them.
MOST_FITTED = 200_000
DAYS = 365
SEED = 2005
LISTED = 20

COLUMNS = (
    Column("state", "状态", "State", "dimension"),
    Column("state_name", "状态", "State", "text"),
    Column("people", "顾客数", "Customers", "count", opens=True),
    Column("share", "顾客占比", "Share of customers", "share"),
    Column("alive", "还会来的可能", "Chance of coming back", "share"),
    Column("days_silent", "平均多久没来", "Average days silent", "days"),
    Column("visits", "预计会来几次", "Visits expected", "ratio"),
    Column("worth", "预计还会买", "Sales expected", "money"),
    Column("low", "少则", "Low (1 in 10 below)", "money"),
    Column("high", "多则", "High (1 in 10 above)", "money"),
    Column("worth_each", "人均预计还会买", "Sales expected each", "money"),
)
WHO = (
    Column("person", "顾客编号", "Customer", "dimension"),
    Column("state_name", "状态", "State", "text"),
    Column("alive", "还会来的可能", "Chance of coming back", "share"),
    Column("days_silent", "多久没来", "Days silent", "days"),
    Column("came", "来过几天", "Days bought", "count"),
    Column("visits", "预计会来几次", "Visits expected", "ratio"),
    Column("worth", "预计还会买", "Sales expected", "money"),
    Column("low", "少则", "Low (1 in 10 below)", "money"),
    Column("high", "多则", "High (1 in 10 above)", "money"),
)


@dataclass(frozen=True)
class Params:
    """`days`: how far ahead."""

    as_of: date | None = None
    days: int = DAYS
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(
            as_of=given.day("as_of"),
            days=given.number("days", at_least=7, at_most=1100) or DAYS,
            lang=given.lang(),
        )
        given.done()
        return params


@dataclass(frozen=True)
class Known:
    """Everyone who bought, in order of their ids; days throughout."""

    ids: NDArray[np.int64]
    people: Histories
    mean: Floats
    silent: Floats

    def some(self, places: NDArray[np.int64]) -> Known:
        return Known(
            self.ids[places],
            Histories(*(column[places] for column in self.people)),
            self.mean[places],
            self.silent[places],
        )


@dataclass(frozen=True)
class Learned:
    """Who is in which state (places in STATES), by id; and the answer in Chinese, its sentence aside."""

    ids: NDArray[np.int64]
    states: NDArray[np.int8]
    rows: tuple[Mapping[str, Any], ...]
    see_first: tuple[Mapping[str, Any], ...]
    fit: Mapping[str, Any]


def result(lake: Lake, params: Params) -> Answer:
    day, learned = _learned(lake, params)
    rows = _in(params.lang, learned.rows)
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=rows,
        sentence=_sentence(rows, params),
        fresh_at=lake.fresh_at,
        extra={
            "as_of": day,
            "days": params.days,
            "see_first": Grid(WHO, _in(params.lang, learned.see_first)),
            "fit": learned.fit,
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: state, person."""
    for name, text in cell.items():
        require(name, ("state", "person"), "维度")
        if name == "state":
            require(text, {key: zh for key, (zh, _en) in STATES.items()}, "状态")
        elif not text.isascii() or not text.isdigit() or len(text) > 18:
            raise BadQuestion(f"顾客编号是数字，现在是“{text}”。")
    _day, learned = _learned(lake, params)
    which = np.ones(len(learned.ids), dtype=bool)
    if "person" in cell:
        which &= learned.ids == int(cell["person"])
    if "state" in cell:
        which &= learned.states == list(STATES).index(cell["state"])
    # joined since it was learned, they are one
    found = ibis.memtable({"person_id": learned.ids[which]}, schema={"person_id": "int64"})
    return canonical(found, lake).select("person_id").distinct()


def _learned(lake: Lake, params: Params) -> tuple[date, Learned]:
    """Of days that have ended, learned once a day: the state of nobody turns within hours."""
    day = params.as_of or lake.ended_day()
    learned: Learned = lake.daily((NAME, day, params.days), lambda: _learn(lake, day, params))
    return day, learned


def _learn(lake: Lake, day: date, params: Params) -> Learned:
    known = _known(lake, day)
    model = _model(known, params.lang)
    chance = bgnbd.alive(model.rates, known.people)
    visits, value = worth.expected(model, known.people, known.mean, params.days)
    figures = {"alive": chance, "visits": visits, "worth": value}
    states = _states(known.people, model.rates)
    rows = _rows(known, figures, states, model, params.days)
    first = _see_first(known, figures, states, model, params.days)
    return Learned(known.ids, states.astype(np.int8), tuple(rows), tuple(first), _told(model))


def _in(lang: str, rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    names = {zh: (zh, en)[lang == "en"] for zh, en in STATES.values()}
    return tuple({**row, "state_name": names[row["state_name"]]} for row in rows)


def histories(lake: Lake, as_of: date) -> ir.Table:
    """person_id, x, t_x, T (days), repeat_amount: what was bought on all days but the first."""
    whole = orders(lines(lake, None, as_of), by=["business_day"]).filter(_.person_id.notnull())
    days = whole.aggregate(
        by=["person_id", "business_day"], orders=_.counts.sum(), amount=_.amount.sum().cast("int64")
    )
    first = days.filter(_.orders > 0).aggregate(
        by="person_id", x=_.count() - 1, first_day=_.business_day.min(), last_day=_.business_day.max()
    )
    # a refund belongs to what was bought before it, on whichever day it comes
    later = days.join(first.select("person_id", "first_day"), "person_id").filter(
        _.business_day > _.first_day
    )
    sums = later.aggregate(by="person_id", repeat_amount=_.amount.sum().cast("int64"))
    known = first.left_join(sums, "person_id")
    return known.select(
        "person_id",
        "x",
        t_x=known.last_day.delta(known.first_day, unit="day"),
        T=ibis.literal(as_of).delta(known.first_day, unit="day"),
        repeat_amount=_.repeat_amount.coalesce(0),
    )


def _known(lake: Lake, as_of: date) -> Known:
    found = lake.run(histories(lake, as_of).order_by("person_id"))
    x, t_x, T, spent = (
        found.column(name).to_numpy().astype(np.float64) for name in ("x", "t_x", "T", "repeat_amount")
    )
    mean = np.divide(spent, x, out=np.zeros_like(spent), where=x > 0)
    ids = found.column("person_id").to_numpy().astype(np.int64)
    return Known(ids, Histories(x, t_x, T), mean, T - t_x)


def _model(known: Known, lang: str) -> Model:
    repeat = int((known.people.x > 0).sum())
    if repeat < FEWEST_REPEAT:
        raise BadQuestion(
            f"Only {repeat} customers came back so far; from {FEWEST_REPEAT} on it can be told who is gone."
            if lang == "en"
            else f"来过两天以上的顾客才 {repeat} 位，满 {FEWEST_REPEAT} 位才算得出谁流失了。等数据多一些再看。"
        )
    some = known.some(np.arange(0, len(known.ids), -(-len(known.ids) // MOST_FITTED)))
    try:
        return worth.fitted(some.people, some.mean)
    except NotFitted:
        raise BadQuestion(
            "These customers come back in no pattern from which it can be told who is gone. Take a later day, "
            "or check that orders are whole."
            if lang == "en"
            else "从这些顾客的购买记录里看不出规律，算不出谁流失了。请把日期往后取，或检查订单是否导全。"
        ) from None


def _states(people: Histories, rates: Rates) -> NDArray[np.int64]:
    """Places in STATES."""
    chance = bgnbd.alive(rates, people)
    told = np.where(chance >= COMING, 0, np.where(chance <= GONE, 2, 1))
    return np.where(people.x > 0, told, 3).astype(np.int64)


def _rows(
    known: Known, figures: Mapping[str, Floats], states: NDArray[np.int64], model: Model, days: int
) -> list[dict[str, Any]]:
    reach = worth.totals(model, known.people, known.mean, days, states, SEED)
    rows = []
    for place, (state, names) in enumerate(STATES.items()):
        mine = states == place
        if not (heads := int(mine.sum())):
            continue
        sold = float(figures["worth"][mine].sum())
        rows.append(
            {
                "state": state,
                "state_name": names[0],
                "people": heads,
                "share": heads / len(states),
                # of those who came once the model knows nothing, and would say that all of them come back
                "alive": None if state == "once" else float(figures["alive"][mine].mean()),
                "days_silent": round(float(known.silent[mine].mean()), 1),
                "visits": round(float(figures["visits"][mine].sum()), 1),
                "worth": round(sold),
                "low": round(float(reach.low[place])),
                "high": round(float(reach.high[place])),
                "worth_each": round(sold / heads),
            }
        )
    return rows


def _see_first(
    known: Known, figures: Mapping[str, Floats], states: NDArray[np.int64], model: Model, days: int
) -> list[dict[str, Any]]:
    """Those of whom it is not sure that they come, by how much is lost if they do not."""
    at_stake = np.where(states == 0, -1.0, np.where(states == 3, -1.0, _if_here(figures)))
    order = np.lexsort((known.ids, -at_stake))
    places = order[at_stake[order] > 0][:LISTED]
    if not len(places):
        return []
    some = known.some(places)
    reach = worth.each(model, some.people, some.mean, days, SEED)
    names = [zh for zh, _en in STATES.values()]
    return [
        {
            "person": int(known.ids[place]),
            "state_name": names[int(states[place])],
            "alive": float(figures["alive"][place]),
            "days_silent": int(known.silent[place]),
            "came": int(known.people.x[place]) + 1,
            "visits": round(float(figures["visits"][place]), 2),
            "worth": round(float(figures["worth"][place])),
            "low": round(float(reach.low[n])),
            "high": round(float(reach.high[n])),
        }
        for n, place in enumerate(places)
    ]


def _if_here(figures: Mapping[str, Floats]) -> Floats:
    """What somebody would buy who has not stopped, times the chance that she has."""
    chance = figures["alive"]
    stake: Floats = figures["worth"] / np.maximum(chance, 1e-12) * (1 - chance)
    # of whom there is next to no hope there is nothing to save either
    return np.where(chance < 0.05, 0.0, stake)


def _told(model: Model) -> dict[str, Any]:
    """For who checks the fit: parameters of the two models, money in minor units, time in days."""
    rates, spend = model.rates, model.spend
    return {
        "r": rates.r, "alpha": rates.alpha, "a": rates.a, "b": rates.b,
        "log_likelihood": model.rates_fit.log_likelihood,
        "p": spend.p, "q": spend.q, "gamma": spend.gamma,
    }  # fmt: skip


def _sentence(rows: Sequence[Mapping[str, Any]], params: Params) -> str:
    by_state = {row["state"]: row for row in rows}
    english, lang = params.lang == "en", params.lang
    everyone, gone = sum(row["people"] for row in rows), by_state.get("gone")
    value = sum(row["worth"] for row in rows)
    told = []
    if english:
        who = words.counted(gone["people"], "customers", lang) if gone else ""
        none = f"Of {everyone:,} customers none seems gone."
        told.append(f"{who} of {everyone:,} are probably gone." if gone else none)
        told.append(f"In the next {params.days} days all are expected to buy {words.yuan(value, lang)}.")
    else:
        lost = f"{words.counted(gone['people'], '位顾客')}多半流失了" if gone else "没有顾客像是流失了"
        told.append(f"{words.counted(everyone, '位顾客')}里，{lost}。")
        told.append(f"今后 {params.days} 天预计还会买 {words.yuan(value)}。")
    if unsure := by_state.get("unsure"):
        sold = words.yuan(unsure["worth"], lang)
        told.append(
            f"{words.counted(unsure['people'], 'could', lang)} go either way, worth {sold}: see to them first."
            if english
            else f"{words.counted(unsure['people'], '位')}说不准，预计还会买 {sold}，先联系她们。"
        )
    return (" " if english else "").join(told)
