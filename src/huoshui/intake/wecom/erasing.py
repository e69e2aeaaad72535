"""Of who is erased no code is left; what is still at WeCom is taken down there first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.intake.wecom")

_OUTCOMES = {
    "": "没有扫",
    "linked": "扫了，认出是本人的微信",
    "known": "扫了，早就认得",
    "review": "扫了，等人核对",
    "late": "过期以后才扫",
    "nobody": "扫了，没有认",
}


def erase(whom: Erased) -> Mapping[str, int]:
    ids = list(whom.person_ids)
    return {"企业微信码": sql.run(Q.erase, person_ids=ids) + sql.run(Q.orphan, person_ids=ids)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {"店员为您生成企业微信码": str(clock.business_day(r.made_at)), "后来": _OUTCOMES[r.outcome]}
        for r in sql.fetch(Q.ways_of, person_ids=person_ids)
    ]
