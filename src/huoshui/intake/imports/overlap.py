"""How much of a staged base is known already: by keyed hash, joining nobody and keeping nothing."""

from __future__ import annotations

from typing import Final

import duckdb

from huoshui.core.crypto import lookup_key
from huoshui.core.errors import Refused
from huoshui.intake.files.kinds import WAYS
from huoshui.intake.files.types import Staged
from huoshui.people import api as people

KINDS: Final = ("phone", "email", "card_no", "member_no", "unionid")
"""Those whose values are everybody's; an account or openid means something only beside its own platform."""
_SLICE: Final = 20_000


def count(staged: Staged) -> dict[str, int]:
    counts = {"rows": staged.counts.get("rows", 0), "problems": staged.problems}
    way = WAYS[staged.kind]
    if way not in ("orders", "people", "events"):
        return counts
    table = "orders" if way == "orders" else staged.kind
    persons: set[int] = set()
    with duckdb.connect(str(staged.database), config={"memory_limit": "500MB", "threads": 1}) as database:
        here = {name for name, *_ in database.execute(f"describe {table}").fetchall()}
        for kind in KINDS:
            if kind in here:
                told, known = _of_kind(database, table, kind)
                counts[f"told_{kind}"], counts[f"known_{kind}"] = told, len(known)
                persons |= set(known.values())
    return counts | {"persons_known": len(persons)}


def _of_kind(database: duckdb.DuckDBPyConnection, table: str, kind: str) -> tuple[int, dict[str, int]]:
    """How many values the table names, and the person of each key that is known."""
    told, known = 0, dict[str, int]()
    found = database.execute(f"select distinct {kind} from {table} where {kind} <> ''")
    while rows := found.fetchmany(_SLICE):
        keys = {key for (value,) in rows if (key := _key(kind, value))}
        told += len(keys)
        known |= people.known_among(kind, sorted(keys))
    return told, known


def _key(kind: str, value: str) -> str:
    """'' for what names nobody, a masked number among them."""
    try:
        plain = people.plain_identifier(kind, value)
    except Refused:
        return ""
    if people.is_blocked(kind, value) or people.is_blocked(kind, plain):
        return ""
    return lookup_key(plain) if people.KINDS[kind].is_contact else plain
