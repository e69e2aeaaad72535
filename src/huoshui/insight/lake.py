"""What a question is asked of: the lake's tables as Ibis tables, and what runs an expression over them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from huoshui.core import clock
from huoshui.insight import kept
from huoshui.lake import api as lake_api
from huoshui.people import api as people_api

_MOST_KEPT = 6


@dataclass(frozen=True)
class AllBut:
    """Every unit but these, and what was sold at none."""

    org_unit_ids: tuple[int, ...]


At = Collection[int] | AllBut
"""Of which units' sales somebody is told."""


def _nobody(_people: Sequence[int]) -> Collection[int]:
    return ()


def _no_properties() -> ir.Table:
    """Nothing was declared fit for the lake."""
    return ibis.memtable([], schema=lake_api.ibis_schema("properties"))


@dataclass(frozen=True)
class Lake:
    """Columns as in ARCHITECTURE §5. `run` takes any Ibis expression over these tables."""

    facts: ir.Table
    order_lines: ir.Table
    state_now: ir.Table
    products: ir.Table
    org_units: ir.Table
    persons: ir.Table
    run: Callable[[Any], pa.Table]
    fresh_at: datetime | None
    properties: ir.Table = field(default_factory=_no_properties)
    kept: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    unprofiled: Callable[[Sequence[int]], Collection[int]] = _nobody
    """Of these people, those who will not have guesses made about themselves."""
    units: frozenset[int] | None = None
    """What lies beside the lake is to be of these units alone; None: of all."""
    is_part: bool = False
    """Whether others sold besides who is in it."""
    keeps: bool = False
    """Whether what is learned of it once a day may lie in the house's folder."""

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run(table).to_pylist()
        return rows

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made of this state of the lake before, so that a number and the people behind it need not both
        be learned anew. Of two who ask at once both may make it."""
        made = self.kept.get(key)
        if made is None:
            made = self.kept[key] = make()
            _forget(self.kept)
        return made

    def daily(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is made once a day of days that have ended, whoever asks (kept.py); of a part, as `once`."""
        if not self.keeps or self.is_part:
            return self.once(key, make)
        size = self.once(
            "size", lambda: self.rows(self.order_lines.agg(lines=self.order_lines.count()))[0]["lines"]
        )
        return kept.kept((key, *kept.stamp(int(size))), make)

    def at(self, units: At) -> Lake:
        """The same, but nothing was ever sold elsewhere: what a dealer is answered from."""
        is_rest = isinstance(units, AllBut)
        ids = sorted(units.org_unit_ids if isinstance(units, AllBut) else units)

        def part(table: ir.Table) -> ir.Table:
            unit = table.org_unit_id
            return table.filter((unit.isnull() | unit.notin(ids)) if is_rest else unit.isin(ids))

        return replace(
            self,
            facts=part(self.facts),
            order_lines=part(self.order_lines),
            kept=self.once(("all but" if is_rest else "at", *ids), OrderedDict),
            units=self.units if is_rest else frozenset(ids),
            is_part=True,
        )

    def newest_day(self) -> date:
        """The last business day on which anything was sold; today while nothing was."""
        newest = self.order_lines.agg(day=self.order_lines.business_day.max())
        found: date | None = self.rows(newest)[0]["day"]
        return found or clock.today()

    def ended_day(self) -> date:
        """The last business day that is over on which anything was sold: what is learned once a day is of it."""
        newest = self.newest_day()
        return newest if newest < clock.today() else clock.today() - timedelta(days=1)


# What was made of the lake's last states
_shelves: OrderedDict[Hashable, OrderedDict[Hashable, Any]] = OrderedDict()


def _forget(shelf: OrderedDict[Any, Any]) -> None:
    while len(shelf) > _MOST_KEPT:
        shelf.popitem(last=False)


def open_lake() -> Lake:
    """The lake as it is now."""
    engine = lake_api.engine()
    tables, fresh_at = engine.tables(), engine.fresh_at()
    shelf: OrderedDict[Hashable, Any] = OrderedDict()
    if fresh_at is not None:
        shelf = _shelves.setdefault(fresh_at, shelf)
        _forget(_shelves)
    return Lake(
        facts=tables.facts,
        order_lines=tables.order_lines,
        state_now=tables.state_now,
        products=tables.products,
        org_units=tables.org_units,
        persons=tables.persons,
        properties=tables.properties,
        run=engine.run,
        fresh_at=fresh_at,
        kept=shelf,
        keeps=True,
        unprofiled=people_api.unprofiled,
    )
