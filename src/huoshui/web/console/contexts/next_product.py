"""下一件: what customers buy next, for whom and when, and the same of one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.insight.api import Answer, BadQuestion
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.contexts.standing import freshness, language
from huoshui.web.console.markup import behind, bold, opens
from huoshui.web.console.retell import retell

QUESTION = "next"


@dataclass(frozen=True)
class ProductRow:
    name: str
    code: str
    people: int
    url: str
    buyers: int
    soon: int
    soon_url: str
    within: int | None


@dataclass(frozen=True)
class NextContext:
    """`refusal` in words, where it cannot be told."""

    sentence: SafeString | str
    freshness: str
    again: list[ProductRow]
    new: list[ProductRow]
    tells_new: bool
    days: int
    left_out: int
    refusal: str = ""


def of_all(actor: Actor) -> NextContext:
    try:
        answer = ask(QUESTION, own_units(actor), lang=language())
    except BadQuestion as refused:
        return NextContext("", "", [], [], False, 0, 0, refusal=retell(str(refused)))
    told = answer.extra
    return NextContext(
        sentence=_sentence(told),
        freshness=freshness(answer.fresh_at),
        again=_rows(answer, "again"),
        new=_rows(answer, "new"),
        tells_new=told["tells_new"],
        days=told["days"],
        left_out=told["left_out"],
    )


def _rows(answer: Answer, reason: str) -> list[ProductRow]:
    found = []
    for row in answer.rows:
        if row["reason"] == reason:
            cell = {"reason": reason, "product": row["product"]}
            soon_url = behind(QUESTION, {}, cell | {"when": "soon"}) if row["soon"] else ""
            url = behind(QUESTION, {}, cell)
            found.append(
                ProductRow(
                    row["product_name"], row["product"], row["people"], url, row["buyers"], row["soon"],
                    soon_url, row["within"],
                )
            )  # fmt: skip
    return found


def _sentence(told: Mapping[str, Any]) -> SafeString:
    def number(count: int, cell: dict[str, str]) -> SafeString:
        return bold(opens(numbers.count(count), behind(QUESTION, {}, cell) if count else ""))

    again = number(told["again_people"], {"reason": "again"})
    soon = number(told["again_soon"], {"reason": "again", "when": "soon"})
    buyers = bold(numbers.count(told["again_buyers"]))
    if not told["tells_new"]:
        said = _(
            "{again} 位顾客有一样多半会再买的，今后 {days} 天预计 {buyers} 位会买；{soon} 位一周内就到日子，先联系她们。"
        )
        return format_html(said, again=again, days=told["days"], buyers=buyers, soon=soon)
    said = _(
        "{again} 位顾客有一样多半会再买的，今后 {days} 天预计 {buyers} 位会买；{soon} 位一周内就到日子，先联系她们。"
        "另有 {new} 位，有一样没买过、可能想试的。"
    )
    new = number(told["new_people"], {"reason": "new"})
    return format_html(said, again=again, days=told["days"], buyers=buyers, soon=soon, new=new)


@dataclass(frozen=True)
class Thing:
    name: str
    chance: float
    due: date | None
    is_past: bool
    why: str


@dataclass(frozen=True)
class PersonNext:
    """Both empty where nothing can be told, or she will not have guesses made: then the panel is not there."""

    again: list[Thing]
    new: list[Thing]
    days: int


def of_person(actor: Actor, person_id: int) -> PersonNext:
    """Raises NotFound for a person who is absent or not the actor's to see."""
    card = rooms.people.card_for(actor, person_id)
    # asked each time: an answer is remembered, and she may have said no since
    if rooms.people.unprofiled([card.person_id]):
        return PersonNext([], [], 0)
    try:
        answer = ask(QUESTION, own_units(actor), lang=language(), person=card.person_id)
    except BadQuestion:
        # too little is known of anybody: the page of the question says so, a person's need not
        return PersonNext([], [], 0)
    day = answer.extra["as_of"]
    things = [(row["reason"], _thing(row, day)) for row in answer.rows]
    return PersonNext(
        [thing for reason, thing in things if reason == "again"],
        [thing for reason, thing in things if reason == "new"],
        answer.extra["days"],
    )


def _thing(row: Mapping[str, Any], day: date) -> Thing:
    due: date | None = row["due_day"]
    return Thing(
        row["product_name"], row["chance"], due, bool(due and due <= day), retell(row["why"]),
    )  # fmt: skip
