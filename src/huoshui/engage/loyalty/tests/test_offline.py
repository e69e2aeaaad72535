"""What offline tills took beyond the caps: kept, and shown."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests import ground
from huoshui.core.tests.ground import number, statements
from huoshui.core.unmet import sentence
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty.api import OfflineCap
from huoshui.engage.loyalty.tests.till import Till, give, held, money, person, persons
from huoshui.people import api as people

KEPT = sql.Statement("kept", "select * from offline_taken")


@pytest.fixture
def till(db: None) -> Till:
    return Till()


def cap(per_order: int | None = None, per_day: int | None = None) -> None:
    loyalty.set_offline_cap(OfflineCap("points", per_order, per_day), actor=SYSTEM)


def codes(till: Till, who: int, points: int, **more: str) -> list[tuple[str, str]]:
    sold = till.sell(f"O{number()}", who, money(10_000), points=(points, points), **more)
    return [(u.code, str(u.detail["per"])) for u in sold.unmet]


def test_a_report_beyond_the_cap_of_an_order_is_kept_and_shown(till: Till) -> None:
    ann = person()
    give(ann, 5000)
    assert codes(till, ann, 500) == []
    cap(per_order=499)
    sold = till.sell("O1", ann, money(10_000), points=(500, 500))
    (unmet,) = sold.unmet
    assert unmet.code == "offline_cap" and dict(unmet.detail) == {
        "kind": "points",
        "per": "order",
        "used": "500",
        "cap": "499",
    }
    assert "500" in sentence(unmet.code, unmet.detail) and "？" not in sentence(unmet.code, unmet.detail)
    assert held(ann)["2027-12"] == 4000 + 95 + 95, "both sales paid with their points"
    assert codes(till, ann, 499) == []
    assert sql.fetch(KEPT) == [], "no cap on the day, no days kept"


def test_a_day_is_added_up_over_orders_and_ids(till: Till) -> None:
    ann, anna, ben = persons(3)
    for who in (ann, anna, ben):
        give(who, 5000)
    cap(per_day=700)
    assert codes(till, ann, 500) == []
    people.merge(person_a=ann, person_b=anna, reason="同一个人", actor=SYSTEM)
    assert codes(till, anna, 250) == [("offline_cap", "day")]
    assert codes(till, ben, 700) == []
    asked = till.settle([(ground.sale(f"O{number()}", money(10_000)), ben, (600, 600))], are_asks=True)
    assert asked.unmet == [], "what was asked for is no report"
    many = [(ground.sale(f"O{number()}", money(10_000)), person(), (400, 400)) for _ in range(2)]
    assert till.settle(many).unmet == []
    both = [(ground.sale(f"O{number()}", money(10_000)), who, (400, 400)) for who in [person()] * 2]
    done = till.settle(both)
    assert [u.fact_id for u in done.unmet] == done.fact_ids[1:]


def test_an_order_told_again_counts_what_it_took_more(till: Till) -> None:
    ann = person()
    give(ann, 5000)
    cap(per_order=600, per_day=900)
    assert till.sell("O1", ann, money(10_000), points=(500, 500)).unmet == []
    (unmet,) = till.sell("O1", ann, money(10_000), points=(700, 700), status="shipped").unmet
    assert (unmet.detail["per"], unmet.detail["used"]) == ("order", "700")
    assert till.sell("O1", ann, money(10_000), points=(300, 300), status="again").unmet == []
    assert codes(till, ann, 300) == [("offline_cap", "day")], "500, 200 more and 300"


def test_without_a_cap_it_is_one_query_and_2n_cost_no_more_than_n(till: Till) -> None:
    def queries(count: int) -> int:
        sales = [(ground.sale(f"O{number()}", money(10_000)), person(), (4, 4)) for _ in range(count)]
        fact_ids = till.receive(sales)
        return statements(lambda: till.pay(fact_ids, are_asks=False))

    plain = queries(3)
    cap(per_order=1, per_day=1)
    queries(2)
    assert queries(3) == queries(6) == plain + 2


def test_who_may_set_it_and_to_what(till: Till) -> None:
    boss = Actor("staff", 1, "老板", frozenset({"boss"}))
    loyalty.set_offline_cap(OfflineCap("coupons", 100_00, None), actor=boss)
    assert loyalty.offline_caps()["coupons"] == OfflineCap("coupons", 100_00, None)
    for what, actor in (
        (OfflineCap("points", 1, 1), Actor("staff", 2, "店长", frozenset({"store_manager"}))),
        (OfflineCap("points", -1, None), boss),
    ):
        with pytest.raises(Refused):
            loyalty.set_offline_cap(what, actor=actor)
    with pytest.raises(NotFound):
        loyalty.set_offline_cap(OfflineCap("gold", 1, 1), actor=boss)
    assert loyalty.offline_caps()["points"] == OfflineCap("points")
