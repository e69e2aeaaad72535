"""Bonds follow the facts, what people decide is a fact, and each sees its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import Erased, XidRange
from huoshui.core.tests.ground import Line, Told, a_source, clean_tables, number, refund, sale
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds import erasing, fold, reads
from huoshui.trade.bonds.tests.world import (
    BOSS,
    Carried,
    Shops,
    buy,
    day,
    live,
    no_waiting,
    open_shops,
    read,
    said,
    sent,
    settle,
)
from huoshui.trade.bonds.types import (
    BondProtected,
    DisputeOpen,
    EvidenceMissing,
    NoBond,
    NotSameDealer,
    ReasonMissing,
    WishStands,
)

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")

LAST = {"who": "last", "protection_days": 0}


@pytest.fixture(autouse=True)
def _at_day_30(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: day(30))


@pytest.fixture
def shops() -> Iterator[Shops]:
    with transaction.atomic():
        made = open_shops()
    yield made


def new() -> Carried:
    return "card_no", f"bonded-{number()}"


def known(card: Carried) -> int:
    found = people.find(*card)
    assert found is not None
    return found


def customer(shops: Shops, dealer: int = 0, at: float = 0) -> tuple[Carried, int]:
    card = new()
    buy(card, shops.stores[dealer][0], at)
    return card, known(card)


def act(do: Any, **said: Any) -> Any:
    with transaction.atomic():
        return do(**said)


def carded(actor: Actor, person: int) -> Any:
    people.refresh_cards()
    return people.card_for(actor, person)


def test_whoever_served_her_first_has_her_and_her_card_says_so(shops: Shops) -> None:
    card, person = customer(shops)
    buy(card, shops.stores[1][0], 3)
    assert read() == 1
    assert live(person) == [shops.dealers[0]]
    found = carded(shops.owner(0), person)
    assert (found.dealer_id, found.guide_id) == (shops.dealers[0], None)
    view = bonds.of_person(shops.owner(0), person)
    assert view.now is not None and view.now.dealer_id == shops.dealers[0]
    assert (
        "第一次在这里买了东西" in view.why[0]
        and "第 0 版规则" in view.why[0]
        and "还剩 150 天" in view.why[1]
    )
    assert read() == 0, "nothing new"


def test_a_scan_a_sign_up_and_an_order_without_a_store(shops: Shops) -> None:
    card, silent = new(), new()
    store = people_store(shops, 1)
    settle(Told(f"j{number()}", name="Member Joined", at=day(0), identifiers=(card,)))
    fact_id = tracked("Code Scanned", card, {"store": store, "guide": guide_number(shops, 2)}, at=1)
    settle(sale(f"o{number()}", Line(), at=day(2), identifiers=(silent,), store=None))
    read()
    view = bonds.of_person(SYSTEM, known(card))
    assert view.now is not None
    assert (view.now.dealer_id, view.now.guide_id, view.now.made_by, view.now.made_as) == (
        shops.dealers[1],
        shops.guides[2],
        fact_id,
        "scan",
    )
    assert live(known(silent)) == [""]


def people_store(shops: Shops, dealer: int) -> str:
    from huoshui.brand import api as brand

    return brand.unit_codes([shops.stores[dealer][0]])[shops.stores[dealer][0]]


_NUMBER = sql.Statement("number", "select number from staff where id = %(id)s")
_SAY_BODY = sql.Statement("say_body", "update fact set body = %(body)s::jsonb where id = %(id)s")


def guide_number(shops: Shops, place: int) -> str:
    return str(sql.fetch_one(_NUMBER, id=shops.guides[place]).number)


def tracked(name: str, card: Carried, said: dict[str, Any], at: float) -> int:
    import json

    (fact_id,) = settle(Told(f"t{number()}", name=name, at=day(at), identifiers=(card,)))
    sql.run(_SAY_BODY, id=fact_id, body=json.dumps({"properties": said}))
    return fact_id


def test_a_store_that_moves_takes_no_past_with_it(shops: Shops) -> None:
    _card, person = customer(shops)
    read()
    with connection.cursor() as cursor:
        cursor.execute(
            "update org_unit set parent_id = %s where id = %s", [shops.dealers[1], shops.stores[0][0]]
        )
    fold.rebuild(now=day(30))
    assert live(person) == [shops.dealers[0]]


def test_a_refund_of_all_gives_her_back(shops: Shops) -> None:
    act(bonds.set_rules, params=LAST, reason="试", actor=BOSS)
    card, source = new(), a_source()
    buy(card, shops.stores[0][0], 0)
    (second,) = settle(
        sale("B", Line(), at=day(2), identifiers=(card,), store=shops.stores[1][0]), source=source
    )
    read()
    person = known(card)
    assert live(person) == [shops.dealers[1]]
    (back,) = settle(
        refund("R", "B", at=day(3), identifiers=(card,), store=shops.stores[1][0]), source=source
    )
    with transaction.atomic():
        facts.take_back([(back, second, [])])
    read()
    assert live(person) == [shops.dealers[0]]
    assert "退完" in bonds.of_person(BOSS, person).why[0]


def test_silence_releases_her_by_a_job_and_her_card_says_so(shops: Shops) -> None:
    act(bonds.set_rules, params={"release_days": 365}, reason="一年", actor=BOSS)
    card, person = customer(shops)
    read()
    carded(SYSTEM, person)
    assert fold.attend(now=day(364)) == 0
    buy(card, shops.stores[0][1], 100)
    read()
    assert fold.attend(now=day(366)) == 1 and live(person) == [shops.dealers[0]], "she came meanwhile"
    assert fold.attend(now=day(466)) == 1 and live(person) == [""]
    assert people.card_for(SYSTEM, person).dealer_id is None
    assert bonds.of_person(BOSS, person).spells[0].end_reason == "silent"


def test_rules_are_versions_and_a_bond_keeps_its_own(shops: Shops) -> None:
    card, person = customer(shops)
    read()
    with pytest.raises(NotFound):
        act(bonds.set_rules, params=LAST, reason="试", actor=shops.owner(0))
    with pytest.raises(ReasonMissing):
        act(bonds.set_rules, params=LAST, reason=" ", actor=BOSS)
    version = act(bonds.set_rules, params=LAST, reason="改成末次", actor=BOSS)
    buy(card, shops.stores[1][0], 5)
    other, second = customer(shops, at=6)
    buy(other, shops.stores[1][0], 7)
    read()
    assert live(person, second) == [shops.dealers[0], shops.dealers[1]]
    now = bonds.of_person(BOSS, second).now
    assert now is not None and now.rule_version == version
    assert [v.version for v in bonds.rules_versions()] == [version, 0]
    assert bonds.current_rules().who == "last"


def test_head_office_assigns_whom_nobody_protects(shops: Shops) -> None:
    _card, person = customer(shops)
    read()
    carded(SYSTEM, person)
    before = said()
    give = {"person_id": person, "store_id": shops.stores[1][0], "reason": "就近"}
    with pytest.raises(BondProtected):
        act(bonds.assign, **give, actor=BOSS)
    with pytest.raises(NotFound):
        act(bonds.assign, **give, actor=shops.owner(0))
    with pytest.raises(ReasonMissing):
        act(bonds.assign, **{**give, "reason": ""}, actor=BOSS)
    assert said() == before
    act(bonds.release, person_id=person, reason="不做了", actor=shops.owner(0))
    assert live(person) == [""]
    fact_id = act(bonds.assign, **give, actor=BOSS, guide_id=shops.guides[2])
    assert live(person) == [shops.dealers[1]]
    now = bonds.of_person(BOSS, person).now
    assert now is not None and (now.made_by, now.actor, now.reason) == (fact_id, str(BOSS), "就近")
    assert "总部指定" in bonds.of_person(BOSS, person).why[0]


def test_only_the_owner_gives_her_away(shops: Shops) -> None:
    _card, person = customer(shops)
    read()
    carded(SYSTEM, person)
    give = {"person_id": person, "store_id": shops.stores[1][0], "reason": "她搬家了"}
    with pytest.raises(NotFound):
        act(bonds.transfer, **give, actor=shops.owner(1))
    with pytest.raises(BondProtected):
        act(bonds.transfer, **give, actor=BOSS)
    act(bonds.transfer, **give, actor=shops.owner(0))
    assert live(person) == [shops.dealers[1]]
    with pytest.raises(NotFound):
        act(bonds.transfer, **give, actor=shops.owner(0))


def test_what_she_wishes_stands(shops: Shops) -> None:
    card, person = customer(shops)
    read()
    carded(SYSTEM, person)
    with pytest.raises(NotFound):
        act(bonds.wish, person_id=person, store_id=shops.stores[1][0], reason="她说的", actor=shops.owner(1))
    act(bonds.wish, person_id=person, store_id=shops.stores[1][0], reason="她说的", actor=BOSS)
    assert live(person) == [shops.dealers[1]]
    for do in (bonds.assign, bonds.transfer):
        with pytest.raises(WishStands):
            act(do, person_id=person, store_id=shops.stores[0][0], reason="要回来", actor=BOSS)
    with pytest.raises(WishStands):
        act(bonds.release, person_id=person, reason="要回来", actor=BOSS)
    buy(card, shops.stores[0][0], 9)
    read()
    assert live(person) == [shops.dealers[1]]


def test_a_guide_who_leaves_hands_over_all_in_one(shops: Shops) -> None:
    persons = []
    for n in range(5):
        card = new()
        tracked(
            "Code Scanned", card, {"store": people_store(shops, 0), "guide": guide_number(shops, 0)}, at=n
        )
        persons.append(known(card))
    read()
    assert [(g.guide_id, g.people) for g in bonds.guides(BOSS)] == [(shops.guides[0], 5)]
    to = [(shops.guides[1], shops.stores[0][1]), (shops.guides[3], shops.stores[0][0])]
    with pytest.raises(NotSameDealer):
        act(
            bonds.hand_over,
            guide_id=shops.guides[0],
            to=[(shops.guides[2], shops.stores[1][0])],
            reason="走",
            actor=BOSS,
        )
    with pytest.raises(NotFound):
        act(bonds.hand_over, guide_id=shops.guides[0], to=to, reason="走", actor=shops.owner(1))
    assert act(bonds.hand_over, guide_id=shops.guides[0], to=to, reason="离职", actor=shops.owner(0)) == {
        shops.guides[1]: 3,
        shops.guides[3]: 2,
    }
    assert bonds.customers(BOSS, guide_id=shops.guides[0]) == []
    assert sorted(
        bonds.customers(BOSS, guide_id=shops.guides[1]) + bonds.customers(BOSS, guide_id=shops.guides[3])
    ) == sorted(persons)
    assert live(*persons) == [shops.dealers[0]] * 5
    one = bonds.of_person(BOSS, persons[0])
    assert one.now is not None and one.now.owned_since == day(0) and "导购交接" in one.why[0]


def test_twice_the_customers_are_handed_over_by_as_many_statements(shops: Shops) -> None:
    def some(n: int) -> int:
        for _ in range(n):
            tracked(
                "Code Scanned",
                new(),
                {"store": people_store(shops, 0), "guide": guide_number(shops, 0)},
                at=0,
            )
        read()
        to = [(shops.guides[1], shops.stores[0][1])]
        return sent(lambda: act(bonds.hand_over, guide_id=shops.guides[0], to=to, reason="离职", actor=BOSS))

    some(1)
    assert some(3) == some(6)


def test_a_dispute_is_decided_by_head_office_and_is_a_fact(shops: Shops) -> None:
    card, person = customer(shops)
    proof = buy(card, shops.stores[1][0], 2)
    read()
    carded(SYSTEM, person)
    claim = {"person_id": person, "store_id": shops.stores[1][0], "said": "一直是我们服务的"}
    theirs = bonds.of_person(BOSS, person).now
    assert theirs is not None
    for evidence in ([], [theirs.made_by], [proof, 1 << 50]):
        with pytest.raises(EvidenceMissing):
            act(bonds.open_dispute, **claim, evidence=evidence, actor=shops.owner(1))
    with pytest.raises(NotFound):
        act(bonds.open_dispute, **claim, evidence=[proof], actor=shops.owner(0))
    opened = act(bonds.open_dispute, **claim, evidence=[proof], actor=shops.owner(1))
    with pytest.raises(DisputeOpen):
        act(bonds.open_dispute, **claim, evidence=[proof], actor=shops.owner(1))
    assert live(person) == [shops.dealers[0]], "nothing moves before it is decided"
    (seen,) = bonds.disputes(shops.owner(1))
    assert (seen.id, seen.against, seen.evidence) == (opened, "", (proof,))
    assert bonds.disputes(BOSS)[0].against_dealer_id == shops.dealers[0]
    assert bonds.disputes(shops.owner(0)) == [] and bonds.count_open(BOSS) == 1
    with pytest.raises(NotFound):
        act(bonds.decide_dispute, dispute_id=opened, is_granted=True, reason="有理", actor=shops.owner(1))
    fact_id = act(bonds.decide_dispute, dispute_id=opened, is_granted=True, reason="有理", actor=BOSS)
    now = bonds.of_person(BOSS, person).now
    assert now is not None and (now.dealer_id, now.made_by, now.how) == (shops.dealers[1], fact_id, "decided")
    with pytest.raises(NotFound):
        act(bonds.decide_dispute, dispute_id=opened, is_granted=False, reason="再想想", actor=BOSS)
    with pytest.raises(NoBond):
        act(bonds.open_dispute, **claim, evidence=[proof], actor=shops.owner(1))
    before = said()
    fold.rebuild(now=day(30))
    assert said() == before


def test_a_refused_dispute_is_a_fact_and_moves_nothing(shops: Shops) -> None:
    card, person = customer(shops)
    proof = buy(card, shops.stores[1][0], 2)
    read()
    before = said()
    opened = act(
        bonds.open_dispute,
        person_id=person,
        store_id=shops.stores[1][0],
        said="是我们的",
        evidence=[proof],
        actor=shops.owner(1),
    )
    fact_id = act(bonds.decide_dispute, dispute_id=opened, is_granted=False, reason="只来过一次", actor=BOSS)
    assert said() == before
    assert facts.head(fact_id).name == "Bond Dispute Refused"
    assert [(d.state, d.decision) for d in bonds.disputes(shops.owner(1))] == [("refused", "只来过一次")]


def test_a_dealer_sees_its_own(shops: Shops) -> None:
    _card, east = customer(shops, 0)
    _card, west = customer(shops, 1, at=1)
    own = new()
    buy(own, shops.own, 2)
    read()
    carded(SYSTEM, east)
    assert {(c.dealer_id, c.people, c.protected, c.gained) for c in bonds.counts(BOSS)} == {
        (shops.dealers[0], 1, 1, 1),
        (shops.dealers[1], 1, 1, 1),
        (None, 1, 1, 1),
    }
    assert [(c.dealer_id, c.people) for c in bonds.counts(shops.owner(0))] == [(shops.dealers[0], 1)]
    assert bonds.customers(shops.owner(0)) == [east] and bonds.customers(shops.owner(1)) == [west]
    assert bonds.customers(shops.owner(0), dealer_id=shops.dealers[1]) == []
    assert bonds.customers(BOSS) == sorted([east, west, known(own)])
    with pytest.raises(NotFound):
        bonds.of_person(shops.owner(0), west)


def test_a_withdrawn_fact_made_nothing_and_history_stays(shops: Shops) -> None:
    card = new()
    first = buy(card, shops.stores[0][0], 0)
    buy(card, shops.stores[1][0], 3)
    read()
    person = known(card)
    withdraw = sql.Statement(
        "withdraw_it", "insert into fact_withdrawn (fact_id, run_id) values (%(fact_id)s, 1)"
    )
    sql.run(withdraw, fact_id=first)
    with transaction.atomic():
        fold.work_out([person], now=day(30))
    assert live(person) == [shops.dealers[1]]
    rows = sql.fetch(
        sql.Statement("rows", "select dealer_id, superseded_at is null as holds from bond order by id")
    )
    assert [(r.dealer_id, r.holds) for r in rows] == [(shops.dealers[0], False), (shops.dealers[1], True)]


def test_the_table_lets_nobody_rewrite_a_bond(shops: Shops) -> None:
    customer(shops)
    read()
    for text in (
        "update bond set dealer_id = 0",
        "delete from bond",
        "update bond set superseded_at = now(), until = now()",
    ):
        with (
            pytest.raises((DatabaseError, psycopg.Error)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(text)
    assert len(said()) == 2


def test_the_lake_is_told_who_owns_and_serves(shops: Shops) -> None:
    card = new()
    scanned = {"store": people_store(shops, 0), "guide": guide_number(shops, 0)}
    tracked("Code Scanned", card, scanned, at=0)
    own = new()
    buy(own, shops.own, 1)
    read()
    told = reads.state_changes(XidRange(0, 1 << 60)).to_pylist()
    assert {(r["key"], r["value"], r["number"]) for r in told if r["person_id"] == known(card)} == {
        ("bond.dealer", dealer_name(shops, 0), float(shops.dealers[0])),
        ("bond.store", "东一店", float(shops.stores[0][0])),
        ("bond.guide", "小王", float(shops.guides[0])),
    }
    assert {(r["key"], r["value"], r["number"]) for r in told if r["person_id"] == known(own)} == {
        ("bond.dealer", "总部", 0.0),
        ("bond.store", "总部店", float(shops.own)),
        ("bond.guide", None, None),
    }


def dealer_name(shops: Shops, place: int) -> str:
    from huoshui.brand import api as brand

    return brand.unit_names([shops.dealers[place]])[shops.dealers[place]]


def test_whoever_is_erased_is_nobodys(shops: Shops) -> None:
    _card, person = customer(shops)
    _card, other = customer(shops)
    read()
    assert [row["归属"] for row in erasing.told_of([person])] == [dealer_name(shops, 0)]
    with pytest.raises(psycopg.Error), transaction.atomic():
        sql.run(reads.Q.erase_bonds, person_ids=[person])
    assert act(erasing.erase, erased=Erased((person,))) == {"顾客归属": 1}
    assert erasing.told_of([person]) == [] and live(person, other) == ["", shops.dealers[0]]


def test_twice_the_sales_take_no_more_statements(shops: Shops) -> None:
    def some(n: int) -> int:
        for _ in range(n):
            customer(shops)
        return sent(read)

    some(1)
    assert some(4) == some(8)
