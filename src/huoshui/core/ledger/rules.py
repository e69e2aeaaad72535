"""Which movements of a batch post, decided over arrays: no database, no clock.

Group by group in input order; a group (one fact) posts whole or not at all, and a refused group feeds nobody. A
one-pass running sum would let a group that is refused later pay for one that is accepted earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from huoshui.core.ledger.types import (
    APART,
    DEBT_BUCKET,
    POOL,
    Account,
    Debt,
    IfShort,
    Lack,
    Movement,
    Party,
    Transfer,
)

_ENDLESS = 1 << 62

Place = tuple[str, str, int, str]  # unit, owner kind, owner id, bucket


def decide(
    movements: Sequence[Movement], accounts: Sequence[Account]
) -> tuple[list[Transfer], dict[int, Lack], dict[int, Debt]]:
    """(transfers in order, the fact ids refused with what they were short of, those that left a debt with that debt)."""
    book = _Book(accounts)
    groups: dict[int, list[Movement]] = {}
    for movement in movements:  # steps add to a fact's group one after another
        if movement.amount <= 0:
            raise ValueError("a movement moves something; turn its ends round to move it back")
        groups.setdefault(movement.fact_id, []).append(movement)
    transfers: list[Transfer] = []
    refused: dict[int, Lack] = {}
    indebted: dict[int, Debt] = {}
    for fact_id, group in groups.items():
        try:
            legs = book.legs(group)
        except _Short as short:
            book.undo()
            refused[fact_id] = _lack(group, short)
            continue
        book.keep()
        transfers += _numbered(legs)
        if owing := [leg for leg in legs if leg.is_debt]:
            unit = owing[0].movement.unit
            indebted[fact_id] = Debt(unit, sum(leg.amount for leg in owing if leg.movement.unit == unit))
    return transfers, refused, indebted


class _Leg(Struct):
    movement: Movement
    from_account_id: int
    to_account_id: int
    amount: int
    is_debt: bool


def _numbered(legs: Sequence[_Leg]) -> Iterator[Transfer]:
    """A fact's legs, counted within each reason: that is the key which can be posted once."""
    parts: dict[str, int] = {}
    for leg in legs:
        unit, _, _, _, fact_id, reason, _, _, _ = leg.movement
        part = parts.get(reason, 0)
        parts[reason] = part + 1
        yield Transfer(fact_id, reason, part, unit, leg.from_account_id, leg.to_account_id, leg.amount)


class _Short(Exception):
    def __init__(self, movement: Movement, missing: int) -> None:
        self.movement = movement
        self.missing = missing


def _lack(group: Sequence[Movement], short: _Short) -> Lack:
    """One wish may be several movements: points of all ids of a human."""
    unit, reason = short.movement.unit, short.movement.reason
    want = sum(m.amount for m in group if (m.unit, m.reason) == (unit, reason))
    return Lack(unit, want, want - short.missing)


class _Book:
    """Balances as they would stand, with the moves of the present group kept apart until it is accepted."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._at: dict[Place, Account] = {}
        self._pools: dict[tuple[str, str, int], list[Account]] = {}
        self._balance: dict[int, int] = {}
        self._floor: dict[int, int | None] = {}
        self._moved: list[tuple[int, int]] = []
        for account in accounts:
            self._at[(account.unit, account.owner_kind, account.owner_id, account.bucket)] = account
            if account.balance is not None:
                self._balance[account.id] = account.balance
                self._floor[account.id] = account.floor
            if account.bucket not in APART:
                pool = (account.unit, account.owner_kind, account.owner_id)
                self._pools.setdefault(pool, []).append(account)

    def legs(self, group: Sequence[Movement]) -> list[_Leg]:
        out: list[_Leg] = []
        for m in group:
            target = self._at[(m.unit, *m.target)]
            owed = self._owed(m) if m.repays else 0
            if m.source.bucket != POOL and not owed:
                source = self._at[(m.unit, *m.source)]
                if self._free(source) >= m.amount:  # from one account into another, as most are
                    out.append(self._move(m, source, target, m.amount))
                    continue
            out += self._spread(m, target, owed)
        return out

    def _spread(self, m: Movement, target: Account, owed: int) -> list[_Leg]:
        legs: list[_Leg] = []
        left = m.amount
        for account in self._sources(m):
            take = min(left, self._free(account))
            if take <= 0:
                continue
            if repaid := min(take, owed):
                legs.append(self._move(m, account, self._debt(m.unit, m.target), repaid))
                owed -= repaid
            if take > repaid:
                legs.append(self._move(m, account, target, take - repaid))
            left -= take
            if left == 0:
                return legs
        if m.if_short is IfShort.REFUSE:
            raise _Short(m, left)
        legs.append(self._move(m, self._debt(m.unit, m.source), target, left))
        return legs

    def _sources(self, m: Movement) -> Sequence[Account]:
        if m.source.bucket != POOL:
            return (self._at[(m.unit, *m.source)],)
        pool = self._pools.get((m.unit, m.source.owner_kind, m.source.owner_id), [])
        if len(pool) < 2:
            return pool
        # What never expires is spent last
        return sorted(pool, key=lambda a: (a.bucket not in m.first, a.bucket == "", a.bucket))

    def _debt(self, unit: str, party: Party) -> Account:
        return self._at[unit, party.owner_kind, party.owner_id, DEBT_BUCKET]

    def _owed(self, m: Movement) -> int:
        debt = self._at.get((m.unit, m.target.owner_kind, m.target.owner_id, DEBT_BUCKET))
        return max(-self._balance[debt.id], 0) if debt else 0

    def _free(self, account: Account) -> int:
        floor = self._floor.get(account.id)
        return _ENDLESS if floor is None else self._balance[account.id] - floor

    def _move(self, m: Movement, source: Account, target: Account, amount: int) -> _Leg:
        if source.id in self._balance:
            self._balance[source.id] -= amount
            self._moved.append((source.id, -amount))
        if target.id in self._balance:
            self._balance[target.id] += amount
            self._moved.append((target.id, amount))
        return _Leg(m, source.id, target.id, amount, source.bucket == DEBT_BUCKET)

    def undo(self) -> None:
        for account_id, delta in self._moved:
            self._balance[account_id] -= delta
        self._moved.clear()

    def keep(self) -> None:
        self._moved.clear()
