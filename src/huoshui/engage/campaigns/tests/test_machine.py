"""A stateful test: whatever is sold, told again, refunded, locked and merged, coupons, counters and books agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pytest import MonkeyPatch

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import number, rolled_back
from huoshui.core.tests.playing import play
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns import redeeming, splitting
from huoshui.engage.campaigns.redeeming import Redeeming
from huoshui.engage.campaigns.tests.shop import Line, Sale, Shop, claimed, persons, template
from huoshui.people import api as people

FUNDED = 45_00
RULES: list[dict[str, Any]] = [
    {"has_budget": True, "bearers": {"brand": 600, "dealer": 400}},
    {"refund": {"policy": "keep"}},
    {"per_person": 2, "refund": {"policy": "give_back_if_valid", "extend_days": 3}},
]
PICK = st.integers(0, 30)


class Coupons(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.example = ExitStack()
        self.example.enter_context(rolled_back())

    def teardown(self) -> None:
        self.example.close()

    @initialize()
    def open(self) -> None:
        self.shop = Shop()
        self.people = persons(3)
        self.templates = [template(**r) for r in RULES]
        campaigns.fund(template_id=self.templates[0], amount=FUNDED, key="first", actor=SYSTEM)
        self.codes = [claimed(t, p) for t in self.templates[:2] for p in self.people[:2]]
        self.codes += campaigns.print_codes(template_id=self.templates[2], count=2, actor=SYSTEM)
        shared = f"SHARED{number()}"
        campaigns.share_code(template_id=self.templates[2], code=shared, uses=2, actor=SYSTEM)
        self.codes.append(shared)
        self.sold: dict[str, Sale] = {}

    @rule(
        picks=st.lists(PICK, min_size=1, max_size=2), who=PICK, ask=st.booleans(), off=st.integers(1, 12_00)
    )
    def sell(self, picks: list[int], who: int, ask: bool, off: int) -> None:
        off = 10_00 if ask and off > 3_00 else off
        used = list(dict.fromkeys(self.codes[p % len(self.codes)] for p in picks))
        lines = [
            Line(60_00 - off, off, pieces=3),
            Line(40_00 - off * (len(used) - 1), off * (len(used) - 1), sku=6),
        ]
        sale = Sale(f"O{number()}", lines, [(code, off) for code in used], self.people[who % 3])
        self._tell(sale, ask)

    @rule(pick=PICK, line=st.booleans(), pieces=st.integers(0, 3), share=st.integers(1, 3), ask=st.booleans())
    def give_some_back(self, pick: int, line: bool, pieces: int, share: int, ask: bool) -> None:
        if key := self._order(pick):
            was = self.sold[key].lines[-1 if line else 0]
            back = Line(-(was.amount * share // 3), pieces=-min(pieces, was.pieces), sku=was.sku)
            self._tell(Sale(f"R{number()}", [back], of=key), ask)

    @rule(pick=PICK, again=st.booleans())
    def give_all_back(self, pick: int, again: bool) -> None:
        """`again`: told in place of the refund before it."""
        if key := self._order(pick):
            back = [Line(-x.amount, pieces=-x.pieces, sku=x.sku) for x in self.sold[key].lines]
            self._tell(Sale(f"R{number()}", back, of=key, replaces_refund=again), False)

    @rule(pick=PICK, refunded=st.integers(0, 60_00), off=st.integers(0, 12_00))
    def tell_again(self, pick: int, refunded: int, off: int) -> None:
        """A revision: with another discount, or none, and part of it given back."""
        if key := self._order(pick):
            was = self.sold[key]
            lines = [Line(60_00 - off, off, pieces=3, refunded=min(refunded, 60_00 - off))]
            coupons = [(was.coupons[0][0], off)] if off and was.coupons else []
            self._tell(Sale(key, lines, coupons, was.person), False)

    @rule(pick=PICK)
    def settle_again(self, pick: int) -> None:
        """Of an order that has all it told of. One that lacked a coupon might have it now that it is free again: the river
        never asks, for it settles a fact once (`facts.ask_to_claim`)."""
        if key := self._order(pick):
            fact_ids = self.shop.orders[key]
            if sql.fetch(_NOT_HAD, fact_ids=fact_ids, order_id=fact_ids[0]):
                return
            before = list(self._facts())
            self.shop.step(self.shop.orders[key][-1:])
            assert list(self._facts()) == before

    @rule(pick=PICK, order=st.integers(0, 2), minutes=st.sampled_from([-5, 5]))
    def lock(self, pick: int, order: int, minutes: int) -> None:
        code, until = self.codes[pick % len(self.codes)], clock.now() + timedelta(minutes=minutes)
        campaigns.lock([code], source_id=self.shop.source.id, order_key=f"L{order}", until=until)

    @rule(order=st.integers(0, 2))
    def unlock(self, order: int) -> None:
        campaigns.unlock(source_id=self.shop.source.id, order_key=f"L{order}")

    @rule()
    def merge(self) -> None:
        if people.canonical_id(self.people[1]) != people.canonical_id(self.people[0]):
            people.merge(person_a=self.people[0], person_b=self.people[1], reason="同一个人", actor=SYSTEM)

    def _order(self, pick: int) -> str:
        return list(self.sold)[pick % len(self.sold)] if self.sold else ""

    def _tell(self, sale: Sale, ask: bool) -> None:
        """An ask that cannot be had leaves nothing behind."""
        known = deepcopy((self.shop.orders, self.shop.last))
        with transaction.atomic():
            done = self.shop.settle([sale], are_asks=ask)
            if ask and (done.unmet or done.refused):
                transaction.set_rollback(True)
                self.shop.orders, self.shop.last = known
                return
        assert not done.refused, "a report is never refused"
        if not sale.of:
            self.sold[sale.key] = sale

    def _facts(self) -> Iterator[Any]:
        for statement in (_COUPONS, _REDEMPTIONS):
            yield sql.fetch(statement, template_ids=self.templates)
        yield ledger.balances(unit="budget", owner_kind="template", owner_ids=self.templates)

    @invariant()
    def nothing_is_wrong(self) -> None:
        for statement in _WRONG:
            found = sql.fetch(statement, template_ids=self.templates)
            assert found == [], statement.name

    @invariant()
    def books_agree(self) -> None:
        assert all(unit.is_clean for unit in ledger.audit_units())
        spent = sum(r.budget for r in sql.fetch(_REDEMPTIONS, template_ids=self.templates))
        held = ledger.balances(unit="budget", owner_kind="template", owner_ids=self.templates)
        assert sum(held.values()) == FUNDED - spent
        assert self.shop.payable() == sql.fetch_one(_OWED).sum


_COUPONS = sql.Statement(
    "coupons",
    "select id, state, used, person_id, valid_until from coupon where template_id = any(%(template_ids)s::bigint[]) order by id",
)
_REDEMPTIONS = sql.Statement(
    "redemptions",
    "select * from coupon_redemption where template_id = any(%(template_ids)s::bigint[]) order by fact_id, coupon_id",
)
_NOT_HAD = sql.Statement(
    "not_had",
    "select u.code from fact_coupon u where u.fact_id = any(%(fact_ids)s::bigint[]) and not exists ("
    " select from coupon_redemption r join coupon c on c.id = r.coupon_id"
    " where r.order_id = %(order_id)s and r.taken_back_at is null and c.code = u.code)",
)
_OWED = sql.Statement("owed", "select coalesce(sum(payable), 0)::bigint as sum from coupon_redemption")
_OF = "template_id = any(%(template_ids)s::bigint[])"
_LIVE = "(select count(*) from coupon_redemption r where r.coupon_id = c.id and r.taken_back_at is null)"
_NET = (
    "(select sum(o.amount - o.refunded) as net, sum(o.amount) filter (where o.name <> 'Order Refunded') as sold"
    " from settlement s join fact_order o on o.fact_id = s.fact_id where (s.fact_id = r.order_id or s.order_id = r.order_id)"
    " and not exists (select from settlement x where x.order_id = r.order_id and s.fact_id = any(x.replaces))) n"
)
_WRONG = [
    sql.Statement("stands though all went back", f"select r.order_id from coupon_redemption r cross join lateral {_NET}"
        f" where r.{_OF} and taken_back_at is null and n.net <= 0"),
    sql.Statement("owed in full", f"select r.order_id from coupon_redemption r cross join lateral {_NET}"
        f" where r.{_OF} and taken_back_at is null and n.net = n.sold and payable <> (amount - excess) * brand_permille / 1000"),
    sql.Statement("used by two, or used and free", f"select c.id from coupon c where c.{_OF} and not is_shared"
        f" and ({_LIVE} > 1 or {_LIVE} = 1 and state <> 'redeemed' or used <> (state = 'redeemed')::int)"),
    sql.Statement("uses of a shared code", f"select c.id from coupon c where c.{_OF} and is_shared and used <> {_LIVE}"),
    sql.Statement("kept for good", f"select c.id from coupon c where c.{_OF} and state = 'redeemed' and {_LIVE} = 0"
        " and not exists (select from coupon_rule u where u.template_id = c.template_id and u.rule @> '{\"refund\": {\"policy\": \"keep\"}}')"),
    sql.Statement("split", f"select r.fact_id from coupon_redemption r where r.{_OF} and amount <> (select coalesce(sum(l.amount), 0)"
        " from coupon_redemption_line l where l.fact_id = r.fact_id and l.coupon_id = r.coupon_id)"),
    sql.Statement("owed more than given", f"select fact_id from coupon_redemption where {_OF}"
        " and (payable > least(amount, 1000) * brand_permille / 1000 or budget > 1000 or payable < 0 or taken_back_at is not null and (payable, budget) <> (0, 0))"),
    sql.Statement("tally", "select t.id from coupon_template t where t.id = any(%(template_ids)s::bigint[]) and"
        " (select row(coalesce(sum(redeemed), 0), coalesce(sum(amount), 0)) from coupon_tally y where y.template_id = t.id) <>"
        " (select row(count(*)::numeric, coalesce(sum(amount), 0)::numeric) from coupon_redemption r"
        " where r.template_id = t.id and taken_back_at is null)"),
    sql.Statement("issued", "select t.id from coupon_template t where t.id = any(%(template_ids)s::bigint[])"
        " and issued_count <> (select sum(uses) from coupon c where c.template_id = t.id)"),
    sql.Statement("taken", "select t.person_id from coupon_taken t where t.template_id = any(%(template_ids)s::bigint[]) and t.n < 0"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.slow
def test_whatever_happens_coupons_and_books_agree() -> None:
    play(Coupons, examples=12, steps=50, from_seed=random.randrange(2**32))


# ── and each of these bites ──────────────────────────────────────────────────────────────────────────────────────


def _whatever_it_says(self: Redeeming, order: Any, told: Any, *_: Any) -> Any:
    return dict.fromkeys(told, 0)


def _never_back(self: Redeeming, order: Any, was: Any) -> None: ...


def _not_counted(self: Redeeming, template_id: int, count: int, amount: int) -> None: ...


def _nothing_owed_back(order: Any, dealer: Any, more: int) -> Iterator[Any]:
    return iter(()) if more < 0 else redeeming_payable(order, dealer, more)


def _no_budget_back(order: Any, template_id: int, more: int) -> Iterator[Any]:
    return iter(()) if more < 0 else redeeming_budget(order, template_id, more)


def _had_again(self: Redeeming, order: Any, use: Any, coupon: Any) -> Any:
    held = redeeming_seen(self, order, use, coupon)
    return held._replace(problem="") if held.problem == "coupon_used" else held


def _only_counted_back(self: Redeeming, template_id: int, person_id: int, by: int) -> None:
    if by < 0:
        redeeming_count(self, template_id, person_id, by)


def _not_whole(*args: Any) -> Any:
    return {key: parts[1:] for key, parts in redeeming_splits(*args).items()}


def _owed_twice(*args: Any) -> int:
    return 2 * int(redeeming_remaining(*args))


def _one_more(**given: Any) -> int:
    coupon_id = sharing(**given)
    sql.run(sql.Statement("more", "update coupon set uses = uses + 1 where id = %(id)s"), id=coupon_id)
    return coupon_id


redeeming_payable, redeeming_budget = redeeming._payable_moves, redeeming._budget_moves
redeeming_seen, redeeming_count = Redeeming._seen, Redeeming._count
redeeming_splits, redeeming_remaining = splitting.splits, splitting.remaining
sharing = campaigns.share_code
_NEVER = SimpleNamespace(GIVE_BACK=object(), GIVE_BACK_IF_VALID=object())


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize(
    ("of", "name", "broken"),
    [
        (Redeeming, "_give_back", _never_back),
        (Redeeming, "_add_up", _not_counted),
        (Redeeming, "_beyond", _whatever_it_says),
        (Redeeming, "_seen", _had_again),
        (Redeeming, "_count", _only_counted_back),
        (redeeming, "_payable_moves", _nothing_owed_back),
        (redeeming, "_budget_moves", _no_budget_back),
        (redeeming, "OnRefund", _NEVER),
        (splitting, "splits", _not_whole),
        (splitting, "remaining", _owed_twice),
        (campaigns, "share_code", _one_more),
    ],
)
def test_control_a_broken_step_is_found(monkeypatch: MonkeyPatch, of: Any, name: str, broken: Any) -> None:
    monkeypatch.setattr(of, name, broken)
    # What is played depends on the ids that the database gives, so one seed may miss what another finds
    with pytest.raises((AssertionError, ExceptionGroup, psycopg.Error)) as found:
        for number in range(1, 9):
            play(Coupons, examples=40, steps=25, from_seed=number)
    print(f"{name}: {found.value!r:.200}")
