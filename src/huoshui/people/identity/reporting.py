"""What a rehearsal found, in numbers and samples that lead to people; kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from huoshui.core import sql
from huoshui.people.identity import rehearsing
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.reads import why
from huoshui.people.identity.rehearsing import Affected, Rehearsed

Q = sql.load("huoshui.people.identity")

_SAMPLES = 12
_SHOWN_PERSONS = 6
_SHOWN_IDS = 40  # born ids of one of them


def report(done: Rehearsed) -> dict[str, Any]:
    persons = [p for a in done.affected for p in a.persons]
    touched = sql.fetch_one(Q.touched, person_ids=persons)
    shared = [i for i, fact_id in done.guarded.items() if fact_id]
    return {
        **rehearsing.counts(done),
        "conflicts": len(done.conflicts),
        "orders": int(touched.orders),
        "amount": int(touched.amount),
        "points": int(touched.points),
        "joins": _joins(_first(a for a in done.affected if _is_join(a))),
        "splits": [_split(a) for a in _first(a for a in done.affected if not _is_join(a))],
        "shared": _shown(shared[:_SAMPLES]),
    }


def _first(found: Iterable[Affected]) -> list[Affected]:
    return [one for one, _ in zip(found, range(_SAMPLES), strict=False)]


def _is_join(affected: Affected) -> bool:
    return len(affected.groups.after) < len(affected.groups.before)


def _joins(affected: Sequence[Affected]) -> list[dict[str, Any]]:
    firsts = [next(iter(a.made), None) for a in affected]
    shown = {i["id"]: i for i in _shown([m.identifier_id for m in firsts if m])}
    return [
        {
            "people": [group[0] for group in a.groups.before][:_SHOWN_PERSONS],
            "count": len(a.groups.before),
            "via": shown.get(made.identifier_id) if made else None,
            "fact_id": made.fact_id if made else None,
        }
        for a, made in zip(affected, firsts, strict=True)
    ]


def _split(affected: Affected) -> dict[str, Any]:
    before, parts = affected.groups.before[0], affected.groups.after
    inside = [group for group in parts if group[0] in before]
    evidence = why(inside[0][0], inside[1][0]) if len(inside) > 1 else []
    return {
        "person_id": before[0],
        "parts": [group[0] for group in parts][:_SHOWN_PERSONS],
        "members": [group[:_SHOWN_IDS] for group in parts[:_SHOWN_PERSONS]],
        "count": len(parts),
        "evidence": _shown(
            [r.identifier_id for r in sql.fetch(Q.via_of_links, ids=[e.link_id for e in evidence])]
        ),
    }


def _shown(ids: Sequence[int]) -> list[dict[str, Any]]:
    rows = sql.fetch(Q.shown_identifiers, ids=list(ids))
    return [
        {"id": r.id, "person_id": r.person_id, "label": DELIVERED[r.kind].label, "masked": _masked(r)}
        for r in rows
    ]


def _masked(row: sql.Row) -> str:
    if not DELIVERED[row.kind].is_contact:
        return str(row.key)
    return f"•••• {row.tail4}" if row.tail4 else "••••"
