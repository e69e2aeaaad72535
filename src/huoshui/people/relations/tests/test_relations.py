"""Who brought whom: told, declared, ended, merged, parted, erased."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import Erased, XidRange
from huoshui.core.tests.ground import (
    NOON,
    Told,
    a_source,
    clean_tables,
    number,
    receive,
    statements,
)
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import Carried, meet, new
from huoshui.people.relations import api as relations
from huoshui.people.relations import erasing, proposing, reads, rules
from huoshui.people.relations.tests.reading import no_waiting
from huoshui.people.relations.types import AlreadyRelated, NoReason, NotThenYet, SameHuman

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")

GUIDE = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({7}))
BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))

_BODY = sql.Statement("body", "update fact set body = %(body)s::jsonb where id = %(fact_id)s")
_BODY_OF = sql.Statement("body_of", "select body::text as body from fact where id = %(fact_id)s")
_ROWS = sql.Statement("rows", "select * from person_relation order by id")
_MENTIONS = sql.Statement("mentions", "select fact_id from relation_mention")
_BULK = sql.Statement(
    "bulk",
    "insert into person_relation (kind, from_person_id, to_person_id, since, origin, actor) select 'brought', a, b, %(at)s::timestamptz,"
    " 'hand', 'staff:1' from unnest(%(a)s::bigint[], %(b)s::bigint[]) as n (a, b)",
)
_PEOPLE = sql.Statement(
    "people", "insert into person (id, born_fact_id) select i, 0 from unnest(%(ids)s::bigint[]) as i"
)


def told_of(
    *identifiers: Carried, name: str = rules.REFERRED, at: datetime = NOON, **told: Any
) -> tuple[int, int]:
    """A tracked fact of the person with these identifiers: (fact, person)."""
    fact = Told(f"k{number()}", name=name, identifiers=identifiers, at=at)
    with transaction.atomic():
        (fact_id,) = receive([fact], a_source()).fact_ids
        sql.run(_BODY, body=json.dumps({"properties": told}), fact_id=fact_id)
        persons = people.resolve([fact_id], actor=SYSTEM)
        facts.mark_settled([fact_id], persons)
    return fact_id, persons[fact_id]


def read() -> int:
    return relations.read()


def merge(one: int, other: int) -> int:
    with transaction.atomic():
        return people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)


def unmerge(link_id: int) -> None:
    with transaction.atomic():
        people.unmerge(link_id=link_id, reason="弄错了", actor=SYSTEM)


def declare(kind: relations.Kind, one: int, other: int, **more: Any) -> int:
    with transaction.atomic():
        return relations.declare(
            kind=kind,
            from_person_id=one,
            to_person_id=other,
            **{"reason": "她自己说的", "actor": SYSTEM, **more},
        )


def end(relation_id: int, **more: Any) -> None:
    with transaction.atomic():
        relations.end(relation_id=relation_id, **{"reason": "说错了", "actor": BOSS, **more})


def brought(person: int) -> list[int]:
    return [b.person_id for b in relations.reach(person).direct]


def test_a_fact_tells_who_brought_her_by_a_sealed_number() -> None:
    phone = "+8613911112222"
    bringer = meet(("phone", lookup_key(phone)), new())
    sealed = {"sealed": base64.b64encode(seal(phone)).decode(), "tail4": "2222"}
    _, newcomer = told_of(new(), referrer={"phone": sealed})
    assert read() == 1
    assert brought(bringer) == [newcomer]
    (edge,) = relations.edges_of(newcomer)
    assert (edge.kind, edge.other_id, edge.is_outward, edge.since, edge.origin, edge.counts) == (
        "brought",
        bringer,
        False,
        NOON,
        "fact",
        True,
    )
    assert read() == 0, "nothing is read twice"
    assert relations.rebuild() == 0, "and a rebuild finds nothing more"


def test_what_we_did_not_seal_names_nobody_and_stops_nobody() -> None:
    mine = new()
    _, brought_by = told_of(mine, name="Identify")
    for odd in ("zzz", "AAAA", base64.b64encode(b"x" * 200).decode()):
        told_of(new(), referrer={"phone": {"sealed": odd}})
    told_of(new(), referrer={mine[0]: {"sealed": base64.b64encode(seal(mine[1])).decode()}})
    _, newcomer = told_of(new(), referrer={mine[0]: mine[1]})
    assert read() == 1
    assert [(r.from_person_id, r.to_person_id) for r in sql.fetch(_ROWS)] == [(brought_by, newcomer)]


def test_a_member_list_says_it_by_a_number_of_any_kind() -> None:
    member, card, phone = new("member_no"), new(), "13911113333"
    one, two, three = meet(member), meet(card), meet(("phone", lookup_key("+86" + phone)))
    first = meet(new(), traits=(("推荐人", member[1]),))
    second = meet(new(), traits=(("推荐人卡号", card[1]),))
    third = meet(new(), traits=(("referred_by", phone),))
    meet(new(), traits=(("推荐人", "无"),))
    assert read() == 3
    assert [brought(p) for p in (one, two, three)] == [[first], [second], [third]]
    assert sql.fetch(_MENTIONS) == [], "a word that names nobody is not waited for"


def test_whoever_is_named_before_we_know_her_is_found_when_she_comes() -> None:
    card = new()
    _, newcomer = told_of(new(), referrer={"card_no": card[1]})
    assert read() == 0 and len(sql.fetch(_MENTIONS)) == 1
    bringer = meet(card)
    assert read() == 1 and sql.fetch(_MENTIONS) == []
    assert brought(bringer) == [newcomer]


def test_nobody_brings_herself_and_a_shared_name_brings_nobody() -> None:
    card = new()
    told_of(card, referrer={"card_no": card[1]})
    told_of(new(), referrer={"card_no": "null"})
    told_of(new(), referrer="王")
    told_of(new(), name=rules.DECLARED, relation="enemy", other={"card_no": card[1]})
    assert read() == 0 and sql.fetch(_ROWS) == []


def test_a_relation_without_direction_is_one_however_it_is_told() -> None:
    one, other = new(), new()
    a, b = meet(one), meet(other)
    told_of(one, name=rules.DECLARED, relation="household", other={"card_no": other[1]})
    told_of(other, name=rules.DECLARED, relation="household", other={"card_no": one[1]})
    assert read() == 2
    assert {(r.from_person_id, r.to_person_id) for r in sql.fetch(_ROWS)} == {(a, b)}
    end(sql.fetch(_ROWS)[0].id)
    assert [e.until is None for e in relations.edges_of(a)] == [False, False], "both tellings end"


def test_of_two_who_claim_her_the_first_counts_also_after_a_merge() -> None:
    a, b, x, y = (meet(new()) for _ in range(4))
    declare("brought", a, x, since=NOON)
    declare("brought", b, y, since=NOON + timedelta(days=1))
    assert (brought(a), brought(b)) == ([x], [y])
    link = merge(x, y)
    assert (brought(a), brought(b)) == ([x], []), "at once, with nothing read in between"
    assert [e.counts for e in relations.edges_of(b)] == [False], "still shown"
    unmerge(link)
    assert (brought(a), brought(b)) == ([x], [y])


def test_who_brought_her_and_is_her_shows_nothing_until_they_part() -> None:
    a, x = meet(new()), meet(new())
    declare("brought", a, x)
    before = sql.fetch(_ROWS)
    link = merge(a, x)
    assert relations.edges_of(a) == [] and brought(a) == []
    unmerge(link)
    assert brought(a) == [x] and sql.fetch(_ROWS) == before, "no row was touched"


def test_it_ends_with_a_reason_and_what_repeats_it_does_not_bring_it_back() -> None:
    card, mine = new(), new()
    bringer = meet(card)
    told_of(mine, referrer={"card_no": card[1]})
    read()
    (edge,) = relations.edges_of(bringer)
    with pytest.raises(NoReason):
        end(edge.id, reason=" ")
    with pytest.raises(NotThenYet):
        end(edge.id, until=NOON - timedelta(days=1))
    assert relations.edges_of(bringer) == [edge]
    end(edge.id)
    (ended,) = relations.edges_of(bringer)
    assert (ended.ended_by, ended.ended_reason, ended.counts) == ("staff:1", "说错了", False)
    told_of(mine, referrer={"card_no": card[1]})
    assert read() == 0 and brought(bringer) == []
    with pytest.raises(NotFound):
        end(edge.id)
    assert declare("brought", bringer, edge.other_id) and brought(bringer) == [edge.other_id], (
        "by hand it may be"
    )


def test_what_cannot_be_declared_leaves_nothing() -> None:
    a, b = meet(new()), meet(new())
    link = merge(a, b)
    with pytest.raises(SameHuman):
        declare("household", a, b)
    unmerge(link)
    with pytest.raises(NoReason):
        declare("household", a, b, reason="")
    with pytest.raises(NotThenYet):
        declare("household", a, b, since=clock.now() + timedelta(days=1))
    with pytest.raises(NotFound):
        declare("household", a, b, actor=GUIDE)
    assert sql.fetch(_ROWS) == []
    declare("household", b, a)
    with pytest.raises(AlreadyRelated):
        declare("household", a, b)
    assert len(sql.fetch(_ROWS)) == 1


def test_what_a_withdrawn_fact_told_never_held() -> None:
    from huoshui.core.facts import withdrawn

    card = new()
    bringer = meet(card)
    fact_id, _ = told_of(new(), referrer={"card_no": card[1]})
    read()
    with transaction.atomic():
        by = withdrawn.reverse_others(1, [fact_id])
        withdrawn.withdraw(1, [(fact_id, by[fact_id], False)])
    read()
    (row,) = sql.fetch(_ROWS)
    assert row.until == row.since and relations.edges_of(bringer) == []
    relations.rebuild()
    assert relations.edges_of(bringer) == []


# ---- the tree -----------------------------------------------------------------------------------------------


def grow(pairs: Iterable[tuple[int, int]]) -> None:
    pairs = list(pairs)
    sql.run(_PEOPLE, ids=sorted({p for pair in pairs for p in pair}))
    sql.run(_BULK, a=[a for a, _ in pairs], b=[b for _, b in pairs], at=NOON)


def test_a_ring_ends_where_it_comes_back() -> None:
    grow([(1, 2), (2, 3), (3, 1), (3, 4)])
    found = relations.reach(1)
    assert [(b.person_id, b.depth, b.by_id) for b in found.tree] == [(2, 1, 1), (3, 2, 2), (4, 3, 3)]
    assert not found.is_cut


def test_a_tree_of_ten_thousand_takes_the_statements_of_a_small_one() -> None:
    """Five levels of ten each: 11,110 people below the root."""
    grow((i, i * 10 + j) for i in range(1, 1_111) for j in range(-8, 2))
    grow((1_000_000 + i, 1_000_001 + i) for i in range(4))
    big, small = relations.reach(1), relations.reach(1_000_000)
    assert (len(big.tree), len(small.tree), big.tree[-1].depth) == (11_100, 4, 4)
    assert statements(lambda: relations.reach(1)) == statements(lambda: relations.reach(1_000_000))
    assert len(big.direct) == 10


def test_a_deep_tree_is_cut_and_says_so() -> None:
    grow((i, i + 1) for i in range(1, 31))
    found = relations.reach(1, depth=5)
    assert (len(found.tree), found.is_cut) == (5, True)
    assert not relations.reach(28, depth=3).is_cut


def test_who_brings_most() -> None:
    grow([(1, 2), (1, 3), (4, 5), (4, 6), (4, 7), (8, 2)])
    assert relations.most_bringing() == [(4, [5, 6, 7]), (1, [2, 3])], "8 came second to 2"
    merge(1, 4)
    assert relations.most_bringing() == [(1, [2, 3, 5, 6, 7])]


# ---- households, lake, erasing ------------------------------------------------------------------------------


def test_a_shared_address_is_a_guess_and_joins_nobody() -> None:
    said = (("address", "浦东新区 世纪大道 88 号 1201"),)
    a, b = meet(new(), traits=said), meet(new(), traits=(("address", "浦东新区世纪大道88号1201"),))
    for _ in range(9):
        meet(new(), traits=(("address", "一个很大的单位宿舍"),))
    assert proposing.propose() == 1
    assert proposing.propose() == 0
    (guess,) = relations.proposals_of(a)
    assert (guess.other_id, guess.ground) == (b, "address")
    assert relations.edges_of(a) == [] and people.canonical_id(b) == b
    with transaction.atomic():
        relations.decide(proposal_id=guess.id, is_true=True, actor=SYSTEM)
    assert [(e.kind, e.other_id, e.reason) for e in relations.edges_of(a)] == [("household", b, "地址相同")]
    assert relations.proposals_of(a) == [] and people.canonical_id(b) == b


def test_of_who_does_not_want_to_be_profiled_nothing_is_guessed() -> None:
    said = (("address", "浦东新区世纪大道 88 号"),)
    a, b = meet(new(), traits=said), meet(new(), traits=said)
    no, yes = (people.Said("profiling", "", given, "self", "", "") for given in (False, True))
    people.say_consent(b, [no], actor=SYSTEM)
    assert proposing.propose() == 0
    people.say_consent(b, [yes], actor=SYSTEM)
    assert proposing.propose() == 1 and len(relations.proposals_of(a)) == 1
    people.say_consent(a, [no], actor=SYSTEM)
    assert relations.proposals_of(a) == [] == relations.proposals_of(b), (
        "nor is what was guessed before shown"
    )


def test_a_refused_guess_is_not_made_again() -> None:
    said = (("address", "浦东新区世纪大道 88 号"),)
    a, _b = meet(new(), traits=said), meet(new(), traits=said)
    proposing.propose()
    with transaction.atomic():
        relations.decide(proposal_id=relations.proposals_of(a)[0].id, is_true=False, actor=SYSTEM)
    assert (proposing.propose(), relations.edges_of(a), relations.proposals_of(a)) == (0, [], [])


def test_the_lake_is_told_who_brought_whom_and_when_nobody_did() -> None:
    a, b, x = meet(new()), meet(new()), meet(new())
    first = declare("brought", a, x, since=NOON)
    declare("brought", b, x)
    everything = XidRange(0, 1 << 60)
    (row,) = reads.state_changes(everything).to_pylist()
    assert (row["person_id"], row["key"], row["number"]) == (x, "referred_by", float(a))
    end(first)
    (row,) = reads.state_changes(everything).to_pylist()
    assert row["number"] == float(b), "then the second is the first"


def test_an_erased_bringer_is_named_nowhere() -> None:
    card, member = new(), new("member_no")
    bringer = meet(card, member)
    fact_id, newcomer = told_of(new(), referrer={"card_no": card[1]}, campaign="秋季")
    other = meet(new(), traits=(("推荐人", member[1]),))
    read()
    assert erasing.told_of([newcomer]) == [
        {"关系": "推荐她来的人", "从": "2026-03-10", "到": "", "来自": "记录里写的", "说明": ""}
    ]
    whom = Erased((bringer,))
    assert erasing.unname(whom) == {"别人的推荐人一栏": 2}
    assert erasing.erase(whom) == {"关系": 2}
    body = sql.fetch_one(_BODY_OF, fact_id=fact_id).body
    assert card[1] not in body and "秋季" in body
    attributes = people.attributes_for(SYSTEM, other)
    assert member[1] not in str(attributes)
    assert relations.edges_of(newcomer) == [] and relations.rebuild() == 0


def test_the_earliest_claim_wins_by_time_then_by_order() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    claims = [rules.Claim(1, 9, at, 2), rules.Claim(2, 9, at, 1), rules.Claim(9, 9, at, 0)]
    assert rules.first_claims(claims) == {9: rules.Claim(2, 9, at, 1)}
