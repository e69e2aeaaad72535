"""New keys for contacts: everything in the house that is sealed or found by a keyed hash, and the order in which it turns.

The one list. A test holds it against the schema: a column that may hold sealed values and stands in none of these fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from huoshui.core import crypto, rotating, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.audit import record
from huoshui.core.errors import Refused
from huoshui.core.rotating import Place
from huoshui.people import api as people

PLACES: Final = (
    Place("tracked_aside", "body"),
    Place("tracked_aside", "frame", "json"),
    Place("device_aside", "body"),
    Place("pickup", "trial"),
    Place("pickup_secret", "sealed"),
    Place("wecom_door", "sealed"),
    Place("wecom_secret", "sealed"),
    Place("wecom_token", "sealed"),
    Place("second_factor", "sealed", key="staff_id"),
    Place("fact", "body", "json"),
)
"""Sealed values that nothing is found by."""

JOURNALED: Final = (("dealer", "phone_sealed"),)
"""The same, where the journal of imports (`row_change`) has them too."""

LOOKED_UP: Final = (("identifier", "key", "sealed"), ("fact_identifier", "key", "sealed"))
"""Contacts that are found by their keyed hash: with it, and with the value. A row of a list that has nothing but a contact to
be known by has it in `fact.client_key`, and goes with the contact that its fact carries."""

LASTING: Final = (
    ("erased_identifier", "mark"),
    ("fact", "body: digest, customer_digest"),
    ("visit", "digest"),
    ("sign_in_code", "phone_mark, address_mark, code_hash"),
    ("recovery_code", "code_hash"),
    ("code_word", "phone_digest, word_digest"),
    ("wecom_way", "mark"),
    ("wecom_token", "mark"),
    ("secrets/erased.jsonl", "erased"),
)
"""Hashes of what is not kept, which nobody can make anew: by `crypto.digest`, whose key stays."""


@dataclass(frozen=True)
class Left:
    """What is still of the old generation. `unreadable` contacts have a hash and no value: they cannot be hashed anew."""

    identifiers: int
    carried: int
    sealed: int
    unreadable: int

    @property
    def is_clean(self) -> bool:
        return not (self.identifiers or self.carried or self.sealed or self.unreadable)


def rotate(*, between: Callable[[], None] = lambda: None, settle: Callable[[], None] | None = None) -> Left:
    """Turn the keys, from wherever an earlier run was killed. `between` is called between slices; `settle` waits until every
    process knows the keys as they are now and has ended what it began before."""
    settle = settle or _settle
    if not rotating.step():
        rotating.begin()
        _note("keys.begun")
    if rotating.step() == "begun":
        settle()
        people.rekeying.add_twins(between)
        people.rekeying.add_twins(between)  # those that came while the first were put
        rotating.find_by_new()
        _note("keys.turned")
    settle()
    rotating.rekey_facts(people.rekeying.CONTACTS, between)
    people.rekeying.take_in_twins(between)
    for place in PLACES:
        rotating.reseal(place, between)
    for table, column in JOURNALED:
        rotating.reseal_journaled(table, column)
    return left()


def left() -> Left:
    """Asked of every value."""
    identifiers, bare = people.rekeying.count_old()
    carried, also_bare = rotating.count_old_carried(people.rekeying.CONTACTS)
    sealed = sum(map(rotating.count_old, PLACES)) + sum(
        rotating.count_old_journaled(*journaled) for journaled in JOURNALED
    )
    return Left(identifiers, carried, sealed, bare + also_bare)


def retire() -> None:
    """Throw the old keys away, once nothing at all is of the old generation. Raises Refused."""
    if rotating.step() != "found":
        raise Refused("没有换下来的旧密钥。先运行 huoshui keys rotate。")
    found = left()
    if not found.is_clean:
        raise Refused(
            f"还有 {found.identifiers + found.carried + found.sealed:,} 处没有换成新密钥，"
            f"{found.unreadable:,} 处只存了指纹、换不了。旧密钥先留着：再运行一次 huoshui keys rotate。"
        )
    rotating.retire()
    _note("keys.retired")


def _note(action: str) -> None:
    with transaction.atomic():
        record(SYSTEM, action, "keys", rotating.generation())


_XID = sql.Statement("xid", "select pg_current_xact_id()::text::bigint as xid")
_OLDEST = sql.Statement("oldest", "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xid")


def _settle() -> None:
    time.sleep(2 * crypto.LOOK_EVERY)
    mine = sql.fetch_one(_XID).xid
    while sql.fetch_one(_OLDEST).xid <= mine:
        time.sleep(0.1)
