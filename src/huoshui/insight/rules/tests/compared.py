"""What an engine says of random rules on random histories, against plain Python; used by the tests and by the proof."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from huoshui.core import clock
from huoshui.insight.rules import api, check
from huoshui.insight.rules import types as t
from huoshui.insight.rules.tests import oracle, randomly
from huoshui.insight.rules.tests.fixture import Rows, SmallEngine, noon, small_engine
from huoshui.insight.rules.tests.randomly import TODAY

# Days ahead on which the plain judge looks again: nobody may have changed before their recheck_at.
AHEAD = (1, 2, 3, 5, 8, 20, 31, 61)
RULES_EACH = 20


class Found(NamedTuple):
    rules: int
    verdicts: int
    members: int
    rechecked: int
    """Rules and persons whose constancy until recheck_at was looked at."""
    kinds: Counter[str]
    differences: tuple[str, ...]


class Drawn(NamedTuple):
    rows: Rows
    world: oracle.World
    rule: t.Rule
    is_of_some: bool
    """Judged of every other person alone; else of everyone."""

    @property
    def kinds(self) -> set[str]:
        return {type(node).__name__ for _place, node in check.walk(self.rule)}


def drawn(seed: int, rules: int, *, simple: bool = False) -> Iterator[Drawn]:
    draw = random.Random(seed)
    for number in range(rules):
        if number % RULES_EACH == 0:
            rows, world = _a_history(draw)
        rule = randomly.rule(draw, 2 if not simple else int(number % 4 == 0))
        check.check(rule)
        yield Drawn(rows, world, rule, number % 4 == 0)


def covering(found: Sequence[Drawn], many: int) -> list[Drawn]:
    """So many of them, in their order: those that have most kinds of nodes that none before has."""
    met: set[str] = set()
    chosen: set[int] = set()
    for _turn in range(many):
        left = (n for n in range(len(found)) if n not in chosen)
        best = max(left, key=lambda n: (len(found[n].kinds - met), -n))
        chosen.add(best)
        met |= found[best].kinds
    return [found[n] for n in sorted(chosen)]


def compare(
    seed: int,
    rules: int,
    backend: Any,
    *,
    simple: bool = False,
    judged: Callable[..., Any] = api.judged,
    enough: int = 5,
    only: int | None = None,
    lake_of: Callable[[Any, Rows], SmallEngine] = small_engine,
) -> Found:
    """`simple`: three in four are of one condition. `only` so many of them, which have every kind of node among them if they
    can. `lake_of` makes a lake of rows, in DuckDB unless told otherwise. Stops at `enough` differences, which say the rule,
    so that it can be tried by hand."""
    asked_for = drawn(seed, rules, simple=simple)
    told_of = asked_for if only is None else covering(list(asked_for), only)
    kinds: Counter[str] = Counter()
    verdicts = members = rechecked = 0
    differences: list[str] = []
    world: oracle.World | None = None
    number = 0
    for one in told_of:
        number += 1
        if one.world is not world:
            world, engine = one.world, lake_of(backend, one.rows)
        rule = one.rule
        kinds.update(one.kinds)
        asked = world.people()[::2] if one.is_of_some else None
        told = judged(rule, noon(TODAY), asked, engine=engine, segments=world.segments.__getitem__)
        wanted = oracle.members(rule, world, TODAY) & set(asked or world.people())
        got = {row["person_id"] for row in told.to_pylist() if row["is_member"]}
        verdicts, members = verdicts + len(asked or world.people()), members + len(wanted)
        if got != wanted:
            differences.append(f"{api.to_text(rule)}: {sorted(got)} instead of {sorted(wanted)}")
        else:
            rechecked += len(asked or world.people())
            differences += _changed_early(rule, world, told, wanted, asked)
        if len(differences) >= enough:
            break
    return Found(number, verdicts, members, rechecked, kinds, tuple(differences))


def a_world(
    draw: random.Random, backend: Any, lake_of: Callable[[Any, Rows], SmallEngine] = small_engine
) -> tuple[oracle.World, SmallEngine]:
    rows, world = _a_history(draw)
    return world, lake_of(backend, rows)


def _a_history(draw: random.Random) -> tuple[Rows, oracle.World]:
    rows = randomly.history(draw)
    world = oracle.World(rows)
    world.segments = {
        name: draw.sample(world.people(), len(world.people()) // 2) for name in randomly.SEGMENTS
    }
    return rows, world


def _changed_early(
    rule: t.Rule, world: oracle.World, told: Any, members: set[int], asked: list[int] | None
) -> list[str]:
    until = {row["person_id"]: row["recheck_at"] for row in told.to_pylist()}
    for ahead in AHEAD:
        day = TODAY + timedelta(days=ahead)
        then = oracle.members(rule, world, day)
        for person in (then & set(asked or then | members)) ^ members:
            turn = until.get(person)
            if turn is None or clock.business_day(turn) > day:
                return [f"{api.to_text(rule)}: {person} changes by {day}, before {turn}"]
    return []
