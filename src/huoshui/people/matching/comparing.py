"""What is known of people, in the columns that are compared: from raw values in any spelling to one row a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pyarrow as pa

from huoshui.people.matching import names, rules

T = TypeVar("T")

# What is known of a person as it was told; every column but the first may be null. `tails`: of whole phones, `email_local`: a
# keyed hash of what stands before the @, `stores`: where the person bought.
TOLD = pa.schema(
    [
        ("person_id", pa.int64()),
        ("name", pa.string()),
        ("birthday", pa.string()),
        ("phone_hint", pa.string()),
        ("address", pa.string()),
        ("city", pa.string()),
        ("tails", pa.list_(pa.string())),
        ("email_local", pa.string()),
        ("stores", pa.list_(pa.int64())),
    ]
)
COLUMNS: Sequence[str] = (
    "surname", "given", "surname_sound", "given_sound", "given_tone", "sound", "birthday", "month_day", "hint",
    "hint_head", "hint_tail", "area", "rest", "street", "numbers",
)  # fmt: skip


def columns(told: pa.Table) -> pa.Table:
    """`told` as `TOLD` → one row a person with `COLUMNS` beside person_id, tails, email_local and stores; null: unknown."""
    told = told.select(TOLD.names).cast(TOLD)
    name = _mapped(told["name"], names.folded)
    day = _mapped(told["birthday"], rules.birthday)
    hint = _mapped(told["phone_hint"], rules.hint)
    where = [
        rules.address(a or "", city=c or "") if a or c else rules.Address()
        for a, c in zip(told["address"].to_pylist(), told["city"].to_pylist(), strict=True)
    ]
    made: dict[str, list[str | None]] = {
        **{part: [_known(getattr(n, part)) for n in name] for part in (*names.Name._fields, "sound")},
        "birthday": [_known(d.whole) for d in day],
        "month_day": [_known(d.month_day) for d in day],
        "hint": [_known(h.head + h.tail) for h in hint],
        "hint_head": [_known(h.head) for h in hint],
        "hint_tail": [_known(h.tail) for h in hint],
        **{part: [_known(getattr(w, part)) for w in where] for part in rules.Address._fields},
    }
    kept = {column: told[column] for column in ("person_id", "tails", "email_local", "stores")}
    return pa.table({**kept, **{column: pa.array(made[column], pa.string()) for column in COLUMNS}})


def _mapped(column: pa.ChunkedArray, read: Callable[[str], T]) -> list[T]:
    """Each distinct spelling is read once."""
    encoded = column.combine_chunks().dictionary_encode()
    known: list[T] = [read(value) for value in encoded.dictionary.to_pylist()]
    nothing = read("")
    places: list[Any] = encoded.indices.to_pylist()
    return [nothing if place is None else known[place] for place in places]


def _known(value: str) -> str | None:
    return value or None
