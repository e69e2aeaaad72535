"""A device is of one person after another, by the time at which facts happen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import registry
from huoshui.core.tests.ground import NOON, number, rolled_back
from huoshui.people import api as people
from huoshui.people.identity import erasing, holding, rehearsing, rules, ruleset, sharing
from huoshui.people.identity.judging import judge
from huoshui.people.identity.reads import identifiers
from huoshui.people.identity.tests.meeting import canonical, everything, meet, meet_all, new
from huoshui.people.identity.types import Seen
from huoshui.people.identity.undoing import regroup_without

REPEATED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Act = tuple[int, int]  # at which hour; who signs in, or 0: nobody says who she is
ACTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=14, unique_by=lambda a: a[0]
)


def at(hour: float) -> datetime:
    return NOON + timedelta(hours=hour)


def rows(fact_id: int, hour: float, who: int = 0) -> list[Seen]:
    """As if nothing were known yet."""
    device = Seen(fact_id, "device_id", "", "d", None, None, None, 0, False, at=at(hour))
    if not who:
        return [device]
    return [device, Seen(fact_id, "account", "", f"u{who}", None, None, None, 0, False)]


def decided(acts: Sequence[Act]) -> list[int]:
    """Whose each is, told in this order: 1 to 3 as they sign in, 0 the visitor."""
    found = rules.assign([row for n, act in enumerate(acts) for row in rows(n, *act)], {})
    name = {p: int(key[1:]) for (kind, _, key), (p, _) in found.new_identifiers.items() if kind == "account"}
    return [name.get(found.person_of_fact[n], 0) for n in range(len(acts))]


def expected(acts: Sequence[Act]) -> list[int]:
    """Said another way: of what had come by then, the last sign-in before; where there is none, whoever the device was first seen
    with."""
    out = []
    for n, (hour, who) in enumerate(acts):
        before = [(h, w) for h, w in acts[:n] if w and h <= hour]
        out.append(who or (max(before)[1] if before else acts[0][1]))
    return out


class TestRules:
    @given(ACTS)
    def test_each_is_of_whoever_was_known_there_last(self, acts: list[Act]) -> None:
        assert decided(acts) == expected(acts)

    @given(ACTS, st.randoms())
    def test_in_whichever_order_sign_ins_come_what_comes_after_them_is_the_same(
        self, acts: list[Act], chance: random.Random
    ) -> None:
        known = [a for a in acts if a[1]]
        alone = [a for a in acts if not a[1] and any(h <= a[0] for h, _ in known)]
        told = [*known, *alone]
        first = dict(zip(told, decided(told), strict=True))
        for _ in range(3):
            chance.shuffle(known)
            chance.shuffle(alone)
            again = [*known, *alone]
            assert dict(zip(again, decided(again), strict=True)) == first

    def test_of_one_visit_one_moment_is_kept(self) -> None:
        told = [row for n, hour in enumerate((0, 0.1, 0.4, 0.6, 0.7)) for row in rows(n, hour, 1)]
        assert [fact_id for _, fact_id in rules.assign(told, {}).held] == [0, 3]

    def test_what_is_certain_or_finds_nobody_is_not_handed_on(self) -> None:
        for strength in ("certain", "hint"):
            body = ruleset.delivered().body()
            (kind,) = [k for k in body["kinds"] if k["kind"] == "device_id"]
            kind["strength"] = strength
            by = ruleset.read(body, version=2)
            assert rules.assign(rows(1, 0, 1), {}, frozenset(), by).held == []

    def test_terms_end_where_another_begins(self) -> None:
        told = [(at(0), 1), (at(1), 1), (at(2), 2), (at(3), 1)]
        assert holding.terms(told, 1) == [(at(0), at(2)), (at(3), None)]
        assert holding.terms(told, 2) == [(at(2), at(3))]
        assert holding.terms(told, 3) == []


@pytest.mark.django_db
class TestInTheDatabase:
    def test_a_browser_handed_on(self) -> None:
        device, anna, bert = new("device_id"), new("account"), new("account")
        visitor = meet(device, at=at(0))
        a = meet(device, anna, at=at(1))
        assert canonical(visitor, a) == [visitor, visitor]
        assert meet(device, at=at(2)) == a
        b = meet(device, bert, at=at(3))
        assert meet(device, at=at(4)) == b
        assert meet(device, at=at(2.5)) == a, "told late, it is whose it was then"
        assert meet(device, at=at(0.5)) == visitor
        assert meet(device, anna, at=at(5)) == a and meet(device, at=at(6)) == a, "back again"
        assert canonical(a, b) == [visitor, b]
        assert people.find(*device) == visitor and people.find(*bert) == b

    @REPEATED
    @given(ACTS, st.integers(1, 14))
    def test_in_one_batch_or_in_many_it_is_as_the_rules_say(self, acts: list[Act], size: int) -> None:
        with rolled_back():
            run = number()
            persons: list[int | None] = []
            for start in range(0, len(acts), size):
                some = acts[start : start + size]
                persons += meet_all([carried(run, who) for _, who in some], times=[at(h) for h, _ in some])
            names = {p: who for p, (_, who) in zip(persons, acts, strict=True) if who}
            assert [names.get(p, 0) for p in persons] == expected(acts)
            links = everything()["links"]
            regroup_without([p for p in persons if p is not None], actor=SYSTEM)
            assert everything()["links"] == links
            name = ("device_id", "", f"device-{run}")
            again = people.recognise([(name,)] * len(acts), [at(hour) for hour, _ in acts])
            for (hour, _), person_id in zip(acts, again, strict=True):
                before = [(h, w) for h, w in acts if w and h <= hour]
                assert names.get(person_id, 0) == (max(before)[1] if before else acts[0][1])
            judged = judge(rehearsing.whole(rehearsing.read_base()), ruleset.delivered())
            everyone = sorted({p for p in persons if p is not None})
            assert canonical(*everyone) == [judged.find(p) for p in everyone]

    def test_a_nickname_told_on_it_is_of_whoever_has_it_and_a_rehearsal_joins_nobody_by_it(self) -> None:
        device, nickname = new("device_id"), new("alias")
        a = meet(device, new("account"), at=at(0))
        b = meet(device, new("account"), at=at(1))
        assert meet(device, nickname, at=at(2)) == b
        judged = judge(rehearsing.whole(rehearsing.read_base()), ruleset.delivered())
        assert judged.find(a) != judged.find(b)

    def test_a_shared_device_is_nobodys(self) -> None:
        device = new("device_id")
        a = meet(device, new("account"), at=at(0))
        meet(device, new("account"), at=at(1))
        (shown,) = [i for i in identifiers(a, may_reveal=False) if i.kind == "device_id"]
        sharing.say_shared(a, identifier_id=shown.id, reason="店里的平板", actor=SYSTEM)
        assert meet_all([[device]], at=at(2)) == [None]
        assert people.find(*device) is None and holding.devices(a) == []

    def test_a_sign_in_taken_back_hands_nothing_on(self) -> None:
        device, anna, bert = new("device_id"), new("account"), new("account")
        a = meet(device, anna, at=at(0))
        meet(device, bert, at=at(1))
        sql.run(WITHDRAWN, fact_id=sql.fetch_one(LAST).id)
        assert meet(device, at=at(2)) == a
        assert [d.until for d in holding.devices(a)] == [None]

    def test_what_an_undone_sign_in_led_to_is_told_again(self) -> None:
        device, anna, bert = new("device_id"), new("account"), new("account")
        a, b = meet(device, anna, at=at(0)), meet(bert, at=at(0))
        assert meet(device, bert, at=at(1)) == b
        gone = sql.fetch_one(LAST).id
        assert meet(device, at=at(2)) == b
        led_to = sql.fetch_one(LAST).id
        assert meet(device, at=at(0.5)) == a
        sql.run(WITHDRAWN, fact_id=gone)
        assert regroup_without([a, b], actor=SYSTEM).retold == [led_to]
        assert canonical(a, b) == [a, b]

    def test_of_whom_nothing_else_tells_is_whoever_has_the_device_without_it(self) -> None:
        device, anna = new("device_id"), new("account")
        a, b = meet(device, anna, at=at(0)), meet(device, new("account"), at=at(1))
        gone = sql.fetch_one(LAST).id
        assert meet(device, at=at(2)) == b
        sql.run(WITHDRAWN, fact_id=gone)
        assert regroup_without([a, b], actor=SYSTEM).retold == []
        assert canonical(a, b) == [a, a]

    def test_who_had_it_from_when_until_when(self) -> None:
        device = new("device_id")
        a = meet(device, new("account"), at=at(0))
        b = meet(device, new("account"), at=at(3))
        (one,) = holding.devices(a)
        assert (one.key, one.since, one.until) == (device[1], at(0), at(3))
        (other,) = holding.devices(b)
        assert (other.since, other.until) == (at(3), None)

    def test_her_copy_lists_a_device_that_was_anothers_before(self) -> None:
        device = new("device_id")
        a = meet(device, new("account"), at=at(0))
        b = meet(device, new("account"), at=at(3))
        (first,) = people.rights_reads.copy_of(a).parts["用过的设备"]
        (then,) = people.rights_reads.copy_of(b).parts["用过的设备"]
        assert first["内容"] == then["内容"] == device[1]
        assert first["到"] == then["从"] and not then["到"]

    def test_past_its_time_goes_who_had_a_device_before_and_whose_it_is_stays(self) -> None:
        device, anna = new("device_id"), new("account")
        a = meet(device, anna, at=at(0))
        meet(device, new("account"), at=at(3))
        c = meet(device, new("account"), at=at(6))
        meet(device, anna, at=at(12))
        kept, others = at(9), len(sql.fetch(HOLDERS)) - 4
        rule = registry.expiries["identity.devices"]
        assert rule.count(kept) == {"设备以前是谁在用": 2}
        assert rule.take(kept) == {"设备以前是谁在用": 2} and rule.take(kept) == {"设备以前是谁在用": 0}
        assert sql.fetch_as(tuple, HOLDERS)[others:] == [(at(6), c), (at(12), a)]
        assert meet(device, at=at(10)) == c, "what happened since is whose it was"
        assert meet(device, at=at(13)) == a

    def test_a_sign_in_taken_back_stands_for_nobody_when_others_go(self) -> None:
        device = new("device_id")
        a = meet(device, new("account"), at=at(0))
        meet(device, new("account"), at=at(3))
        sql.run(WITHDRAWN, fact_id=sql.fetch_one(LAST).id)
        registry.expiries["identity.devices"].take(at(9))
        assert meet(device, at=at(10)) == a and [d.since for d in holding.devices(a)] == [at(0)]

    def test_who_is_erased_had_nothing(self) -> None:
        device = new("device_id")
        a = meet(device, new("account"), at=at(0))
        b = meet(device, new("account"), at=at(3))
        erasing.forget([b], [1])
        assert sql.fetch_as(tuple, HOLDERS) == [(at(0), a)]

    def test_what_was_told_before_there_was_the_table_is_filled_in(self) -> None:
        device, anna, bert = new("device_id"), new("account"), new("account")
        for hour, who in ((0, None), (1, anna), (2, anna), (3, bert), (4, bert), (5, anna)):
            meet(*filter(None, (device, who)), at=at(hour))
        kept = sql.fetch_as(tuple, HOLDERS)
        sql.run(sql.Statement("emptied", "delete from device_holder"))
        schema = sql.schema("huoshui.people.identity", "schema_0008_holders")
        sql.run(sql.Statement("filled", schema[schema.index("insert into") :]))
        filled = sql.fetch_as(tuple, HOLDERS)
        assert filled == [kept[0], kept[2], kept[4]] and len(kept) == 5


LAST = sql.Statement("last", "select max(fact_id) as id from settlement")
WITHDRAWN = sql.Statement(
    "withdrawn", "insert into fact_withdrawn (fact_id, run_id) values (%(fact_id)s::bigint, 1)"
)
HOLDERS = sql.Statement("holders", "select since, person_id from device_holder order by since")


def carried(run: int, who: int) -> list[tuple[str, str]]:
    device = ("device_id", f"device-{run}")
    return [device, ("account", f"user-{run}-{who}")] if who else [device]
