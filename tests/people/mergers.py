"""A town of a few customers who are merged and parted, and everything that anybody may ask of them, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import connection, transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import number, wait_for_readers
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight import api as insight
from huoshui.insight.api import segments
from huoshui.intake.river.api import Tender, after_settling
from huoshui.intake.river.tests.world import MILK, TEA, Shop, given_back, line
from huoshui.lake import api as lake
from huoshui.people import api as people

ANALYST = Actor("staff", 8, "小张", frozenset({"analyst"}))
RULES = (
    "total(buy) >= 3000元",
    "count(buy last 30 days) >= 2",
    "absent(buy last 30 days) and count(buy) >= 1",
)
Questions = Sequence[tuple[str, dict[str, str]]]
QUESTIONS: Questions = (
    ("sales", {"by": "store"}),
    ("rfm", {}),
    ("grade", {}),
    ("groups", {}),
)


@dataclass
class Town:
    chance: Random
    customers: list[Shop] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    orders: list[list[str]] = field(default_factory=list)

    @property
    def born(self) -> list[int]:
        return [self._born[one.card] for one in self.customers]

    def settle(self, count: int = 4) -> None:
        brand.ensure_headquarters("总部")
        template = self._template()
        source = Shop().source
        self._born: dict[str, int] = {}
        for n in range(count):
            one = Shop(source=source)
            self.customers.append(one)
            one.tell(one.member(("card_no", one.card), name=f"顾客{n}", city=self.chance.choice("京沪穗")))
            self._born[one.card] = one.person()
            self.orders.append([])
            for _ in range(self.chance.randint(1, 3)):
                self.buy(n, self.chance.randint(1, 3000) * 100)
            if self.chance.random() < 0.5:
                self._claim(template, n)
        if self.chance.random() < 0.7:
            with transaction.atomic():
                people.roles.declare_pro(
                    person_id=self.born[0], profession="营养师", reason="有证", actor=SYSTEM
                )
        for place, rule in enumerate(RULES):
            with transaction.atomic():
                name = f"人群 {number()} {place}"
                made = segments.create(name=name, document=rule, actor=ANALYST)
            self.segments.append(made.segment_id)

    def _template(self) -> int:
        offer = {
            "benefit": {"kind": "amount_off", "amount": 1000},
            "threshold": {"amount": 1000},
            "validity": {"first": "2020-01-01", "last": "2099-12-31"},
        }
        with transaction.atomic():
            template_id = campaigns.create_template(title=f"券{number()}", rule=offer, actor=SYSTEM)
            campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        return template_id

    def _claim(self, template: int, n: int) -> None:
        with transaction.atomic():
            (verdict,) = campaigns.claim(
                [campaigns.Claim(template, self.born[n], f"c{number()}")], actor=SYSTEM
            )
        assert verdict.code, verdict

    def buy(self, n: int, amount: int, *, points: int = 0) -> str:
        """`points`: all of it is paid with so many."""
        one, key = self.customers[n], f"O{number()}"
        tenders = (Tender("points", amount, points),) if points else ()
        sku = self.chance.choice([MILK, TEA])
        store = self.chance.choice(["S-one", "S-two"])
        at = clock.now()
        (said,) = one.tell(one.order(line(amount, sku=sku), key=key, store=store, at=at, tenders=tenders))
        assert said.state == "settled"
        if not points:
            self.orders[n].append(key)
        return key

    def take_back(self, n: int, key: str, amount: int) -> None:
        one = self.customers[n]
        (row,) = sql.fetch(_SKU, source_id=one.source.id, order_key=key)
        (said,) = one.tell(
            one.refund(given_back(amount, sku=row.code), key=f"R{key}", of=key, at=clock.now())
        )
        assert said.state == "settled"

    def merge(self, a: int, b: int) -> int | None:
        one, other = people.canonical_ids([self.born[a], self.born[b]]).values()
        if one == other:
            return None
        with transaction.atomic():
            return people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)

    def unmerge(self, links: Sequence[int]) -> None:
        for link_id in self.chance.sample(list(links), k=len(links)):
            with transaction.atomic():
                people.unmerge(link_id=link_id, reason="弄错了", actor=SYSTEM)

    def recorded(self) -> list[tuple[Any, ...]]:
        """Every account of everybody, as the books have it."""
        return [tuple(r) for r in sql.fetch(_ACCOUNTS, person_ids=self.born)]

    def seen(self, questions: Questions) -> dict[str, Any]:
        """All that screens, rules and questions say of these people."""
        bring_up()
        born = self.born
        return {
            "points": [loyalty.balance_of(p) for p in born],
            "accounts": self.recorded(),
            "tiers": {p: t.name for p, t in loyalty.tiers_of(born).items()},
            "coupons": [sorted(str(h.code) for h in campaigns.held_by([p])) for p in born],
            "roles": people.roles.roles_now(born),
            "cards": [tuple(r) for r in sql.fetch(_CARDS, person_ids=born)],
            "attributes": [[(a.name, a.value, a.others) for a in _attributes(p)] for p in born],
            "segments": [sorted(m.person_id for m in segments.members(SYSTEM, s)) for s in self.segments],
            "lake by person": _by_person(),
            "lake": {name: insight.ask(name, **params).rows for name, params in questions},
        }


def bring_up() -> None:
    """What the worker does."""
    wait_for_readers()
    after_settling()
    people.roles.read()
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where task_name = 'segments.refresh'")
    segments.refresh()
    wait_for_readers()
    after_settling()  # who is in a segment is a state of the lake


def _attributes(person_id: int) -> Sequence[people.Attribute]:
    return people.attributes_for(SYSTEM, person_id)


def _by_person() -> list[dict[str, Any]]:
    """(canonical person, product) → money and pieces, of the lake."""
    engine = lake.engine()
    t = engine.tables()
    lines = t.order_lines.join(t.persons, "person_id")
    sums = lines.group_by(["canonical_id", "sku_id"]).agg(
        money=lines.amount.sum(), pieces=lines.quantity.sum()
    )
    rows: list[dict[str, Any]] = engine.run(sums.order_by(["canonical_id", "sku_id"])).to_pylist()
    return rows


_SKU = sql.Statement(
    "sku",
    "select k.code from fact_order o join fact_line l on l.fact_id = o.fact_id join sku k on k.id = l.sku_id"
    " where o.source_id = %(source_id)s and o.order_key = %(order_key)s limit 1",
)
_ACCOUNTS = sql.Statement(
    "accounts",
    "select owner_id, unit, bucket, balance from account where owner_kind = 'person'"
    " and owner_id = any(%(person_ids)s::bigint[]) and balance <> 0 order by 1, 2, 3",
)
_CARDS = sql.Statement(
    "cards",
    "select person_id, display_name, card_no, tier, points, home_org_unit_id, first_sale_at, last_sale_at, orders, spend,"
    " grade from person_card where person_id = any(%(person_ids)s::bigint[]) order by 1",
)


# ── the law ──────────────────────────────────────────────────────────────────────────────────────────────────────────


FEW = QUESTIONS[:2]


def nothing_between(
    seed: int, questions: Questions = QUESTIONS
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """All that is said of a town: before, while some of it are one, and after they have parted again."""
    town = Town(Random(seed))
    town.settle()
    before = town.seen(questions)
    pairs = town.chance.sample([(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)], k=town.chance.randint(1, 3))
    links = [link for a, b in pairs if (link := town.merge(a, b)) is not None]
    meanwhile = town.seen(questions)
    town.unmerge(links)
    return before, meanwhile, town.seen(questions)


@dataclass(frozen=True)
class Spent:
    """What the books say of each account as two who are one have spent their points together, and once they have parted; what each
    is short of when the order that earned them comes back."""

    as_one: list[tuple[Any, ...]]
    parted: list[tuple[Any, ...]]
    earned: int
    left: int
    debt: int
    shown: list[str]


def spent_between(seed: int) -> Spent:
    """The first spends all points that both have; they part; and then what the first had bought comes back."""
    town = Town(Random(seed))
    town.settle(2)
    amount = town.chance.randint(10, 900) * 100
    key = town.buy(0, amount)
    link = town.merge(0, 1)
    assert link is not None
    points = loyalty.usable([town.born[0]])[town.born[0]]
    town.buy(0, loyalty.worth_of(points), points=points)
    as_one = town.recorded()
    town.unmerge([link])
    parted = town.recorded()
    left = loyalty.balance_of(town.born[0]).usable
    town.take_back(0, key, amount)
    balance = loyalty.balance_of(town.born[0])
    shown = [r.code for r in sql.fetch(_OWED, source_id=town.customers[0].source.id)]
    return Spent(as_one, parted, _earned(town, key), left, balance.debt, shown)


def _earned(town: Town, key: str) -> int:
    row = sql.fetch_one(_EARNED, source_id=town.customers[0].source.id, order_key=key)
    return int(row.points)


_EARNED = sql.Statement(
    "earned",
    "select coalesce(sum(t.amount), 0)::bigint as points from fact_order o join transfer t on t.fact_id = o.fact_id"
    " and t.reason = 'earn' where o.source_id = %(source_id)s and o.order_key = %(order_key)s",
)
_OWED = sql.Statement(
    "owed",
    "select e.code from fact_exception e join settlement s on s.fact_id = e.fact_id"
    " where s.source_id = %(source_id)s and e.state = 'open' and e.code = 'points_owed'",
)
