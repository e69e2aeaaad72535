"""The account of an erased person stays, under a number that leads to nobody: the books balance. His standing goes. And what
she may ask to see of it, with why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.engage.loyalty import reads
from huoshui.engage.loyalty.why import why

Q = sql.load("huoshui.engage.loyalty")

_PAGE = 1_000


def erase(whom: Erased) -> Mapping[str, int]:
    ids = list(whom.person_ids)
    sql.run(Q.forget_tier_days, person_ids=ids)
    sql.run(Q.forget_offline, person_ids=ids)
    return {"会员等级": sql.run(Q.forget_tiers, person_ids=ids)}


def tier_of(person_ids: list[int]) -> list[dict[str, Any]]:
    """Nothing of whom nothing was ever bought."""
    return [{"依据": why(min(person_ids))}] if reads.with_standing(person_ids) else []


def points_of(person_ids: list[int]) -> list[dict[str, Any]]:
    """Every movement, the newest first."""
    zone = clock.brand_zone()
    found: list[dict[str, Any]] = []
    before = 1 << 62
    while page := reads.history(min(person_ids), limit=_PAGE, before=before):
        before = page[-1].fact_id
        found += [
            {
                "时间": e.at.astimezone(zone).isoformat(sep=" ", timespec="minutes"),
                "积分": e.points,
                "依据": e.sentence,
                "到期": str(e.expires_on) if e.expires_on else "",
            }
            for e in page
        ]
    return found
