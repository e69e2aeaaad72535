"""Whoever is erased is nobody's customer; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.people import api as people
from huoshui.trade.bonds import why
from huoshui.trade.bonds.reads import names_of
from huoshui.trade.bonds.types import Spell

Q = sql.load("huoshui.trade.bonds")


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.fetch(Q.may_erase, what="bonds")
    for statement in (Q.erase_touches, Q.erase_now, Q.drop_rechecks):
        sql.run(statement, person_ids=ids)
    disputes = [row.id for row in sql.fetch(Q.erase_disputes, person_ids=ids)]
    people.erasing.redact_audit("bond_dispute", disputes)
    gone = sql.run(Q.erase_bonds, person_ids=ids)
    sql.fetch(Q.may_erase, what="")
    return {"顾客归属": gone}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    spells = [Spell(*r[1:]) for r in sql.fetch(Q.said, person_ids=person_ids)]
    names = names_of(spells)
    return [
        {
            "归属": why.owner(s, names),
            "谁接待": why.served_at(s, names),
            "从": str(clock.business_day(s.since)),
            "到": str(clock.business_day(s.until)) if s.until else "",
            "依据": why.sentence(s, names),
        }
        for s in sorted(spells, key=lambda s: (s.since, s.made_by))
    ]


def disputed(person_ids: list[int]) -> list[dict[str, Any]]:
    rows = sql.fetch(Q.disputes_of, person_ids=person_ids)
    units = brand.unit_names(sorted({r.dealer_id for r in rows if r.dealer_id}))
    return [
        {
            "日期": str(clock.business_day(r.opened_at)),
            "谁提出": units.get(r.dealer_id, "总部") if r.dealer_id else "总部",
            "理由": r.said,
            "结果": r.decision or "还没有决定",
        }
        for r in rows
    ]
