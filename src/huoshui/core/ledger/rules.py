"""Which movements of a batch post, decided over arrays: no database, no clock.

Group by group in input order; a group (one fact) posts whole or not at all, and a refused group feeds nobody. A
one-pass running sum would let a group that is refused later pay for one that is accepted earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from huoshui.core.ledger.types import DEBT_BUCKET, POOL, Account, IfShort, Movement, Party, Transfer

Place = tuple[str, str, int, str]  # unit, owner kind, owner id, bucket


def decide(
    movements: Sequence[Movement], accounts: Sequence[Account]
) -> tuple[list[Transfer], frozenset[int], frozenset[int]]:
    """(transfers in order, fact ids refused, fact ids that left a debt)."""
    book = _Book(accounts)
    transfers: list[Transfer] = []
    refused: set[int] = set()
    indebted: set[int] = set()
    for fact_id, group in groupby(movements, key=lambda m: m.fact_id):
        try:
            legs = [leg for movement in group for leg in book.spread(movement)]
        except _Short:
            book.undo()
            refused.add(fact_id)
            continue
        book.keep()
        transfers += [leg for leg, _ in legs]
        if any(is_debt for _, is_debt in legs):
            indebted.add(fact_id)
    return transfers, frozenset(refused), frozenset(indebted)


class _Short(Exception):
    pass


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
            if account.bucket != DEBT_BUCKET:
                pool = (account.unit, account.owner_kind, account.owner_id)
                self._pools.setdefault(pool, []).append(account)

    def spread(self, m: Movement) -> Iterator[tuple[Transfer, bool]]:
        target = self._account(m.unit, m.target)
        left = m.amount
        part = m.part
        for account in self._sources(m):
            take = min(left, self._free(account))
            if take <= 0:
                continue
            yield self._move(m, account, target, take, part), False
            left, part = left - take, part + 1
            if left == 0:
                return
        if m.if_short is IfShort.REFUSE:
            raise _Short
        debt = self._account(m.unit, Party(m.source.owner_kind, m.source.owner_id, DEBT_BUCKET))
        yield self._move(m, debt, target, left, part), True

    def _sources(self, m: Movement) -> Sequence[Account]:
        if m.source.bucket != POOL:
            return (self._account(m.unit, m.source),)
        pool = self._pools.get((m.unit, m.source.owner_kind, m.source.owner_id), [])
        return sorted(pool, key=lambda a: (a.bucket not in m.first, a.bucket))

    def _account(self, unit: str, party: Party) -> Account:
        return self._at[(unit, party.owner_kind, party.owner_id, party.bucket)]

    def _free(self, account: Account) -> int:
        if account.id not in self._balance:
            return 1 << 62
        floor = self._floor[account.id]
        return (1 << 62) if floor is None else self._balance[account.id] - floor

    def _move(self, m: Movement, source: Account, target: Account, amount: int, part: int) -> Transfer:
        for account_id, delta in ((source.id, -amount), (target.id, amount)):
            if account_id in self._balance:
                self._balance[account_id] += delta
                self._moved.append((account_id, delta))
        return Transfer(m.fact_id, m.reason, part, m.unit, source.id, target.id, amount)

    def undo(self) -> None:
        for account_id, delta in self._moved:
            self._balance[account_id] -= delta
        self._moved.clear()

    def keep(self) -> None:
        self._moved.clear()
