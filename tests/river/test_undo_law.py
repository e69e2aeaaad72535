"""An import taken back leaves what a history without it would have left, whatever came before, beside and after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.tests.ground import NOON, a_source, rolled_back
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river import undoing
from huoshui.intake.river.api import Item, Tender, settle, submit, sweep
from huoshui.intake.river.batches import batch_of
from huoshui.intake.river.tests.world import MILK, STORE, TEA, Shop, check_books, given_back, line, shop
from huoshui.people import api as people
from huoshui.people.identity import regrouping
from huoshui.trade.sales import api as sales

__all__ = ["shop"]

CARDS = ("undo-1", "undo-2", "undo-3")
PHONES = ("13900000001", "13900000002")
UNDONE = 7
"""The number of the import that is taken back; others have others, and a till has none."""


@dataclass(frozen=True)
class Said:
    """One thing said, of an order or of a customer."""

    what: str  # order | rest | refund | member
    order: int
    yuan: int
    back: int
    card: int | None
    phone: int | None
    status: int
    points: int = 0

    def item(self, shop: Shop) -> Item:
        identifiers = tuple(
            (kind, value)
            for kind, value in (
                ("card_no", CARDS[self.card] if self.card is not None else ""),
                ("phone", PHONES[self.phone] if self.phone is not None else ""),
            )
            if value
        )
        if self.what == "member":
            traits = {"name": f"name {self.yuan}"}
            at = NOON + timedelta(minutes=self.yuan)  # of words of one moment nobody can say which came last
            return Item(IDENTIFY, f"m{self.card}{self.phone}{self.yuan}", at, identifiers, traits)
        common: dict[str, Any] = {"identifiers": identifiers, "status": f"s{self.status}"}
        if self.what == "refund":
            # One is its order's customer's. (A card that nobody but somebody else's refund ever named would be forgotten.)
            common["identifiers"] = ()
            lines = (given_back(self.back * 5_500),)
            return shop.refund(*lines, key=f"R{self.order}-{self.status}", of=f"O{self.order}", **common)
        sku = TEA if self.what == "rest" else MILK
        back = min(self.back, self.yuan) * 5_500 if self.status else 0
        lines = (line(self.yuan * 5_500, sku, 3, refunded=back, refunded_milli=1000 if back else 0),)
        tenders = (Tender("points", self.points, self.points),) if self.points and self.yuan else ()
        return shop.order(*lines, key=f"O{self.order}", tenders=tenders, **common)


SAID = st.builds(
    Said,
    what=st.sampled_from(["order", "order", "order", "rest", "refund", "member"]),
    order=st.integers(0, 2),
    yuan=st.integers(0, 40),
    back=st.integers(1, 10),
    card=st.sampled_from([None, 0, 0, 1, 2]),
    phone=st.sampled_from([None, None, 0, 1]),
    status=st.integers(0, 2),
    points=st.sampled_from([0, 0, 0, 0, 30]),
)


@dataclass(frozen=True)
class Delivery:
    run: int  # 0: a till
    is_history: bool
    said: tuple[Said, ...]


DELIVERIES = st.lists(
    st.builds(
        Delivery,
        run=st.sampled_from([0, 0, 1, UNDONE]),
        is_history=st.sampled_from([False, False, False, True]),
        said=st.lists(SAID, min_size=1, max_size=3).map(tuple),
    ),
    min_size=2,
    max_size=6,
)


def is_told_once(deliveries: Sequence[Delivery]) -> bool:
    """What the import told first and another told word for word later counts from when it was first told, and in the way it
    was told then: such histories are looked at elsewhere."""
    mine = {said for one in deliveries if one.run == UNDONE for said in one.said}
    return not any(said in mine for one in deliveries if one.run != UNDONE for said in one.said)


def deliver(shop: Shop, one: Delivery) -> int:
    """Returns how many facts of an import were news."""
    items = [said.item(shop) for said in one.said]
    if not one.run:
        submit(items, source=shop.source, actor=SYSTEM)
        return 0
    got = facts.receive(
        batch_of(items),
        source=shop.source,
        actor=SYSTEM,
        mode="history" if one.is_history else "live",
        run_id=one.run,
    )
    if got.fact_ids:
        settle(got.fact_ids)
    return len(got.fact_ids)


def told(deliveries: Sequence[Delivery]) -> Shop:
    shop = Shop(source=a_source())
    for one in deliveries:
        deliver(shop, one)
    sweep()
    return shop


_ORDERS = sql.Statement(
    "orders",
    "select order_key, amount, refunded, discount, line_count, status, org_unit_id,"
    " coalesce(c.canonical_id, person_id) as who from sale left join person_cluster c using (person_id)"
    " where source_id = %(source_id)s order by order_key",
)
_PERSONS = sql.Statement(
    "persons",
    """
select coalesce(c.canonical_id, p.id) as who, (array_agg(t.name order by t.said_at desc nulls last))[1] as name, sum(held.points)::bigint as points,
    sum(coalesce(g.spend, 0))::bigint as spend, max(coalesce(g.rank, -1)) as rank
from person p left join person_cluster c on c.person_id = p.id
left join lateral (
    select coalesce(sum(balance), 0) as points from account
    where unit = 'points' and owner_kind = 'person' and owner_id = p.id) held on true
left join tier_progress g on g.person_id = p.id
left join lateral (
    select value as name, said_at from attribute where person_id = p.id and name = 'name' and value <> ''
    order by said_at desc, fact_id desc limit 1) t on true
group by 1
""",
)
_IDENTIFIERS = sql.Statement(
    "identifiers",
    "select coalesce(c.canonical_id, i.person_id) as who, kind, coalesce(tail4, key) as key from identifier i"
    " left join person_cluster c using (person_id) order by 2, 3",
)
_EFFECTS = sql.Statement(
    "effects",
    """
with effect as (
    select s.fact_id, s.person_id, l.*, 1 as sign, o.order_key, o.parent_key, o.business_day, o.name
    from settlement s join fact_order o using (fact_id) join fact_line l using (fact_id) where s.state = 'settled'
    union all
    select s.fact_id, was.person_id, l.*, -1, o.order_key, o.parent_key, o.business_day, o.name
    from settlement s cross join unnest(s.replaces) as replaced join settlement was on was.fact_id = replaced
    join fact_order o on o.fact_id = replaced join fact_line l on l.fact_id = replaced where s.state = 'settled')
select coalesce(parent_key, order_key) as key, sku_id, business_day, coalesce(c.canonical_id, person_id) as who,
    sum(sign * (amount - refunded))::bigint as money, sum(sign * (quantity_milli - refunded_milli))::bigint as milli
from effect left join person_cluster c using (person_id)
group by 1, 2, 3, 4
having sum(sign * (amount - refunded)) <> 0 or sum(sign * (quantity_milli - refunded_milli)) <> 0
order by 1, 2, 3
""",
)
_STOCK = sql.Statement(
    "stock",
    "select org_unit_id, sku_id, sum(moved_milli)::bigint as moved from goods_moved group by 1, 2"
    " having sum(moved_milli) <> 0 order by 1, 2",
)
_WAITING = sql.Statement(
    "waiting",
    "select o.order_key from settlement join fact_order o using (fact_id) where state <> 'settled' order by 1",
)
_LEDGER = sql.Statement(
    "ledger",
    """
select f.client_key, f.content_hash::text as content_hash,
    sum(case when a.id = t.to_account_id then t.amount else -t.amount end)::bigint as points
from transfer t join fact f on f.id = t.fact_id
join account a on a.id in (t.from_account_id, t.to_account_id) and a.owner_kind = 'person'
where t.unit = 'points' and not exists (select from fact_withdrawn w where t.fact_id in (w.fact_id, w.retold_id))
group by 1, 2
""",
)
_LISTED = sql.Statement(
    "listed",
    "select distinct f.client_key from fact_withdrawn w join fact f on f.id = w.fact_id where not w.by_fact_id = w.fact_id",
)


def state(shop: Shop) -> dict[str, Any]:
    """What can be seen from outside, persons told by what they are known by; tiers as the card looks at them anew."""
    everybody = [r.id for r in sql.fetch(sql.Statement("everybody", "select id from person order by id"))]
    loyalty.reassess(loyalty.with_standing(everybody), at=clock.now())
    known: dict[int, set[tuple[str, str]]] = {}
    for r in sql.fetch(_IDENTIFIERS):
        known.setdefault(r.who, set()).add((r.kind, r.key))

    def named(who: int | None) -> object:
        return tuple(sorted(known.get(who or 0, ())))

    return {
        "orders": [(*r[:-1], named(r.who)) for r in sql.fetch(_ORDERS, source_id=shop.source.id)],
        "persons": sorted(
            (named(r.who), r.name or "", r.points, r.spend, r.rank) for r in sql.fetch(_PERSONS)
        ),
        "effects": sorted((*r[:3], named(r.who), *r[4:]) for r in sql.fetch(_EFFECTS)),
        "stock": [tuple(r) for r in sql.fetch(_STOCK)],
        "waiting": [r.order_key for r in sql.fetch(_WAITING)],
    }


def check(deliveries: Sequence[Delivery]) -> None:
    with rolled_back():
        wanted_shop = told([one for one in deliveries if one.run != UNDONE])
        wanted = state(wanted_shop)
        books = ledger_of()
    with rolled_back():
        without = told(deliveries)
        undoing.undo_run(UNDONE)
        found = state(without)
        check_books()
        for what, value in wanted.items():
            assert found[what] == value, what
        listed = {r.client_key for r in sql.fetch(_LISTED)}
        differing = dict(books.items() ^ ledger_of().items())
        assert {key for key, _ in differing} <= listed
        before = digest()
        undoing.undo_run(UNDONE)
        assert digest() == before
        again = [replace(one, run=UNDONE + 1) for one in deliveries if one.run == UNDONE]
        assert sum(deliver(without, one) for one in again) == sql.fetch_one(_OF_IT, run_id=UNDONE).facts
        sweep()
        check_books()


def ledger_of() -> dict[tuple[str, str], int]:
    """What each fact moved in points, but for those that were taken back or told again."""
    return {(r.client_key, r.content_hash): r.points for r in sql.fetch(_LEDGER)}


def digest() -> object:
    return sql.fetch_one(_DIGEST)


_OF_IT = sql.Statement("of_it", "select count(*) as facts from fact where run_id = %(run_id)s")
_DIGEST = sql.Statement(
    "digest",
    "select (select count(*) from fact) as facts, (select count(*) from transfer) as transfers,"
    " (select count(*) from fact_withdrawn) as withdrawn, (select sum(balance * id) from account) as accounts",
)

PLAYED = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


def play(examples: int, *, from_seed: int | None = None) -> None:
    """Stores and products are the same in both histories: what an import named of them stays."""
    brand.unit_ids([STORE])
    brand.find_or_add_skus({MILK: "", TEA: ""})

    @settings(PLAYED, max_examples=examples)
    @given(DELIVERIES.filter(is_told_once))
    def each(deliveries: list[Delivery]) -> None:
        try:
            check(deliveries)
        except BaseException:
            print(*deliveries, sep="\n")  # it is told as it came, not made smaller
            raise

    (each if from_seed is None else seed(from_seed)(each))()


def test_a_history_without_an_import_is_what_its_undoing_leaves(shop: Shop) -> None:
    play(15, from_seed=1)


Mutation = Callable[[MonkeyPatch], None]


def _nothing(of: object, name: str, answer: Any = None) -> Mutation:
    return lambda patch: patch.setattr(of, name, lambda *_, **__: answer)


def _points_stay(patch: MonkeyPatch) -> None:
    earn = loyalty.earn

    def lacking(*args: Any, **more: Any) -> loyalty.Earned:
        done = earn(*args, **more)
        return replace(done, movements=[] if more.get("undone") else done.movements)

    patch.setattr(loyalty, "earn", lacking)


def _one_time(patch: MonkeyPatch) -> None:
    """Takes the past back as if it had moved points and goods."""
    apart = undoing.reversals_of
    patch.setattr(undoing, "reversals_of", lambda told: apart([f._replace(is_history=False) for f in told]))


def _links_stay(patch: MonkeyPatch) -> None:
    link = regrouping._Regrouping._link

    def keeping(self: Any, out: regrouping.Plan) -> None:
        link(self, out)
        out.unlinked.clear()

    patch.setattr(regrouping._Regrouping, "_link", keeping)


MUTATIONS: dict[str, Mutation] = {
    "others are not told again": _nothing(withdrawn, "retell", []),
    "orders stay": _nothing(sales, "forget"),
    "points stay": _points_stay,
    "points that paid stay spent": _nothing(loyalty, "unspend", loyalty.Spent()),
    "past and present are one": _one_time,
    "who was joined stays joined": _links_stay,
    "whose it was stays": _nothing(withdrawn, "mark_retold"),
    "nobody is forgotten": _nothing(people, "bury_untold", []),
    "what was said stays": _nothing(people, "untell_profiles", 0),
    "the same again is known": _nothing(withdrawn, "_unsay"),
}


SEEDS = {"whose it was stays": 2}
"""Of those that the first one does not find soon."""


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_undoing_is_found_out(shop: Shop, monkeypatch: MonkeyPatch, mutation: str) -> None:
    MUTATIONS[mutation](monkeypatch)
    with pytest.raises((AssertionError, psycopg.Error)):
        play(60, from_seed=SEEDS.get(mutation, 1))


NOT_YET = [
    Delivery(
        run=7,
        is_history=False,
        said=(
            Said(what="order", order=2, yuan=40, back=9, card=0, phone=1, status=2, points=0),
            Said(what="order", order=0, yuan=20, back=7, card=None, phone=1, status=1, points=0),
            Said(what="order", order=2, yuan=29, back=1, card=1, phone=None, status=1, points=30),
        ),
    ),
    Delivery(
        run=1,
        is_history=False,
        said=(Said(what="refund", order=0, yuan=21, back=7, card=2, phone=0, status=0, points=0),),
    ),
    Delivery(
        run=0,
        is_history=False,
        said=(Said(what="refund", order=2, yuan=15, back=2, card=0, phone=1, status=1, points=0),),
    ),
    Delivery(
        run=0,
        is_history=True,
        said=(
            Said(what="order", order=0, yuan=4, back=4, card=None, phone=0, status=2, points=0),
            Said(what="refund", order=0, yuan=33, back=7, card=2, phone=0, status=2, points=0),
            Said(what="member", order=1, yuan=0, back=2, card=1, phone=None, status=0, points=0),
        ),
    ),
    Delivery(
        run=7,
        is_history=True,
        said=(
            Said(what="order", order=1, yuan=6, back=7, card=1, phone=1, status=0, points=30),
            Said(what="order", order=1, yuan=14, back=7, card=2, phone=1, status=0, points=30),
        ),
    ),
    Delivery(
        run=1,
        is_history=False,
        said=(
            Said(what="order", order=2, yuan=15, back=2, card=0, phone=1, status=2, points=0),
            Said(what="member", order=0, yuan=0, back=10, card=1, phone=None, status=0, points=0),
            Said(what="order", order=0, yuan=24, back=5, card=1, phone=1, status=0, points=0),
        ),
    ),
]
"""Found by a run of this law with another seed: points that an order of a till has spent of what two orders of the import gave,
one of them told again, with a refund of another import between. What comes back is 31 points short."""


@pytest.mark.xfail(
    strict=True, reason="points spent between two tellings of one order, one of them taken back"
)
def test_a_history_that_is_not_right_yet(shop: Shop) -> None:
    brand.unit_ids([STORE])
    brand.find_or_add_skus({MILK: "", TEA: ""})
    check(NOT_YET)
