"""Who is in a segment, kept from refresh to refresh, with a small language in place of the great one."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.scope import scoped
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.insight.api import segments
from huoshui.insight.segments import judging
from huoshui.intake.river.tests.world import Shop, line
from huoshui.lake import api as lake
from huoshui.people import api as people
from tests.insight import little

__all__ = ["clean_tables"]

DAY = timedelta(days=1)
GUIDE = Actor(kind="staff", id=9, name="小丽", roles=frozenset({"guide"}), org_unit_ids=frozenset({1}))
ANALYST = Actor(kind="staff", id=8, name="小张", roles=frozenset({"analyst"}))
BOSS = Actor(kind="staff", id=6, name="老板", roles=frozenset({"boss"}))
AUDITOR = Actor(kind="staff", id=7, name="老李", roles=frozenset({"auditor"}))


@pytest.fixture
def shop(clean_tables: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(judging, "language", little.LANGUAGE)
    monkeypatch.setattr(lake, "read_upto", facts.horizon)
    brand.ensure_headquarters("总部")
    return Shop()


def saved(kind: str, number: int = 0, *, name: str = "", **more: Any) -> int:
    document = {"kind": kind, "number": number, **more}
    with transaction.atomic():
        return segments.create(name=name or f"{kind} {number}", document=document, actor=ANALYST).segment_id


def refresh(at: datetime | None = None, **more: Any) -> list[segments.Refreshed]:
    wait_for_readers()
    return segments.refresh(at=at, **more)


def inside(segment_id: int) -> set[int]:
    return {m.person_id for m in segments.members(SYSTEM, segment_id, limit=1000)}


def told(name: str) -> list[tuple[int, int]]:
    """(segment, person) of each such fact."""
    statement = sql.Statement(
        "told",
        "select f.body->>'segment_id' as segment_id, s.person_id from settlement s join fact f on f.id = s.fact_id"
        " where s.name = %(name)s order by f.id",
    )
    return [(int(r.segment_id), r.person_id) for r in sql.fetch(statement, name=name)]


def buy(who: Shop, key: str, *, ago: float = 0) -> None:
    who.tell(who.order(line(1000), key=key, at=clock.now() - timedelta(days=ago)))


def another(shop: Shop) -> Shop:
    return Shop(source=shop.source)


def merge(one: Shop, other: Shop) -> int:
    with transaction.atomic():
        return people.merge(person_a=one.person(), person_b=other.person(), reason="同一个人", actor=SYSTEM)


def test_a_new_fact_lets_somebody_in_and_one_fact_tells_of_it(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1")
    buy(other, "B1")
    twice = saved("bought", 2)
    refresh()
    assert inside(twice) == set() == set(told("Segment Entered"))
    buy(shop, "A2")
    [done] = refresh()
    assert (done.is_full, done.judged, done.entered, done.people) == (False, 1, 1, 1)
    assert inside(twice) == {shop.person()}
    assert told("Segment Entered") == [(twice, shop.person())]
    refresh()
    refresh(is_full=True)
    assert told("Segment Entered") == [(twice, shop.person())]
    assert told("Segment Left") == []


def test_time_alone_lets_somebody_out_and_in(shop: Shop) -> None:
    buy(shop, "A1", ago=10)
    now = clock.now()
    lately, silent = saved("lately", 30), saved("silent", 30)
    refresh(now)
    assert (inside(lately), inside(silent)) == ({shop.person()}, set())
    [member] = segments.members(SYSTEM, lately)
    assert member.recheck_at is not None and abs(member.recheck_at - (now + 20 * DAY)) < timedelta(minutes=1)
    refresh(member.recheck_at - timedelta(seconds=1))
    assert (inside(lately), inside(silent)) == ({shop.person()}, set())
    refresh(member.recheck_at)
    assert (inside(lately), inside(silent)) == (set(), {shop.person()})
    assert told("Segment Left") == [(lately, shop.person())]
    assert told("Segment Entered") == [(lately, shop.person()), (silent, shop.person())]
    went = segments.lately(SYSTEM, lately)[1]
    assert [(p.person_id, p.left_why) for p in went] == [(shop.person(), "rule")]


def test_what_needs_everyone_keeps_a_slower_beat(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1")
    best = saved("most")
    now = clock.now()
    refresh(now)
    assert inside(best) == {shop.person()}
    buy(other, "B1")
    buy(other, "B2")
    assert refresh(now + timedelta(seconds=10)) == []
    [done] = refresh(now + timedelta(minutes=5))
    assert done.is_full
    assert inside(best) == {other.person()}
    assert not segments.find(SYSTEM, best).is_incremental


def test_two_who_become_one_are_in_once_and_are_two_again(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1")
    buy(other, "B1")
    once, twice = saved("bought", 1), saved("bought", 2)
    refresh()
    since = {m.person_id: m.since for m in segments.members(SYSTEM, once)}
    entered = told("Segment Entered")
    link = merge(shop, other)
    refresh()
    both = people.canonical_id(shop.person())
    assert inside(once) == {both} == inside(twice)
    assert [m.since for m in segments.members(SYSTEM, once)] == [since[both]]
    # nobody left who is in under the other id, and only the new segment was entered
    assert told("Segment Left") == []
    assert told("Segment Entered") == [*entered, (twice, both)]
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    refresh()
    assert inside(once) == {shop.person(), other.person()}
    assert inside(twice) == set()
    assert told("Segment Left") == [(twice, both)]


def test_who_does_not_want_to_be_profiled_is_in_none(shop: Shop) -> None:
    buy(shop, "A1")
    once = saved("bought", 1)
    refresh()
    with transaction.atomic():
        people.say_consent(shop.person(), [people.Said("profiling", "", is_given=False)], actor=SYSTEM)
    refresh()
    assert inside(once) == set()
    assert [p.left_why for p in segments.lately(SYSTEM, once)[1]] == ["consent"]
    refresh(is_full=True)
    assert inside(once) == set()


def test_a_new_version_is_judged_of_everyone_and_the_same_is_none(shop: Shop) -> None:
    buy(shop, "A1")
    one = saved("bought", 1)
    refresh()
    with transaction.atomic():
        assert segments.save_version(one, document={"kind": "bought", "number": 1}, actor=ANALYST) == (
            one,
            1,
            False,
        )
        assert segments.save_version(
            one, document={"kind": "bought", "number": 3}, reason="太松", actor=ANALYST
        ) == (one, 2, False)
    assert segments.find(SYSTEM, one).is_pending
    refresh()
    assert inside(one) == set()
    assert [p.left_why for p in segments.lately(SYSTEM, one)[1]] == ["changed"]
    assert [(v.version_no, v.reason, v.actor_name) for v in segments.versions(SYSTEM, one)] == [
        (2, "太松", "小张"),
        (1, "", "小张"),
    ]
    with pytest.raises(segments.SegmentVersionOld), transaction.atomic():
        segments.save_version(one, document={"kind": "bought", "number": 5}, was_version=1, actor=ANALYST)


def test_archived_means_nobody_is_in(shop: Shop) -> None:
    buy(shop, "A1")
    one = saved("bought", 1, name="老朋友")
    refresh()
    with transaction.atomic():
        segments.set_state(one, "archived", actor=ANALYST)
    refresh()
    assert inside(one) == set()
    assert told("Segment Left") == [(one, shop.person())]
    assert segments.listed(SYSTEM) == []
    saved("bought", 1, name="老朋友")


def test_a_paused_one_stays_as_it_is(shop: Shop) -> None:
    buy(shop, "A1")
    twice = saved("bought", 2)
    refresh()
    with transaction.atomic():
        segments.set_state(twice, "paused", actor=ANALYST)
    buy(shop, "A2")
    refresh()
    assert inside(twice) == set()
    with transaction.atomic():
        segments.set_state(twice, "on", actor=ANALYST)
    refresh()
    assert inside(twice) == {shop.person()}


def test_who_may_not_write_changes_nothing_and_who_may_not_see_sees_nothing(shop: Shop) -> None:
    one = saved("bought", 1)
    for actor in (GUIDE, AUDITOR):
        with pytest.raises(NotFound), transaction.atomic():
            segments.create(name="别的", document={"kind": "bought"}, actor=actor)
        with pytest.raises(NotFound), transaction.atomic():
            segments.set_state(one, "archived", actor=actor)
    with pytest.raises(NotFound):
        segments.listed(GUIDE)
    assert [s.state for s in segments.listed(AUDITOR)] == ["on"]


def test_names_are_had_once_and_rings_are_refused(shop: Shop) -> None:
    one = saved("bought", 1, name="甲")
    with pytest.raises(segments.SegmentNameTaken):
        saved("bought", 2, name=" 甲 ")
    other = saved("bought", 2, name="乙", segments=["甲"])
    with pytest.raises(segments.SegmentRing), transaction.atomic():
        segments.save_version(one, document={"kind": "bought", "segments": ["乙"]}, actor=ANALYST)
    with pytest.raises(Refused):
        saved("bought", 1, name="丙", segments=["丁"])
    with pytest.raises(Refused), transaction.atomic():
        segments.set_state(one, "archived", actor=ANALYST)
    with pytest.raises(Refused), transaction.atomic():
        segments.rename(one, "戊", actor=ANALYST)
    with transaction.atomic():
        segments.rename(other, "戊", actor=ANALYST)
    assert [s.name for s in segments.listed(SYSTEM)] == ["戊", "甲"]


def test_one_that_fails_says_so_and_holds_up_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    buy(shop, "A1")
    bad, good = saved("bought", 1), saved("lately", 5)

    def judged(rule: little.Rule, *rest: Any, **more: Any) -> Any:
        if rule.kind == "bought":
            raise Refused("除以零")
        return real(rule, *rest, **more)

    real, language = little.judged, little.LANGUAGE()
    language.judged = judged
    monkeypatch.setattr(judging, "language", lambda: language)
    refresh()
    assert segments.find(SYSTEM, bad).error == "除以零"
    assert inside(good) == {shop.person()}
    monkeypatch.setattr(judging, "language", little.LANGUAGE)
    refresh()
    assert segments.find(SYSTEM, bad).error == ""
    assert inside(bad) == {shop.person()}


def test_some_people_are_judged_once_for_all_segments(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that cannot be judged is left out, with its reason, of what the others are asked."""
    buy(shop, "A1")
    one, two, bad = saved("bought", 2), saved("lately", 5), saved("bought", 3)
    refresh()
    language, asked = little.LANGUAGE(), []

    def together(rules: Any, *rest: Any, **more: Any) -> Any:
        asked.append(len(rules))
        return little.judged_together(rules, *rest, **more)

    language.judged_together = together
    monkeypatch.setattr(judging, "language", lambda: language)
    buy(shop, "A2")
    assert sorted((r.segment_id, r.is_full, r.judged) for r in refresh()) == [
        (one, False, 1),
        (two, False, 1),
        (bad, False, 1),
    ]
    assert asked == [3]
    assert inside(one) == inside(two) == {shop.person()}

    def fails(rules: Any, *_rest: Any, **_more: Any) -> Any:
        raise Refused("太多")

    def judged(rule: little.Rule, *rest: Any, **more: Any) -> Any:
        if rule.number == 3:
            raise Refused("除以零")
        return little.judged(rule, *rest, **more)

    language.judged_together, language.judged = fails, judged
    buy(shop, "A3")
    assert {r.segment_id for r in refresh()} == {one, two}
    assert segments.find(SYSTEM, bad).error == "除以零"


def test_an_answer_that_comes_late_is_thrown_away(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between judging and taking in, somebody else judged: what was read before is old."""
    buy(shop, "A1")
    once = saved("bought", 1)
    refresh()
    other = another(shop)
    buy(other, "B1")
    real = judging.judge

    def slow(rule: Any, at: datetime, among: Any) -> Any:
        answer = real(rule, at, among)
        monkeypatch.setattr(judging, "judge", real)
        refresh()
        return answer

    monkeypatch.setattr(judging, "judge", slow)
    assert refresh() == []
    assert inside(once) == {shop.person(), other.person()}
    assert len(told("Segment Entered")) == 2


def test_twice_the_people_take_no_more_statements(shop: Shop) -> None:
    from huoshui.core.tests.ground import statements

    once = saved("bought", 1)
    refresh()
    counts = []
    for size in (3, 6):
        for n in range(size):
            buy(another(shop), f"{size}-{n}")
        wait_for_readers()
        counts.append(statements(segments.refresh))
    assert counts[0] == counts[1]
    assert len(inside(once)) == 9


def test_erased_people_are_and_were_in_none(shop: Shop) -> None:
    from huoshui.core.subscribers import Erased, registry

    buy(shop, "A1")
    once = saved("bought", 1)
    refresh()
    assert [r["人群"] for r in registry.copies["所在的人群"]([shop.person()])] == ["bought 1"]
    registry.erasers["人群"][1](Erased(person_ids=(shop.person(),)))
    assert inside(once) == set()
    assert segments.find(SYSTEM, once).people == 0
    assert registry.copies["所在的人群"]([shop.person()]) == []


STEP = st.one_of(
    st.tuples(st.just("buy"), st.integers(0, 3), st.integers(0, 40)),
    st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("unmerge"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("days"), st.integers(1, 20), st.just(0)),
    st.tuples(st.just("refresh"), st.just(0), st.just(0)),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=4, max_size=12))
def test_step_by_step_is_as_all_at_once(shop: Shop, steps: list[tuple[str, int, int]]) -> None:
    """The rebuild law: whatever happened in between, and whenever one looked."""
    everyone = [another(Shop()) for _ in range(4)]
    for n, one in enumerate(everyone):
        buy(one, f"first-{n}", ago=50)
    made = [
        saved(kind, n, name=f"{one.card} {kind}")
        for kind, n in (("bought", 2), ("lately", 30), ("silent", 30))
    ]
    at = clock.now()
    refresh(at)
    links: list[int] = []
    for number, (what, a, b) in enumerate(steps):
        if what == "buy":
            buy(everyone[a], f"{number}", ago=b)
        elif what == "merge" and people.canonical_id(everyone[a].person()) != people.canonical_id(
            everyone[b].person()
        ):
            links.append(merge(everyone[a], everyone[b]))
        elif what == "unmerge" and links:
            with transaction.atomic():
                people.unmerge(link_id=links.pop(), reason="弄错了", actor=SYSTEM)
        elif what == "days":
            at += a * DAY
        elif what == "refresh":
            refresh(at)
    refresh(at)
    kept = [(inside(s), _rechecks(s)) for s in made]
    moved = [r for r in refresh(at, segment_ids=made, is_full=True) if r.entered or r.left]
    assert not moved
    assert [(inside(s), _rechecks(s)) for s in made] == kept
    assert [segments.find(SYSTEM, s).people for s in made] == [len(inside(s)) for s in made]
    open_spells = len(told("Segment Entered")) - len(told("Segment Left"))
    assert open_spells >= 0
    with transaction.atomic():
        for segment_id in made:
            segments.set_state(segment_id, "archived", actor=SYSTEM)


def _rechecks(segment_id: int) -> dict[int, datetime]:
    statement = sql.Statement(
        "rechecks",
        "select person_id, recheck_at from segment_recheck where segment_id = %(segment_id)s::bigint",
    )
    return {r.person_id: r.recheck_at for r in sql.fetch(statement, segment_id=segment_id)}


def test_an_export_holds_no_formula_and_leaves_a_trace(shop: Shop) -> None:
    shop.tell(shop.member(("card_no", shop.card), name='=HYPERLINK("http://x","点我")'))
    buy(shop, "A1")
    one = saved("bought", 1)
    refresh()
    people.refresh_cards()
    with pytest.raises(NotFound), transaction.atomic():
        segments.export(one, actor=ANALYST)
    assert exported() == []
    with scoped(BOSS):
        text = segments.export(one, actor=BOSS)
    head, row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (head[1], row[0], row[1]) == ("姓名", str(shop.person()), """'=HYPERLINK("http://x","点我")""")
    assert exported() == [(one, 1)]


def exported() -> list[tuple[int, int]]:
    statement = sql.Statement(
        "exported",
        "select object_id, (detail->>'rows')::int as rows from audit_entry where action = 'segment.exported'",
    )
    return [(r.object_id, r.rows) for r in sql.fetch(statement)]


def test_size_over_time_and_what_two_have_in_common(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1", ago=10)
    buy(other, "B1", ago=1)
    once, lately = saved("bought", 1), saved("lately", 20)
    now = clock.now()
    refresh(now)
    refresh(now + 12 * DAY)
    shown = segments.days(SYSTEM, lately)
    assert [(d.people, d.entered, d.left) for d in shown] == [(2, 2, 0), (1, 0, 1)]
    assert segments.overlap(SYSTEM, once, lately) == 1
    assert [(o.name, o.size, o.people) for o in segments.overlaps(SYSTEM, once)] == [("lately 20", 1, 1)]


def test_rules_are_kept_as_they_were_said(shop: Shop) -> None:
    one = saved("bought", 4)
    [version] = segments.versions(SYSTEM, one)
    assert json.loads(json.dumps(version.rule)) == {"kind": "bought", "number": 4, "segments": []}
