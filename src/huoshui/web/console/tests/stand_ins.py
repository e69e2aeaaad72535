"""The rooms the console reads through, with a small shop in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from huoshui.brand.api import Placed, Product, ProductCounts
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.imports.api import (
    FORMATS,
    OWN,
    Field,
    Format,
    Preview,
    Problem,
    RunView,
    fields_of,
    source_for,
)
from huoshui.people import api as people
from huoshui.people.api import (
    Attribute,
    AttributeValue,
    Card,
    ContactsClosed,
    Evidence,
    Filters,
    Identifier,
    Page,
)
from huoshui.trade.sales.api import Chain, ChainRow, LineView, SaleView
from huoshui.web.console.tests.stand_in_books import Desk, Explorer, Ledger, River
from huoshui.web.console.tests.stand_in_insight import HOSTILE, Insight
from huoshui.web.console.tests.stand_in_points import Loyalty
from huoshui.web.console.tests.stand_in_stock import Shelves

BOSS = Actor("staff", 1, "Zhou Ming", frozenset({"boss"}), frozenset({1}))
AUDITOR = Actor("staff", 3, "Wu Yu", frozenset({"auditor"}), frozenset({1}))
GUIDE = Actor("staff", 4, "Chen Xue", frozenset({"guide"}), frozenset({7}))
OPERATOR = Actor("staff", 2, "Lin Qing", frozenset({"operator"}), frozenset({1}))
NOON = datetime(2017, 12, 31, 4, tzinfo=UTC)
WHOLE = "+8613912345527"


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
    revealed: list[tuple[Actor, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cards[15] = card(15, display_name=HOSTILE, home_store=HOSTILE)

    def __getattr__(self, name: str) -> Any:
        return getattr(people, name)  # what is not told here the room itself tells, of nobody

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

    def canonical_ids(self, person_ids: Sequence[int]) -> dict[int, int]:
        return {i: i for i in person_ids}

    def members(self, person_id: int) -> list[int]:
        return [person_id]

    def members_of(self, canonical: Sequence[int]) -> list[tuple[int, int]]:
        return [(i, i) for i in canonical]

    def shared_of(self, actor: Actor, person_id: int) -> dict[int, people.SaidShared]:
        return {}

    def is_closed_to_head_office(self, actor: Actor, person_id: int) -> bool:
        return False

    def identifiers_for(self, actor: Actor, person_id: int) -> list[Identifier]:
        may = actor.may_see_contacts
        return [
            Identifier(1, "phone", "手机号", "•••• 5527", NOON, HOSTILE, False, may),
            Identifier(2, "card_no", "会员卡号", HOSTILE, NOON, HOSTILE, False, False),
        ]

    def devices_for(self, actor: Actor, person_id: int) -> list[people.KnownDevice]:
        """A browser that was somebody else's first and is so again; and one of hers."""
        later = NOON + timedelta(days=3)
        return [
            people.KnownDevice(3, "device_id", HOSTILE, NOON, later),
            people.KnownDevice(4, "device_id", "6f1d1c3a-aaaa-4c53-9a41-0b1de6a0f6c2", later, None),
        ]

    def reveal_contact(self, actor: Actor, person_id: int, identifier_id: int) -> str:
        self.card_for(actor, person_id)
        if identifier_id != 1:
            raise NotFound
        if not actor.may_see_contacts:
            raise ContactsClosed
        self.revealed.append((actor, person_id, identifier_id))
        return WHOLE

    def attributes_for(self, actor: Actor, person_id: int) -> list[Attribute]:
        said = (
            AttributeValue(HOSTILE, "会员表", NOON, 9, 3, is_preferred=True),
            AttributeValue("35-44", "旧表", NOON, 8, is_corrected=True),
        )
        return [Attribute("age_band", "年龄段", HOSTILE, "会员表", NOON, ("35-44（旧表）",), said)]

    def links_for(self, actor: Actor, person_id: int) -> list[Evidence]:
        said = f"同一笔记录里同时出现了两边的账号（手机号 {HOSTILE}）"
        return [Evidence(1, 11, 12, "same_fact", said, "system", NOON)]


def line(name: str, amount: int) -> LineView:
    return LineView(1, "P1", name, 1000, amount, 0, 0, False, False, False)


REFUND = 777  # a fact that took sale 101 back


@dataclass
class Sales:
    sold: list[SaleView] = field(default_factory=list)
    person: str = "15"

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
        of = {REFUND: 101}.get(fact_id, fact_id)
        sale = next((s for s in self.sold if s.fact_id == of), None)
        if sale is None:
            raise NotFound
        return Chain(
            sale,
            (
                ChainRow("cause", "source", "收到一笔订单", f"{HOSTILE}送来，单号 K0", NOON),
                ChainRow("same_moment", "sale", "记成交", "人民路店 · 1 行商品", NOON, amount=2990),
                ChainRow("same_moment", "points", "加 29 积分", "2018 年 12 月底到期", NOON),
                ChainRow("same_moment", "person", "认出顾客", HOSTILE, NOON, ref=self.person),
                ChainRow("after", "refund", "退货退款", "只记差额", NOON, amount=-2990, ref=str(REFUND)),
                ChainRow("after", "exception", "要人看一眼", HOSTILE, NOON),
            ),
        )


def product(sku_id: int, name: str, **more: Any) -> Product:
    told: dict[str, Any] = {
        "id": sku_id, "code": f"P{sku_id}", "name": name, "brand": HOSTILE, "spec": HOSTILE, "barcode": "690",
        "category": HOSTILE, "list_price": 2990, "launch_date": None, "is_listed": True,
    }  # fmt: skip
    return Product(**(told | more))


@dataclass
class Brand(Shelves):
    actor: Actor | None = BOSS
    products: list[Product] = field(
        default_factory=lambda: [product(1, HOSTILE), product(2, "", is_listed=False, category="")]
    )
    searched: list[tuple[str, str, bool, str]] = field(default_factory=list)

    def actor_of(self, user: Any) -> Actor:
        if self.actor is None:
            raise NotFound("这个账号还没有岗位，请联系总部管理员。")
        return self.actor

    def product_categories(self, codes: list[str]) -> dict[str, str]:
        return dict.fromkeys(codes, HOSTILE)

    def org_units_table(self) -> pa.Table:
        return pa.table(
            {
                "org_unit_id": [7, 8],
                "code": ["S1", "S2"],
                "name": [HOSTILE, "人民路店"],
                "kind": ["store", "store"],
            }
        )

    def unit_names(self, ids: Sequence[int]) -> dict[int, str]:
        return {i: HOSTILE for i in ids if i == 7}

    def units_below(self, ids: Sequence[int]) -> set[int]:
        return set(ids)

    def staff_names(self, ids: Sequence[int]) -> dict[int, str]:
        return dict.fromkeys(ids, HOSTILE)

    def staff_at(self, unit_ids: Sequence[int]) -> list[Placed]:
        return [Placed(3, HOSTILE, unit) for unit in unit_ids]

    def search_products(
        self,
        text: str = "",
        *,
        category: str = "",
        only_unlisted: bool = False,
        after: str = "",
        limit: int = 50,
    ) -> list[Product]:
        self.searched.append((text, category, only_unlisted, after))
        found = [p for p in self.products if text in p.name and p.code > after]
        return [p for p in found if not only_unlisted or not p.is_listed][:limit]

    def products_of(self, codes: Sequence[str]) -> list[Product]:
        return [p for p in self.products if p.code in codes]

    def find_skus(self, codes: Sequence[str]) -> dict[str, int]:
        return {p.code: p.id for p in self.products if p.code in codes}

    def product_names(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {p.id: (p.code, p.name) for p in self.products if p.id in ids}

    def top_categories(self) -> dict[str, int]:
        return {HOSTILE: 2}

    def product_counts(self) -> ProductCounts:
        return ProductCounts(len(self.products), sum(not p.is_listed for p in self.products))


@dataclass
class Lake:
    """`fresh_at` as a number that tests move on."""

    moved: int = 0

    def engine(self) -> Lake:
        return self

    def fresh_at(self) -> int:
        return self.moved


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
    saved: list[dict[str, Any]] = field(default_factory=list)
    FORMATS: tuple[Format, ...] = FORMATS
    OWN: str = OWN

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

    def undo_states(self, run_ids: Sequence[int]) -> dict[int, str]:
        return {}

    def tag_words(self, actor: Actor, run_id: int) -> list[object]:
        return []

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

    def set_mapping(
        self,
        actor: Actor,
        run_id: int,
        mapping: Any,
        kind: str,
        mode: str,
        source_name: str = "",
        form: str = "",
    ) -> None:
        self.mapped.append((run_id, mapping, kind, mode))

    def source_for(self, kind: str, form: str = "", *, given: str = "") -> str:
        return source_for(kind, form, given=given)

    def source_names(self, actor: Actor) -> list[str]:
        return ["销售明细"]

    def save_mapping(self, actor: Actor, **saved: Any) -> None:
        self.saved.append(saved)

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
    ledger: Ledger
    explorer: Explorer
    desk: Desk
    river: River
