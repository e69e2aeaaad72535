"""Orders and what becomes of them: told again, revised, refunded, early, late; the books are exact throughout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POOL, Movement, Party
from huoshui.core.tests.ground import a_source, number, rolled_back
from huoshui.intake.river.api import settle, sweep
from huoshui.intake.river.tests.world import (
    MILK,
    OTHER_STORE,
    TEA,
    Shop,
    anonymous,
    check_books,
    codes,
    given_back,
    line,
    moved,
    points_of,
    shop,
    spend_of,
    stock,
)

__all__ = ["shop"]


@pytest.fixture(autouse=True)
def exact_books(shop: Shop) -> Iterator[None]:
    yield
    check_books()


def test_a_refund_that_waits_too_long_is_put_before_somebody_until_its_order_comes(shop: Shop) -> None:
    age = sql.Statement("age", "update fact set received_at = now() - interval '15 days'")
    (verdict,) = shop.tell(shop.refund())
    assert facts.tend_waiting() == 0, "not yet"
    sql.run(age)
    assert (facts.tend_waiting(), facts.tend_waiting()) == (1, 0)
    assert codes([verdict.fact_id]) == ["parent_unknown"]
    assert facts.open_exceptions() == {"parent_unknown": 1}
    shop.tell(shop.order())
    facts.tend_waiting()
    assert codes([verdict.fact_id]) == []


class TestSale:
    def test_a_sale_has_all_its_consequences_at_once(self, shop: Shop) -> None:
        (verdict,) = shop.tell(shop.order(line(12_99), line(30_00, TEA, 2, discount=200), status="paid"))
        assert (verdict.client_key, verdict.state) == ("O1", "settled")
        sale = shop.sale()
        assert (sale.id, sale.person_id, sale.amount, sale.refunded) == (
            verdict.fact_id,
            shop.person(),
            42_99,
            0,
        )
        assert (sale.discount, sale.line_count, sale.status) == (200, 2, "paid")
        assert (shop.points(), spend_of(shop.person())) == (42, 42_99)
        assert (stock(MILK), stock(TEA)) == (-1, -2)

    def test_the_same_again_changes_nothing(self, shop: Shop) -> None:
        shop.tell(shop.order())
        before = ledger.audit_units()
        (again,) = shop.tell(shop.order())
        assert (again.state, again.fact_id) == ("known", None)
        assert ledger.audit_units() == before
        assert stock() == -1

    def test_a_sale_to_nobody_moves_goods_and_no_points(self, shop: Shop) -> None:
        (verdict,) = shop.tell(anonymous(shop.order()))
        assert (shop.sale().person_id, moved([verdict.fact_id]), stock()) == (None, [], -1)

    def test_a_blank_or_made_up_number_is_nobody(self, shop: Shop) -> None:
        made_up = (("card_no", " "), ("phone", "138 0013 8000"), ("card_no", "0000"))
        shop.tell(structs.replace(shop.order(), identifiers=made_up))
        shop.tell(structs.replace(shop.order(key="O2"), identifiers=made_up))
        assert (shop.sale().person_id, shop.sale("O2").person_id) == (None, None)

    def test_a_sale_at_no_known_store_moves_no_stock(self, shop: Shop) -> None:
        shop.tell(shop.order(store=""))
        assert shop.sale().org_unit_id is None
        assert shop.points() == 100

    def test_tiers_are_told_once_when_reached(self, shop: Shop) -> None:
        told = sql.Statement(
            "told",
            "select f.body from settlement s join fact f on f.id = s.fact_id"
            " where s.name = 'Tier Reached' and s.person_id = %(person_id)s order by s.fact_id",
        )
        for n, amount in enumerate((999_00, 1_00, 500_00, 4_500_00)):
            shop.tell(shop.order(line(amount), key=f"O{n}"))
        bodies = [str(r.body) for r in sql.fetch(told, person_id=shop.person())]
        assert len(bodies) == 2
        assert "银卡会员" in bodies[0] and "钻石会员" in bodies[1]

    def test_tiers_are_reached_by_the_same_sales_however_many_are_told_at_once(self, shop: Shop) -> None:
        reached = sql.Statement(
            "reached",
            "select f.body ->> 'cause' as cause from settlement s join fact f on f.id = s.fact_id"
            " where s.name = 'Tier Reached' and s.person_id = %(person_id)s order by s.fact_id",
        )
        amounts = (999_00, 1_00, 500_00, 4_500_00)
        verdicts = shop.tell(*(shop.order(line(amount), key=f"O{n}") for n, amount in enumerate(amounts)))
        causes = [int(r.cause) for r in sql.fetch(reached, person_id=shop.person())]
        assert causes == [verdicts[1].fact_id, verdicts[3].fact_id]
        assert spend_of(shop.person()) == 6_000_00

    def test_a_tier_once_reached_is_kept(self, shop: Shop) -> None:
        rank = sql.Statement("rank", "select rank from tier_progress where person_id = %(person_id)s")
        shop.tell(shop.order(line(1_000_00)))
        shop.tell(shop.refund(given_back(1_000_00)))
        assert sql.fetch_one(rank, person_id=shop.person()).rank == 1
        assert spend_of(shop.person()) == 0


class TestToldAgain:
    def test_only_the_status_changes_and_no_money_moves(self, shop: Shop) -> None:
        (first,) = shop.tell(shop.order(status="paid"))
        (then,) = shop.tell(shop.order(status="shipped"))
        assert then.state == "settled"
        assert moved([then.fact_id]) == []
        sale = shop.sale()
        assert (sale.status, sale.amount, sale.fact_ids) == ("shipped", 100_00, [then.fact_id])
        assert (sale.id, shop.points(), stock()) == (first.fact_id, 100, -1)
        assert spend_of(shop.person()) == 100_00

    def test_part_refunded_it_settles_the_difference(self, shop: Shop) -> None:
        shop.tell(shop.order(line(100_00, pieces=2), line(50_00, TEA), status="paid"))
        (then,) = shop.tell(
            shop.order(
                line(100_00, pieces=2, refunded=60_50, refunded_milli=1000), line(50_00, TEA), status="part"
            )
        )
        assert moved([then.fact_id]) == [("take_back", 61)]
        assert (shop.sale().amount, shop.sale().refunded) == (150_00, 60_50)
        assert (shop.points(), stock(MILK), stock(TEA)) == (89, -1, -1)

    def test_told_by_fewer_lines_the_rest_is_taken_back(self, shop: Shop) -> None:
        shop.tell(shop.order(line(100_00), line(50_00, TEA)))
        shop.tell(shop.order(line(100_00)))
        assert (shop.sale().amount, shop.points(), stock(TEA), stock(MILK)) == (100_00, 100, 0, -1)

    def test_at_another_store_the_goods_come_from_there(self, shop: Shop) -> None:
        shop.tell(shop.order())
        shop.tell(shop.order(store=OTHER_STORE))
        assert (stock(), stock(store=OTHER_STORE)) == (0, -1)
        other = sql.fetch_one(
            sql.Statement("unit", "select id from org_unit where code = %(code)s"), code=OTHER_STORE
        )
        assert shop.sale().org_unit_id == other.id

    def test_the_rest_of_it_from_another_file_is_added(self, shop: Shop) -> None:
        shop.tell(shop.order(line(1_50)))
        (rest,) = shop.tell(shop.order(line(1_50, TEA)))
        sale = shop.sale()
        assert (sale.amount, sale.line_count, len(sale.fact_ids)) == (3_00, 2, 2)
        assert moved([rest.fact_id]) == [("earn", 2)], "1.50 and 1.50 are 3.00"
        assert (stock(MILK), stock(TEA)) == (-1, -1)

    def test_several_revisions_in_one_delivery_settle_one_after_another(self, shop: Shop) -> None:
        told = [shop.order(line(amount), status=f"s{amount}") for amount in (100_00, 80_00, 90_00)]
        verdicts = shop.tell(*told)
        assert [v.state for v in verdicts] == ["settled"] * 3
        assert len({v.fact_id for v in verdicts}) == 3
        assert (shop.sale().amount, shop.points(), stock()) == (90_00, 90, -1)


class TestRefund:
    def test_a_refund_takes_back_points_and_returns_goods(self, shop: Shop) -> None:
        shop.tell(shop.order(line(100_00, pieces=2)))
        (back,) = shop.tell(shop.refund(given_back(30_50)))
        assert moved([back.fact_id]) == [("take_back", 31)]
        assert (shop.sale().amount, shop.sale().refunded) == (100_00, 30_50)
        assert (shop.points(), stock(), spend_of(shop.person())) == (69, -1, 69_50)

    def test_it_belongs_to_its_orders_customer(self, shop: Shop) -> None:
        shop.tell(shop.order())
        stranger = (("card_no", f"stranger-{number()}"),)
        for n, identifiers in enumerate(((), stranger)):
            refund = shop.refund(given_back(10_00), key=f"R{n}")
            (back,) = shop.tell(structs.replace(refund, identifiers=identifiers))
            assert back.fact_id is not None
            assert facts.head(back.fact_id).person_id == shop.person()
        assert (shop.points(), shop.sale().person_id) == (80, shop.person())

    def test_one_that_comes_first_waits_for_its_sale(self, shop: Shop) -> None:
        (early,) = shop.tell(shop.refund(given_back(30_00)))
        assert early.state == "waiting"
        assert (shop.sale(), moved([early.fact_id])) == (None, [])
        (sold,) = shop.tell(shop.order())
        assert sold.state == "settled"
        assert (shop.sale().refunded, shop.points(), stock()) == (30_00, 70, 0)
        assert early.fact_id is not None
        assert facts.head(early.fact_id).state == "settled"

    def test_first_in_one_delivery_it_settles_in_it(self, shop: Shop) -> None:
        verdicts = shop.tell(shop.refund(given_back(30_00)), shop.order())
        assert [v.state for v in verdicts] == ["waiting", "settled"] or [v.state for v in verdicts] == [
            "settled"
        ] * 2
        assert (shop.sale().refunded, shop.points()) == (30_00, 70)
        assert verdicts[0].state == "settled"

    @pytest.mark.parametrize("together", [True, False])
    def test_one_under_its_orders_number_may_come_first_too(self, shop: Shop, together: bool) -> None:
        told = [shop.refund(given_back(30_00), key="O1"), shop.order()]
        for delivery in [told] if together else [[item] for item in told]:
            shop.tell(*delivery)
        assert (shop.sale().refunded, shop.points(), stock()) == (30_00, 70, 0)

    def test_two_in_one_delivery_follow_each_other(self, shop: Shop) -> None:
        shop.tell(shop.order(line(1_50)))
        verdicts = shop.tell(shop.refund(given_back(75), key="R1"), shop.refund(given_back(75), key="R2"))
        assert [v.state for v in verdicts] == ["settled"] * 2
        assert moved([v.fact_id for v in verdicts]) == [("take_back", 1)], "one point was given, one is taken"
        assert (shop.sale().refunded, shop.points(), stock()) == (1_50, 0, 1)

    def test_told_again_it_is_not_given_back_twice(self, shop: Shop) -> None:
        shop.tell(shop.order(line(100_00, pieces=3)))
        shop.tell(shop.refund(given_back(30_00), status="asked"))
        (again,) = shop.tell(shop.refund(given_back(30_00), status="paid out"))
        assert again.state == "settled"
        assert moved([again.fact_id]) == []
        (more,) = shop.tell(shop.refund(given_back(40_00, pieces=2), status="mended"))
        assert moved([more.fact_id]) == [("take_back", 10)]
        assert (shop.sale().refunded, shop.points(), stock()) == (40_00, 60, -1)

    def test_told_twice_while_it_waits_it_is_given_back_once(self, shop: Shop) -> None:
        shop.tell(shop.refund(given_back(30_00), status="asked"))
        shop.tell(shop.refund(given_back(30_00), status="paid out"))
        shop.tell(shop.order())
        sweep()
        assert (shop.sale().refunded, shop.points(), stock()) == (30_00, 70, 0)

    def test_of_another_source_it_is_another_order(self, shop: Shop) -> None:
        shop.tell(shop.order())
        other = Shop(source=a_source(), card=shop.card)
        (early,) = other.tell(other.refund())
        assert (early.state, shop.points()) == ("waiting", 100)

    def test_after_the_points_are_spent_a_debt_stays_visible(self, shop: Shop) -> None:
        shop.tell(shop.order())
        self.redeem(shop, 80)
        (back,) = shop.tell(shop.refund())
        assert moved([back.fact_id]) == [("take_back", 20), ("take_back", 80)]
        assert codes([back.fact_id]) == ["points_owed"]
        assert shop.points() == -80
        debt = sql.Statement(
            "debt",
            "select balance from account where owner_kind = 'person' and owner_id = %(id)s and bucket = 'debt'",
        )
        assert sql.fetch_one(debt, id=shop.person()).balance == -80
        shop.tell(shop.order(key="O2"))
        assert shop.points() == 20

    def redeem(self, shop: Shop, points: int) -> None:
        """A gift for points, as a fact of its own."""
        gift = structs.replace(shop.member(("card_no", shop.card)), name="Gift Redeemed")
        (verdict,) = shop.tell(gift)
        assert verdict.fact_id is not None
        source = Party("person", shop.person(), POOL)
        ledger.post([Movement("points", source, ISSUER, points, verdict.fact_id, "redeem")])


class TestRefundAndRevision:
    def test_a_later_export_that_knows_nothing_of_the_refund_leaves_it(self, shop: Shop) -> None:
        shop.tell(shop.order(status="paid"), shop.refund(given_back(30_00)))
        shop.tell(shop.order(status="shipped"))
        assert (shop.sale().amount, shop.sale().refunded, shop.points(), stock()) == (100_00, 30_00, 70, 0)

    def test_a_later_export_that_tells_of_it_takes_its_place(self, shop: Shop) -> None:
        shop.tell(shop.order(status="paid"), shop.refund(given_back(30_00)))
        shop.tell(shop.order(line(100_00, refunded=30_00, refunded_milli=1000), status="part"))
        assert (shop.sale().amount, shop.sale().refunded, shop.points(), stock()) == (100_00, 30_00, 70, 0)

    def test_though_the_refund_names_products_and_the_order_numbers_lines(self, shop: Shop) -> None:
        shop.tell(shop.order(line(line_key="1"), status="paid"), shop.refund(given_back(30_00)))
        shop.tell(shop.order(line(line_key="1", refunded=30_00, refunded_milli=1000), status="part"))
        assert (shop.sale().refunded, shop.points(), stock()) == (30_00, 70, 0)


class TestAnotherCustomer:
    def test_an_order_that_was_nobodys_earns_when_its_customer_is_known(self, shop: Shop) -> None:
        shop.tell(anonymous(shop.order()))
        shop.tell(shop.order())
        assert (shop.points(), shop.sale().person_id, spend_of(shop.person())) == (100, shop.person(), 100_00)

    def test_an_order_that_forgets_its_customer_keeps_him(self, shop: Shop) -> None:
        shop.tell(shop.order())
        shop.tell(anonymous(shop.order(line(100_00, refunded=40_00))))
        assert (shop.points(), shop.sale().person_id, spend_of(shop.person())) == (60, shop.person(), 60_00)

    def test_a_wrong_card_is_put_right_with_points_and_all(self, shop: Shop) -> None:
        shop.tell(shop.order())
        wrong = shop.person()
        shop.card = f"card-{number()}"
        shop.tell(shop.order())
        assert (points_of(wrong), shop.points()) == (0, 100)
        assert (spend_of(wrong), spend_of(shop.person())) == (0, 100_00)
        assert shop.sale().person_id == shop.person()


class TestHistory:
    @pytest.fixture
    def past(self, shop: Shop) -> Shop:
        return Shop(source=a_source("history"), card=shop.card)

    def test_it_is_recorded_and_counts_for_tiers_and_nothing_else(self, past: Shop) -> None:
        (told,) = past.tell(past.order(line(1_000_00)))
        assert told.fact_id is not None
        assert (past.sale().amount, past.points(), stock(), moved([told.fact_id])) == (1_000_00, 0, 0, [])
        assert spend_of(past.person()) == 1_000_00
        derived = sql.Statement(
            "derived", "select name from settlement where person_id = %(id)s and name like 'Tier%%'"
        )
        assert sql.fetch(derived, id=past.person()) == []

    def test_what_changes_afterwards_settles_the_difference_only(self, past: Shop) -> None:
        past.tell(past.order(line(100_00, pieces=3)))
        live = replace(past.source, mode="live")
        now = Shop(source=live, card=past.card)
        now.tell(now.order(line(100_00, pieces=3, refunded=40_00, refunded_milli=1000), status="part"))
        assert (now.sale().refunded, stock(), spend_of(now.person())) == (40_00, 1, 60_00)
        assert now.points() == -40, "they were given by the old system, and are owed to it"

    def test_a_refund_of_the_past_takes_nothing(self, past: Shop) -> None:
        past.tell(past.order(), past.refund(given_back(30_00)))
        assert (past.sale().refunded, past.points(), stock(), spend_of(past.person())) == (30_00, 0, 0, 70_00)


def test_what_has_settled_is_not_settled_again(shop: Shop) -> None:
    (verdict,) = shop.tell(shop.order())
    assert verdict.fact_id is not None
    assert [one.settled for one in settle([verdict.fact_id])] == [()]
    assert (shop.points(), stock()) == (100, -1)


@pytest.mark.parametrize(
    "planted",
    [
        "update sale set refunded = refunded + 1",
        "delete from sale",
        "update tier_progress set spend = spend - 1",
        "insert into stock (org_unit_id, sku_id, on_hand_milli) values (1, 1, 5)",
        "update account set balance = balance + 1 where owner_kind = 'person'",
        "update transfer set fact_id = fact_id + 1000000",
    ],
)
def test_control_the_books_check_sees_what_is_wrong(shop: Shop, planted: str) -> None:
    shop.tell(shop.order())
    check_books()
    with rolled_back():
        sql.run(sql.Statement("plant", planted))
        with pytest.raises(AssertionError):
            check_books()
