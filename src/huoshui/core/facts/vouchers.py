"""Vouchers sold on a platform and verified by a sale (ADR 0011), and orders that we tell again ourselves."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.types import Claimed

Q = sql.load("huoshui.core.facts")


def lock_vouchers(vouchers: Sequence[tuple[str, str]]) -> None:
    """(platform, code): until the end of the transaction nobody else speaks of the orders that these are."""
    if vouchers:
        sql.send(Q.lock_vouchers, sources=[v[0] for v in vouchers], codes=[v[1] for v in vouchers])


def vouchers_of(fact_ids: Sequence[int]) -> list[sql.Row]:
    """fact_id, source, code: the vouchers that these sales say they verified."""
    return sql.fetch(Q.vouchers_of, fact_ids=list(fact_ids))


def take_vouchers(rows: Sequence[tuple[int, int]]) -> Claimed:
    """Rows of (sale that verifies, order of the voucher): tell each of these orders as verified, with nothing left in it.

    As claimed: these facts settle at once, before the sale, whatever else is told of the order meanwhile.
    """
    made = sql.fetch(
        Q.add_taken, by_ids=[r[0] for r in rows], told_ids=[r[1] for r in rows], actor=str(SYSTEM)
    )
    ids = [r.id for r in made]
    return Claimed(ids, list(ids), set(ids), history={r.id for r in made if r.is_history})


def tell_again(rows: Sequence[tuple[int, int, int | None]]) -> list[int]:
    """Rows of (fact, its cause, the fact whose customer it now has, if another's): the same order told once more."""
    made = sql.fetch(
        Q.tell_again,
        fact_ids=[r[0] for r in rows],
        cause_ids=[r[1] for r in rows],
        persons_of=[r[2] for r in rows],
        actor=str(SYSTEM),
    )
    return [r.id for r in made]
