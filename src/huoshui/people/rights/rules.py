"""The clock of a request, and the words of a certificate: no database, no clock of its own.

The law (PIPL art. 50) says "in time"; GB/T 35273 and the regulations on network data say 15 working days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

WORKING_DAYS: Final = 15


def due(asked_on: date, *, days: int = WORKING_DAYS, free: Collection[date] = ()) -> date:
    """The last working day by which it must be answered. Weekends and the days of `free` do not count."""
    day, left = asked_on, days
    while left:
        day += timedelta(days=1)
        left -= is_working(day, free)
    return day


def days_left(due_on: date, today: date, *, free: Collection[date] = ()) -> int:
    """Working days from today until then; minus those it is late."""
    first, last = sorted((today, due_on))
    between = sum(is_working(first + timedelta(days=n), free) for n in range(1, (last - first).days + 1))
    return between if due_on >= today else -between


def is_working(day: date, free: Collection[date] = ()) -> bool:
    return day.weekday() < 5 and day not in free


KEPT: Final = (
    (
        "订单、退款和库存的数目",
        "《会计法》《电子商务法》要求保存交易记录；已经去掉是谁买的，金额和件数一分不变。",
    ),
    (
        "积分与优惠券的账",
        "账本要能对平；只剩一个编号，查不到是谁。",
    ),
    (
        "她同意过和撤回过什么的记录",
        "用来证明我们按她的意思办过；只剩一个编号，原话和地点已经去掉。",
    ),
    (
        "防止再次录入的名单",
        "下次导入旧表或恢复备份时，用它认出并拦住；里面是加密后的指纹，看不出号码。",
    ),
    (
        "这份证明和办理过程",
        "法律要求我们能说明什么时候、由谁办的。",
    ),
)
"""What stays after an erasure, and why."""


def certificate(done: Mapping[str, Mapping[str, int]], *, persons: int) -> dict[str, Any]:
    """What was taken out and what was kept, as it is shown to the person and to an inspector."""
    return {
        "identities": persons,
        "erased": [
            {"where": where, "what": what, "count": count}
            for where, counts in done.items()
            for what, count in counts.items()
        ],
        "kept": [{"what": what, "why": why} for what, why in KEPT],
    }
