"""What a rule counts: one row a purchase, or a fact, of each person, by business day."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.dimensions import DIMENSIONS, KEYS
from huoshui.insight.lines import HALF_A_THOUSANDTH, INCOMPLETE
from huoshui.insight.rules.types import (
    BUY,
    Between,
    Facts,
    Filter,
    Has,
    Hours,
    Last,
    Property,
    Since,
    Weekdays,
    Window,
    Worth,
)
from huoshui.lake.api import LakeTables

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Scene:
    """What a rule is asked of: the lake, a business day, the persons it is asked for (`person_id`; None: everyone) and every
    id they have (`born_id`, `person_id`), and members (`person_id`) by segment.

    A rule's table follows from the rule, the day and these tables alone, so that its SQL can be kept (`lake.Question`).
    """

    lake: LakeTables
    today: date
    asked: ir.Table | None = None
    kin: ir.Table | None = None
    segments: Mapping[str, ir.Table] | None = None

    def clusters(self) -> ir.Table:
        """Ids that are another's today. Few, where `persons` has everyone."""
        said = self.lake.state_now.filter(_.key == "cluster", _.number.notnull())
        return said.select(born_id=_.person_id, canonical_id=_.number.cast("int64"))

    def canonical(self, table: ir.Table) -> ir.Table:
        """Rows of known people, `person_id` being who they are today; of those asked for alone."""
        if self.kin is not None:
            return table.rename(born_id="person_id").inner_join(self.kin, "born_id").drop("born_id")
        known = self.clusters()
        joined = table.filter(table.person_id.notnull())
        joined = joined.left_join(known, joined.person_id == known.born_id)
        return joined.mutate(person_id=ibis.coalesce(_.canonical_id, _.person_id)).drop(
            "born_id", "canonical_id"
        )

    def kin_of(self, asked: ir.Table) -> ir.Table:
        """Every id (`born_id`) of these persons."""
        others = self.clusters()
        own = asked.select(born_id=_.person_id, person_id=_.person_id)
        theirs = others.filter(others.born_id != others.canonical_id)
        theirs = theirs.semi_join(asked, theirs.canonical_id == asked.person_id)
        return ibis.union(own, theirs.select("born_id", person_id=_.canonical_id))


@dataclass(frozen=True)
class Span:
    """A window seen from a business day. A day x beyond `hi` comes in on x + `enters`, one inside goes out on x +
    `leaves`."""

    lo: date | None
    hi: date
    end: date | None = None
    enters: int = 0
    leaves: int | None = None

    def holds(self, day: ir.DateValue) -> ir.BooleanValue:
        inside = day <= ibis.literal(self.hi)
        return inside if self.lo is None else inside & (day >= ibis.literal(self.lo))

    def ahead(self, day: ir.DateValue) -> ir.BooleanValue:
        later = day > ibis.literal(self.hi)
        return later if self.end is None else later & (day <= ibis.literal(self.end))


def span(window: Window | None, today: date) -> Span:
    match window:
        case Last(days=days, skip=skip):
            hi = today - timedelta(days=skip)
            return Span(hi - timedelta(days=days - 1), hi, enters=skip, leaves=skip + days)
        case Between(first=first, last=last):
            return Span(first, min(last or today, today), end=last)
        case Since() | None:
            return Span(None, today)


def widest(windows: Iterable[Window | None], today: date) -> tuple[date | None, date | None]:
    """First and last day that any of these windows may ever ask for; None is open."""
    spans = [span(window, today) for window in windows]
    lows, ends = [s.lo for s in spans], [s.end for s in spans]
    return (
        None if None in lows else min(low for low in lows if low),
        None if None in ends else max(end for end in ends if end),
    )


def events(
    scene: Scene,
    name: str,
    where: Sequence[Filter],
    days: tuple[date | None, date | None],
    *,
    trait: str | None = None,
    timed: bool = False,
) -> ir.Table:
    """person_id, day, event_id, counts, amount, units (thousandths), discount; `at` when `timed`, and the trait."""
    make = _purchases if name == BUY else _facts
    return make(scene, name, where, days, trait, timed)


def facts_of(scene: Scene, facts: Facts, *, trait: str | None = None, timed: bool = False) -> ir.Table:
    days = widest([facts.window], scene.today)
    found = events(scene, facts.name, facts.where, days, trait=trait, timed=timed)
    return since_given(scene, found, facts.window.tag) if isinstance(facts.window, Since) else found


def worn(scene: Scene, tag: str) -> ir.Table:
    """Words that a person wears this tag. One of several values has a key for each; what has ended has no value."""
    key = scene.lake.state_now.key
    rows = scene.lake.state_now.filter((key == f"tag.{tag}") | key.startswith(f"tag.{tag}."))
    return scene.canonical(rows.filter(_.value.coalesce("") != ""))


def since_given(scene: Scene, stream: ir.Table, tag: str, day: str = "day") -> ir.Table:
    """Rows, by `day`, of who wears the tag, from the day she was first given what she wears of it."""
    given = worn(scene, tag).aggregate(by="person_id", given=_["at"].date().min())
    joined = stream.inner_join(given, "person_id")
    return joined.filter(joined[day] >= joined.given).drop("given")


def _purchases(
    scene: Scene,
    _name: str,
    where: Sequence[Filter],
    days: tuple[date | None, date | None],
    trait: str | None,
    timed: bool,
) -> ir.Table:
    table = _narrowed(on_days(scene.lake.order_lines, days), scene.lake, where)
    table = scene.canonical(table)
    if trait:
        table = _with_trait(table, scene.lake, trait)
    sign = ibis.ifelse(_.is_reversal, -1, 1).cast("int64")
    is_sale = _.kind == "sale"
    quantity = _.quantity.coalesce(0.0)
    sums = table.aggregate(
        by=["order_id", "person_id", "business_day", *([trait] if trait else [])],
        amount=_.amount.sum().cast("int64"),
        units=(quantity.sum() * 1000).round().cast("int64"),
        discount=_.discount.sum().cast("int64"),
        sold_amount=_.amount.sum(where=is_sale).coalesce(0),
        sold_quantity=quantity.sum(where=is_sale).coalesce(0.0),
        incomplete=sign.sum(where=is_sale & ((_.flags & INCOMPLETE) != 0)).coalesce(0),
        **({"at": _.occurred_at.min()} if timed else {}),
    )
    left = (_.sold_amount != 0) | (_.sold_quantity.abs() > HALF_A_THOUSANDTH) | (_.incomplete != 0)
    bought = sums.select(
        "person_id",
        *([trait] if trait else []),
        *(["at"] if timed else []),
        day=_.business_day,
        event_id=_.order_id,
        counts=left,
        amount=_.amount,
        units=_.units,
        discount=_.discount,
    )
    for each in where:
        if isinstance(each, Worth):
            bought = bought.filter(OPERATORS[each.op](bought[each.figure], each.number))
    return bought


def _facts(
    scene: Scene,
    name: str,
    where: Sequence[Filter],
    days: tuple[date | None, date | None],
    trait: str | None,
    timed: bool,
) -> ir.Table:
    table = on_days(scene.lake.facts.filter(_.name == name), days)
    for each in where:
        if isinstance(each, Worth):
            table = table.filter(OPERATORS[each.op](table.amount, each.number))
        if isinstance(each, Property):
            table = table.semi_join(having(scene.lake, [name], each), "fact_id")
    table = scene.canonical(_narrowed(table, scene.lake, where))
    if trait:
        table = _with_trait(table, scene.lake, trait)
    return table.select(
        "person_id",
        *([trait] if trait else []),
        day=_.business_day,
        event_id=_.fact_id,
        counts=ibis.literal(True),
        amount=_.amount,
        **({"at": _.occurred_at} if timed else {}),
    )


def is_then(table: ir.Table, asked: Hours | Weekdays) -> ir.BooleanValue:
    """Engines keep the brand's clock."""
    if isinstance(asked, Weekdays):
        return table.business_day.day_of_week.index().isin([day - 1 for day in asked.days])
    hour = table.occurred_at.hour()
    began, goes_on = hour >= asked.first, hour < asked.until
    return began & goes_on if asked.first < asked.until else began | goes_on


def having(lake: LakeTables, names: Sequence[str], asked: Property) -> ir.Table:
    table = lake.properties
    rows = table.filter(table.name.isin(names), table.property == asked.name, table.value.isin(asked.values))
    return rows.select("fact_id").distinct()


def on_days(table: ir.Table, days: tuple[date | None, date | None]) -> ir.Table:
    first, last = days
    if first:
        table = table.filter(table.business_day >= ibis.literal(first))
    return table.filter(table.business_day <= ibis.literal(last)) if last else table


def _narrowed(table: ir.Table, lake: LakeTables, where: Sequence[Filter]) -> ir.Table:
    for each in where:
        if isinstance(each, Hours | Weekdays):
            table = table.filter(is_then(table, each))
        if not isinstance(each, Has):
            continue
        dimension = DIMENSIONS[each.trait]
        if dimension.home == "line":
            hit = dimension.value(table).isin(each.values).coalesce(False)
            table = table.filter(~hit if each.negated else hit)
            continue
        home = lake.products if dimension.home == "product" else lake.org_units
        value, key = dimension.value(home), KEYS[dimension.home]
        hit = value.isin(each.values).coalesce(False)
        if dimension.called:
            hit = hit | home.name.isin(each.values).coalesce(False)
        found = home.filter(hit).select(key)
        table = table.anti_join(found, key) if each.negated else table.semi_join(found, key)
    return table


def _with_trait(table: ir.Table, lake: LakeTables, trait: str) -> ir.Table:
    """Rows that have the trait, with it as a column of its name."""
    dimension = DIMENSIONS[trait]
    if dimension.home == "line":
        return table.mutate(**{trait: dimension.value(table)}).filter(_[trait].notnull())
    home = lake.products if dimension.home == "product" else lake.org_units
    key = KEYS[dimension.home]
    named = home.select(key, **{trait: dimension.value(home)}).filter(_[trait].notnull())
    return table.inner_join(named, key)
