"""Everybody as they are known, for comparing: whole tables, brought together in a DuckDB of the moment.

Plain phones stay sealed: their last four are known beside them. Of an email what stands before the @ is compared by its keyed
hash, which lives as long as the run.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from huoshui.core import sql
from huoshui.core.crypto import lookup_key
from huoshui.people.consent import reads as consent
from huoshui.people.identity import known
from huoshui.people.matching import comparing
from huoshui.people.profiles import reads as profiles

Q = sql.load("huoshui.people.matching")

# The attributes that say so, the first that is told wins
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "birthday": ("birthday",),
    "phone_hint": ("phone_hint",),
    "address": ("address", "地址", "收货地址", "详细地址", "家庭地址", "通讯地址", "联系地址", "居住地址"),
    "city": ("city", "城市", "所在城市"),
}
# Of these nobody has two: whoever has another one is another
ONE_EACH = ("unionid", "external_userid")

Owned = tuple[str, str, str]  # kind, scope, key


@dataclass(frozen=True)
class Everybody:
    """`people`: one row a canonical person. `witnesses`: one row a born id that evidence has joined with another, as known
    before; `certain` are those pairs. `canonical`: born id → canonical id."""

    people: pa.Table
    witnesses: pa.Table
    certain: pa.Table
    canonical: dict[int, int]


def everybody() -> Everybody:
    persons = known.persons()
    certain = known.joined_by_evidence()
    con = duckdb.connect()
    try:
        _bring_in(con, persons, certain)
        people = comparing.columns(_told(con, "canonical_id", "all_persons"))
        witnesses = comparing.columns(_told(con, "person_id", "joined"))
    finally:
        con.close()
    canonical = dict(zip(persons["person_id"].to_pylist(), persons["canonical_id"].to_pylist(), strict=True))
    there = set(witnesses["person_id"].to_pylist())
    kept = [
        (a, b)
        for a, b in zip(certain["person_a"].to_pylist(), certain["person_b"].to_pylist(), strict=True)
        if a in there and b in there
    ]
    pairs = pa.table(
        {
            "person_a": pa.array([a for a, _ in kept], pa.int64()),
            "person_b": pa.array([b for _, b in kept], pa.int64()),
        }
    )
    return Everybody(people, witnesses, pairs, canonical)


def _bring_in(con: duckdb.DuckDBPyConnection, persons: pa.Table, certain: pa.Table) -> None:
    wanted = [name for names in ATTRIBUTES.values() for name in names]
    places = [(name, part, -place) for part, names in ATTRIBUTES.items() for place, name in enumerate(names)]
    emails = [(person, lookup_key(f"local\x1f{email.partition('@')[0]}")) for person, email in known.emails()]
    tables = {
        "persons": persons,
        "certain": certain,
        "attributes": profiles.named_values(wanted),
        "parts": _table(places, ("attribute", pa.string()), ("part", pa.string()), ("place", pa.int64())),
        "tails": known.phone_tails(),
        "emails": _table(emails, ("person_id", pa.int64()), ("local", pa.string())),
        "stores": sql.copy_out(Q.stores_bought_at),
        "closed": pa.table({"canonical_id": pa.array(sorted(consent.everyone_unprofiled()), pa.int64())}),
    }
    for name, table in tables.items():
        con.register(f"arrived_{name}", table)
        con.execute(f"create table {name} as select * from arrived_{name}")
    con.execute("create view all_persons as select * from persons anti join closed using (canonical_id)")
    con.execute(
        "create view joined as select * from all_persons where person_id in"
        " (select person_a from certain union select person_b from certain)"
    )


def _told(con: duckdb.DuckDBPyConnection, one: str, whom: str) -> pa.Table:
    """`comparing.TOLD` of each `one` (canonical_id or person_id) of the view `whom`; who has nothing to compare is left out."""
    values = ", ".join(
        f"arg_max(value, (place, said_at)) filter (where part = '{part}') as {part}" for part in ATTRIBUTES
    )
    return con.execute(
        f"""
        with told as (
            select {one} as id, {values} from {whom} join attributes using (person_id)
            join parts on parts.attribute = attributes.name group by 1),
        tailed as (select {one} as id, list(distinct tail order by tail) as tails
            from {whom} join tails using (person_id) group by 1),
        mailed as (select {one} as id, min(local) as email_local from {whom} join emails using (person_id) group by 1),
        bought as (select {one} as id, list(distinct store order by store) as stores
            from {whom} join stores using (person_id) group by 1)
        select id as person_id, name, birthday, phone_hint, address, city, tails, email_local, stores
        from (select distinct {one} as id from {whom})
            left join told using (id) left join tailed using (id) left join mailed using (id) left join bought using (id)
        where coalesce(name, birthday, phone_hint, address, email_local) is not null
        order by id
        """
    ).to_arrow_table()


def _table(rows: Sequence[tuple[Any, ...]], *columns: tuple[str, pa.DataType]) -> pa.Table:
    return pa.table(
        {name: pa.array([row[place] for row in rows], kind) for place, (name, kind) in enumerate(columns)}
    )


def alone_in() -> dict[int, set[Owned]]:
    """Person (born id) → the identifiers of which nobody has two."""
    found: dict[int, set[Owned]] = {}
    for row in known.of_kinds(ONE_EACH).to_pylist():
        found.setdefault(row["person_id"], set()).add((row["kind"], row["scope"], row["key"]))
    return found


def speak_against(one: Set[Owned], other: Set[Owned]) -> bool:
    """Whether two have each an identifier of one kind and scope of which nobody has two. (The same one they cannot have.)"""
    return bool({(kind, scope) for kind, scope, _ in one} & {(kind, scope) for kind, scope, _ in other})
