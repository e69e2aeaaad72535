"""Real connections against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Barrier, Thread
from typing import Any

from django.db import connection
from pytest import MonkeyPatch

from huoshui.core import sql

_PATIENCE = 60


@dataclass
class Outcome:
    results: list[Any] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


def race(*works: Callable[[], Any]) -> Outcome:
    """Run all at once, each on a thread and a database connection of its own."""
    outcome = Outcome()
    together = Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            together.wait(_PATIENCE)
            outcome.results.append(work())
        except Exception as error:
            outcome.errors.append(error)
        finally:
            connection.close()

    _join([Thread(target=run, args=(work,), daemon=True) for work in works])
    return outcome


_WAITING = sql.Statement(
    "waiting",
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as is_any",
)


def is_anybody_waiting() -> bool:
    """For a lock, in the database of this test."""
    return bool(sql.fetch_one(_WAITING).is_any)


def take_out(patch: MonkeyPatch, statements: sql.Statements, name: str, words: str) -> None:
    """For a control: run this statement without these words, which are its lock."""
    locking: sql.Statement = getattr(statements, name)
    unlocked = replace(locking, text=locking.text.replace(words, ""))
    assert unlocked != locking
    patch.setitem(statements._by_name, name, unlocked)


def _join(threads: Sequence[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
