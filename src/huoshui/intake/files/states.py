"""What an order's status means for its money. Pure.

An order that was never paid is no sale; one that was paid and closed again has given everything back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

State = Literal["unpaid", "closed", "refunded", "paid", "unknown"]
"""unpaid: not yet a sale. closed: none any more; what had been paid has gone back. refunded: all of it has gone back.
unknown: a word nobody has told us; it is taken for paid, and said so."""

PATTERNS: Final[tuple[tuple[str, State], ...]] = (
    (r"部分退|partial", "paid"),
    (r"(待|未|等待买家|等待)(付款|支付)|^等待$|unpaid|^pending|on.?hold", "unpaid"),
    (r"退款成功|退款完成|全部退款|全额退款|已退款|^refunded$", "refunded"),
    (r"取消|关闭|删除|作废|撤销|cancel|void|closed|failed|revoked", "closed"),
    (
        r"付款|支付|发货|出库|收货|签收|完成|成功|成交|配货|备货|配送|核销|锁定|待自提|退款|售后|已审|已结|正常|有效|普通"
        r"|paid|complete|processing|shipped|fulfilled|success|authorized|normal",
        "paid",
    ),
)
_ALL_BACK: Final = re.compile(
    r"退款成功|退款完成|全部退款|全额退款|全额退|已退款|退货退款完成|^refunded$", re.IGNORECASE
)
_NOT_BACK: Final = re.compile(
    r"无|未|没有|关闭|取消|拒绝|撤销|换货|补寄|部分|待|partial|退款中|处理中", re.IGNORECASE
)


def state_of(status: str | None, after_sale: str | None, own: Iterable[tuple[str, str]] = ()) -> State:
    """`own`: what this platform's words mean, before what all have in common."""
    state = _of_status((status or "").strip(), own)
    is_back = after_sale and _ALL_BACK.search(after_sale) and not _NOT_BACK.search(after_sale)
    return "refunded" if is_back and state in ("paid", "closed", "unknown") else state


def _of_status(status: str, own: Iterable[tuple[str, str]]) -> State:
    if not status:
        return "paid"
    for pattern, state in (*own, *PATTERNS):
        if re.search(pattern, status, re.IGNORECASE):
            return state  # type: ignore[return-value]  # the modules' own patterns are checked by their test
    return "unknown"
