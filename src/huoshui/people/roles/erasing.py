"""Whoever is erased wears no role; and what she may ask to see of herself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.people.roles.types import Role
from huoshui.people.roles.why import NAMES, sentence

Q = sql.load("huoshui.people.roles")


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.run(Q.drop_rechecks, person_ids=ids)
    return {"身份": sql.run(Q.erase_roles, person_ids=ids) + sql.run(Q.erase_declared, person_ids=ids)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    rows = sql.fetch(Q.of_persons, person_ids=person_ids)
    return [
        {
            "身份": NAMES[r.name],
            "从": str(clock.business_day(r.since)),
            "到": str(clock.business_day(r.until)) if r.until else "",
            "依据": sentence(Role(r.name, r.since, r.until, r.rule_version, json.loads(r.why))),
        }
        for r in sorted(rows, key=lambda r: (r.since, r.name))
    ]
