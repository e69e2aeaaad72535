"""An erased human stands in no relation, and no fact of another names her; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.people.profiles import actions as profiles
from huoshui.people.relations import reading, rules

Q = sql.load("huoshui.people.relations")

WORDS = {
    "brought": ("带来的顾客", "推荐她来的人"),
    "household": ("家人", "家人"),
    "colleague": ("同事", "同事"),
    "serves": ("她服务的顾客", "她的导购"),
    "partner": ("合作伙伴", "合作伙伴"),
}
"""What the other is to her: as whoever brought or serves, and as whoever was brought or is served."""


def unname(erased: Erased) -> Mapping[str, int]:
    """Before the tables forget who she is: facts of others that name her."""
    reading.look_for_all()
    fact_ids = [r.fact_id for r in sql.fetch(Q.naming, person_ids=list(erased.person_ids))]
    if not fact_ids:
        return {"别人的推荐人一栏": 0}
    sql.run(Q.unname_traits, fact_ids=fact_ids, traits=list(rules.REFERRER_TRAITS))
    profiles.unsay(fact_ids, rules.REFERRER_TRAITS)
    sql.run(Q.unname_facts, fact_ids=fact_ids)
    return {"别人的推荐人一栏": len(fact_ids)}


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.run(Q.erase_mentions, person_ids=ids)
    return {"关系": sql.run(Q.erase_relations, person_ids=ids) + sql.run(Q.erase_proposals, person_ids=ids)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    """Her own side of each: who the other is, is the other's."""
    mine = set(person_ids)
    rows = {r.id: r for r in sql.fetch(Q.around, person_ids=person_ids)}
    return [
        {
            "关系": WORDS[r.kind][r.from_person_id not in mine],
            "从": _day(r.since),
            "到": _day(r.until) if r.until else "",
            "来自": "员工登记" if r.origin == "hand" else "记录里写的",
            "说明": r.reason,
        }
        for r in sorted(rows.values(), key=lambda r: (r.since, r.id))
        if r.until != r.since
    ]


def _day(at: Any) -> str:
    return str(clock.business_day(at))
