"""The one token of the house (7,200 s): kept sealed for all workers, and fetched by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, TypeVar

from huoshui.core import clock, crypto, sql
from huoshui.intake.wecom.client import Client
from huoshui.intake.wecom.faults import STALE
from huoshui.intake.wecom.types import Access, Fault

Q = sql.load("huoshui.intake.wecom")
T = TypeVar("T")

_EARLY: Final = timedelta(minutes=5)
"""Before its end, so that none ends on its way."""


def with_token(client: Client, access: Access, ask: Callable[[str], T]) -> T:
    """What WeCom answers; where it says that the token is no good, asked once more with another. Raises Fault."""
    token = current(client, access)
    try:
        return ask(token)
    except Fault as fault:
        if fault.code not in STALE:
            raise
    return ask(current(client, access, bad=token))


def current(client: Client, access: Access, *, bad: str = "") -> str:
    """The token in use, other than `bad`. Raises Fault."""
    mark = crypto.digest(f"wecom {access.corp_id} {access.secret}")
    if (known := _kept(mark)) and known != bad:
        return known
    with _alone():
        if (known := _kept(mark)) and known != bad:
            return known  # another process was first
        token, seconds = client.fetch_token(access)
        until = clock.now() + timedelta(seconds=seconds)
        sql.run(Q.put_token, sealed=crypto.seal(token), mark=mark, until=until)
    return token


def _kept(mark: str) -> str:
    row = sql.fetch_one(Q.token)
    if row is None or row.mark != mark or row.until_at - _EARLY <= clock.now():
        return ""
    return crypto.unseal(bytes(row.sealed))


@contextmanager
def _alone() -> Iterator[None]:
    sql.fetch(Q.lock_token)
    try:
        yield
    finally:
        sql.fetch(Q.unlock_token)
