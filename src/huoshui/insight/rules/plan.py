"""A rule as one Ibis table: who there is, what each leaf says of them, and what the whole makes of it.

Every node answers with two columns: whether it holds (or its value), and the next business day on which time alone may
change that. They combine: what needs all of its parts stays false as long as any false part does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, assert_never, get_args

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.rules import measures, passes, tables, types
from huoshui.insight.rules.check import walk
from huoshui.insight.rules.streams import OPERATORS, Scene
from huoshui.insight.rules.tables import NEVER, day_number
from huoshui.insight.rules.types import (
    Absent,
    After,
    All,
    Anniversary,
    Balance,
    Compare,
    Count,
    DaysSince,
    Distance,
    Distinct,
    Every,
    FirstTime,
    Graded,
    In,
    IsKnown,
    Known,
    Member,
    Not,
    Number,
    Percent,
    Reached,
    Rule,
    Sample,
    Score,
    Tagged,
    Top,
    Total,
    Which,
    YearsSince,
)
from huoshui.insight.rules.types import Any as AnyOf
from huoshui.insight.rules.types import Sequence as InOrder

_LEAVES = (
    *get_args(types.Plain),
    *get_args(types.Text),
    Absent,
    After,
    FirstTime,
    Every,
    Anniversary,
    YearsSince,
    Top,
    Member,
    Tagged,
    InOrder,
)
_SUMS = Count | Total | Distinct | Balance | Reached
"""Of these nothing is 0."""


class Told(NamedTuple):
    """What a node says of a person: its value, and the next day it may say something else."""

    value: ir.Value
    next: ir.IntegerValue


@dataclass
class Plan:
    """The tables a rule stands on, joined once each however often the rule names them."""

    scene: Scene
    tables: list[ir.Table] = field(default_factory=list)
    home: dict[Any, tuple[int, str]] = field(default_factory=dict)

    def take(self, nodes: list[Any]) -> None:
        """Make the tables of all these leaves: what sums up one table in one pass."""
        together: dict[passes.Pass, dict[Any, str]] = {}
        for node in nodes:
            if node in self.home:
                continue
            name = str(len(self.home))
            self.home[node] = (-1, name)
            if isinstance(node, get_args(passes.Summed)):
                together.setdefault(passes.pass_of(node), {})[node] = name
            else:
                self._add(_own_table(self.scene, node, name), {node: name})
        for summed in together.values():
            self._add(passes.summed(self.scene, summed), summed)

    def _add(self, table: ir.Table, nodes: dict[Any, str]) -> None:
        for node, name in nodes.items():
            self.home[node] = (len(self.tables), name)
        self.tables.append(table)

    def joined(self, base: int | None) -> ir.Table:
        """Every table joined to everyone, or to those one of them has rows for."""
        table = _everyone(self.scene) if base is None else self.tables[base]
        for place, other in enumerate(self.tables):
            if place != base:
                table = table.left_join(other, "person_id").drop("person_id_right")
        return table


def judge(scene: Scene, rule: Rule, *, everyone: bool) -> ir.Table:
    """person_id, is_member, next_day (days since 1970, NEVER for none). Unless for `everyone`, it may leave out people of whom
    the rule does not hold."""
    plan = Plan(scene)
    plan.take(list(_leaves(rule)))
    bases = set() if everyone else _only_with_rows(plan, rule)
    table = plan.joined(min(bases) if bases else None)
    told = _condition(plan, table, rule)
    return table.select("person_id", is_member=told.value, next_day=told.next.cast("int64"))


def judge_together(scene: Scene, rules: Sequence[Rule]) -> ir.Table:
    """person_id, and of each rule by its place is_member_<place> and next_day_<place>, of everyone the scene asks for. What
    rules have in common is made once."""
    plan = Plan(scene)
    plan.take([leaf for rule in rules for leaf in _leaves(rule)])
    table = plan.joined(None)
    columns: dict[str, ir.Value] = {}
    for place, rule in enumerate(rules):
        told = _condition(plan, table, rule)
        columns |= {f"is_member_{place}": told.value, f"next_day_{place}": told.next.cast("int64")}
    return table.select("person_id", **columns)


def _leaves(rule: Any) -> Iterator[Any]:
    """What a rule stands on itself; a Top looks after what is under it."""
    inside: list[str] = []
    for place, node in walk(rule):
        if any(place.startswith(f"{top}/") for top in inside):
            continue
        if isinstance(node, Top):
            inside.append(place)
        if isinstance(node, _LEAVES):
            yield node


def _everyone(scene: Scene) -> ir.Table:
    if scene.asked is not None:
        return scene.asked
    return scene.lake.persons.select(person_id=_.canonical_id).distinct()


def _own_table(scene: Scene, node: Any, name: str) -> ir.Table:
    match node:
        case Distinct():
            made = tables.distinct(scene, node)
        case Which():
            made = tables.which(scene, node)
        case Known():
            made = tables.known(scene, node.key)
        case Number():
            made = tables.number(scene, node)
        case After():
            made = tables.after(scene, node)
        case Every():
            made = tables.every(scene, node)
        case Anniversary():
            made = tables.anniversary(scene, node)
        case InOrder():
            made = tables.sequence(scene, node)
        case Top():
            made = _top(scene, node)
        case Member():
            made = _member(scene, node)
        case Tagged():
            made = tables.tagged(scene, node)
        case YearsSince():
            made = tables.years_since(scene, node)
        case Reached():
            made = tables.reached(scene, node)
        case Balance():
            made = measures.balance(scene, node)
        case Score():
            made = measures.score(scene, node)
        case Graded():
            made = measures.graded(scene, node)
        case Distance():
            made = measures.distance(scene, node)
        case _:
            assert_never(node)
    return made.select("person_id", **{f"v_{name}": made.v, f"n_{name}": made.n})


def _member(scene: Scene, node: Member) -> ir.Table:
    assert scene.segments is not None
    return scene.segments[node.segment].mutate(v=True, n=ibis.literal(NEVER))


def _top(scene: Scene, node: Top) -> ir.Table:
    """Places among everyone, whoever is asked for; and nobody's place is sure for longer than anybody's value."""
    whole = Scene(scene.lake, scene.today, segments=scene.segments)
    plan, value = Plan(whole), node.of
    wanted: list[Any] = [value, *([node.within] if node.within else [])]
    counted = Count(value.of) if isinstance(value, Count | Total | Distinct) else None
    plan.take([*wanted, *([counted] if counted else [])])
    # purchases of nothing that has this trait count too: they have none of its values
    table = plan.joined(plan.home[counted or value][0])
    told = _number(plan, table, value)
    has = _column(plan, table, value).value.notnull()
    if counted or isinstance(value, Reached):
        many = _number(plan, table, counted or value)
        has = many.value > 0
        if isinstance(value, Distinct):
            told = Told(told.value, ibis.least(told.next, many.next))
    inside = _column(plan, table, node.within) if node.within else Told(ibis.literal(""), told.next)
    turns = ibis.least(told.next, inside.next) if isinstance(node.within, Which | Graded) else told.next
    placed = table.select("person_id", value=told.value, next=turns, has=has, group=inside.value)
    turn = placed.next.min().over(ibis.window())
    placed = placed.mutate(n=turn)
    ranked = placed.filter(placed.has, placed.group.notnull())
    order = ranked.value if node.lowest else ibis.desc(ranked.value)
    ahead = ibis.rank().over(group_by="group", order_by=order)
    rivals = ranked.count().over(ibis.window(group_by="group"))
    top = ranked.select("person_id", v=(ahead * 100 < rivals * node.percent))
    return placed.left_join(top, "person_id").select("person_id", v=_.v.coalesce(False), n=_.n)


# What nodes say


def _condition(plan: Plan, table: ir.Table, node: Any) -> Told:
    match node:
        case All(of=of):
            return _together([_condition(plan, table, each) for each in of], True)
        case AnyOf(of=of):
            return _together([_condition(plan, table, each) for each in of], False)
        case Not(of=of):
            told = _condition(plan, table, of)
            return Told(~told.value, told.next)
        case Compare():
            return _compare(plan, table, node)
        case In(what=what, values=values):
            told = _column(plan, table, what)
            return Told(told.value.isin(values).coalesce(False), told.next)
        case IsKnown(what=what):
            told = _column(plan, table, what)
            return Told(told.value.notnull(), told.next)
        case Sample():
            return Told(_drawn(table, node), ibis.literal(NEVER))
        case Absent():
            told = _column(plan, table, node)
            return Told(told.value.coalesce(True), told.next)
        case _:
            told = _column(plan, table, node)
            return Told(told.value.coalesce(False), told.next)


def _together(told: list[Told], wanted: bool) -> Told:
    """All of them (`wanted`), or any. As long as one part settles it, it is settled."""
    value = told[0].value
    for each in told[1:]:
        value = value & each.value if wanted else value | each.value
    if len(told) == 1:
        return told[0]
    settles = [ibis.ifelse(~t.value if wanted else t.value, t.next, -1) for t in told]
    settled = ~value if wanted else value
    return Told(value, ibis.ifelse(settled, ibis.greatest(*settles), ibis.least(*(t.next for t in told))))


def _compare(plan: Plan, table: ir.Table, node: Compare) -> Told:
    left, right = _number(plan, table, node.left), _number(plan, table, node.right)
    value = OPERATORS[node.op](left.value, right.value).coalesce(False)
    turns = [_ageing(plan, table, one, other) for one, other in _sides(node)]
    sides = ((left, node.left), (right, node.right))
    return Told(value, _soonest([told.next for told, side in sides if not isinstance(side, int)] + turns))


def _soonest(days: list[ir.IntegerValue]) -> ir.IntegerValue:
    """None of them is null; without any, never."""
    if not days:
        return ibis.literal(NEVER)
    return ibis.least(*days) if len(days) > 1 else days[0]


def _sides(node: Compare) -> Iterator[tuple[DaysSince, Any]]:
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(one, DaysSince):
            yield one, other
        if isinstance(one, Percent) and isinstance(one.of, DaysSince):
            yield one.of, one


def _ageing(plan: Plan, table: ir.Table, node: DaysSince, other: Any) -> ir.IntegerValue:
    """`days since` grows by itself: against a fixed number it matters on two days, against anything else on each."""
    since, today = _column(plan, table, node).value, day_number(plan.scene.today)
    if not isinstance(other, int):
        return ibis.ifelse(since.notnull(), today + 1, NEVER)
    reaches = today - since + other
    return ibis.cases((reaches > today, reaches), (reaches + 1 > today, reaches + 1), else_=NEVER)


def _number(plan: Plan, table: ir.Table, node: Any) -> Told:
    if isinstance(node, int):
        return Told(ibis.literal(node, type="int64"), ibis.literal(NEVER))
    if isinstance(node, Percent):
        told = _number(plan, table, node.of)
        return Told(told.value * node.percent / 100, told.next)
    told = _column(plan, table, node)
    sums = isinstance(node, _SUMS)
    return Told(told.value.coalesce(0), told.next) if sums else told


def _column(plan: Plan, table: ir.Table, node: Any) -> Told:
    name = plan.home[node][1]
    return Told(table[f"v_{name}"], table[f"n_{name}"].coalesce(NEVER))


def _drawn(table: ir.Table, node: Sample) -> ir.BooleanValue:
    """By eight digits of a hash, compared as text: every engine and Python draw the same."""
    key = ibis.literal(f"{node.salt}:") + table.person_id.cast("string")
    drawn = key.hexdigest("md5").substr(0, 8)
    inside = drawn >= threshold(node.first)
    return inside if node.until == 100 else inside & (drawn < threshold(node.until))


def threshold(percent: int) -> str:
    return f"{percent * 2**32 // 100:08x}"


def _only_with_rows(plan: Plan, node: Any) -> set[int]:
    """Tables such that the rule holds of nobody who has no row there."""
    match node:
        case All(of=of):
            return set().union(*(_only_with_rows(plan, each) for each in of))
        case AnyOf(of=of):
            return set.intersection(*(_only_with_rows(plan, each) for each in of))
        case In(what=what) | IsKnown(what=what):
            return {plan.home[what][0]}
        case Compare(left=left, op=op, right=int(right)) if not isinstance(left, int):
            left = left.of if isinstance(left, Percent) else left
            nothing = 0 if isinstance(left, _SUMS) else None
            holds = nothing is not None and OPERATORS[op](nothing, right)
            return set() if holds else {plan.home[left][0]}
        case (
            After()
            | FirstTime()
            | Every()
            | Anniversary()
            | YearsSince()
            | Top()
            | Member()
            | Tagged()
            | InOrder()
        ):
            return {plan.home[node][0]}
    return set()
