"""Who calls, and what a key may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.core.actor import Actor
from huoshui.intake.tills.api import Till

SCOPES = {
    "quote": "试算优惠",
    "sell": "上传订单",
    "refund": "退货退款、作废",
    "read": "查订单和顾客",
    "bulk": "批量上传订单",
    "claim": "领券、转赠",
    "visit": "记没买就走的顾客",
    "leads": "交线索、查它到哪一步",
    "stock": "查别的货架、留货、交货",
    "alliance": "和合作品牌换积分",
    "segments": "查人群和里面的顾客",
    "segments_save": "保存人群的规则，定多久算一次",
    "segments_export": "定时导出人群、取文件（有姓名和卡号）",
    "metrics": "查指标",
    "tags": "查标签、谁有、顾客的标签",
    "tags_give": "给顾客标签、拿掉标签",
    "tags_define": "新建和改标签",
    "tags_sensitive": "敏感标签（和上面三样一起才有用）",
}


@dataclass(frozen=True)
class Caller:
    """The key behind a request. `store_codes` empty: all stores."""

    key_id: int
    source_id: int
    name: str
    scopes: frozenset[str]
    store_codes: frozenset[str]
    org_unit_ids: frozenset[int]
    rate_per_minute: int

    @property
    def till(self) -> Till:
        return Till(source_id=self.source_id, name=self.name, store_codes=self.store_codes)

    @property
    def actor(self) -> Actor:
        """For reads of people: the customers of its stores, or all of them; contacts are never shown whole."""
        roles = frozenset() if self.store_codes else frozenset({"operator"})
        return Actor("source", self.source_id, self.name, roles, self.org_unit_ids)

    def may_speak_for(self, store_code: str) -> bool:
        return not self.store_codes or store_code in self.store_codes


@dataclass(frozen=True)
class NewKey:
    """`token` is shown once and kept nowhere."""

    key_id: int
    prefix: str
    token: str


@dataclass(frozen=True)
class KeyView:
    key_id: int
    prefix: str
    name: str
    scopes: tuple[str, ...]
    store_codes: tuple[str, ...]
    rate_per_minute: int
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
