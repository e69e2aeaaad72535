"""A till's sale, told once; an ask that cannot be had leaves nothing behind; a report is never refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from msgspec import structs

from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import NOON, number, statements
from huoshui.intake.river.tests.world import check_books, codes, points_of
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Outcome, RefundLine, Sale, SaleLine, Tender, Till
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter
from huoshui.people import api as people

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


def refused(outcome: Outcome) -> list[str]:
    assert outcome.state == "refused" and outcome.refusals
    return [r.code for r in outcome.refusals]


class TestASale:
    def test_is_answered_with_what_it_caused(self, counter: Counter) -> None:
        outcome = counter.sell(SaleLine("P1", 2000, 12_000), SaleLine("P1", 1000, 6_500))
        assert (outcome.state, outcome.amount, outcome.is_repeat) == ("settled", 18_500, False)
        assert outcome.points is not None
        assert (outcome.points.earned, outcome.points.balance) == (185, 185)
        assert outcome.person_id == people.find("card_no", counter.card)
        check_books()

    def test_told_again_is_answered_alike_and_changes_nothing(self, counter: Counter) -> None:
        sale = counter.sale(SaleLine("P1", 1000, 10_000))
        (first,), (again,) = tills.sell(counter.till, [sale]), tills.sell(counter.till, [sale])
        assert again == structs.replace(first, is_repeat=True)
        assert points_of(counter.person()) == 100

    def test_the_same_key_with_other_words_is_refused(self, counter: Counter) -> None:
        sale = counter.sale(SaleLine("P1", 1000, 10_000))
        tills.sell(counter.till, [sale])
        (other,) = tills.sell(counter.till, [replace(sale, lines=(SaleLine("P1", 1000, 9_000),))])
        assert refused(other) == ["key_reused"]
        assert counter.state(sale.order_key).total == 10_000

    def test_a_number_reported_twice_with_other_content_is_shown(self, counter: Counter) -> None:
        one = counter.sale(SaleLine("P1", 1000, 500), is_offline=True)
        tills.sell(counter.till, [one])
        (same,) = tills.sell(counter.till, [replace(one, key="sent again")])
        other = replace(one, key="another sale", lines=(SaleLine("P2", 1000, 700),))
        (outcome,) = tills.sell(counter.till, [other])
        assert [e.code for e in same.exceptions] == []
        assert [e.code for e in outcome.exceptions] == ["order_told_again"]
        assert "¥5.00" in outcome.exceptions[0].message and "¥7.00" in outcome.exceptions[0].message
        (shop,) = tills.sell(
            replace(counter.till, revises=True),
            [replace(one, key="it changed", lines=(SaleLine("P2", 1000, 600),))],
        )
        assert shop.exceptions == ()

    def test_an_order_number_is_used_once(self, counter: Counter) -> None:
        sale = counter.sale(SaleLine("P1", 1000, 10_000))
        tills.sell(counter.till, [sale])
        (other,) = tills.sell(counter.till, [replace(sale, key=f"k{number()}")])
        assert refused(other) == ["order_exists"]
        assert counter.facts() == 1

    def test_of_nobody_has_a_code_by_which_it_may_be_claimed(self, counter: Counter) -> None:
        outcome = counter.sell(identifiers=())
        assert (outcome.person_id, outcome.points) == (None, None)
        assert len(outcome.bind_code) == 16
        assert tills.receipt(counter.till, outcome.order_key).bind_code == outcome.bind_code

    def test_two_in_one_request_each_have_their_verdict(self, counter: Counter) -> None:
        good, bad = (
            counter.sale(),
            counter.sale(SaleLine("P1", 1000, 5_000), tenders=(Tender("cash", 4_000),)),
        )
        outcomes = tills.sell(counter.till, [bad, good, bad])
        assert [o.state for o in outcomes] == ["refused", "settled", "refused"]
        assert refused(outcomes[0]) == ["tenders_differ"]
        assert outcomes[0].refusals[0].detail["difference"] == "10.00"

    @pytest.mark.parametrize(
        ("change", "code", "pointer"),
        [
            ({"lines": ()}, "lines_missing", "/lines"),
            ({"lines": (SaleLine("P1", 0, 100),)}, "quantity_wrong", "/lines/0/quantity"),
            ({"lines": (SaleLine("P1", 1000, -1),)}, "amount_wrong", "/lines/0/amount"),
            (
                {"lines": (SaleLine("P1", 1000, 1, line_key="a"), SaleLine("P1", 1000, 1, line_key="a"))},
                "line_repeated",
                "/lines/1/line_key",
            ),
            ({"coupons": (CouponUse("X", 5),)}, "coupons_differ", "/coupons"),
            ({"store_code": "nowhere"}, "store_unknown", "/store"),
            (
                {"tenders": (Tender("points", 10_001, 10_001), Tender("cash", -1))},
                "points_exceed",
                "/tenders",
            ),
        ],
    )
    def test_what_contradicts_itself_is_told_with_its_place(
        self, counter: Counter, change: dict[str, Any], code: str, pointer: str
    ) -> None:
        (outcome,) = tills.sell(counter.till, [replace(counter.sale(), **change)])
        assert refused(outcome) == [code]
        assert outcome.refusals[0].pointer == pointer
        assert counter.facts() == 0

    def test_a_report_that_does_not_add_up_is_kept_and_shown(self, counter: Counter) -> None:
        outcome = counter.sell(tenders=(Tender("cash", 1),), is_offline=True)
        assert outcome.state == "settled"
        assert [e.code for e in outcome.exceptions] == ["tenders_differ"]
        assert codes([outcome.fact_id]) == ["tenders_differ"]

    def test_another_ones_store_looks_like_none(self, counter: Counter) -> None:
        mine = Till(counter.till.source_id, "till", frozenset({"S-other"}))
        with pytest.raises(NotFound):
            tills.sell(mine, [counter.sale()])
        assert counter.facts() == 0
        outcome = counter.sell()
        with pytest.raises(NotFound):
            tills.receipt(mine, outcome.order_key)
        with pytest.raises(NotFound):
            tills.refund(mine, [counter.refund_of(outcome)])


class TestARefund:
    def test_of_the_whole_takes_everything_back(self, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 3000, 10_001), SaleLine("P2", 1000, 777))
        (back,) = tills.refund(counter.till, [counter.refund_of(sold)])
        assert (back.state, back.amount) == ("settled", -10_778)
        assert back.points is not None and (back.points.taken_back, back.points.balance) == (107, 0)
        state = counter.state(sold.order_key)
        assert {(x.left, x.left_milli) for x in state.lines} == {(0, 0)}
        check_books()

    def test_piece_by_piece_gives_back_what_all_at_once_would(self, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 3000, 10_001))
        backs = [
            tills.refund(counter.till, [counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))])[
                0
            ]
            for _ in range(3)
        ]
        assert [b.amount for b in backs] == [-3333, -3334, -3334]
        assert sum(b.points.taken_back for b in backs if b.points) == 100
        (more,) = tills.refund(
            counter.till, [counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))]
        )
        assert refused(more) == ["refund_exceeds"]
        assert more.refusals[0].detail["line"] == "P1 #1" and "P1 #1" in more.refusals[0].message
        (nothing,) = tills.refund(counter.till, [counter.refund_of(sold)])
        assert refused(nothing) == ["refund_nothing"]
        check_books()

    def test_told_again_changes_nothing_though_nothing_is_left(self, counter: Counter) -> None:
        sold = counter.sell()
        command = counter.refund_of(sold)
        (first,), (again,) = (tills.refund(counter.till, [command]) for _ in range(2))
        assert again == structs.replace(first, is_repeat=True)
        (other,) = tills.refund(counter.till, [replace(command, amount=5)])
        assert refused(other) == ["key_reused"]

    def test_of_money_alone_leaves_the_goods(self, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 1000, 3_000), SaleLine("P2", 1000, 7_000))
        (back,) = tills.refund(counter.till, [counter.refund_of(sold, amount=1_001)])
        assert [x.amount for x in back.lines] == [300, 701]
        assert [x.left_milli for x in counter.state(sold.order_key).lines] == [1000, 1000]
        (rest,) = tills.refund(counter.till, [counter.refund_of(sold)])
        assert rest.amount == -8_999

    def test_of_more_money_than_is_left_is_refused(self, counter: Counter) -> None:
        sold = counter.sell()
        (outcome,) = tills.refund(counter.till, [counter.refund_of(sold, amount=10_001)])
        assert refused(outcome) == ["refund_exceeds"]
        assert counter.state(sold.order_key).returned == 0

    def test_gives_each_way_of_paying_its_share(self, counter: Counter) -> None:
        sold = counter.sell(
            SaleLine("P1", 2000, 10_000), tenders=(Tender("cash", 7_000), Tender("wechat", 3_000))
        )
        (back,) = tills.refund(
            counter.till, [counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))]
        )
        assert [(t.kind, t.amount) for t in facts.tenders_of([back.fact_id or 0])] == [
            ("cash", -3_500),
            ("wechat", -1_500),
        ]

    def test_before_its_sale_waits_when_it_is_a_report_and_is_refused_when_asked(
        self, counter: Counter
    ) -> None:
        sale = counter.sale()
        line = RefundLine(line_no=1, sku_code="P1", quantity_milli=1000, amount=10_000)
        ask = counter.refund_of(sale, line)
        assert refused(tills.refund(counter.till, [ask])[0]) == ["order_unknown"]
        vague = counter.refund_of(sale, RefundLine(line_no=1), is_offline=True)
        assert refused(tills.refund(counter.till, [vague])[0]) == ["refund_needs_lines"]
        report = counter.refund_of(sale, line, is_offline=True)
        (early,) = tills.refund(counter.till, [report])
        assert early.state == "waiting"
        tills.sell(counter.till, [sale])
        (known,) = tills.refund(counter.till, [report])
        assert (known.state, known.is_repeat) == ("settled", True)
        assert points_of(counter.person()) == 0
        check_books()

    def test_of_all_or_of_so_much_it_waits_too_and_finds_what_was_sold(self, counter: Counter) -> None:
        counter.sell(SaleLine("P1", 1_000, 20_000))
        before = points_of(counter.person())
        sale = counter.sale(
            SaleLine("P1", 2_000, 9_000),
            SaleLine("P2", 1_000, 1_000),
            tenders=(Tender("points", 100, 100), Tender("cash", 9_900)),
            is_offline=True,
        )
        some = counter.refund_of(sale, amount=2_500, is_offline=True)
        rest = counter.refund_of(sale, is_offline=True, condition="damaged")
        assert [o.state for o in tills.refund(counter.till, [some, rest])] == ["waiting", "waiting"]
        tills.sell(counter.till, [sale])
        first, last = tills.refund(counter.till, [some, rest])
        assert [(o.state, o.is_repeat, o.amount) for o in (first, last)] == [
            ("settled", True, -2_500),
            ("settled", True, -7_500),
        ]
        state = counter.state(sale.order_key)
        assert [(x.left, x.left_milli) for x in state.lines] == [(0, 0), (0, 0)]
        back = facts.tenders_of([first.fact_id or 0, last.fact_id or 0])
        assert sum(t.points for t in back) == -100 and sum(t.amount for t in back) == -10_000
        assert points_of(counter.person()) == before, (
            "what was paid with points came back, what was earned went"
        )
        check_books()

    def test_reported_where_nothing_is_left_it_is_kept_and_shown(self, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 1_000, 5_000), SaleLine("P2", 1_000, 1_000))
        tills.refund(counter.till, [counter.refund_of(sold, RefundLine(line_no=1))])
        again = counter.refund_of(sold, RefundLine(line_no=1), is_offline=True)
        (outcome,) = tills.refund(counter.till, [again])
        assert (outcome.state, outcome.amount) == ("settled", 0)
        assert [e.code for e in outcome.exceptions] == ["refund_nothing"]
        assert counter.state(sold.order_key).returned == 5_000, "and nothing of the other lines went back"
        late = counter.sale(SaleLine("P1", 1_000, 5_000), is_offline=True)
        twice = [counter.refund_of(late, is_offline=True) for _ in range(2)]
        tills.refund(counter.till, twice)
        tills.sell(counter.till, [late])
        assert [o.amount for o in tills.refund(counter.till, twice)] == [-5_000, 0]
        assert [e.code for e in tills.refund(counter.till, twice)[1].exceptions] == ["refund_nothing"]
        check_books()

    def test_of_a_line_that_is_not_there(self, counter: Counter) -> None:
        sold = counter.sell()
        (outcome,) = tills.refund(counter.till, [counter.refund_of(sold, RefundLine(line_key="9"))])
        assert refused(outcome) == ["refund_line_unknown"]
        assert outcome.refusals[0].pointer == "/lines/0"


class TestVoidAndExchange:
    def test_an_order_of_today_is_made_undone(self, counter: Counter) -> None:
        sold = counter.sell()
        outcome = tills.void(counter.till, key="v1", order_key=sold.order_key, at=NOON)
        assert (outcome.state, outcome.amount) == ("settled", -10_000)
        again = tills.void(counter.till, key="v1", order_key=sold.order_key, at=NOON)
        assert again == structs.replace(outcome, is_repeat=True)
        second = tills.void(counter.till, key="v2", order_key=sold.order_key, at=NOON)
        assert refused(second) == ["void_too_late"]

    def test_not_on_a_later_day(self, counter: Counter) -> None:
        sold = counter.sell()
        void = partial(tills.void, counter.till, key="v1", order_key=sold.order_key)
        with time_machine.travel(NOON + timedelta(hours=23)):
            assert refused(void(at=NOON)) == ["void_too_late"], "by the clock"

    def test_an_exchange_is_both_or_neither(self, counter: Counter) -> None:
        sold = counter.sell()
        new: Sale = counter.sale(SaleLine("P2", 1000, 12_000))
        swap = tills.Exchange(f"x{number()}", sold.order_key, NOON, (RefundLine(line_no=1),), new)
        back, out = tills.exchange(counter.till, swap)
        assert (back.amount, out.amount) == (-10_000, 12_000)
        assert points_of(counter.person()) == 120
        before = counter.facts()
        bad = tills.Exchange(
            f"x{number()}", new.order_key, NOON, (RefundLine(line_no=1),), replace(new, key="z")
        )
        outcomes = tills.exchange(counter.till, bad)  # the number of the new order is taken
        assert [refused(o) for o in outcomes] == [["order_exists"], ["order_exists"]]
        assert counter.facts() == before
        check_books()


def test_twice_the_sales_cost_no_more_statements(counter: Counter) -> None:
    counter.sell()

    def cost(count: int) -> int:
        sales = [counter.sale() for _ in range(count)]
        return statements(lambda: tills.sell(counter.till, sales))

    cost(4)
    assert cost(40) <= cost(20)
