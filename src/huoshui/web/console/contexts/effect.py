"""活动效果: what a coupon, or anything whose people a rule names, brought; against whom, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.api import Answer
from huoshui.web.console import numbers
from huoshui.web.console.contexts import coupon_form, rooms
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.contexts.standing import freshness, language
from huoshui.web.console.markup import behind
from huoshui.web.console.retell import retell

QUESTION = "effect"
_FIELDS = ("from", "to", "treated", "control", "margin", "spent")


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class FormContext:
    coupons: list[Choice]
    values: Mapping[str, str]
    panel_url: str
    """Empty until something is asked."""


@dataclass(frozen=True)
class Bar:
    """Of one measure; places are percents of the strip's width."""

    name: str
    more: numbers.Figure | str
    low: numbers.Figure | str
    high: numbers.Figure | str
    share: float | None
    left: float
    width: float
    dot: float
    zero: float
    tone: str


@dataclass(frozen=True)
class GroupRow:
    name: str
    people: int
    url: str
    bought: int
    bought_url: str
    bought_share: float
    orders: int
    amount: int
    amount_each: int
    coupons: int


@dataclass(frozen=True)
class EffectContext:
    """`refusal` in words, where it cannot be told."""

    sentence: str = ""
    verdict: str = ""
    bars: tuple[Bar, ...] = ()
    groups: tuple[GroupRow, ...] = ()
    left_out: int = 0
    is_by_lot: bool = True
    freshness: str = ""
    refusal: str = ""


def form(actor: Actor, query: Mapping[str, str]) -> FormContext:
    """Raises NotFound for whoever may not look."""
    coupon_form.require(coupon_form.may_see(actor))
    chosen = query.get("coupon", "")
    coupons = [
        Choice(str(one.id), one.title, str(one.id) == chosen)
        for one in rooms.campaigns.templates_for(actor)
        if one.issued_count
    ]
    values = {name: query.get(name, "") for name in _FIELDS}
    is_asked = bool(chosen or values["treated"])
    query_string = urlencode({name: query[name] for name in ("coupon", *_FIELDS) if query.get(name)})
    url = f"{reverse('console:effect-panel')}?{query_string}" if is_asked else ""
    return FormContext(coupons, values, url)


def effect(actor: Actor, query: Mapping[str, str]) -> EffectContext:
    """Raises NotFound for whoever may not look, and for a coupon that is not there."""
    coupon_form.require(coupon_form.may_see(actor))
    try:
        params = _params(actor, query)
        answer = ask(QUESTION, own_units(actor), lang=language(), **params)
    except NotFound:
        raise
    except Refused as refused:
        return EffectContext(refusal=retell(str(refused)))
    return EffectContext(
        sentence=answer.sentence,
        verdict=answer.extra["verdict"],
        bars=_bars(answer),
        groups=tuple(_group(row, params) for row in answer.rows),
        left_out=answer.extra["left_out"],
        is_by_lot=answer.extra["is_by_lot"],
        freshness=freshness(answer.fresh_at),
    )


def _params(actor: Actor, query: Mapping[str, str]) -> dict[str, str]:
    params = {name: query[name].strip() for name in _FIELDS if query.get(name, "").strip()}
    coupon = query.get("coupon", "")
    if not coupon:
        return params
    if not coupon.isascii() or not coupon.isdigit() or len(coupon) > 18:
        raise NotFound
    template = rooms.campaigns.template_for(actor, int(coupon))
    given = rooms.campaigns.given(template.id)
    if given is None:
        raise Refused("这张券还没有发给认得出的顾客，看不出效果。")
    params.pop("treated", None)
    return {**rooms.campaigns.asks(template.id, given.day), **params}


def _bars(answer: Answer) -> tuple[Bar, ...]:
    rows = [(row, False) for row in answer.extra["counts"].rows]
    rows += [(row, True) for row in answer.extra["money"].rows if row["measure"] != "coupons"]
    return tuple(_bar(row, is_money=is_money) for row, is_money in rows)


def _bar(row: Mapping[str, Any], *, is_money: bool) -> Bar:
    """Each has a scale of its own, with nothing always on it."""
    low, high, more = row["low"], row["high"], row["more"]
    least, most = min(low, 0.0), max(high, 0.0)
    room = (most - least) * 0.06 or 1.0
    least, most = least - room, most + room

    def place(value: float) -> float:
        return float(round(100 * (value - least) / (most - least), 1))

    say = numbers.money if is_money else numbers.count
    return Bar(
        row["measure_name"], say(round(more)), say(round(low)), say(round(high)), row["share"],
        place(low), round(place(high) - place(low), 1), place(more), place(0.0),
        "good" if low > 0 else "bad" if high < 0 else "",
    )  # fmt: skip


def _group(row: Mapping[str, Any], params: Mapping[str, str]) -> GroupRow:
    cell = {"group": row["group"]}
    figures = (row["bought_share"], row["orders"], row["amount"], row["amount_each"], row["coupons"])
    return GroupRow(
        row["group_name"], row["people"], behind(QUESTION, params, cell),
        row["bought"], behind(QUESTION, params, cell | {"bought": "yes"}) if row["bought"] else "", *figures,
    )  # fmt: skip
