"""What a process remembers for a moment of what hardly ever changes, so that each sale need not ask for it again.

Only what was there is remembered, never that something was not; and only what is in the database for good: of what a
transaction reads, once it has been committed, since it may have made it itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connections, transaction

K = TypeVar("K")
V = TypeVar("V")

_MOST = 50_000
_MOST_AT_ONCE = 1_000  # an import asks once for all that it needs
_all: WeakSet[Remembered[Any, Any]] = WeakSet()


class Remembered(Generic[K, V]):
    """`find` gives what it knows of some keys. A process may go on for `seconds` with what somebody has changed meanwhile;
    None: it never changes. What is not `worth` remembering is asked for each time."""

    def __init__(
        self,
        find: Callable[[list[K]], Mapping[K, V]],
        *,
        seconds: float | None,
        worth: Callable[[V], bool] | None = None,
    ) -> None:
        self._find = find
        self._seconds = seconds
        self._worth = worth
        _all.add(self)
        self._known: dict[tuple[Any, K], tuple[float, V]] = {}

    def of(self, keys: Iterable[K]) -> dict[K, V]:
        """What is known of these keys."""
        database = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
        since = monotonic() - self._seconds if self._seconds is not None else 0.0
        found: dict[K, V] = {}
        missing: list[K] = []
        for key in keys:
            known = self._known.get((database, key))
            if known is not None and known[0] >= since:
                found[key] = known[1]
            else:
                missing.append(key)
        if missing:
            fresh = self._find(missing)
            found.update(fresh)
            at = monotonic()
            if len(missing) <= _MOST_AT_ONCE:
                transaction.on_commit(lambda: self._keep(database, fresh, at))
        return found

    def _keep(self, database: Any, fresh: Mapping[K, V], at: float) -> None:
        if len(self._known) + len(fresh) > _MOST:
            self._known = {}
        self._known.update(
            ((database, key), (at, value))
            for key, value in fresh.items()
            if self._worth is None or self._worth(value)
        )

    def forget(self) -> None:
        self._known = {}


def forget() -> None:
    """Ask for everything again: another database stands in the place of this one."""
    for remembered in _all:
        remembered.forget()
