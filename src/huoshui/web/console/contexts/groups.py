"""人群: frequency × ticket with its kinds, value grades, RFM, and any group's portrait against everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.insight.api import Answer
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.contexts.standing import freshness, language
from huoshui.web.console.markup import behind, bold, opens
from huoshui.web.console.retell import retell
from huoshui.web.console.ribbon import Band, ribbon

# As the matrix stands: large tickets above, frequent to the right.
PLACES = ("low_high", "high_high", "low_low", "high_low")
RIBBON = (("high_high", "w5"), ("low_high", "w4"), ("high_low", "w3"), ("low_low", "band"))


@dataclass(frozen=True)
class KindRow:
    name: str
    people: int
    url: str
    says: str
    treatment: str


@dataclass(frozen=True)
class Group:
    key: str
    name: str
    people: int
    url: str
    amount_share: float | None
    traits: list[tuple[str, str]]
    kinds: list[KindRow]
    treatment: str
    favourites: str
    moved_in: int
    moved_in_url: str
    moved_out: int
    moved_out_url: str
    portrait_url: str


@dataclass(frozen=True)
class GroupsContext:
    sentence: SafeString
    freshness: str
    people: int
    amount: int
    bands: list[Band]
    keys: list[tuple[str, str]]
    chart: dict[str, Any]
    chart_says: str
    often: int
    large: int
    groups: list[Group]


def groups(actor: Actor) -> GroupsContext | None:
    """None while nobody has bought in the twelve months."""
    answer = ask("groups", own_units(actor), lang=language())
    rows = {_key(row): row for row in answer.rows}
    if not rows:
        return None
    cuts = answer.extra["cuts"]
    chart = _density(answer)
    return GroupsContext(
        sentence=_sentence(rows),
        freshness=freshness(answer.fresh_at),
        people=sum(row["people"] for row in rows.values()),
        amount=sum(row["amount"] for row in rows.values()),
        bands=ribbon(
            [(tone, rows[k]["share"], rows[k]["amount_share"] or 0.0) for k, tone in RIBBON if k in rows]
        ),
        keys=[(tone, str(words.GROUPS[key])) for key, tone in RIBBON if key in rows],
        chart=chart,
        chart_says=_("顾客在频次和客单价上的分布；分界是一年 {often} 单、客单价 {large}。").format(
            often=cuts["frequency"], large=numbers.money(cuts["ticket"])
        ),
        often=cuts["frequency"],
        large=cuts["ticket"],
        groups=[_group(key, rows[key], answer) for key in PLACES if key in rows],
    )


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['frequency']}_{row['ticket']}"


def _cell(key: str, **more: str) -> dict[str, str]:
    frequency, _sep, ticket = key.partition("_")
    return {"frequency": frequency, "ticket": ticket, **more}


def _group(key: str, row: Mapping[str, Any], answer: Answer) -> Group:
    kinds = [kind for kind in answer.extra["kinds"].rows if _key(kind) == key]
    return Group(
        key=key,
        name=str(words.GROUPS[key]),
        people=row["people"],
        url=behind("groups", {}, _cell(key)),
        amount_share=row["amount_share"],
        traits=_traits(row),
        kinds=[
            KindRow(
                name=retell(kind["name"]),
                people=kind["people"],
                url=behind("groups", {}, _cell(key, kind=kind["kind"])),
                says=retell(kind["says"]),
                treatment=retell(kind["treatment"]),
            )
            for kind in kinds
        ],
        treatment=retell(row["treatment"]),
        favourites=row["top_categories"],
        moved_in=row["moved_in"],
        moved_in_url=behind("groups", {}, _cell(key, moved="in")) if row["moved_in"] else "",
        moved_out=row["moved_out"],
        moved_out_url=behind("groups", {}, _cell(key, moved="out")) if row["moved_out"] else "",
        portrait_url=f"{reverse('console:groups')}?group={key}#portrait",
    )


def _traits(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The measured figures that tell the groups apart, each with its word."""
    found = [
        (_("客单价"), str(numbers.money(row["average_ticket"]))),
        (_("人均单数"), numbers.decimal(row["orders_per_person"])),
        (_("间隔"), _days(row["gap_days"])),
        (_("品类"), numbers.decimal(row["categories"])),
        (_("优惠占比"), numbers.percent(row["discount_share"])),
        (_("周末单"), numbers.percent(row["weekend_share"])),
    ]
    return [(label, value) for label, value in found if value and value != numbers.ABSENT]


def _days(gap: float | None) -> str:
    if gap is None:
        return ""
    return ngettext("{n} 天", "{n} 天", round(gap)).format(n=numbers.decimal(gap, 0))


def _sentence(rows: Mapping[str, Mapping[str, Any]]) -> SafeString:
    best = rows.get("high_high")
    if best is None:
        return escape(_("还没有又常来、又买得多的顾客。"))
    parts = {
        "share": bold(numbers.percent(best["share"])),
        "sold": bold(numbers.percent(best["amount_share"])),
        "people": bold(opens(numbers.count(best["people"]), behind("groups", {}, _cell("high_high")))),
        "left": bold(
            opens(numbers.count(best["moved_out"]), behind("groups", {}, _cell("high_high", moved="out"))),
            "bad",
        ),
    }
    if best["moved_out"]:
        said = _("{share} 的顾客带来 {sold} 的成交额，一共 {people} 人；近 30 天有 {left} 人离开，先照顾。")
        return format_html(said, **parts)
    return format_html(
        _("{share} 的顾客带来 {sold} 的成交额，一共 {people} 人；近 30 天没有人离开。"), **parts
    )


def _low(band: str) -> int:
    return int(band.rpartition("-")[0])


def _density(answer: Answer) -> dict[str, Any]:
    """Bands of orders by bands of ticket; the cut falls before the first band that is above it."""
    counted = {(row["orders_band"], row["ticket_band"]): row["people"] for row in answer.extra["map"].rows}
    xs = sorted({x for x, _y in counted}, key=_low)
    ys = sorted({y for _x, y in counted}, key=_low)
    cuts = answer.extra["cuts"]
    return {
        "xs": [_band(x) for x in xs],
        "ys": [_band(y) for y in ys],
        "z": [[counted.get((x, y), 0) for x in xs] for y in ys],
        "cut": {
            "x": sum(_low(x) < cuts["frequency"] for x in xs),
            "y": sum(_low(y) * 100 < cuts["ticket"] for y in ys),
        },
    }


def _band(band: str) -> str:
    low, _sep, high = band.rpartition("-")
    return f"{low}+" if not high else low if low == high else f"{low}–{high}"


@dataclass(frozen=True)
class GradeRow:
    key: str
    name: str
    people: int
    url: str
    share: float
    amount: int
    amount_share: float | None
    least: int | None
    up: int
    down: int
    brought: float | None


@dataclass(frozen=True)
class Move:
    before: str
    now: str
    why: str
    people: int
    url: str


@dataclass(frozen=True)
class GradesContext:
    rows: list[GradeRow]
    moves: list[Move]
    brought_unknown: str


def grades(actor: Actor) -> GradesContext | None:
    answer = ask("grade", own_units(actor), lang=language())
    if not answer.rows:
        return None
    grid = answer.extra["moves"]
    moves = [row for row in grid.rows if row["grade"] and row["from"] and row["grade"] != row["from"]]
    return GradesContext(
        rows=[_grade(row) for row in answer.rows],
        moves=[
            Move(
                str(words.GRADES[row["from"]]),
                str(words.GRADES[row["grade"]]),
                retell(row["why_name"]),
                row["people"],
                behind("grade", {}, grid.cell(row)),
            )
            for row in sorted(moves, key=lambda row: -row["people"])
        ],
        brought_unknown=retell(answer.extra["brought_unknown"] or ""),
    )


def _grade(row: Mapping[str, Any]) -> GradeRow:
    key = row["grade"]
    return GradeRow(
        key=key,
        name=str(words.GRADES[key]),
        people=row["people"],
        url=behind("grade", {}, {"grade": key}),
        share=row["share"],
        amount=row["amount"],
        amount_share=row["amount_share"],
        least=row["least"],
        up=row["moved_up"],
        down=row["moved_down"],
        brought=row["brought_per_person"],
    )


@dataclass(frozen=True)
class SegmentRow:
    name: str
    people: int
    url: str
    share: float
    amount_share: float | None
    ticket: int | None
    silent: float | None


@dataclass(frozen=True)
class RfmContext:
    rows: list[SegmentRow]


def rfm(actor: Actor) -> RfmContext | None:
    answer = ask("rfm", own_units(actor), lang=language())
    grid = answer.extra["segments"]
    if not grid.rows:
        return None
    return RfmContext(
        [
            SegmentRow(
                retell(row["segment_name"]),
                row["people"],
                behind("rfm", {}, grid.cell(row)),
                row["share"],
                row["amount_share"],
                row["ticket"],
                row["days_silent"],
            )
            for row in grid.rows
        ]
    )
