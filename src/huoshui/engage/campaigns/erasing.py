"""Coupons stay with a bare id, as the books do; why one was taken back may name whose it was. And what she may see of hers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.engage.campaigns")

_STATES = {
    "issued": "没有用",
    "locked": "正在用",
    "redeemed": "用掉了",
    "expired": "过期了",
    "void": "作废了",
}


def erase(whom: Erased) -> Mapping[str, int]:
    return {"优惠券作废的说明": sql.run(Q.erase_reasons, person_ids=list(whom.person_ids))}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "优惠券": r.title,
            "券码": r.code,
            "领到": str(clock.business_day(r.issued_at)),
            "有效到": str(clock.business_day(r.valid_until)),
            "现在": _STATES[r.state],
            "作废的原因": r.void_reason,
        }
        for r in sql.fetch(Q.coupons_of, person_ids=person_ids)
    ]
