"""One fact that cannot be read never stops a reader: it is set aside for mending, and the others go on.

Bodies come from outside: whoever reads them takes nothing of what they hold for granted (`said`, `id_in`). What gets
through all the same is found here by halves, in savepoints.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import django.db
import psycopg
from django.db import transaction

from huoshui.core.facts.actions import raise_exceptions
from huoshui.core.unmet import sentences

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

UNREADABLE = "reader_unreadable"
sentences(
    {UNREADABLE: "这条记录里有读不懂的内容，没有照它办，其余记录不受影响；请让来源改好后重新上报（{reason}）"}
)

OF_DATA: Final = (
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,  # a word too long for an index
    django.db.DataError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What is raised over what somebody said, and not over locks, connections or statements of ours."""
_MOST_ID = 2**31 - 1


def said(body: str | None) -> dict[str, Any]:
    """What a body (JSON text) says; nothing, where it is no object."""
    found = json.loads(body) if body else None
    return found if isinstance(found, dict) else {}


def id_in(told: Mapping[str, Any], name: str) -> int | None:
    """An id of ours, as our own facts name it; None for what no table could hold."""
    value = told.get(name)
    return value if type(value) is int and 0 < value <= _MOST_ID else None


def by_halves(rows: Sequence[T], take: Callable[[Sequence[T]], R], *, fact_of: Callable[[T], int]) -> list[R]:
    """`take` of all rows at once, in the caller's transaction. Where what they say is no good, by halves, down to the one fact
    that is set aside as an exception. Whatever others stand in the way of is not caught: it is tried again."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            return [take(rows)]
    except OF_DATA as error:
        if len(rows) > 1:
            half = len(rows) // 2
            return [
                *by_halves(rows[:half], take, fact_of=fact_of),
                *by_halves(rows[half:], take, fact_of=fact_of),
            ]
        fact_id = fact_of(rows[0])
        logger.exception("fact %s was set aside", fact_id)
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise_exceptions([(fact_id, None, UNREADABLE, {"reason": reason})])
        return []
