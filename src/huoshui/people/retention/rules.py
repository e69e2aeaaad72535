"""How long is long enough: no database, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from huoshui.core.errors import Refused

MOST_DAYS: Final = 36_500

KEPT: Final = (
    (
        "订单、退款、库存和积分的账",
        "《会计法》和《会计档案管理办法》要求账簿保存 30 年，电商平台的交易记录按《电子商务法》至少三年。"
        "到期不删，谁买的另按上面的规则去掉。",
    ),
    (
        "同意和撤回的记录",
        "要能证明当时是按顾客的意思办的（《个人信息保护法》第十四条、第六十九条）。",
    ),
    (
        "谁在什么时候做了什么",
        "《网络安全法》第二十一条要求日志至少留六个月；这里一直留着，到期只去掉写在旁边的原因。",
    ),
    (
        "防止再次录入的名单",
        "只有加密后的指纹，看不出号码；没有它，下一次导入就会把人带回来。",
    ),
)
"""What no rule here takes away, and why."""


def too_old(now: datetime, days: int) -> datetime:
    """What is from before this moment is past its time; what is exactly as old as that is not."""
    return now - timedelta(days=days)


def check_days(days: int, *, least: int) -> int:
    if not least <= days <= MOST_DAYS:
        raise Refused(f"这一类最少要留 {least} 天，最多可以写 {MOST_DAYS} 天。")
    return days


def idle(members: Mapping[int, Iterable[int]], busy: set[int]) -> dict[int, tuple[int, ...]]:
    """Of whole humans (canonical id → born ids), those of whom no part has been heard of."""
    quiet = {}
    for head, ids in members.items():
        born = tuple(sorted(ids))
        if not busy.intersection(born):
            quiet[head] = born
    return quiet


def total(counts: Mapping[str, int]) -> int:
    return sum(counts.values())
