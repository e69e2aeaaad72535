"""One owner at a time of each human, whatever happens; following equals replaying; and a merge that is taken back changed nothing."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import Line, Told, a_source, clean_tables, empty, number, refund, sale
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds import fold, rules
from huoshui.trade.bonds.tests.world import BOSS, Shops, day, no_waiting, open_shops, said, settle

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")

_PEOPLE = 3
_place = st.integers(0, _PEOPLE - 1)
_unit = st.integers(0, 4)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _place, _unit),
        st.tuples(st.just("buy"), _place, _unit),
        st.tuples(st.just("late"), _place, _unit),
        st.tuples(st.just("give_back"), st.integers(0, 3), _unit),
        st.tuples(st.just("wish"), _place, _unit),
        st.tuples(st.just("assign"), _place, _unit),
        st.tuples(st.just("release"), _place, _unit),
        st.tuples(st.just("rules"), st.integers(0, 3), _unit),
        st.tuples(st.just("withdraw"), st.integers(0, 3), _unit),
        st.tuples(st.just("merge"), _place, _place),
        st.tuples(st.just("merge"), _place, _place),
        st.tuples(st.just("part"), st.integers(0, 3), _unit),
        st.tuples(st.just("wait"), st.integers(1, 30), _unit),
        st.tuples(st.just("read"), _place, _unit),
        st.tuples(st.just("read"), _place, _unit),
    ),
    min_size=6,
    max_size=20,
)
_RULES: tuple[dict[str, Any], ...] = (
    {"who": "last", "protection_days": 0, "release_days": 20},
    {"who": "first", "protection_days": 5, "guide": "last"},
    {"who": "last", "protection_days": 10, "renews": True, "head_office": "kept"},
    {"who": "last", "protection_days": 3, "holidays": [["2026-03-12", "2026-03-20"]]},
)
_WITHDRAW = sql.Statement(
    "withdraw_one", "insert into fact_withdrawn (fact_id, run_id) values (%(fact_id)s, 1)"
)
_WITHDRAWING = sql.Statement(
    "withdrawing",
    "update settlement set xid = pg_current_xact_id() where fact_id = %(fact_id)s",
)
_FILLED = ("settlement", "fact_withdrawn", "bond", "bond_now", "bond_touch", "bond_recheck", "bond_rules")
_ALL = sql.Statement("all_said", "select * from bond order by id")


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shops: Shops = open_shops()
        self.stores = [*self.shops.stores[0], *self.shops.stores[1], self.shops.own]
        self.source = a_source()
        self.cards = [("card_no", f"law-{number()}") for _ in range(_PEOPLE)]
        self.orders: list[tuple[str, int, int]] = []
        self.links: list[int] = []
        self.now = 1.0
        monkeypatch.setattr(clock, "now", lambda: day(self.now))
        self.ids = [self._meet(card) for card in self.cards]

    def _meet(self, card: tuple[str, str]) -> int:
        settle(Told(f"m{number()}", name="Identify", at=day(0), identifiers=(card,)), source=self.source)
        found = people.find(*card)
        assert found is not None
        return found

    def do(self, what: str, a: int, b: int) -> None:
        self.now += 0.5
        if what == "read":
            self.read()
        else:
            with transaction.atomic():
                getattr(self, what)(a, b)

    def buy(self, a: int, unit: int, at: float | None = None) -> None:
        key = f"o{number()}"
        told = sale(
            key,
            Line(amount=1_000),
            at=day(self.now if at is None else at),
            identifiers=(self.cards[a],),
            store=self.stores[unit],
        )
        (fact_id,) = settle(told, source=self.source)
        self.orders.append((key, fact_id, a))

    def late(self, a: int, unit: int) -> None:
        self.buy(a, unit, at=0.1)

    def give_back(self, n: int, unit: int) -> None:
        if n < len(self.orders):
            key, fact_id, a = self.orders.pop(n)
            told = refund(
                f"r{number()}", key, at=day(self.now), identifiers=(self.cards[a],), store=self.stores[unit]
            )
            (back,) = settle(told, source=self.source)
            facts.take_back([(back, fact_id, [])])

    def withdraw(self, n: int, unit: int) -> None:
        if n < len(self.orders):
            _key, fact_id, _a = self.orders.pop(n)
            sql.run(_WITHDRAW, fact_id=fact_id)
            sql.run(_WITHDRAWING, fact_id=fact_id)

    def wish(self, a: int, unit: int) -> None:
        self._say(bonds.wish, person_id=self.ids[a], store_id=self.stores[unit])

    def assign(self, a: int, unit: int) -> None:
        self._say(bonds.assign, person_id=self.ids[a], store_id=self.stores[unit])

    def release(self, a: int, unit: int) -> None:
        self._say(bonds.release, person_id=self.ids[a])

    def _say(self, do: Any, **what: Any) -> None:
        before = said()
        try:
            with transaction.atomic():
                do(**what, reason="试", actor=BOSS)
        except Refused:
            assert said() == before

    def rules(self, n: int, unit: int) -> None:
        bonds.set_rules(params=_RULES[n], reason="换一版", actor=BOSS)

    def merge(self, a: int, b: int) -> None:
        heads = people.canonical_ids([self.ids[a], self.ids[b]])
        if len(set(heads.values())) == 2:
            self.links.append(
                people.merge(person_a=self.ids[a], person_b=self.ids[b], reason="同一个人", actor=SYSTEM)
            )

    def part(self, n: int, unit: int) -> None:
        if n < len(self.links):
            people.unmerge(link_id=self.links.pop(n), reason="弄错了", actor=SYSTEM)

    def wait(self, days: int, unit: int) -> None:
        self.now += days

    def read(self) -> None:
        fold.read()
        fold.attend()
        self.check()

    def check(self) -> None:
        """One owner of each human; and each spell says who, why and by which rules."""
        live: dict[int, int] = {}
        canonical = people.canonical_ids(self.ids)
        for row in (r for r in sql.fetch(_ALL) if r.superseded_at is None):
            assert row.actor and row.how and row.made_by and row.rule_version >= 0
            assert (row.until is None) == (not row.end_reason)
            if row.state == "live":
                head = canonical[row.person_id]
                assert live.setdefault(head, row.made_by) == row.made_by, "two owners of one human"
        now = {r.person_id: r.made_by for r in fold.owners_now(self.ids) if r.made_by is not None}
        assert now == live


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(steps=_steps)
@example(
    steps=[
        ("rules", 0, 0),
        ("buy", 0, 0),
        ("buy", 1, 2),
        ("read", 0, 0),
        ("merge", 0, 1),
        ("read", 0, 0),
        ("buy", 1, 3),
        ("give_back", 2, 0),
        ("read", 0, 0),
        ("part", 0, 0),
    ]
)
def test_whatever_happens_one_owner_and_following_equals_replaying(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, int]]
) -> None:
    empty(_FILLED)  # nothing of the history before: that one ended at another time
    world = World(monkeypatch)
    for what, a, b in steps:
        world.do(what, a, b)
    world.read()
    followed, kept = said(), {r.id: r[:-1] for r in sql.fetch(_ALL)}
    fold.rebuild()
    assert said() == followed, "a replay says the same"
    merged_and_parted(world)
    assert said() == followed, "parted again, each has what he had"
    for row in sql.fetch(_ALL):
        assert kept.get(row.id, row[:-1]) == row[:-1], "nothing is rewritten"


def merged_and_parted(world: World) -> None:
    heads = sorted(set(people.canonical_ids(world.ids).values()))
    if len(heads) > 1:
        with transaction.atomic():
            link = people.merge(person_a=heads[0], person_b=heads[1], reason="同一个人", actor=SYSTEM)
        world.read()
        with transaction.atomic():
            people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
        world.read()


def test_the_law_notices_two_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with merges unheard, both bonds of one human live on."""
    monkeypatch.setattr(rules._Telling, "join", lambda self, join: None)
    world = World(monkeypatch)
    for step in (("buy", 0, 0), ("buy", 1, 2), ("merge", 0, 1)):
        world.do(*step)
    with pytest.raises(AssertionError, match="two owners of one human"):
        world.read()
