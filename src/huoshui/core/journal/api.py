"""What an import did to lists, and its way back."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from huoshui.core import sql

Q = sql.load("huoshui.core.journal")

_BATCH = 500


class ListChange(NamedTuple):
    """Rows of one list: what an import did, and how many of those rows went back or had to stay."""

    relation: str
    added: int
    changed: int
    back: int
    kept: int


def begin(run_id: int) -> None:
    """Remember what becomes of each row of a list from here to the end of the caller's transaction."""
    sql.fetch(Q.begin, run_id=str(run_id))


def changes(run_id: int) -> list[ListChange]:
    return sql.fetch_as(ListChange, Q.changes, run_id=run_id)


def followed(run_id: int) -> dict[str, int]:
    """By list, rows that another import has changed since."""
    return {r.relation: r.rows for r in sql.fetch(Q.followed, run_id=run_id)}


def put_back(run_id: int) -> None:
    """Bring the rows to what they were, last changed first. Those that were changed since, or that others stand on, stay."""
    while True:
        with transaction.atomic():
            done = sql.fetch_one(Q.put_back, run_id=run_id, limit=_BATCH).done
        if done < _BATCH:
            return
