"""Post: every movement of all steps, once per settle, last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.ledger import rules
from huoshui.core.ledger.types import (
    DEBT_BUCKET,
    POOL,
    SYSTEM_KINDS,
    Account,
    IfShort,
    Movement,
    Posted,
    Transfer,
)

Q = sql.load("huoshui.core.ledger")

Place = tuple[str, str, int, str]


def post(movements: Sequence[Movement]) -> Posted:
    """Write the movements, group by group in input order. Called once in a transaction and last: it locks all accounts."""
    if not movements:
        return Posted()
    transfers, refused, indebted = rules.decide(movements, _locked_accounts(movements))
    _write(transfers)
    return Posted(refused, indebted)


def _locked_accounts(movements: Sequence[Movement]) -> list[Account]:
    places = _places(movements)
    every = {**_columns(list(places)), "needed": list(places.values())}
    found = sql.fetch_as(Account, Q.lock_accounts, **every)
    there = {(a.unit, a.owner_kind, a.owner_id, a.bucket) for a in found}
    if missing := [place for place, is_needed in places.items() if is_needed and place not in there]:
        opening = _columns(sorted(missing))
        sql.send(Q.open_accounts, **opening, system_kinds=list(SYSTEM_KINDS), debt=DEBT_BUCKET)
        found = sql.fetch_as(Account, Q.lock_accounts, **every)
    return found


def _places(movements: Sequence[Movement]) -> dict[Place, bool]:
    """Where these movements lead, and must have an account; and what else of their owners counts and need not be there:
    pools, and debts to repay."""
    out: dict[Place, bool] = {}
    for unit, source, target, _, _, _, if_short, _, repays in movements:
        for party in (source, target):
            if party.bucket == POOL:
                out.setdefault((unit, *party), False)
            else:
                out[(unit, *party)] = True
        if if_short is IfShort.DEBT:
            out[unit, source.owner_kind, source.owner_id, DEBT_BUCKET] = True
        if repays:
            out.setdefault((unit, target.owner_kind, target.owner_id, DEBT_BUCKET), False)
    return out


def _columns(places: Sequence[Place]) -> dict[str, list[str] | list[int]]:
    return {
        "units": [p[0] for p in places],
        "kinds": [p[1] for p in places],
        "ids": [p[2] for p in places],
        "buckets": [p[3] for p in places],
    }


def _write(transfers: Sequence[Transfer]) -> None:
    if not transfers:
        return
    fact_ids, reasons, parts, units, sources, targets, amounts = map(list, zip(*transfers, strict=True))
    deltas: dict[int, int] = defaultdict(int)
    for source, target, amount in zip(sources, targets, amounts, strict=True):
        deltas[source] -= amount
        deltas[target] += amount
    sql.send(
        Q.add_transfers,
        fact_ids=fact_ids,
        reasons=reasons,
        parts=parts,
        units=units,
        sources=sources,
        targets=targets,
        amounts=amounts,
    )
    sql.send(Q.move_balances, ids=list(deltas), deltas=list(deltas.values()))
