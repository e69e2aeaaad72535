"""Openings with what came before and after each, and what is out of the ordinary in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.remember import Remembered
from huoshui.people import api as people
from huoshui.trade.conduct import rules
from huoshui.trade.conduct.types import Family, Findings, Opening

Q = sql.load("huoshui.trade.conduct")

DEVICE_TRAITS: Final = ("注册设备", "开卡设备", "注册设备号", "设备号", "设备编号", "device", "device_id")
"""Columns of a member list that say on which device a card was opened."""
YEAR: Final = timedelta(days=365)


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def look(actor: Actor) -> Findings:
    """As of ten minutes ago at the earliest. For head office alone: it compares dealers, and a dealer learns nothing of
    others by it. Raises NotFound."""
    if not may_see(actor):
        raise NotFound
    return _looked.of([""])[""]


def _look() -> Findings:
    found = _openings()
    newest = max((o.at for o in found), default=None)
    return Findings(
        openings=len(found),
        dealers=len({o.dealer_id for o in found if o.dealer_id is not None}),
        devices=len({o.device for o in found}),
        tills=rules.tills(o for o in found if newest and o.at >= newest - YEAR),
        hunters=rules.hunters(found),
        crowds=rules.crowds(found),
        families=_families(),
        at=clock.now(),
    )


_looked = Remembered[str, Findings](lambda keys: dict.fromkeys(keys, _look()), seconds=600)


def _families() -> list[Family]:
    rows = sql.fetch(Q.shared_phones)
    heads = people.canonical_ids(sorted({p for r in rows for p in r.person_ids})) if rows else {}
    return [Family(tuple(sorted({heads[p] for p in r.person_ids})), r.cards) for r in rows]


def _openings() -> list[Opening]:
    cards = sql.copy_out(Q.openings, devices=list(DEVICE_TRAITS))
    if not cards.num_rows:
        return []
    born = sorted(set(cards.column("person_id").to_pylist()))
    kin = people.kin_of(born)
    every = sorted({member for own in kin.values() for member in own})
    heads = people.canonical_ids(every)
    zone = str(clock.brand_zone())
    with duckdb.connect() as database:
        for name, table in (
            ("cards", cards),
            ("heads", pa.table({"born": list(heads), "person": list(heads.values())})),
            ("bought", sql.copy_out(Q.bought, person_ids=every, zone=zone)),
            ("coupons", sql.copy_out(Q.coupons, person_ids=every, zone=zone)),
            ("units", _units(cards)),
        ):
            database.register(name, table)
        rows = database.execute(_FOLLOWED).fetchall()
    return [Opening(*row) for row in rows]


def _units(cards: pa.Table) -> pa.Table:
    """Stores with their dealers of today, by id and by the code that lists say."""
    table = brand.org_units_table()
    stores = table.filter(pc.equal(table.column("kind"), "store"))
    ids = stores.column("org_unit_id").to_pylist()
    above = brand.branches_of(ids)
    dealers = [above[i].dealer_id if i in above else None for i in ids]
    return pa.table({"id": ids, "code": stores.column("code"), "dealer": pa.array(dealers, pa.int32())})


# A time without a time of day says nothing of minutes.
_FOLLOWED: Final = """
with opened as (
    select row_number() over () as n, h.person, c.device, try_cast(c.opened as timestamp) as at, u.id as store, u.dealer
    from cards c join heads h on h.born = c.person_id left join units u on u.code = c.store
    where try_cast(c.opened as timestamp) is not null),
orders as (
    select h.person, b.at::timestamp as at, b.org_unit_id as unit, u.dealer, u.id is not null as in_store
    from bought b join heads h on h.born = b.person_id left join units u on u.id = b.org_unit_id),
used as (select h.person, c.at::timestamp as at, c.title from coupons c join heads h on h.born = c.person_id),
told as (select person, count(*) as orders from orders group by person),
after as (
    select o.n, date_diff('second', o.at, x.at) / 60.0 as minutes
    from opened o asof join orders x on x.person = o.person and x.at >= o.at
    where o.at <> date_trunc('day', o.at)),
before as (
    select distinct o.n from opened o join orders x on x.person = o.person and x.at < o.at
    where x.in_store and x.dealer is distinct from o.dealer),
here as (select distinct o.n from opened o join orders x on x.person = o.person and x.unit = o.store),
coupon as (
    select o.n, max(u.title) as title from opened o join used u on u.person = o.person
    where u.at between o.at and o.at + interval 1 day group by o.n)
select o.person, o.device, o.at, o.store, o.dealer, a.minutes::double, b.n is not null,
    coalesce(t.orders, 0) = 1 and c.n is not null, h.n is not null, coalesce(c.title, '')
from opened o left join after a using (n) left join before b using (n) left join here h using (n)
    left join coupon c using (n) left join told t on t.person = o.person
order by o.at, o.n
"""
