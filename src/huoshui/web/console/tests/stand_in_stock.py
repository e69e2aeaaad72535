"""Shelves of the small shop: store 7 is the guide's, store 8 is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from huoshui.brand.api import Branch
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger.goods_documents import Document, Said
from huoshui.core.ledger.goods_reads import GoodsTransfer, Movement, PolicyRow
from huoshui.web.console.tests.stand_in_insight import HOSTILE

PAGES_OF_STOCK = (
    "/stock/",
    "/stock/?store=8&q=x",
    "/stock/7/goods/1/",
    "/stock/7/settings/",
    "/stock/7/settings/?done=1",
    *(f"/stock/7/new/{kind}/" for kind in ("receive", "count", "adjust", "damage", "send")),
    "/stock/documents/50/?done=1",
    "/stock/transfers/",
    "/stock/transfers/?only=all",
    "/stock/transfers/60/",
)
FRAGMENTS_OF_STOCK = ("/stock/?store=7&after=1", "/stock/7/goods/1/?before=90", "/stock/transfers/?before=61")

NOON = datetime(2017, 12, 31, 4, tzinfo=UTC)
SENT = GoodsTransfer(60, "T60", 8, 7, NOON, None, None)


@dataclass
class Shelves:
    stocked: int = 2
    arrived: bool = False
    done: list[tuple[str, Any]] = field(default_factory=list)

    def offer_elsewhere(self, org_unit_id: int, sku_id: int, milli: int, *, actor: Actor) -> list[Any]:
        return []

    def stock_list(
        self, actor: Actor, org_unit_id: int, *, text: str = "", after_sku_id: int = 0, limit: int = 50
    ) -> list[Any]:
        rows = [
            SimpleNamespace(
                sku_id=n,
                code=f"P{n}",
                name=HOSTILE,
                on_hand_milli=12_000,
                reserved_milli=1_000,
                shortage_milli=2_000 if n == 1 else 0,
                in_transit_milli=3_000,
                is_strict=n == 2,
                counted_at=NOON,
            )
            for n in range(1, self.stocked + 1)
        ]
        return [r for r in rows if r.sku_id > after_sku_id and text in r.name][:limit]

    def stock_movements(
        self, actor: Actor, org_unit_id: int, sku_id: int, *, before: int = 1 << 62, limit: int = 50
    ) -> list[Movement]:
        rows = [
            Movement(101, -1000, 11_000, "Order Completed", NOON, HOSTILE, None, None, None, None),
            Movement(
                50, 12_000, 12_000, "Goods Received", NOON, None, "receipt", HOSTILE, HOSTILE, "staff:4"
            ),
        ]
        return [r for r in rows if r.fact_id < before][:limit]

    def stock_policies(self, actor: Actor, org_unit_id: int) -> list[PolicyRow]:
        return [PolicyRow(0, "strict", 0), PolicyRow(1, "open", 0)]

    def shared_by(self, actor: Actor, org_unit_id: int) -> list[Any]:
        shared = {"is_open": True, "transfer_price": None, "price_permille": None}
        return [
            SimpleNamespace(
                **{**shared, "sku_id": 1, "category": "", "kept_milli": 2_000, "transfer_price": 990}
            ),
            SimpleNamespace(
                **{**shared, "sku_id": None, "category": HOSTILE, "kept_milli": 0, "price_permille": 850}
            ),
        ]

    def stock_shortages(self, actor: Actor, *, after: tuple[int, int] = (0, 0), limit: int = 50) -> list[Any]:
        return [
            SimpleNamespace(
                org_unit_id=7, org_unit_name=HOSTILE, sku_id=1, code="P1", name=HOSTILE, missing_milli=2_000
            )
        ]

    def stock_transfers(
        self, actor: Actor, *, is_open: bool = False, before: int = 1 << 62, limit: int = 50
    ) -> list[GoodsTransfer]:
        return [SENT] if SENT.fact_id < before and not (is_open and self.arrived) else []

    def stock_transfer(self, actor: Actor, sent_fact_id: int) -> Any:
        if sent_fact_id != SENT.fact_id:
            raise NotFound
        came, gap = (1_000, -1_000) if self.arrived else (None, None)
        head = SENT._replace(arrived_at=NOON, arrival_fact_id=61) if self.arrived else SENT
        line = SimpleNamespace(
            sku_id=1, code="P1", name=HOSTILE, sent_milli=2_000, arrived_milli=came, difference_milli=gap
        )
        return SimpleNamespace(head=head, from_name="人民路店", to_name=HOSTILE, lines=(line,))

    def stock_document(self, actor: Actor, fact_id: int) -> tuple[Document, list[Said]]:
        if fact_id != 50 or not (actor.sees_whole_brand or 7 in actor.org_unit_ids):
            raise NotFound
        found = Document(50, HOSTILE, "receipt", 7, None, None, HOSTILE, NOON, "staff:4")
        return found, [Said(7, 1, 12_000, 12_000)]

    def branches_of(self, ids: Sequence[int]) -> dict[int, Branch]:
        return {i: Branch((i, 1), None) for i in ids}

    def find_units(self, codes: Sequence[str]) -> dict[str, int]:
        return {c: {"S1": 7, "S2": 8}[c] for c in codes if c in {"S1", "S2"}}

    def unit_codes(self, ids: Sequence[int]) -> dict[int, str]:
        return {i: {7: "S1", 8: "S2"}[i] for i in ids}

    def receive_stock(self, **told: Any) -> int:
        return self._did("receive", told)

    def count_stock(self, **told: Any) -> int:
        return self._did("count", told)

    def adjust_stock(self, **told: Any) -> int:
        if not told["reason"]:
            raise Refused("请写明原因，方便以后查账。")
        return self._did("adjust", told)

    def damage_stock(self, **told: Any) -> int:
        return self._did("damage", told)

    def send_stock(self, **told: Any) -> int:
        return self._did("send", told)

    def take_in_stock(self, **told: Any) -> int:
        return self._did("take_in", told)

    def set_stock_policy(self, **told: Any) -> None:
        self._did("policy", told)

    def share_stock(self, **told: Any) -> None:
        if (told["transfer_price"] is None) == (told["price_permille"] is None):
            raise Refused("请填调拨价，或者吊牌价的千分比，两样填一样。")
        self._did("share", told)

    def unshare_stock(self, **told: Any) -> None:
        self._did("unshare", told)

    def _did(self, what: str, told: dict[str, Any]) -> int:
        self.done.append((what, told))
        return 50
