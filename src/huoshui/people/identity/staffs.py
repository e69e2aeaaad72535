"""Phones of those who work here. Guides give their own for customers who have none with them, so that it names no customer,
from the first time on and without anybody saying so.

A member of the staff may be a customer too. What he carries besides joins him as anybody (his card, his WeChat account), and
once somebody has said which customer he is, his phone alone, with which he signs in, is his again. It still joins nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.facts import api as facts
from huoshui.core.phone import NotAPhone
from huoshui.people.identity import live, rules
from huoshui.people.identity.erasing import is_erased, lasting

Q = sql.load("huoshui.people.identity")

PHONE = "phone"


def know_staff_phones(phones: Iterable[tuple[int, str]], *, actor: Actor) -> int:
    """(staff id, phone). Returns how many of these are new, or another's of the staff now.

    What had been recognised by them is decided anew by `intake.river.parting`. What is no phone, and what names nobody anyway,
    is left out."""
    by = live.now()
    told = {plain: staff_id for staff_id, phone in phones if (plain := _plain(phone))}
    keys = {plain: lookup_key(plain) for plain in told if not by.is_blocked(PHONE, plain)}
    marks = {plain: (PHONE, "", lasting(PHONE, key, plain)) for plain, key in keys.items()}
    erased = is_erased(marks.values())
    wanted = sorted((key, plain) for plain, key in keys.items() if marks[plain] not in erased)
    if not wanted:
        return 0
    columns = {"kinds": [PHONE] * len(wanted), "keys": [key for key, _ in wanted]}
    sql.fetch(Q.lock_staffs)
    sql.fetch(Q.lock_clusters)
    sql.run(
        Q.guard_staffs,
        sealed=["\\x" + seal(plain).hex() for _, plain in wanted],
        tails=[plain[-4:] for _, plain in wanted],
        **columns,
    )
    added = sql.run(Q.add_staffs, staff_ids=[told[plain] for _, plain in wanted], **columns)
    if added:
        facts.wake_readers()
        record(actor, "staff.phones_known", "staff", 0, phones=added)
    return added


def staff_of_phone(phone: str) -> int | None:
    """Who of the staff has this phone, as their list says."""
    plain = _plain(phone)
    row = sql.fetch_one(Q.staff_of, kind=PHONE, key=lookup_key(plain)) if plain else None
    return int(row.staff_id) if row else None


def bind_staff(person_of: Mapping[int, int]) -> None:
    """Which customer each member of the staff is, for all of them: staff id → person."""
    sql.fetch(Q.lock_staffs)
    sql.run(Q.bind_staffs, staff_ids=list(person_of), person_ids=list(person_of.values()))


def release_strays() -> int:
    """Let values name people again that stand on no list of the staff any more. Returns how many were somebody's."""
    sql.fetch(Q.lock_staffs)
    return sql.run(Q.release_strays)


def _plain(phone: str) -> str:
    try:
        return rules.plain(PHONE, phone)
    except NotAPhone:
        return ""
