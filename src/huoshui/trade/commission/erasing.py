"""Who is erased was brought by nobody and brings nobody; of what was paid the bare id stays in the books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import sql
from huoshui.core.subscribers import Erased
from huoshui.people import api as people

Q = sql.load("huoshui.trade.commission")


_GONE = "（已注销）"


def erase(erased: Erased) -> Mapping[str, int]:
    """In the transaction that cleans the tables. Whose the commission is stays; why somebody said so may name her."""
    ids = list(erased.person_ids)
    orders = [row.order_id for row in sql.fetch(Q.orders_of, person_ids=ids)]
    sql.fetch(Q.may_erase, what="commission")
    decided = [row.fact_id for row in sql.fetch(Q.erase_decisions, order_ids=orders, gone=_GONE)]
    said = sql.run(Q.erase_words, order_ids=orders, gone=_GONE)
    sql.fetch(Q.may_erase, what="")
    people.erasing.redact_bodies(decided)
    return {
        "推荐关系": sql.run(Q.forget_recommended, person_ids=ids),
        "提成的说明": len(decided) + said + people.erasing.redact_audit("sale", orders),
    }


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    """How many she brought (who they are, is theirs), then what she was owed for it."""
    people_brought = sql.fetch_one(Q.recommended_by, person_ids=person_ids).people
    brought: list[dict[str, Any]] = [{"推荐来的顾客": people_brought}] if people_brought else []
    return brought + [
        {
            "日期": str(r.booked_on),
            "奖励（元）": f"{r.amount / 100:.2f}",
            "什么时候能用": f"{r.release_on} 起" if r.is_frozen else "已经能用",
            "在哪个月的对账单": r.period,
        }
        for r in sql.fetch(Q.rewards_of, person_ids=person_ids)
    ]
