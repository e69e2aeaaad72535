"""New keys for contacts, while tills sell: nobody is lost on the way, and nothing of the old keys is left."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from pytest_django import Settings

from huoshui.core import clock, crypto, rotating, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.tests.ground import a_source, clean_tables, number
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import shop
from huoshui.intake.river.batches import batch_of
from huoshui.intake.river.types import Item
from huoshui.intake.tracking import contacts
from huoshui.lake import tables
from huoshui.lake.tests import planting
from huoshui.people import api as people
from huoshui.people.identity import rekeying
from huoshui.people.identity.reads import identifiers
from huoshui.project import rotation
from tests.people.erasure import dump

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
PHONES = [f"+861391111000{n}" for n in range(1, 6)]
LIST = "会员卡号,手机号,邮箱,姓名\n" + "".join(
    f"VIP{n},{phone[3:]},p{n}@example.com,王{n}\n" for n, phone in enumerate(PHONES)
)
BARE = "手机号,姓名\n13922220001,林一\n13922220002,林二\n"  # nothing but a phone to be known by


class Killed(Exception):
    pass


@pytest.fixture
def keys(shop: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keys of this test's own, small slices, and processes that are told at once."""
    path = shop / "secrets" / "keys.json"
    crypto.ensure_keys(path)
    settings.HUOSHUI_KEYS = path
    settings.HUOSHUI_LAKE = str(shop / "lake")
    settings.HUOSHUI_DATABASE_URL = planting.database_url()
    planting.clean()
    monkeypatch.setattr(rotating, "_SLICE", 3)
    monkeypatch.setattr(rekeying, "_SLICE", 3)
    yield path
    planting.clean()
    tables.catalog().close()


def upload(text: str) -> dict[str, object]:
    run_id = imports.upload(BOSS, [("people.csv", BytesIO(text.encode("utf-8-sig")))], kind="people")
    imports.execute(run_id, actor=SYSTEM)
    run = imports.run_for(BOSS, run_id)
    assert run.state == "done", run.message
    return dict(run.counts)


_OTHERS = """
with pickups as (
    insert into pickup (next_at, actor, name, kind, place, what, daily_at, source_name, form, mode, tolerance, trial)
    values (now(), 'system:0', 'a', 'sftp', '{{}}', '{{}}', '04:00', 'a', 'auto', 'live', 0, '{0}'::bytea) returning id),
secrets as (insert into pickup_secret (pickup_id, sealed) select id, '{0}'::bytea from pickups),
dealers as (insert into dealer (code, name, phone_sealed, phone_tail4) values ('D1', '一', '{0}'::bytea, '0009') returning id),
changes as (
    insert into row_change (run_id, relation, place, after)
    select 1, 'dealer', jsonb_build_object('id', id), jsonb_build_object('code', 'D1', 'phone_sealed', '{0}') from dealers),
aside as (
    insert into tracked_aside (source_id, digest, kind, code, body, frame)
    values (1, gen_random_uuid(), 'track', 'x', '{0}'::bytea, '{1}'))
insert into device_aside (device_id, digest, code, body, received_at) values (1, gen_random_uuid(), 'x', '{0}'::bytea, now())
"""


def fill() -> None:
    """Everything that is kept sealed or found by a hash, in every place there is."""
    upload(LIST)
    upload(BARE)
    told = contacts.sealed({"traits": {"phone": PHONES[0]}, "list": [{"email": "p1@example.com"}]})
    tell("phone", PHONES[0], body=told)
    with connection.cursor() as cursor:
        cursor.execute(
            _OTHERS.format("\\x" + crypto.seal("13911119999").hex(), json.dumps({"context": told}))
        )


def tell(kind: str, value: str, *, body: Mapping[str, object] | None = None) -> int | None:
    """A fact as a door tells it. Of whom it is."""
    item = Item(
        name=IDENTIFY,
        client_key=f"t{number()}",
        occurred_at=clock.now(),
        identifiers=((kind, value),),
        body=dict(body or {}),
    )
    with transaction.atomic():
        ids = facts.receive(batch_of([item]), source=a_source(), actor=SYSTEM).fact_ids
        persons = people.resolve(ids, actor=SYSTEM)
        facts.mark_settled(ids, persons)
    return persons.get(ids[0])


_SEALED = re.compile(r'\\\\x([0-9a-f]{150,})|"sealed": "([A-Za-z0-9+/=]+)"')
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def of_the_old(there: Mapping[str, str], masters: bytes, hashes: set[str]) -> list[tuple[str, str]]:
    """(table, what) of every value in a dump that the old keys open or made."""
    found = []
    for table, text in there.items():
        for hexed, based in _SEALED.findall(text):
            sealed = bytes.fromhex(hexed) if hexed else base64.b64decode(based)
            if crypto._is_under(masters, sealed[: crypto._WRAPPED_KEY]):
                found.append((table, "sealed"))
        found += [(table, one) for one in _HASH.findall(text) if one in hashes]
    return found


WORDS = [
    *PHONES,
    *(f"p{n}@example.com" for n in range(5)),
    "+8613922220001",
    "+8613922220002",
    "13922220001",
    "13922220002",
]


def owners() -> dict[str, int | None]:
    return {word: people.find("email" if "@" in word else "phone", word) for word in WORDS}


def test_killed_after_every_slice_nobody_is_lost_and_nothing_of_the_old_keys_is_left(keys: Path) -> None:
    fill()
    master, lookup = (base64.b64decode(json.loads(keys.read_text())[name]) for name in ("master", "lookup"))
    old_hashes = {crypto.hashed(lookup, word) for word in WORDS}
    before = owners()
    assert None not in before.values()
    everybody = sql.fetch(_PERSONS)
    shown = identifiers(before[PHONES[1]] or 0, may_reveal=True)
    found_old = of_the_old(dump(), master, old_hashes)
    assert {table for table, _ in found_old} >= {
        f"public.{name}"
        for name in (
            "identifier",
            "fact_identifier",
            "dealer",
            "row_change",
            "pickup",
            "pickup_secret",
            "tracked_aside",
            "device_aside",
        )
    }

    killed = 0
    for after in count(1):
        turn = count(1)

        def between(turn: Iterator[int] = turn, after: int = after) -> None:
            assert owners() == before
            # A contact and its twin are shown once
            assert len(identifiers(before[PHONES[1]] or 0, may_reveal=True)) == len(shown)
            if next(turn) == after:
                raise Killed

        try:
            assert rotation.rotate(between=between, settle=lambda: None).is_clean
            break
        except Killed:
            killed += 1
            # A till sells: to whom the old hash finds, and to whom the new
            assert tell("phone", PHONES[after % 5]) == before[PHONES[after % 5]]
    assert killed > 10

    rotation.retire()
    assert owners() == before and sql.fetch(_PERSONS) == everybody
    assert of_the_old(dump(), master, old_hashes) == []
    assert "turning" not in json.loads(keys.read_text())
    # Whole values can still be read, and the same list told again is known
    assert {crypto.unseal(bytes(r.sealed)) for r in sql.fetch(_VALUES)} == set(WORDS) - {
        "13922220001",
        "13922220002",
    }
    facts_there = sql.fetch(_FACTS)
    upload(LIST)
    upload(BARE)
    assert sql.fetch(_FACTS) == facts_there
    assert identifiers(before[PHONES[1]] or 0, may_reveal=True) == shown


_PERSONS = sql.Statement("persons", "select id from person order by 1")
_VALUES = sql.Statement("values", "select sealed from identifier where sealed is not null")
_FACTS = sql.Statement("facts", "select count(*) from fact")


def test_what_a_stopped_process_still_knows_by_the_old_hash_is_the_same_human(keys: Path) -> None:
    """Met under both hashes at once, by a door that knows the new keys and one that does not: one person in the end."""
    phone = "+8613933330001"
    rotating.begin()
    rotating.find_by_new()
    new = tell("phone", phone)
    last = rotating._last_hash()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huoshui.intake.river.batches.lookup_key", last)
        old = tell("phone", phone)
    assert old != new
    assert rotation.rotate(settle=lambda: None).is_clean
    assert people.canonical_id(new or 0) == people.canonical_id(old or 0) == people.find("phone", phone)
    assert [e.rule for e in people.why(new or 0, old or 0)] == ["by_hand"]


def test_a_link_made_by_a_twin_keeps_its_evidence(keys: Path) -> None:
    fill()
    person = people.find("phone", PHONES[0])
    rotating.begin()
    people.rekeying.add_twins(lambda: None)
    rotating.find_by_new()
    item = Item(
        name=IDENTIFY,
        client_key=f"t{number()}",
        occurred_at=clock.now(),
        identifiers=(("phone", PHONES[0]), ("card_no", "ANOTHER")),
        body={},
    )
    with transaction.atomic():
        ids = facts.receive(batch_of([item]), source=a_source(), actor=SYSTEM).fact_ids
        born = people.resolve(ids, actor=SYSTEM)[ids[0]]
        facts.mark_settled(ids, {ids[0]: born})
    assert people.canonical_id(born) == person
    assert rotation.rotate(settle=lambda: None).is_clean
    (why,) = people.why(born, person or 0)
    assert "手机号" in why.sentence and PHONES[0][-4:] in why.sentence


def test_the_erased_are_known_under_new_keys(keys: Path) -> None:
    fill()
    person = people.find("phone", PHONES[0])
    with transaction.atomic():
        case = people.rights.ask(BOSS, person or 0, "erase", said="", proof="本人")
    people.erasing.erase([case], actor=BOSS)
    for _ in range(2):  # also under the third generation
        assert rotation.rotate(settle=lambda: None).is_clean
        rotation.retire()
        assert tell("phone", PHONES[0]) is None
        upload(LIST)
        assert people.find("phone", PHONES[0]) is None and people.find("card_no", "VIP0") is None
        assert people.reapply_erasures() == 0
    with transaction.atomic():
        assert people.erasing.let_return(BOSS, "phone", PHONES[0], reason="她自己又来了") == 1
    assert tell("phone", PHONES[0]) is not None


def test_the_old_keys_stay_while_anything_needs_them(keys: Path) -> None:
    fill()
    with pytest.raises(Refused, match="没有换下来的"):
        rotation.retire()
    sealed = crypto.seal("13911119999")
    assert rotation.rotate(settle=lambda: None).is_clean
    with connection.cursor() as cursor:
        cursor.execute("update pickup set trial = %s", [sealed])  # by a process that had not noticed
    with pytest.raises(Refused, match="还有 1 处"):
        rotation.retire()
    assert crypto.unseal(sealed) == "13911119999"
    assert rotation.rotate(settle=lambda: None).is_clean
    rotation.retire()
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed)


@pytest.mark.django_db
def test_every_column_that_may_hold_sealed_values_is_in_the_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct coalesce(p.relname, c.relname), a.attname from pg_attribute a
            join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
            where a.attnum > 0 and not a.attisdropped and (a.atttypid = 'bytea'::regtype or a.attname like '%%sealed%%')
            """
        )
        there = set(cursor.fetchall())
    listed = {
        *((place.table, place.column) for place in rotation.PLACES if place.form == "bytes"),
        *rotation.JOURNALED,
        *((table, sealed) for table, _, sealed in rotation.LOOKED_UP),
    }
    assert there == listed
