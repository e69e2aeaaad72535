"""What is to be said of some people is asked for many segments at once: what they did is read once, and what rules have in
common is made once."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core import sql
from huoshui.insight.segments import judging, rules

logger = logging.getLogger(__name__)

_AT_ONCE = 100
"""Rules in one question: beyond it, writing the question down takes longer than is saved."""


class Asked(NamedTuple):
    row: sql.Row
    at: datetime
    whose: dict[int, int] | None
    """Of whom, born id → canonical id; None for everyone."""

    @property
    def among(self) -> list[int] | None:
        if self.whose is None:
            return None
        found = sorted(set(self.whose.values()))
        return found if len(found) <= rules.MOST_TOUCHED else None


class Judged(NamedTuple):
    rows: pa.Table
    seconds: float


class Together:
    """Asks when the first segment of a question wants its answer. An answer may be late by then; taking in looks to that."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        some = [one for one in asked if one.among]
        groups = [some[start : start + _AT_ONCE] for start in range(0, len(some), _AT_ONCE)]
        self._groups = {one.row.id: group for group in groups for one in group if len(group) > 1}
        self._known: dict[int, Judged] = {}

    def judged(self, one: Asked) -> Judged:
        among = one.among
        if among is not None and not among:
            return Judged(judging.JUDGED.empty_table(), 0.0)
        if one.row.id in self._groups and one.row.id not in self._known:
            self._ask(self._groups[one.row.id])
        if one.row.id in self._known:
            return self._known[one.row.id]
        started = perf_counter()
        rows = judging.judge(judging.parse(json.loads(one.row.rule)), one.at, among)
        return Judged(rows, perf_counter() - started)

    def _ask(self, group: Sequence[Asked]) -> None:
        among = sorted(set[int]().union(*(one.among or () for one in group)))
        started = perf_counter()
        try:
            found = judging.judge_together(
                [judging.parse(json.loads(one.row.rule)) for one in group], group[0].at, among
            )
        except Exception:
            # Asked one by one, the others are answered, and the one that cannot be says why on its own row
            logger.warning("%s segments could not be judged together", len(group), exc_info=True)
            for one in group:
                self._groups.pop(one.row.id)
            return
        seconds = (perf_counter() - started) / len(group)
        for one, rows in zip(group, found, strict=True):
            own = pc.is_in(rows["person_id"], pa.array(one.among, pa.int64()))
            self._known[one.row.id] = Judged(rows.filter(own), seconds)
