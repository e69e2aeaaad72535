"""Answers of insight over the small shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any, ClassVar

from huoshui.core.errors import Refused
from huoshui.insight.api import Answer, Column, Grid
from huoshui.insight.api import portraits as real_portraits
from huoshui.insight.api import segments as real_segments
from huoshui.insight.api import tags as real_tags

HOSTILE = '<script>alert("x")</script>\' onmouseover=alert(1) {{7*7}}'
# A Sunday: what the shop's data ends with
LAST = date(2017, 12, 31)


def columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, name, "dimension" if name in DIMENSIONS else "count") for name in names)


DIMENSIONS = {"day", "store", "category", "frequency", "ticket", "kind", "grade", "from", "why", "segment"}


def answer(question: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]], **extra: Any) -> Answer:
    return Answer(
        columns=columns(*names),
        rows=tuple(rows),
        question=question,
        sentence="",
        fresh_at=datetime(2018, 1, 1, tzinfo=UTC),
        extra=extra,
    )


@dataclass
class Insight:
    segments: ClassVar[ModuleType] = real_segments
    portraits: ClassVar[ModuleType] = real_portraits
    tags: ClassVar[ModuleType] = real_tags

    day: date = LAST
    until: str | None = None
    tail: date | None = None
    amount: int = 120_000
    verdict: str = "normal"
    is_empty: bool = False
    refusal: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    ids: list[int] = field(default_factory=lambda: [11, 12, 13, 14, 15])

    def ask(self, name: str, **params: Any) -> Answer:
        self.asked.append((name, params))
        if name in self.broken:
            raise RuntimeError("the lake is away")
        told: Answer = getattr(self, f"_{name}")(**params)
        return told

    def people(
        self,
        name: str,
        params: Mapping[str, str],
        cell: Mapping[str, str],
        limit: int = 50,
        after: int | None = None,
        at: object = None,
    ) -> list[int]:
        if name not in {"sales", "today", "groups", "grade", "rfm", "portrait"}:
            raise Refused
        return [i for i in self.ids if i > (after or 0)][:limit]

    def count_people(
        self, name: str, params: Mapping[str, str], cell: Mapping[str, str], at: object = None
    ) -> int:
        return len(self.people(name, params, cell, limit=10_000))

    def _today(self, by: str = "", days: int = 30, lang: str = "zh") -> Answer:
        judged = {"expected": 125_000, "low": 90_000, "high": 160_000}
        row = {"orders": 20, "customers": 15, "ticket": 6_000, **judged, "verdict": "normal"}
        rows = [
            {**row, "day": str(self.day - timedelta(days=back)), "amount": 120_000}
            for back in range(days - 1, 0, -1)
        ]
        rows.append({**row, "day": str(self.day), "amount": self.amount, "verdict": self.verdict})
        if self.is_empty:
            rows = [{**one, "orders": 0, "amount": 0} for one in rows]
        counts = [{"measure": m, "value": 20, **judged, "verdict": "normal"} for m in ("orders", "customers")]
        ticket = {
            "measure": "ticket",
            "value": 6_000,
            **judged,
            "verdict": "unknown",
            "expected": None,
            "low": None,
        }
        return answer(
            "today",
            ["day", "orders", "customers", "amount"],
            rows,
            day=self.day,
            until=self.until,
            tail=self.tail,
            counts=Grid((), tuple(counts)),
            ticket=Grid((), ({**ticket, "high": None},)),
            by={by: self._places(by)},
            month=1_000_000,
            month_before=900_000,
            month_last_year=None,
            year=9_000_000,
            year_before=None,
        )

    def _sales(self, by: str, lang: str, **params: str) -> Answer:
        figures = {"amount": 5_980, "orders": 2, "customers": 2, "units": 2.0}
        rows: list[dict[str, Any]] = [
            {"store": "S1", "store_name": HOSTILE, **figures},
            {"store": None, "store_name": None, **figures},
        ]
        total = {name: 2 * value for name, value in figures.items()}
        if self.is_empty:
            rows, total = [], dict.fromkeys(figures, 0)
        return answer("sales", ["store", *figures], rows, total=Grid((), (total,)))

    def _places(self, by: str) -> Grid:
        value = {"store": "S1", "category": HOSTILE}.get(by, "")
        row = {
            by: value, "amount": 100_000, "orders": 20, "customers": 15, "expected": 80_000, "low": 60_000,
            "high": 90_000, "verdict": "above",
        }  # fmt: skip
        if by == "store":
            row["store_name"] = HOSTILE
        nobody = {**row, by: None, "store_name": None, "customers": 0, "expected": None, "verdict": "unknown"}
        return Grid(columns(by), () if self.is_empty else (row, nobody))

    def _groups(self, lang: str) -> Answer:
        figures = {
            "people": 100, "share": 0.25, "amount": 1_000_000, "amount_share": 0.25, "average_ticket": 3050,
            "orders_per_person": 9.5, "gap_days": 7.0, "categories": 12.5, "discount_share": 0.2,
            "weekend_share": 0.3, "top_categories": HOSTILE, "moved_in": 3, "moved_out": 2,
            "treatment": "A named adviser",
        }  # fmt: skip
        rows = [{"frequency": f, "ticket": t, **figures} for f in ("high", "low") for t in ("high", "low")]
        kinds = [
            {**row, "kind": "loyal", "name": "Loyal", "says": HOSTILE, "treatment": "First refusal"}
            for row in rows
        ]
        spread = [
            {"orders_band": "1-4", "ticket_band": "10-19", "people": 60},
            {"orders_band": "5-", "ticket_band": "20-", "people": 40},
        ]
        return answer(
            "groups",
            ["frequency", "ticket", *figures],
            rows,
            cuts={"frequency": 5, "ticket": 2000},
            kinds=Grid(columns("frequency", "ticket", "kind"), tuple(kinds)),
            map=Grid(columns("orders_band", "ticket_band", "people"), tuple(spread)),
        )

    def _grade(self, lang: str) -> Answer:
        rows = [
            {
                "grade": grade, "people": 10, "share": 0.3, "amount": 5_000, "amount_share": 0.3,
                "least": 100, "moved_up": 1, "moved_down": 0, "brought_per_person": None,
            }
            for grade in ("high", "mid", "growing")
        ]  # fmt: skip
        move = {
            "from": "mid",
            "grade": "high",
            "why": "orders",
            "why_name": "Number of orders changed",
            "people": 1,
        }
        moves = Grid(columns("from", "grade", "why", "why_name", "people"), (move,))
        return answer(
            "grade", ["grade", "people"], rows, moves=moves, brought_unknown="No referrals are recorded yet"
        )

    def _rfm(self, lang: str) -> Answer:
        row = {
            "segment": "important_value", "segment_name": "Champions", "people": 10, "share": 0.1,
            "amount_share": 0.4, "ticket": 3000, "days_silent": 3.0,
        }  # fmt: skip
        return answer("rfm", ["segment", "people"], [], segments=Grid(columns("segment"), (row,)))

    def _portrait(self, lang: str, **params: str) -> Answer:
        if self.refusal:
            raise Refused(self.refusal)
        rows = [
            {
                "attribute": "age_band", "attribute_name": "Age", "value": "x", "value_name": HOSTILE, "people": 5,
                "share": 0.5, "base_share": 0.25, "tgi": 200.0, "significant": True,
            },
            {
                "attribute": "city", "attribute_name": "City", "value": "hz", "value_name": "Hangzhou", "people": 1, "share": 0.1,
                "base_share": 0.2, "tgi": 50.0, "significant": False,
            },
        ]  # fmt: skip
        return answer("portrait", ["attribute", "value", "tgi"], rows)
