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
    people = sql.fetch_one(Q.recommended_by, person_ids=person_ids).people
    return [{"推荐来的顾客": people}] if people else []
