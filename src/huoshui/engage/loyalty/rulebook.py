"""The rules in force, and what is judged by them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from huoshui.core import sql
from huoshui.engage.loyalty.types import Earning, EarnRule, Rulebook, Told

Q = sql.load("huoshui.engage.loyalty")


def rulebook() -> Rulebook:
    return _book(sql.ask(Q.rules))


def _book(asked: sql.Asked) -> Rulebook:
    rows = asked.rows()
    versions = [EarnRule(*row[:8]) for row in rows]
    return Rulebook(versions, has_bonus=rows[0].has_bonus, has_rates=rows[0].has_rates)


class Looked:
    """What settled facts say of money and points, asked for together with the next statement that is waited for."""

    def __init__(self, fact_ids: Sequence[int]) -> None:
        self._fact_ids = fact_ids
        self._earnings = sql.ask(Q.earnings, fact_ids=list(fact_ids)) if fact_ids else None
        self._rules = sql.ask(Q.rules) if fact_ids else None

    @cached_property
    def told(self) -> Told:
        if self._earnings is None or self._rules is None:
            return Told(self._fact_ids, [], Rulebook(()))
        return Told(self._fact_ids, sql.rows_as(Earning, self._earnings), _book(self._rules))


def look(fact_ids: Sequence[int]) -> Looked:
    """What these settled facts say of money and points, read once for `spend` and `earn`."""
    return Looked(fact_ids)
