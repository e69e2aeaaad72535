"""The account of an erased person stays, under a number that leads to nobody: the books balance. His standing goes."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.core import sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.engage.loyalty")


def erase(whom: Erased) -> Mapping[str, int]:
    ids = list(whom.person_ids)
    sql.run(Q.forget_tier_days, person_ids=ids)
    sql.run(Q.forget_offline, person_ids=ids)
    return {"会员等级": sql.run(Q.forget_tiers, person_ids=ids)}
