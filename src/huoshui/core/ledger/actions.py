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
    named, may_be = _places(movements)
    places = sorted(named | may_be)
    every = {**_columns(places), "needed": [place in named for place in places]}
    found = sql.fetch_as(Account, Q.lock_accounts, **every)
    if missing := named - {(a.unit, a.owner_kind, a.owner_id, a.bucket) for a in found}:
        opening = _columns(sorted(missing))
        sql.send(Q.open_accounts, **opening, system_kinds=list(SYSTEM_KINDS), debt=DEBT_BUCKET)
        found = sql.fetch_as(Account, Q.lock_accounts, **every)
    return found


def _places(movements: Sequence[Movement]) -> tuple[set[Place], set[Place]]:
    """(where these movements lead, and must have an account; what else of their owners counts: pools, and debts to repay)."""
    named: set[Place] = set()
    may_be: set[Place] = set()
    for m in movements:
        for party in (m.source, m.target):
            (may_be if party.bucket == POOL else named).add((m.unit, *party))
        if m.if_short is IfShort.DEBT:
            named.add((m.unit, m.source.owner_kind, m.source.owner_id, DEBT_BUCKET))
        if m.repays:
            may_be.add((m.unit, m.target.owner_kind, m.target.owner_id, DEBT_BUCKET))
    return named, may_be


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
    deltas: dict[int, int] = defaultdict(int)
    for t in transfers:
        deltas[t.from_account_id] -= t.amount
        deltas[t.to_account_id] += t.amount
    sql.send(
        Q.add_transfers,
        parts=[t.part for t in transfers],
        units=[t.unit for t in transfers],
        sources=[t.from_account_id for t in transfers],
        targets=[t.to_account_id for t in transfers],
        amounts=[t.amount for t in transfers],
        fact_ids=[t.fact_id for t in transfers],
        reasons=[t.reason for t in transfers],
    )
    sql.send(Q.move_balances, ids=list(deltas), deltas=list(deltas.values()))
