"""The books, opened: units, their accounts, each account's transfers with the balance after them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.errors import NotFound
from huoshui.core.ledger.types import STOCK, Account

Q = sql.load("huoshui.core.ledger")

LAST_BIGINT = 2**63 - 1


class UnitFigures(NamedTuple):
    """`moves` and `moved` since the instant asked for."""

    unit: str
    accounts: int
    holders: int
    held: int
    debts: int
    owed: int
    moves: int
    moved: int


class AccountKey(NamedTuple):
    """Where a page of accounts ended."""

    owner_kind: str = ""
    owner_id: int = 0
    bucket: str = ""


class LegKey(NamedTuple):
    """Where a page of transfers ended."""

    fact_id: int = LAST_BIGINT
    reason: str = ""
    part: int = 0


@dataclass(frozen=True)
class Leg:
    """One transfer, seen from an account: it gained `delta` from, or gave it to, the other party.

    `balance` is what the account held after it, None for a system account. `name` is None for a fact that does not exist;
    `order_key` is the number of the order it tells of.
    """

    key: LegKey
    delta: int
    balance: int | None
    other: AccountKey
    name: str | None
    occurred_at: datetime | None
    posted_at: datetime
    is_explained: bool
    order_key: str | None = None


def units(*, since: datetime) -> list[UnitFigures]:
    """Reads every account and transfer: for a panel that may take its time."""
    return [UnitFigures(*row) for row in sql.fetch(Q.unit_figures, since=since)]


class ExplainedDay(NamedTuple):
    """How many of the transfers of a unit that were posted on a day name a settled fact."""

    unit: str
    day: date
    transfers: int
    explained: int

    @property
    def is_whole(self) -> bool:
        return self.explained == self.transfers

    @property
    def percent(self) -> float:
        return round(100 * self.explained / self.transfers, 4)


def explained_by_day() -> list[ExplainedDay]:
    """By unit, then day of the brand. A day and unit without transfers is not there."""
    return sql.fetch_as(ExplainedDay, Q.explained_by_day, zone=str(clock.brand_zone()))


def accounts(
    unit: str, *, only: str = "used", after: AccountKey | None = None, limit: int = 50
) -> list[Account]:
    """A page of a unit's accounts. `only` is 'used' (not empty), 'debts' or 'all'. Raises NotFound for no such unit."""
    if not sql.fetch_one(Q.unit_exists, unit=unit).found:
        raise NotFound
    place = (after or AccountKey())._asdict()
    cursor = {f"after_{name.removeprefix('owner_')}": value for name, value in place.items()}
    if only == "debts":
        return sql.fetch_as(Account, Q.debts_of_unit, unit=unit, limit=limit, **cursor)
    used = only == "used"
    return sql.fetch_as(Account, Q.accounts_of_unit, unit=unit, used=used, limit=limit, **cursor)


def accounts_of(unit: str, owner_kind: str, owner_ids: Sequence[int]) -> list[Account]:
    return sql.fetch_as(
        Account, Q.accounts_of_owners, unit=unit, owner_kind=owner_kind, owner_ids=list(owner_ids)
    )


def account(account_id: int) -> Account:
    found = sql.fetch_as(Account, Q.account, account_id=account_id)
    if not found:
        raise NotFound
    return found[0]


def legs(of: Account, *, after: LegKey | None = None, limit: int = 50) -> list[Leg]:
    """An account's transfers, those of the newest facts first.

    The balance after each is worked back from the present one, so what stands beside the newest is what the account
    holds, and a page further down agrees with the pages above it.
    """
    place = after or LegKey()
    rows = sql.fetch(
        Q.legs_of_account,
        account_id=of.id,
        limit=limit,
        after_fact=place.fact_id,
        after_reason=place.reason,
        after_part=place.part,
    )
    balance = of.balance
    if balance is not None and after is not None:
        balance -= int(sql.fetch_one(Q.moved_since, account_id=of.id, **after._asdict()).moved)
    out = []
    for row in rows:
        out.append(_leg(row, balance))
        balance = None if balance is None else balance - row.delta
    return out


def _leg(row: sql.Row, balance: int | None) -> Leg:
    return Leg(
        key=LegKey(row.fact_id, row.reason, row.part),
        delta=row.delta,
        balance=balance,
        other=AccountKey(row.owner_kind, row.owner_id, row.bucket),
        name=row.name,
        occurred_at=row.occurred_at,
        posted_at=row.posted_at,
        is_explained=row.is_explained,
        order_key=row.order_key,
    )


def buckets_of(unit: str, owner_kind: str, owner_ids: Sequence[int]) -> dict[str, int]:
    """Bucket → balance, the soonest to expire first; debts and what is held apart are among them."""
    rows = sql.fetch(Q.buckets_of, unit=unit, owner_kind=owner_kind, owner_ids=list(owner_ids))
    return {r.bucket: r.balance for r in rows}


def stock_by_place(sku_ids: Sequence[int], org_unit_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(product, org unit) → thousandths on hand, of what ever moved there; exact, whether folded or not."""
    rows = sql.fetch(Q.stock_by_place, sku_ids=list(sku_ids), org_unit_ids=list(org_unit_ids), reader=STOCK)
    return {(r.sku_id, r.org_unit_id): r.on_hand_milli for r in rows}
