"""The rooms the console reads through, with a small shop in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.api import Answer, Column, Grid
from huoshui.intake.imports.api import Field, Preview, Problem, RunView, fields_of
from huoshui.people.api import Attribute, Card, Evidence, Filters, Identifier, Page
from huoshui.trade.sales.api import Chain, ChainRow, LineView, SaleView

HOSTILE = '<script>alert("x")</script>\' onmouseover=alert(1) {{7*7}}'
# A Sunday: what the shop's data ends with
LAST = date(2017, 12, 31)
BOSS = Actor("staff", 1, "Zhou Ming", frozenset({"boss"}), frozenset({1}))
NOON = datetime(2017, 12, 31, 4, tzinfo=UTC)


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
    ) -> list[int]:
        if name not in {"sales", "today", "groups", "grade", "rfm", "portrait"}:
            raise Refused
        return [i for i in self.ids if i > (after or 0)][:limit]

    def count_people(self, name: str, params: Mapping[str, str], cell: Mapping[str, str]) -> int:
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


def card(person_id: int, **more: Any) -> Card:
    shown: dict[str, Any] = {
        "person_id": person_id, "display_name": f"顾客{person_id}", "card_no": f"0000{person_id}",
        "phone_tail4": "5527", "tier": "金卡会员", "points": 326, "grade": "high", "frequency": "high",
        "ticket": "high", "guide_id": None, "dealer_id": None, "home_org_unit_id": 7, "first_sale_at": NOON,
        "last_sale_at": NOON, "orders": 5, "spend": 123_456, "updated_at": NOON, "home_store": "人民路店",
    }  # fmt: skip
    return Card(**(shown | more))


@dataclass
class People:
    cards: dict[int, Card] = field(default_factory=lambda: {i: card(i) for i in (11, 12, 13, 14)})
    searched: list[tuple[str, Filters, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cards[15] = card(15, display_name=HOSTILE, home_store=HOSTILE)

    def count_people(self) -> int:
        return len(self.cards)

    def search(self, actor: Actor, text: str, filters: Filters, *, limit: int = 50, after: str = "") -> Page:
        self.searched.append((text, filters, after))
        if after == "broken":
            raise Refused("页码已经失效，请回到第一页重新查。")
        found = [c for c in self.cards.values() if text in c.display_name]
        return Page(found[:limit], "more" if not after and not text else "")

    def card_for(self, actor: Actor, person_id: int) -> Card:
        if person_id not in self.cards:
            raise NotFound
        return self.cards[person_id]

    def cards_for(self, actor: Actor, person_ids: Sequence[int]) -> list[Card]:
        return [self.cards[i] for i in person_ids if i in self.cards]

    def identifiers_for(self, actor: Actor, person_id: int) -> list[Identifier]:
        return [Identifier("phone", "手机号", "•••• 5527", NOON, HOSTILE, False)]

    def attributes_for(self, actor: Actor, person_id: int) -> list[Attribute]:
        return [Attribute("age_band", "年龄段", HOSTILE, "会员表", NOON, ("35-44（旧表）",))]

    def links_for(self, actor: Actor, person_id: int) -> list[Evidence]:
        said = f"同一笔记录里同时出现了两边的账号（手机号 {HOSTILE}）"
        return [Evidence(1, 11, 12, "same_fact", said, "system", NOON)]


def line(name: str, amount: int) -> LineView:
    return LineView(1, "P1", name, 1000, amount, 0, 0, False, False, False)


@dataclass
class Sales:
    sold: list[SaleView] = field(default_factory=list)

    def __post_init__(self) -> None:
        for weeks in range(30):
            at = NOON - timedelta(weeks=weeks)
            sold = SaleView(
                sale_id=100 + weeks, fact_id=100 + weeks, order_key=f"K{weeks}", store="人民路店",
                occurred_at=at, amount=2990, refunded=0, discount=0, status="", channel="", line_count=1,
                lines=(line(HOSTILE, 2990),),
            )  # fmt: skip
            self.sold.append(sold)

    def sales_of(
        self,
        actor: Actor,
        person_id: int,
        *,
        limit: int = 20,
        before: tuple[datetime, int] | None = None,
        with_lines: bool = False,
    ) -> list[SaleView]:
        older = [s for s in self.sold if before is None or (s.occurred_at, s.sale_id) < before]
        return older[:limit]

    def chain_of(self, actor: Actor, fact_id: int) -> Chain:
        sale = next((s for s in self.sold if s.fact_id == fact_id), None)
        if sale is None:
            raise NotFound
        return Chain(
            sale,
            (
                ChainRow("cause", "source", "收到一笔订单", f"{HOSTILE}送来，单号 K0", NOON),
                ChainRow("same_moment", "sale", "记成交", "人民路店 · 1 行商品", NOON, amount=2990),
                ChainRow("same_moment", "points", "加 29 积分", "2018 年 12 月底到期", NOON),
                ChainRow("after", "exception", "要人看一眼", HOSTILE, NOON),
            ),
        )


@dataclass
class Brand:
    actor: Actor | None = BOSS

    def actor_of(self, user: Any) -> Actor:
        if self.actor is None:
            raise NotFound("这个账号还没有岗位，请联系总部管理员。")
        return self.actor

    def product_categories(self, codes: list[str]) -> dict[str, str]:
        return dict.fromkeys(codes, HOSTILE)

    def org_units_table(self) -> pa.Table:
        return pa.table({"org_unit_id": [7], "name": [HOSTILE], "kind": ["store"]})


@dataclass
class Lake:
    """`fresh_at` as a number that tests move on."""

    moved: int = 0

    def engine(self) -> Lake:
        return self

    def fresh_at(self) -> int:
        return self.moved


class Loyalty:
    def tier_names(self) -> list[str]:
        return ["普通会员", "金卡会员"]


def run(run_id: int, **more: Any) -> RunView:
    shown: dict[str, Any] = {
        "id": run_id, "kind": "sales", "files": (HOSTILE,), "state": "uploaded", "phase": "",
        "is_dry_run": False, "done": 0, "total": 0, "rate": 0.0, "seconds_left": None, "counts": {},
        "problems": 0, "mode": "live", "message": "", "source_name": "销售明细", "mapping": None,
        "actor_name": "Zhou Ming", "created_at": NOON, "ended_at": None,
    }  # fmt: skip
    return RunView(**(shown | more))


@dataclass
class Imports:
    folder: Path
    may: bool = True
    refusal: str = ""
    runs_: dict[int, RunView] = field(default_factory=dict)
    uploaded: list[list[str]] = field(default_factory=list)
    mapped: list[tuple[int, Any, str, str]] = field(default_factory=list)
    started: list[tuple[int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        counts = {"rows": 120, "orders": 80}
        self.runs_ = {
            1: run(1),
            2: run(2, state="running", phase="写入数据", done=50, total=120, rate=41.0, seconds_left=90),
            3: run(3, state="done", is_dry_run=True, counts=counts, problems=2),
            4: run(4, state="done", counts=counts),
            5: run(5, state="failed", message="文件太大。请按月份拆成几个文件，再分别导入。"),
            6: run(6, state="interrupted"),
        }

    def may_import(self, actor: Actor) -> bool:
        return self.may

    def runs(self, actor: Actor) -> list[RunView]:
        if not self.may:
            raise NotFound
        return list(self.runs_.values())

    def run_for(self, actor: Actor, run_id: int) -> RunView:
        if not self.may or run_id not in self.runs_:
            raise NotFound
        return self.runs_[run_id]

    def fields_of(self, kind: str) -> tuple[Field, ...]:
        return fields_of(kind)

    def preview(self, actor: Actor, run_id: int) -> Preview:
        self.run_for(actor, run_id)
        if self.refusal:
            raise Refused(self.refusal)
        return Preview(
            kind="sales",
            mapping={"order_no": "单号", "amount": "金额"},
            headers=("单号", "金额", HOSTILE),
            confidence=0.7,
            samples=(("A1", "9.90", HOSTILE),),
            missing=("交易时间",),
        )

    def upload(self, actor: Actor, files: Sequence[tuple[str, IO[bytes]]], kind: str = "") -> int:
        if not files:
            raise Refused("请先选择要导入的文件。")
        self.uploaded.append([name for name, _content in files])
        return 1

    def set_mapping(self, actor: Actor, run_id: int, mapping: Any, kind: str, mode: str) -> None:
        self.mapped.append((run_id, mapping, kind, mode))

    def start(self, actor: Actor, run_id: int, dry_run: bool = False) -> None:
        if self.run_for(actor, run_id).state == "running":
            raise Refused("这次导入已经在进行了，请等它结束。")
        self.started.append((run_id, dry_run))

    def problems(self, actor: Actor, run_id: int, limit: int = 100) -> list[Problem]:
        found = Problem("a.csv", 9, "mobile", HOSTILE, "missing", "没有填手机号", "补上手机号后重新导入")
        return [found] if self.runs_[run_id].problems else []

    def problem_file(self, actor: Actor, run_id: int) -> Path:
        if not self.run_for(actor, run_id).problems:
            raise NotFound
        path = self.folder / "problems.csv"
        path.write_text("原因\n", encoding="utf-8-sig")
        return path


@dataclass
class House:
    insight: Insight
    lake: Lake
    people: People
    sales: Sales
    brand: Brand
    loyalty: Loyalty
    imports: Imports
