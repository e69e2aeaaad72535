"""A dealer gives and takes back what head office sees; it sees who looked, and what became of its customers elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.postgres.api import OWNER, WEB, apply_grants
from huoshui.core.postgres.testing import test_server as a_server
from huoshui.core.tests.ground import clean_tables, texts
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission.tests.world import BOSS, World, world
from huoshui.trade.protection import api as protection

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.django_db(transaction=True)

OPERATOR = Actor("staff", 903, "运营", frozenset({"operator"}))
_NAMED = sql.Statement(
    "named",
    "update person_card set display_name = '张晓明', phone_tail4 = '0007' where person_id = %(person_id)s",
)
_ENTRIES = sql.Statement(
    "entries", "select action, actor from audit_entry where action like 'protection.%%' order by id"
)


def say(
    world: World, is_given: bool, *, dealer: int = 0, actor: Actor | None = None, scope: str = "contact"
) -> bool:
    with transaction.atomic():
        return protection.say(
            world.shops.dealers[dealer],
            scope=scope,
            is_given=is_given,
            said="试试",
            actor=actor or world.shops.owner(dealer),
        )


def customer(world: World, card: str, dealer: int) -> int:
    world.buy(card, dealer, dealer * 2)
    world.read()
    person = people.find("card_no", card)
    assert person is not None
    people.refresh_cards()
    with transaction.atomic():
        sql.run(_NAMED, person_id=person)
    return int(person)


def seen(actor: Actor, person: int) -> tuple[str, str]:
    (card,) = people.cards_for(actor, [person])
    assert people.search(actor, "", people.Filters()).rows[0].display_name == card.display_name
    return card.display_name, card.phone_tail4


def unseen(actor: Actor, person: int) -> bool:
    """Nowhere: not by her number, not in a list, not by a filter."""
    with pytest.raises(NotFound):
        people.card_for(actor, person)
    lists = [people.search(actor, text, people.Filters()).rows for text in ("", "张", "0007")]
    return not people.cards_for(actor, [person]) and not any(lists)


WHOLE, MASKED = ("张晓明", "0007"), ("张**", "")


def test_what_head_office_sees_follows_the_dealers_word_at_once(world: World, settings: Any) -> None:
    person, dealer = customer(world, "c1", 0), world.shops.dealers[0]
    assert seen(BOSS, person) == WHOLE, "the house's members: nobody said anything"
    assert protection.standing(BOSS, dealer).is_shared
    assert say(world, False) and seen(BOSS, person) == MASKED
    assert seen(world.shops.owner(0), person) == WHOLE, "the dealer itself sees its own"
    assert not say(world, False), "saying it twice changes nothing"
    assert say(world, True) and seen(BOSS, person) == WHOLE
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    assert seen(BOSS, person) == MASKED, "her own consent is still to come"
    people.say_consent(person, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)
    assert seen(BOSS, person) == WHOLE
    assert say(world, False) and seen(BOSS, person) == MASKED, "the dealer takes it back; she has not"
    found = protection.said_by(BOSS, dealer)
    assert [w.is_given for w in found if w.scope == "contact"] == [False, True, False]
    assert found[0].said == "试试"
    assert protection.said_by(world.shops.owner(0), dealer) == found, "both sides read the same"
    assert [r.action for r in sql.fetch(_ENTRIES)] == [
        "protection.taken_back",
        *["protection.given"] * 3,
        "protection.taken_back",
    ]


def test_where_dealers_own_customers_nothing_is_shared_before_a_word(world: World, settings: Any) -> None:
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    person = customer(world, "c1", 0)
    people.say_consent(person, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)
    assert unseen(BOSS, person) and seen(world.shops.owner(0), person) == WHOLE
    assert not protection.standing(BOSS, world.shops.dealers[0]).opened
    assert say(world, True, dealer=1) and unseen(BOSS, person), "another dealer's yes"
    assert say(world, True) and seen(BOSS, person) == WHOLE


def test_each_scope_opens_its_own_and_no_more(world: World, settings: Any) -> None:
    """counts: totals; behaviour: each customer without a name; contact: how to reach her. At once, each way, and on the record."""
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    person, dealer = customer(world, "c1", 0), world.shops.dealers[0]
    people.say_consent(person, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)

    def stands() -> tuple[set[str], int | None]:
        found = protection.standing(BOSS, dealer)
        return set(found.opened), found.customers

    units = {dealer, *world.shops.stores[0]}
    assert unseen(BOSS, person) and stands() == (set(), None) and set(closed(world)) >= units
    assert protection.standing(world.shops.owner(0), dealer).customers == 1, "the dealer knows its own"
    assert say(world, True, scope="counts") and stands() == ({"counts"}, 1)
    assert unseen(BOSS, person) and set(closed(world)) >= units
    assert say(world, True, scope="behaviour") and stands()[0] == {"counts", "behaviour"}
    assert seen(BOSS, person) == MASKED and not set(closed(world)) & units
    assert say(world, True, scope="contact") and seen(BOSS, person) == WHOLE
    assert say(world, False, scope="behaviour") and unseen(BOSS, person), "the wider goes along"
    assert stands() == ({"counts"}, 1) and protection.closed(SYSTEM) == frozenset()
    assert say(world, False, scope="counts") and stands() == (set(), None)
    assert say(world, True, scope="contact") and len(stands()[0]) == 3, "the narrower come along"
    assert seen(BOSS, person) == WHOLE and not say(world, True, scope="counts")
    with pytest.raises(Refused):
        say(world, True, scope="everything")
    told = [(w.scope, w.is_given) for w in reversed(protection.said_by(BOSS, dealer))]
    assert told == [
        ("counts", True), ("behaviour", True), ("contact", True), ("behaviour", False), ("contact", False),
        ("counts", False), ("counts", True), ("behaviour", True), ("contact", True),
    ]  # fmt: skip
    assert len(sql.fetch(_ENTRIES)) == len(told)


def closed(world: World) -> tuple[int, ...]:
    return protection.closed_units(BOSS)


def test_what_is_said_of_one_scope_leaves_the_narrower_as_the_house_has_it(world: World) -> None:
    person = customer(world, "c1", 0)
    assert say(world, False) and seen(BOSS, person) == MASKED and not closed(world)
    assert say(world, False, scope="behaviour") and unseen(BOSS, person)
    assert unseen(OPERATOR, person) and people.cards_for(SYSTEM, [person]), "the house's own work goes on"


def test_nobody_else_says_it(world: World) -> None:
    owner, dealer = world.shops.owner(0), world.shops.dealers[0]
    acting = Actor("staff", 950, "区域经理", frozenset({"dealer"}), frozenset({dealer}), acting_id=1)
    for actor in (BOSS, OPERATOR, SYSTEM, world.guide(0), world.shops.owner(1), acting):
        with pytest.raises(NotFound):
            say(world, True, actor=actor)
    assert protection.said_by(owner, dealer) == [] and sql.fetch(_ENTRIES) == []


def test_who_looked_is_told_with_his_reason_and_only_to_whose_customer_she_was(world: World) -> None:
    mine, theirs = customer(world, "c1", 0), customer(world, "c2", 1)
    looked: list[tuple[Actor, str, int, dict[str, Any]]] = [
        (OPERATOR, "contact.opened", mine, {"kind": "phone", "reason": "约好今天送货"}),
        (BOSS, "contact.revealed", theirs, {"kind": "phone"}),
        (BOSS, "contact.dialled", mine, {"kind": "phone"}),
        (BOSS, "contact.wecom", mine, {"kind": "wecom", "way_id": 1}),
        (world.guide(0), "contact.opened", mine, {"kind": "phone", "reason": "自己的员工"}),
        (BOSS, "person.merged", mine, {}),
    ]
    world.today = 1
    with transaction.atomic():
        sql.run(sql.Statement("back", "alter table audit_entry alter column at set default '2026-03-20'"))
        for actor, action, person, detail in looked:
            audit(actor, action, "person", person, **detail)
        sql.run(sql.Statement("on", "alter table audit_entry alter column at set default now()"))
    found = protection.looks(world.shops.owner(0), world.shops.dealers[0])
    assert [(x.action, x.staff_id, x.person_id, x.reason) for x in found] == [
        ("wecom", BOSS.id, mine, ""),
        ("dialled", BOSS.id, mine, ""),
        ("opened", OPERATOR.id, mine, "约好今天送货"),
    ]
    (other,) = protection.looks(world.shops.owner(1), world.shops.dealers[1])
    assert (other.action, other.person_id) == ("revealed", theirs)


def test_what_she_bought_elsewhere_is_told_down_to_the_sale_and_what_is_owed(world: World) -> None:
    owner, dealer = world.shops.owner(0), world.shops.dealers[0]
    customer(world, "c1", 0)
    world.today = 2
    free = world.buy("c1", 1, 2, 8_000)
    world.read()
    world.brand(fee_permille=30, area_permille=100, return_days=7)
    paid = world.buy("c1", 1, 3, 10_000, key="P")
    online = world.buy("c1", -1, None, 20_000)
    world.buy("c1", 0, 0, 5_000)
    customer(world, "c9", 1)
    world.buy("c9", 1, 2, 7_000)
    world.read()
    world.give_back("P", 4_000)
    world.read()
    found = {e.order_id: e for e in protection.elsewhere(owner, dealer)}
    assert sorted(found, reverse=True) == [e.order_id for e in protection.elsewhere(owner, dealer)]
    told = {k: (e.sold_by, e.guide_id, e.amount, e.owed, e.frozen) for k, e in found.items()}
    other, guides = world.shops.dealers[1], world.shops.guides
    assert told == {
        free: (other, guides[2], 8_000, 0, 0),
        paid: (other, guides[3], 6_000, 180, 180),
        online: (None, None, 20_000, 2_000, 2_000),
    }
    stands = protection.standing(owner, dealer)
    assert (stands.orders, stands.owed, stands.frozen, stands.customers) == (2, 2_180, 2_180, 1)
    assert [e.order_id for e in protection.elsewhere(owner, dealer, before=paid)] == [free]
    assert protection.elsewhere(world.shops.owner(1), other) == []


def test_a_foreign_dealer_and_a_missing_one_look_alike(world: World) -> None:
    asks: list[Callable[[Actor, int], Any]] = [
        protection.standing,
        protection.looks,
        protection.elsewhere,
        protection.said_by,
    ]
    for actor in (world.shops.owner(1), world.guide(0)):
        for dealer in (world.shops.dealers[0], 999_999):
            for ask in asks:
                with pytest.raises(NotFound):
                    ask(actor, dealer)
    with pytest.raises(NotFound):
        protection.standing(BOSS, world.shops.stores[0][0])


def test_as_many_statements_for_one_sale_elsewhere_as_for_many(world: World) -> None:
    world.brand(fee_permille=30, return_days=7)
    customer(world, "c1", 0)
    sent = []
    for n in (1, 5):
        for _ in range(n):
            world.buy("c1", 1, 2)
        world.read()
        sent.append(len(texts(lambda: protection.elsewhere(BOSS, world.shops.dealers[0]))))
    assert sent[0] == sent[1]


_LOOKS = {
    "all": "select actor from protection_grant",
    "by the dealer": "select actor from protection_grant where dealer_id = 9",
    "counted": "select 'foreign' from protection_grant having count(*) > 1",
    "by a union": "select null union all select actor from protection_grant",
    "in an array": "select unnest(array_agg(actor)) from protection_grant",
    "for update": "select actor from protection_grant for update",
    "without row security": "set local row_security = off; select actor from protection_grant",
}
_WRITES = {
    "another's yes": "insert into protection_grant (dealer_id, scope, is_given, actor, at) values (9, 'contact', true, 'x', now())",
    "rewritten": "update protection_grant set is_given = true",
    "removed": "delete from protection_grant",
    "emptied": "truncate protection_grant",
    "unlocked": "alter table protection_grant disable row level security",
    "no trigger": "alter table protection_grant disable trigger all",
    "head office says yes": "select set_config('huoshui.scope', 'brand', true); insert into protection_grant"
    " (dealer_id, scope, is_given, actor, at) values (8, 'contact', true, 'x', now())",
}


_AS_BOTH = (
    "select set_config('huoshui.scope', 'units', true), set_config('huoshui.org_unit_ids', '8,9', true)"
)


def test_the_database_keeps_it_apart(clean_tables: None) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(_AS_BOTH)
        cursor.execute(
            "insert into protection_grant (dealer_id, scope, is_given, actor, at)"
            " values (8, 'contact', false, 'mine', now()), (9, 'contact', false, 'foreign', now())"
        )
    name = str(connection.settings_dict["NAME"])
    apply_grants(a_server().url(OWNER, name))
    with psycopg.connect(a_server().url(WEB, name)) as web:
        assert {r[0] for r in _asked(web, _LOOKS["all"])} == {"mine"}, "control: its own is there"
        for what, text in (_LOOKS | _WRITES).items():
            assert "foreign" not in {r[0] for r in _asked(web, text)}, what
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(_AS_BOTH)
        cursor.execute("select dealer_id, is_given, actor from protection_grant order by 1")
        assert cursor.fetchall() == [(8, False, "mine"), (9, False, "foreign")]


def _asked(web: psycopg.Connection[Any], text: str) -> list[Any]:
    """Whatever it did stands, where the database lets it."""
    rows: list[Any] = []
    try:
        with web.transaction():
            web.execute("select set_config('huoshui.scope', 'units', true)")
            web.execute("select set_config('huoshui.org_unit_ids', '8', true)")
            cursor = web.execute(text.encode())
            while True:
                rows += cursor.fetchall() if cursor.description else []
                if not cursor.nextset():
                    break
    except psycopg.Error as refused:
        rows.append((str(refused),))
    return rows
