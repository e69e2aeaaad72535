"""A new generation of keys for what is kept sealed or found by a keyed hash: the file's steps, and sealing anew.

The keys turn in three steps, each written to the file whole. *begun*: the new master seals, both open, and contacts are
still found by the old hash while every one gets the new beside it. *found*: contacts are found by the new hash; the old ones
are taken away. *done*: the old keys are gone. Nothing else is remembered: whether a value is of the old generation is asked
of the value itself, so whatever was killed is simply run again.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.db import transaction

from huoshui.core import crypto, sql
from huoshui.core.crypto import is_sealed_now, seal, unseal

Step = Literal["", "begun", "found"]


def step() -> Step:
    """How far the keys have turned; '' while there is only one generation."""
    found: Step = _read().get("turning", {}).get("step", "")
    return found


def generation() -> int:
    return int(_read().get("generation", 1))


def begin() -> None:
    """Make the new keys. The first lookup key stays as the one of `crypto.digest`."""
    kept = _read()
    if "turning" in kept:
        return
    old = {name: kept[name] for name in ("master", "lookup")}
    kept["digest"] = kept.get("digest", kept["lookup"])
    kept["master"] = _fresh()
    kept["generation"] = generation() + 1
    kept["turning"] = {"step": "begun", **old, "next_lookup": _fresh()}
    _write(kept)


def find_by_new() -> None:
    """From now on contacts are found by the new hash."""
    kept = _read()
    if kept["turning"]["step"] == "begun":
        kept["lookup"] = kept["turning"]["next_lookup"]
        kept["turning"]["step"] = "found"
        _write(kept)


def retire() -> None:
    """The old keys are no more: what is still sealed under them can never be read again."""
    kept = _read()
    if kept["turning"]["step"] != "found":
        raise AssertionError("contacts are still found by the old keys")
    del kept["turning"]
    _write(kept)


def next_hash() -> Callable[[str], str]:
    """The lookup hash of the new generation, also while contacts are still found by the old one."""
    return partial(crypto.hashed, base64.b64decode(_read()["turning"]["next_lookup"]))


def _last_hash() -> Callable[[str], str]:
    return partial(crypto.hashed, base64.b64decode(_read()["turning"]["lookup"]))


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _path() -> Path:
    return Path(settings.HUOSHUI_KEYS)


def _read() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(_path().read_text(encoding="utf-8"))
    return kept


def _write(kept: Mapping[str, Any]) -> None:
    """The whole file or nothing, on the disk when this returns: half a file of keys would be the loss of every contact."""
    path = _path()
    staged = path.with_suffix(f".{secrets.token_hex(8)}")
    staged.touch(mode=0o600, exist_ok=False)
    with staged.open("w", encoding="utf-8") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    crypto.look_again()


class Place(NamedTuple):
    """Where sealed values are kept. `form`: bytes, or json with {"sealed": base64} anywhere in it. `key` need not be unique."""

    table: str
    column: str
    form: Literal["bytes", "json"] = "bytes"
    key: str = "id"


_SLICE = 2_000


def reseal(place: Place, between: Callable[[], None]) -> int:
    """Seal all that is still under the old master anew; `between` is called between slices. Returns how many were."""
    read, write = _statements(place)
    after: Any = -1
    done = 0
    while True:
        with transaction.atomic():
            rows = sql.fetch(read, after=after, limit=_SLICE)
            done += _reseal_rows(place, rows, write)
        if not rows:
            return done
        after = rows[-1].key
        between()


def count_old(place: Place) -> int:
    """How many values are still under the old master."""
    read, _ = _statements(place)
    after: Any = -1
    found = 0
    while rows := sql.fetch(read, after=after, limit=_SLICE):
        after = rows[-1].key
        found += sum(_anew(place, r.kept) is not None for r in rows)
    return found


def _reseal_rows(place: Place, rows: Sequence[sql.Row], write: sql.Statement) -> int:
    changed = [(r.key, r.kept, new) for r in rows if (new := _anew(place, r.kept)) is not None]
    if not changed:
        return 0
    if place.form == "bytes":
        olds = [_hex(bytes(old)) for _, old, _ in changed]
    else:
        olds = [old if isinstance(old, str) else json.dumps(old) for _, old, _ in changed]
    # Whoever has written the row meanwhile wins: what he wrote is sealed under the new key, or is met by the next run
    return sql.run(write, keys=[key for key, _, _ in changed], olds=olds, news=[new for _, _, new in changed])


def _anew(place: Place, kept: Any) -> str | None:
    """What takes its place, as it is sent to the database; None where nothing in it is of the old generation."""
    if place.form == "bytes":
        return None if is_sealed_now(bytes(kept)) else _hex(seal(unseal(bytes(kept))))
    told = json.loads(kept) if isinstance(kept, str) else kept
    new = _opened_anew(told)
    return None if new == told else json.dumps(new, ensure_ascii=False)


def _opened_anew(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"sealed", "tail4"}:
            sealed = base64.b64decode(value["sealed"])
            return value if is_sealed_now(sealed) else value | {"sealed": _base64(seal(unseal(sealed)))}
        return {name: _opened_anew(one) for name, one in value.items()}
    return [_opened_anew(one) for one in value] if isinstance(value, list) else value


def _hex(sealed: bytes) -> str:
    return "\\x" + sealed.hex()


def _base64(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()


def _statements(place: Place) -> tuple[sql.Statement, sql.Statement]:
    table, column, form, key = place
    kind = "bytea" if form == "bytes" else "jsonb"
    holds = f"{column} is not null" if form == "bytes" else f"{column}::text like '%%\"sealed\"%%'"
    read = (
        f"select {key} as key, {column} as kept from {table} where {key} > %(after)s::bigint and {holds}"
        f" order by {key} fetch first (%(limit)s::int) rows with ties"
    )
    write = (
        f"update {table} t set {column} = n.new::{kind}"
        f" from unnest(%(keys)s::bigint[], %(olds)s::text[], %(news)s::text[]) as n (key, old, new)"
        f" where t.{key} = n.key and t.{column} = n.old::{kind}"
    )
    return sql.Statement(f"sealed_in_{table}", read), sql.Statement(f"reseal_{table}", write)


def reseal_journaled(table: str, column: str) -> int:
    """The same for a table whose changes by imports are journaled: an undoing knows a row by what the journal says it
    became, so one value gets one new seal wherever it stands, all in one transaction. For lists of some thousands."""
    anew: dict[str, str] = {}

    def renewed(old: str) -> str:
        if old not in anew:
            sealed = bytes.fromhex(old[2:])
            anew[old] = old if is_sealed_now(sealed) else _hex(seal(unseal(sealed)))
        return anew[old]

    read, write, read_changes, write_changes = _journaled(table, column)
    with transaction.atomic():
        rows = [(r.key, _hex(bytes(r.kept))) for r in sql.fetch(read)]
        changed = [(key, new) for key, old in rows if (new := renewed(old)) != old]
        sql.run(write, keys=[key for key, _ in changed], news=[new for _, new in changed])
        past = [(r.key, r.before, r.after) for r in sql.fetch(read_changes, relation=table)]
        moved = [
            (key, *(old and renewed(old) for old in olds))
            for key, *olds in past
            if any(old and renewed(old) != old for old in olds)
        ]
        sql.run(
            write_changes,
            keys=[key for key, _, _ in moved],
            befores=[before for _, before, _ in moved],
            afters=[after for _, _, after in moved],
        )
    return len(changed) + len(moved)


def count_old_journaled(table: str, column: str) -> int:
    read, _, read_changes, _ = _journaled(table, column)
    with transaction.atomic():
        here = [bytes(r.kept) for r in sql.fetch(read)]
    past = [old for r in sql.fetch(read_changes, relation=table) for old in (r.before, r.after) if old]
    return sum(not is_sealed_now(sealed) for sealed in (*here, *(bytes.fromhex(old[2:]) for old in past)))


def _journaled(table: str, column: str) -> tuple[sql.Statement, ...]:
    texts = (
        f"select id as key, {column} as kept from {table} where {column} is not null order by id for update",
        f"update {table} t set {column} = n.new::bytea"
        " from unnest(%(keys)s::bigint[], %(news)s::text[]) as n (key, new) where t.id = n.key",
        f"select id as key, before ->> '{column}' as before, after ->> '{column}' as after from row_change"
        f" where relation = %(relation)s and (before ->> '{column}' is not null or after ->> '{column}' is not null)",
        "update row_change c set"
        f" before = case when n.before is null then c.before else jsonb_set(c.before, '{{{column}}}', to_jsonb(n.before)) end,"
        f" after = case when n.after is null then c.after else jsonb_set(c.after, '{{{column}}}', to_jsonb(n.after)) end"
        " from unnest(%(keys)s::bigint[], %(befores)s::text[], %(afters)s::text[]) as n (key, before, after)"
        " where c.id = n.key",
    )
    return tuple(sql.Statement(f"journaled_{n}_{table}", text) for n, text in enumerate(texts))


# What facts carry: hash and value together, and the key of a list's row that has nothing but a contact to be known by.
_CARRIED = sql.Statement(
    "contacts_carried",
    """
    select i.fact_id as key, i.kind, i.scope, i.key as hash, i.sealed, f.client_key
    from fact_identifier i
    left join lateral (
        select f.client_key from settlement s join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
        where s.fact_id = i.fact_id and s.name = 'Identify' and f.client_key like i.kind || ':%%' offset 0) f on true
    where i.fact_id > %(after)s::bigint and i.kind = any(%(kinds)s::text[])
    order by i.fact_id fetch first (%(limit)s::int) rows with ties
    """,
)
_REKEY_CARRIED = sql.Statement(
    "rekey_carried",
    """
    update fact_identifier i set key = n.new, sealed = n.sealed::bytea
    from unnest(%(keys)s::bigint[], %(kinds)s::text[], %(scopes)s::text[], %(olds)s::text[], %(news)s::text[],
        %(sealed)s::text[]) as n (fact_id, kind, scope, old, new, sealed)
    where i.fact_id = n.fact_id and i.kind = n.kind and i.scope = n.scope and i.key = n.old
    """,
)
_REKEY_ROWS = sql.Statement(
    "rekey_rows_of_lists",
    """
    update fact f set client_key = n.new
    from unnest(%(keys)s::bigint[], %(news)s::text[]) as n (fact_id, new)
    join settlement s on s.fact_id = n.fact_id
    where f.id = s.fact_id and f.occurred_at = s.occurred_at and not exists (
        select from fact o where o.source_id = f.source_id and o.client_key = n.new and o.content_hash = f.content_hash
            and o.occurred_at = f.occurred_at)
    """,
)


def rekey_facts(kinds: Sequence[str], between: Callable[[], None]) -> int:
    """Give every contact that facts carry the new hash and seal. Returns how many had the old."""
    after, done = -1, 0
    while True:
        with transaction.atomic():
            rows = sql.fetch(_CARRIED, after=after, limit=_SLICE, kinds=list(kinds))
            done += _rekey_rows(rows)
        if not rows:
            return done
        after = rows[-1].key
        between()


def _rekey_rows(rows: Sequence[sql.Row]) -> int:
    plain = {r: unseal(bytes(r.sealed)) for r in rows if r.sealed is not None}
    old = [
        r
        for r, word in plain.items()
        if crypto.lookup_key(word) != r.hash or not is_sealed_now(bytes(r.sealed))
    ]
    if not old:
        return 0
    sql.run(
        _REKEY_CARRIED,
        keys=[r.key for r in old],
        kinds=[r.kind for r in old],
        scopes=[r.scope for r in old],
        olds=[r.hash for r in old],
        news=[crypto.lookup_key(plain[r]) for r in old],
        sealed=[_hex(seal(plain[r])) for r in old],
    )
    last = _last_hash()
    listed = [(r.key, new) for r in old if r.client_key and (new := _row_key(r.client_key, plain[r], last))]
    sql.run(_REKEY_ROWS, keys=[key for key, _ in listed], news=[new for _, new in listed])
    return len(old)


def _row_key(client_key: str, word: str, last: Callable[[str], str]) -> str | None:
    """The new key of a list's row, "kind:hash" of the value as the list had it, with "#2" behind it when told twice."""
    kind, _, hash_ = client_key.partition(":")
    for said in (word, word.removeprefix("+86")):
        for value in (said, *(f"{said}#{n}" for n in range(1, 10))):
            if last(value) == hash_:
                return f"{kind}:{crypto.lookup_key(value)}"
    return None


def count_old_carried(kinds: Sequence[str]) -> tuple[int, int]:
    """Of contacts that facts carry: how many have the old hash or seal, and how many nobody can hash anew."""
    old = unreadable = 0
    for rows in slices(_CARRIED, kinds=list(kinds)):
        for r in rows:
            if r.sealed is None:
                unreadable += 1
            else:
                old += (
                    not is_sealed_now(bytes(r.sealed)) or crypto.lookup_key(unseal(bytes(r.sealed))) != r.hash
                )
    return old, unreadable


def slices(read: sql.Statement, **params: Any) -> Iterator[list[sql.Row]]:
    """All rows of a statement that pages by `key` after `after`, at most about `limit` at a time."""
    after: Any = -1
    while rows := sql.fetch(read, after=after, limit=_SLICE, **params):
        after = rows[-1].key
        yield rows
