"""A voucher sold on a platform and verified at a till is one sale, in whichever order the two arrive (ADR 0011)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import number
from huoshui.core.tests.racing import race
from huoshui.intake.river.tests.world import check_books, codes, points_of, spend_of, stock
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, ReceiptClaim, Refund, Sale, SaleLine, Tender, Till, Voucher
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

PLATFORM_SHOP = "S-platform"


@dataclass
class Platform:
    """Reports what it sold: each voucher an order of its own, numbered by its code."""

    name: str = field(default_factory=lambda: f"platform-{number()}")
    buyer: str = field(default_factory=lambda: f"buyer-{number()}")

    def __post_init__(self) -> None:
        source = facts.ensure_source(name=f"till:{self.name}", label=self.name, mode="live")
        self.till = Till(source.id, self.name, frozenset({PLATFORM_SHOP}))

    def sale(self, counter: Counter, code: str, *, amount: int = 10_000, is_named: bool = True) -> Sale:
        return Sale(
            key=f"sold {code}",
            order_key=code,
            store_code=PLATFORM_SHOP,
            at=counter.at - timedelta(days=1),
            lines=(SaleLine("DEAL", 1000, amount),),
            identifiers=(("card_no", self.buyer),) if is_named else (),
            channel="platform",
            is_offline=True,
        )

    def sells(self, counter: Counter, code: str, **more: object) -> Outcome:
        (outcome,) = tills.sell(self.till, [self.sale(counter, code, **more)])  # type: ignore[arg-type]
        return outcome

    def gives_back(self, counter: Counter, code: str, *, is_offline: bool = True) -> Outcome:
        command = Refund(f"back {code} {number()}", code, counter.at, is_offline=is_offline)
        (outcome,) = tills.refund(self.till, [command])
        return outcome

    def voucher(self, code: str) -> Voucher:
        return Voucher(self.name, code)

    def person(self) -> int:
        found = people.find("card_no", self.buyer)
        assert found is not None
        return found


@pytest.fixture
def platform(counter: Counter) -> Platform:
    brand.unit_ids([PLATFORM_SHOP])
    return Platform()


def verified(counter: Counter, platform: Platform, *codes: str, **more: object) -> Sale:
    vouchers = tuple(platform.voucher(code) for code in codes)
    given = {"tenders": (Tender("voucher", 10_000 * len(codes)),)} | more
    return counter.sale(
        SaleLine("P1", 1000 * len(codes), 10_000 * len(codes)), vouchers=vouchers, is_offline=True, **given
    )


def sell(counter: Counter, sale: Sale) -> Outcome:
    (outcome,) = tills.sell(counter.till, [sale])
    return outcome


def verify(counter: Counter, platform: Platform, *codes: str, **more: object) -> Outcome:
    return sell(counter, verified(counter, platform, *codes, **more))


def money() -> dict[str, int]:
    """What sales amount to by store, by the rule of effects, and by the orders as they stand."""
    names = {i: c for c, i in brand.find_units([STORE, PLATFORM_SHOP]).items()}
    by_rule = {names[r.org_unit_id]: r.amount for r in sql.fetch(_EFFECTS) if r.amount}
    by_orders = {names[r.org_unit_id]: r.amount for r in sql.fetch(_ORDERS) if r.amount}
    assert by_rule == by_orders
    return by_rule


def orders_of(person_id: int) -> list[str]:
    """Where his orders were."""
    names = {i: c for c, i in brand.find_units([STORE, PLATFORM_SHOP]).items()}
    return [names[r.org_unit_id] for r in sql.fetch(_ORDERS_OF, person_id=person_id)]


_EFFECTS = sql.Statement(
    "effects",
    """
    select org_unit_id, sum(amount)::bigint as amount from (
        select o.org_unit_id, o.amount - o.refunded as amount
        from settlement s join fact_order o on o.fact_id = s.fact_id where s.state = 'settled'
        union all
        select o.org_unit_id, -(o.amount - o.refunded) from settlement s cross join unnest(s.replaces) as replaced
        join fact_order o on o.fact_id = replaced where s.state = 'settled') x
    group by 1""",
)
_ORDERS_OF = sql.Statement("orders_of", "select org_unit_id from sale where person_id = %(person_id)s")
_ORDERS = sql.Statement(
    "orders", "select org_unit_id, sum(amount - refunded)::bigint as amount from sale group by 1"
)


def test_unverified_it_counts_for_the_platform(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    assert money() == {PLATFORM_SHOP: 10_000}
    assert points_of(platform.person()) == 100


@pytest.mark.parametrize("is_sold_first", [True, False])
def test_one_sale_whichever_comes_first(counter: Counter, platform: Platform, is_sold_first: bool) -> None:
    told = both(counter, platform, "A1", is_sold_first=is_sold_first)
    assert {o.state for o in told.values()} == {"settled"}
    assert money() == {STORE: 10_000}
    assert (points_of(counter.person()), points_of(platform.person())) == (100, 0)
    assert (spend_of(counter.person()), spend_of(platform.person())) == (10_000, 0)
    assert (stock("P1"), stock("DEAL", PLATFORM_SHOP)) == (-1, 0)
    assert not codes([o.fact_id for o in told.values()])
    assert (orders_of(counter.person()), orders_of(platform.person())) == ([STORE], [])
    check_books()


@pytest.mark.parametrize("is_sold_first", [True, False])
def test_a_sale_that_names_nobody_is_the_buyers(
    counter: Counter, platform: Platform, is_sold_first: bool
) -> None:
    both(counter, platform, "A1", is_sold_first=is_sold_first, identifiers=())
    assert money() == {STORE: 10_000}
    assert points_of(platform.person()) == 100
    assert spend_of(platform.person()) == 10_000
    assert stock("P1") == -1
    assert orders_of(platform.person()) == [STORE]
    check_books()


def test_told_again_it_changes_nothing(counter: Counter, platform: Platform) -> None:
    sold, used = platform.sale(counter, "A1"), verified(counter, platform, "A1")
    for sale, till in (
        (sold, platform.till),
        (used, counter.till),
        (sold, platform.till),
        (used, counter.till),
    ):
        tills.sell(till, [sale])
    assert money() == {STORE: 10_000}
    assert points_of(counter.person()) == 100
    assert stock("P1") == -1
    # The platform corrects what it said, under another key
    tills.sell(platform.till, [replace(sold, key="again", channel="corrected")])
    assert money() == {STORE: 10_000}
    assert points_of(counter.person()) == 100
    check_books()


def test_given_back_before_it_was_verified(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    platform.gives_back(counter, "A1")
    assert money() == {}
    asked = replace(verified(counter, platform, "A1"), is_offline=False)
    outcome = sell(counter, asked)
    assert [r.code for r in outcome.refusals] == ["voucher_refunded"]
    assert money() == {}
    report = verify(counter, platform, "A1")
    assert codes([report.fact_id]) == ["voucher_refunded"]
    assert money() == {STORE: 10_000}  # the goods are gone, and somebody will ask who pays
    check_books()


def test_verified_twice(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    first = verify(counter, platform, "A1")
    before = counter.facts()
    again = replace(verified(counter, platform, "A1"), is_offline=False)
    outcome = sell(counter, again)
    assert [(r.code, r.detail["order"]) for r in outcome.refusals] == [("voucher_used", first.order_key)]
    assert counter.facts() == before
    assert codes([verify(counter, platform, "A1").fact_id]) == ["voucher_used"]
    assert money() == {STORE: 20_000}
    check_books()


def test_verified_twice_before_the_platform_told_of_it(counter: Counter, platform: Platform) -> None:
    first = verify(counter, platform, "A1")
    second = sell(counter, replace(verified(counter, platform, "A1"), is_offline=False))
    assert [(r.code, r.detail["order"]) for r in second.refusals] == [("voucher_used", first.order_key)]
    platform.sells(counter, "A1")
    assert money() == {STORE: 10_000}
    check_books()


def all_three(counter: Counter, platform: Platform, code: str, order: Sequence[str]) -> dict[str, Outcome]:
    """A voucher that is sold, verified, and given back on its platform, told in this order."""
    line = tills.RefundLine(line_no=1, quantity_milli=1000, amount=10_000, sku_code="DEAL")
    back = Refund(f"back {code}", code, counter.at, lines=(line,), is_offline=True)
    acts = {
        "sell": lambda: platform.sells(counter, code),
        "verify": lambda: verify(counter, platform, code),
        "back": lambda: tills.refund(platform.till, [back])[0],
    }
    return {act: acts[act]() for act in order}


def both(
    counter: Counter,
    platform: Platform,
    code: str,
    *,
    is_sold_first: bool,
    amount: int = 10_000,
    **more: object,
) -> dict[str, Outcome]:
    acts = {
        "sold": lambda: platform.sells(counter, code, amount=amount),
        "used": lambda: verify(counter, platform, code, **more),
    }
    return {act: acts[act]() for act in (acts if is_sold_first else reversed(acts))}


def test_given_back_after_it_was_verified_is_for_somebody_to_mend(
    counter: Counter, platform: Platform
) -> None:
    platform.sells(counter, "A1")
    used = verify(counter, platform, "A1")
    back = platform.gives_back(counter, "A1", is_offline=False)
    assert [(r.code, r.detail["order"]) for r in back.refusals] == [("voucher_verified", used.order_key)]
    for order in permutations(("sell", "verify", "back")):
        before = money()[STORE]
        told = all_three(counter, platform, f"B{number()}", order)
        assert money() == {STORE: before + 10_000}, order
        found = codes([told["verify"].fact_id, told["back"].fact_id])
        assert found in (["voucher_verified"], ["voucher_refunded"]), order
    check_books()


def test_voided_it_may_be_verified_again(counter: Counter, platform: Platform) -> None:
    for is_sold_first in (True, False):
        code = f"C{number()}"
        used = both(counter, platform, code, is_sold_first=is_sold_first)["used"]
        before = money()[STORE]
        assert (
            tills.void(counter.till, key=f"v{number()}", order_key=used.order_key, at=counter.at).state
            == "settled"
        )
        assert money() == {PLATFORM_SHOP: 10_000} | ({STORE: before - 10_000} if before > 10_000 else {})
        assert points_of(platform.person()) == 100
        again = verify(counter, platform, code)
        assert not codes([again.fact_id])
        assert money() == {STORE: before}
        assert points_of(platform.person()) == 0
    check_books()


def test_a_voided_one_may_be_given_back(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    used = verify(counter, platform, "A1")
    tills.void(counter.till, key="void", order_key=used.order_key, at=counter.at)
    back = platform.gives_back(counter, "A1")
    assert not codes([back.fact_id])
    assert money() == {}
    check_books()


def test_several_in_one_sale(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    platform.sells(counter, "A2", is_named=False)
    verify(counter, platform, "A1", "A2", "A3")
    assert money() == {STORE: 30_000}
    platform.sells(counter, "A3")
    assert money() == {STORE: 30_000}
    assert (points_of(counter.person()), points_of(platform.person())) == (300, 0)
    assert stock("P1") == -3
    check_books()


def test_the_sale_is_given_back_like_any_other(counter: Counter, platform: Platform) -> None:
    platform.sells(counter, "A1")
    used = verify(counter, platform, "A1")
    (back,) = tills.refund(counter.till, [counter.refund_of(used)])
    assert back.amount == -10_000
    assert money() == {}
    assert points_of(counter.person()) == 0
    again = sell(counter, replace(verified(counter, platform, "A1"), is_offline=False))
    assert [r.code for r in again.refusals] == ["voucher_used"]
    check_books()


def test_a_till_that_says_another_price_is_told_so(counter: Counter, platform: Platform) -> None:
    for is_sold_first in (True, False):
        code = f"D{number()}"
        told = both(counter, platform, code, is_sold_first=is_sold_first, amount=8_800)
        (raised,) = facts.exceptions_of([o.fact_id for o in told.values() if o.fact_id])
        assert (raised.code, raised.detail["difference"]) == ("voucher_differs", "12.00")


def test_a_claimed_receipt_keeps_its_voucher(counter: Counter, platform: Platform) -> None:
    used = verify(counter, platform, "A1", identifiers=())
    claim = ReceiptClaim("claim", used.order_key, used.bind_code, counter.at, (("card_no", counter.card),))
    assert tills.claim_receipt(counter.till, claim).state == "settled"
    platform.sells(counter, "A1")
    assert money() == {STORE: 10_000}
    assert (points_of(counter.person()), points_of(platform.person())) == (100, 0)
    check_books()


def test_its_code_finds_the_sale(counter: Counter, platform: Platform) -> None:
    sold = platform.sells(counter, "FIND-ME")
    used = verify(counter, platform, "FIND-ME")
    assert [s.order_key for s in sales.find_order(SYSTEM, "FIND-ME")] == [used.order_key]
    assert sold.fact_id is not None
    assert sales.sale_of_fact(SYSTEM, sold.fact_id).order_key == used.order_key


def test_tills_that_verify_it_at_once(counter: Counter, platform: Platform) -> None:
    for _ in range(3):
        code = f"R{number()}"
        before = money().get(STORE, 0)
        asked = [replace(verified(counter, platform, code), is_offline=False) for _ in range(4)]
        acts = [partial(sell, counter, one) for one in asked]
        found = race(*acts, partial(platform.sells, counter, code))
        assert not found.errors
        assert sorted(o.state for o in found.results) == ["refused"] * 3 + ["settled"] * 2
        assert money() == {STORE: before + 10_000}
    check_books()


def test_the_chain_tells_what_it_was_sold_for(counter: Counter, platform: Platform) -> None:
    used = verify(counter, platform, "A1", "A2")
    given = replace(platform.sale(counter, "A1"), body={"extra": {"platform_fee": 520}})
    tills.sell(platform.till, [given])
    assert used.fact_id is not None
    rows = [r for r in sales.chain_of(SYSTEM, used.fact_id).rows if r.step == "voucher"]
    assert [(r.title, r.detail) for r in rows] == [
        ("核销团购券 A1", f"{platform.name}卖了 ¥100.00，成交算在这里，平台服务费 ¥5.20"),
        ("核销团购券 A2", f"{platform.name}还没有报来这张券"),
    ]


@pytest.mark.parametrize("is_offline", [False, True])
def test_of_a_platform_that_nobody_knows_it_is_shown(
    counter: Counter, platform: Platform, is_offline: bool
) -> None:
    """A typo, or a platform that is not connected yet: the sale is had, and somebody told."""
    typo = Voucher(f"{platform.name}X", "A1")
    sale = counter.sale(vouchers=(typo, platform.voucher("A2")), is_offline=is_offline)
    outcome = sell(counter, sale)
    assert outcome.state == "settled"
    assert [(e.code, e.detail) for e in outcome.exceptions] == [
        ("voucher_source_unknown", {"source": typo.source, "voucher": "A1"})
    ]
