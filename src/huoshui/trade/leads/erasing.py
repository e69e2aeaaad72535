"""Who is erased wanted nothing and brought nobody; that there was a lead stays, with what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.people import api as people

Q = sql.load("huoshui.trade.leads")


_GONE = "（已注销）"


def erase(erased: Erased) -> Mapping[str, int]:
    """In the transaction that cleans the tables."""
    ids = list(erased.person_ids)
    sql.run(Q.erase_brought, person_ids=ids)
    hers = [row.id for row in sql.fetch(Q.erase, person_ids=ids)]
    sql.fetch(Q.may_erase, what="leads")
    sql.run(Q.erase_said, ids=hers, gone=_GONE)
    sql.fetch(Q.may_erase, what="")
    return {"线索": len(hers), "线索的操作说明": people.erasing.redact_audit("lead", hers)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    rows = sql.fetch(Q.leads_of, person_ids=person_ids)
    dealers = brand.unit_names(sorted({r.dealer_id for r in rows if r.dealer_id}))
    return [
        {
            "想要": r.wants,
            "地区": r.district,
            "日期": str(clock.business_day(r.made_at)),
            "交给谁跟进": dealers.get(r.dealer_id, "") if r.dealer_id else "",
            "跟进到": r.stage or "还没有人跟进",
        }
        for r in rows
    ]
