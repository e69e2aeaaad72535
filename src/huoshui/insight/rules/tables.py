"""Each thing a rule asks of people, as a table: one row a person, a value `v`, and the next day `n` it may change on.

Days are whole numbers, days since 1970. A person without a row has no value, and none to come by time alone.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.rules.streams import Scene, Span, events, facts_of, span, worn
from huoshui.insight.rules.types import (
    After,
    Anniversary,
    Distinct,
    Every,
    Facts,
    Number,
    Reached,
    Sequence,
    Tagged,
    Which,
    YearsSince,
)

EPOCH = date(1970, 1, 1)
NEVER = 1_000_000
"""A day that does not come."""
_NUMBER = r"^-?\d+(\.\d+)?$"
_DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"


def day_number(day: date) -> int:
    return (day - EPOCH).days


def numbered(day: ir.DateValue) -> ir.IntegerValue:
    return day.delta(ibis.literal(EPOCH), unit="day").cast("int64")


def soonest(*days: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.least(*(day.coalesce(NEVER) for day in days)) if len(days) > 1 else days[0].coalesce(NEVER)


def _next(seen: Span, table: ir.Table) -> ir.IntegerValue:
    """Of columns `enter_all` and `leave_all`."""
    days = [numbered(table.enter_all) + seen.enters]
    if seen.leaves is not None:
        days.append(numbered(table.leave_all) + seen.leaves)
    return soonest(*days)


def _turns(stream: ir.Table, seen: Span) -> dict[str, ir.Value]:
    """The first days that come into and go out of the window."""
    turns = {"enter_all": stream.day.min(where=seen.ahead(stream.day))}
    return (
        turns if seen.leaves is None else turns | {"leave_all": stream.day.min(where=seen.holds(stream.day))}
    )


# Traits


def distinct(scene: Scene, node: Distinct) -> ir.Table:
    trait = None if node.trait == "day" else node.trait
    stream, seen = facts_of(scene, node.of, trait=trait), span(node.of.window, scene.today)
    value = stream.day if trait is None else stream[trait]
    counts = seen.holds(stream.day) & stream.counts
    table = stream.aggregate(by="person_id", count=value.nunique(where=counts), **_turns(stream, seen))
    return table.select("person_id", v=_["count"].cast("int64"), n=_next(seen, table))


def which(scene: Scene, node: Which) -> ir.Table:
    """Ties go to the smaller event, then to the smaller text."""
    stream, seen = facts_of(scene, node.of, trait=node.trait, timed=True), span(node.of.window, scene.today)
    turns = stream.aggregate(by="person_id", **_turns(stream, seen))
    held = stream.filter(seen.holds(stream.day), stream.counts)
    if node.order == "most":
        held = held.aggregate(by=["person_id", node.trait], many=_.count())
        order = [ibis.desc("many"), node.trait]
    else:
        order = [ibis.desc("at") if node.order == "last" else "at", "event_id", node.trait]
    place = ibis.row_number().over(group_by="person_id", order_by=order)
    chosen = held.mutate(place=place).filter(_.place == 0).select("person_id", v=_[node.trait])
    both = turns.left_join(chosen, "person_id")
    return both.select("person_id", "v", n=_next(seen, both))


# What is known of a person


def known(scene: Scene, key: str) -> ir.Table:
    """The latest word on a key that says something, whichever of a person's ids it was said of."""
    rows = scene.lake.state_now.filter(_.key == key)
    rows = rows.filter(_.value.coalesce("") != "")
    return _latest(scene, rows).select("person_id", v=_.value, n=ibis.literal(NEVER))


def number(scene: Scene, node: Number) -> ir.Table:
    rows = scene.lake.state_now.filter(_.key == node.key)
    told = ibis.ifelse(rows.value.re_search(_NUMBER), rows.value, ibis.null("string")).try_cast("float64")
    rows = rows.mutate(number=rows.number.coalesce(told)).filter(_.number.notnull())
    return _latest(scene, rows).select("person_id", v=_.number, n=ibis.literal(NEVER))


def _latest(scene: Scene, rows: ir.Table) -> ir.Table:
    newest = ibis.row_number().over(
        group_by="person_id", order_by=[ibis.desc("at"), ibis.desc("seq"), "source_id"]
    )
    return scene.canonical(rows).mutate(place=newest).filter(_.place == 0)


def tagged(scene: Scene, node: Tagged) -> ir.Table:
    rows = worn(scene, node.tag)
    if node.values:
        rows = rows.filter(_.value.isin(node.values))
    if node.since is None:
        return rows.select("person_id").distinct().mutate(v=True, n=ibis.literal(NEVER))
    seen, stream = span(node.since, scene.today), rows.mutate(day=_["at"].date())
    table = stream.aggregate(by="person_id", v=seen.holds(stream.day).any(), **_turns(stream, seen))
    return table.select("person_id", "v", n=_next(seen, table))


def anniversary(scene: Scene, node: Anniversary) -> ir.Table:
    """How many days until the day comes round again, by the twelve months that lie ahead."""
    said = known(scene, node.key)
    said = said.filter(said.v.re_search(_DAY))
    said = said.mutate(month=said.v.substr(5, 2).try_cast("int64"), day=said.v.substr(8, 2).try_cast("int64"))
    said = said.filter(
        (said.day <= 28) | ibis.cases(*((said.month == m, said.day <= _longest(m)) for m in range(1, 13)))
    )
    left = _days_left(said, scene.today)
    comes, goes = left.left - node.days, left.left + 1
    is_near = left.left <= node.days
    return left.select("person_id", v=is_near, n=ibis.ifelse(is_near, goes, comes) + day_number(scene.today))


def years_since(scene: Scene, node: YearsSince) -> ir.Table:
    stream = facts_of(scene, node.of)
    first = stream.filter(stream.counts).aggregate(by="person_id", first=_.day.min())
    said = first.mutate(month=_.first.month().cast("int64"), day=_.first.day().cast("int64"))
    left, today = _days_left(said, scene.today), day_number(scene.today)
    again = left.left + today > numbered(left.first)
    is_near = again & (left.left <= node.days)
    turns = ibis.cases((~again, 1), (is_near, left.left + 1), else_=left.left - node.days)
    return left.select("person_id", v=is_near, n=(turns + today).cast("int64"))


def _days_left(said: ir.Table, today: date) -> ir.Table:
    """With a column `left`: how many days until this day of this month."""
    february = today.year + (today.month > 2)
    if not calendar.isleap(february):
        said = said.mutate(day=ibis.ifelse((said.month == 2) & (said.day == 29), 28, said.day))
    firsts = {m: (date(today.year + (m < today.month), m, 1) - today).days for m in range(1, 13)}
    past = (said.month == today.month) & (said.day < today.day)
    again = (date(today.year + 1, today.month, 1) - today).days
    first = ibis.ifelse(past, again, ibis.cases(*((said.month == m, n) for m, n in firsts.items())))
    return said.mutate(left=(first + said.day - 1).cast("int64"))


def _longest(month: int) -> int:
    return calendar.monthrange(2000, month)[1]


# Order and rhythm


def every(scene: Scene, node: Every) -> ir.Table:
    this, first, following = periods(scene.today, node)
    stream = events(scene, node.of.name, node.of.where, (first, None))
    hit = stream.counts & (stream.day < ibis.literal(this))
    period = stream.day.truncate("W" if node.unit == "week" else "M")
    table = stream.aggregate(by="person_id", periods=period.nunique(where=hit))
    return table.select(
        "person_id", v=table.periods == node.times, n=ibis.literal(day_number(following)).cast("int64")
    )


def periods(today: date, node: Every) -> tuple[date, date, date]:
    """First days of the period under way, of the earliest that counts, and of the next."""
    if node.unit == "week":
        this = today - timedelta(days=today.weekday())
        return this, this - timedelta(weeks=node.times), this + timedelta(weeks=1)
    months = today.year * 12 + today.month - 1
    this, first, following = (date(m // 12, m % 12 + 1, 1) for m in (months, months - node.times, months + 1))
    return this, first, following


def after(scene: Scene, node: After) -> ir.Table:
    return sequence(scene, Sequence(steps=(node.after, node.of), gap=node.days))


def sequence(scene: Scene, node: Sequence) -> ir.Table:
    """Who got to the last step."""
    turns, at = _walked(scene, node)
    done = at.filter(at.got.notnull()).select("person_id").distinct().mutate(v=True)
    return turns.left_join(done, "person_id").select("person_id", v=_.v.coalesce(False), n=_.n)


def reached(scene: Scene, node: Reached) -> ir.Table:
    turns, at = _walked(scene, Sequence(node.steps, node.gap, node.without), counting=True)
    far = at.aggregate(by="person_id", far=_.far.max())
    return turns.left_join(far, "person_id").select("person_id", v=_.far.coalesce(0).cast("int64"), n=_.n)


def _walked(scene: Scene, node: Sequence, *, counting: bool = False) -> tuple[ir.Table, ir.Table]:
    """The next day of each person; and of each instant `got`, when it got to the last step, and `far`, how many it got through.

    An instant gets to step k when it has a fact of it and the latest earlier instant that got to step k − 1 is near
    enough, with nothing forbidden since. The latest is the nearest and has the least behind it, so no other need be tried.
    """
    steps = {f"s{i}": facts for i, facts in enumerate(node.steps)}
    asked = steps | ({"bad": node.without} if node.without else {})
    streams = {name: facts_of(scene, facts, timed=True) for name, facts in asked.items()}
    turns = ibis.union(*(_turn_days(streams[name], facts, scene.today) for name, facts in asked.items()))
    marks = ibis.union(*(_marks(streams[name], facts, scene.today, name) for name, facts in asked.items()))
    at = marks.aggregate(by=["person_id", "at"], **{name: (marks.step == name).max() for name in asked})
    before = ibis.window(group_by="person_id", order_by="at", preceding=(None, 1))
    never = ibis.null(at["at"].type())
    at = at.mutate(got=ibis.ifelse(at.s0, at["at"], never))
    if counting:
        at = at.mutate(far=ibis.ifelse(at.s0, 1, 0))
    if node.without:
        at = at.mutate(bad=ibis.ifelse(at.bad, at["at"], never).max().over(before))
    for done, name in enumerate(list(steps)[1:], 2):
        at = at.mutate(last=at.got.max().over(before))
        near = numbered(at["at"].date()) - numbered(at["last"].date()) <= node.gap
        if node.without:
            near = near & (at.bad.isnull() | (at.bad <= at["last"]))
        at = at.mutate(got=ibis.ifelse(at[name] & near.coalesce(False), at["at"], never))
        if counting:
            at = at.mutate(far=ibis.ifelse(at.got.notnull(), done, at.far))
    return turns.aggregate(by="person_id", n=turns.n.min()), at


def _turn_days(stream: ir.Table, facts: Facts, today: date) -> ir.Table:
    seen = span(facts.window, today)
    table = stream.aggregate(by="person_id", **_turns(stream, seen))
    return table.select("person_id", n=_next(seen, table))


def _marks(stream: ir.Table, facts: Facts, today: date, name: str) -> ir.Table:
    seen = span(facts.window, today)
    held = stream.filter(seen.holds(stream.day), stream.counts)
    return held.select("person_id", "at", step=ibis.literal(name))
