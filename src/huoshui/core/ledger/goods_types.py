"""Frozen values of goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from huoshui.core.errors import Refused
from huoshui.core.ledger.types import StockAudit
from huoshui.core.unmet import Unmet, sentence, sentences

STOCK_SHORT = "stock_short"
KEY_TAKEN = "stock_key_taken"

sentences(
    {
        STOCK_SHORT: "库存不足：{sku} 只剩 {have} 件，需要 {want} 件。",
        KEY_TAKEN: "单号 {key} 已经用过，内容不一样。请换一个单号。",
    }
)

Place = tuple[int, int]
"""(org unit id, product id)"""

Policy = Literal["open", "strict"]


class Shelf(NamedTuple):
    """A row of stock. The lines sum to `on_hand_milli - shortage_milli`; no floor: open stock, which folding moves."""

    org_unit_id: int
    sku_id: int
    on_hand_milli: int
    reserved_milli: int
    shortage_milli: int
    floor_milli: int | None

    @property
    def place(self) -> Place:
        return self.org_unit_id, self.sku_id

    @property
    def free_milli(self) -> int:
        """Neither below the floor nor kept for anybody."""
        return self.on_hand_milli - (self.floor_milli or 0) - self.reserved_milli


class Move(NamedTuple):
    """What one fact does to one place. `order_key` is the order's own with its source, under which goods may be kept for it."""

    fact_id: int
    org_unit_id: int
    sku_id: int
    line_no: int | None
    moved_milli: int
    order_key: str | None = None

    @property
    def place(self) -> Place:
        return self.org_unit_id, self.sku_id


class Hold(NamedTuple):
    """Goods kept for an order at a place, as far as they are not sold yet. `kept_as`: the key they are kept under."""

    order_key: str
    org_unit_id: int
    sku_id: int
    left_milli: int
    kept_as: str


class GoodsLine(NamedTuple):
    sku_id: int
    quantity_milli: int


@dataclass(frozen=True)
class GoodsPosted:
    """What could not be had. The river refuses the asks among these facts, and raises an exception for the reports."""

    unmet: tuple[Unmet, ...] = ()


@dataclass(frozen=True)
class GoodsAudit(StockAudit):
    wrong_reservations: int = 0
    wrong_floors: int = 0
    wrong_posted: int = 0

    @property
    def is_clean(self) -> bool:
        wrongs = (self.wrong, self.broken_floors, self.wrong_reservations, self.wrong_floors)
        return not any(wrongs) and not self.wrong_posted


class StockShort(Refused):
    """库存不足。"""

    code = STOCK_SHORT

    def __init__(self, unmet: Sequence[Unmet]) -> None:
        super().__init__("".join(sentence(u.code, u.detail) for u in unmet))
        self.unmet = tuple(unmet)


class KeyTaken(Refused):
    """这个单号已经用过，内容不一样。"""

    code = KEY_TAKEN

    def __init__(self, key: str) -> None:
        self.detail = {"key": key}
        super().__init__(sentence(KEY_TAKEN, self.detail))
