"""People search: what is found, page after page, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number, rolled_back, statements
from huoshui.people import api as people
from huoshui.people.api import Filters
from huoshui.people.identity.tests.meeting import meet

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 3, 10, 4, 5, 6, 789, tzinfo=UTC)
REPEATED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def put(*cards: dict[str, Any]) -> list[int]:
    """Cards of nobody in particular."""
    rows = [{"person_id": number() + 10**9} | card for card in cards]
    with connection.cursor() as cursor:
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            cursor.execute(f"insert into person_card ({', '.join(row)}) values ({marks})", list(row.values()))
    return [row["person_id"] for row in rows]


def found(actor: Actor = SYSTEM, text: str = "", filters: Filters | None = None, **more: Any) -> list[int]:
    return [c.person_id for c in people.search(actor, text, filters or Filters(), **more).rows]


def pages(limit: int, text: str = "", filters: Filters | None = None) -> Iterator[list[int]]:
    after = ""
    while True:
        page = people.search(SYSTEM, text, filters or Filters(), limit=limit, after=after)
        yield [c.person_id for c in page.rows]
        after = page.next
        if not after:
            return


class TestPages:
    @REPEATED
    @given(st.lists(st.none() | st.integers(0, 3), max_size=25), st.integers(1, 7))
    def test_pages_are_complete_and_say_nothing_twice(self, sold: list[int | None], limit: int) -> None:
        """Last sale first, those who never bought last; many at one instant."""
        with rolled_back():
            ids = put(
                *[{"last_sale_at": None if s is None else LATE + timedelta(microseconds=s)} for s in sold]
            )
            order = sorted(zip(sold, ids, strict=True), key=lambda x: (x[0] is None, -(x[0] or 0), -x[1]))
            all_pages = list(pages(limit))
            assert [p for page in all_pages for p in page] == [p for _, p in order]
            assert all(len(page) == limit for page in all_pages[:-1])

    def test_a_filtered_search_goes_on_filtered(self) -> None:
        ids = put(*[{"grade": "high" if n % 2 else "mid", "last_sale_at": LATE} for n in range(9)])
        walked = [p for page in pages(2, filters=Filters(grade="high")) for p in page]
        assert walked == sorted(ids[1::2], reverse=True)

    @pytest.mark.parametrize(
        "after", ["x", "bm90", "W10", "WzEsMl0", "W251bGwsIm4iXQ", "W251bGwsMWU5OV0", "é", "W1tbW1s"]
    )
    def test_a_broken_place_is_refused_in_words(self, after: str) -> None:
        with pytest.raises(Refused, match="回到第一页"):
            people.search(SYSTEM, "", Filters(), after=after)


class TestText:
    def test_a_phone_is_found_whole_and_by_its_tail(self) -> None:
        phone = f"+86139{number() % 10_000:04d}5678"
        person = meet(("phone", lookup_key(phone)))
        sql.run(
            sql.Statement("tail", "update identifier set tail4 = '5678' where person_id = %(id)s"), id=person
        )
        put({"person_id": person}, {"display_name": "5678 号"})
        for text in (
            phone[3:],
            phone,
            f" {phone[3:6]} {phone[6:10]} {phone[10:]} ",
            f"{phone[3:6]}-{phone[6:]}",
        ):
            assert found(text=text) == [person]
        assert found(text="5678")[-1:] == [person]
        assert found(text="５６７８")[-1:] == [person], "full-width digits are digits"
        assert found(text="567") != [person]

    def test_a_card_is_found_by_its_beginning(self) -> None:
        one, other = meet(("card_no", f"VIP-{number()}-A")), meet(("member_no", f"VIP-{number()}_B"))
        put({"person_id": one}, {"person_id": other})
        assert found(text="VIP-") == [other, one]
        assert found(text="vip-") == []
        assert found(text="VIP-%") == []
        assert found(text="_") == []

    def test_a_name_is_found_by_its_beginning(self) -> None:
        wang, other = put({"display_name": "王小明"}, {"display_name": "小王"})
        assert found(text="王") == [wang]
        assert found(text=" 小王 ") == [other]
        assert found(text="明") == []
        assert found(text="%王") == []

    @pytest.mark.parametrize(
        "text", ["'; drop table person_card; --", "\\", "%", "_", "🐟", "1" * 2000, "\u202e"]
    )
    def test_strange_texts_find_nobody(self, text: str) -> None:
        put({"display_name": "王小明"})
        assert found(text=text) == []

    def test_whoever_was_merged_is_found_by_all_his_numbers(self) -> None:
        one, other = meet(("card_no", f"A{number()}")), meet(("card_no", f"B-{number()}"))
        people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)
        put({"person_id": one})
        assert found(text="B-") == [one]

    @REPEATED
    @given(st.text(max_size=12))
    def test_nothing_typed_breaks_it(self, text: str) -> None:
        people.search(SYSTEM, text, Filters())


class TestFilters:
    def test_each_narrows(self) -> None:
        long_ago = clock.now() - timedelta(days=40)
        one, other = put(
            {
                "grade": "high",
                "tier": "金卡",
                "frequency": "often",
                "ticket": "large",
                "last_sale_at": clock.now(),
            },
            {"grade": "mid", "tier": "银卡", "home_org_unit_id": 7, "last_sale_at": long_ago},
        )
        assert found(filters=Filters(grade="high")) == [one]
        assert found(filters=Filters(tier="银卡")) == [other]
        assert found(filters=Filters(frequency="often", ticket="large")) == [one]
        assert found(filters=Filters(home_org_unit_id=7)) == [other]
        assert found(filters=Filters(silent_days=30)) == [other]
        assert found(filters=Filters(grade="high", tier="银卡")) == []
        assert found(filters=Filters()) == [one, other]


def placed(*units: int) -> Actor:
    return Actor("staff", 9, "店员", frozenset({"guide"}), frozenset(units))


class TestScope:
    def test_whoever_is_placed_sees_his_own_and_nobody_elses(self) -> None:
        store, dealer, nobody = put({"home_org_unit_id": 7}, {"dealer_id": 8, "home_org_unit_id": 17}, {})
        assert found(placed(7)) == [store]
        assert found(placed(8)) == [dealer]
        assert sorted(found(placed(7, 8))) == sorted([store, dealer])
        assert found(placed(9)) == found(placed()) == []
        assert len(found(SYSTEM)) == 3
        assert [c.person_id for c in people.cards_for(placed(7), [dealer, store, nobody])] == [store]

    def test_the_text_does_not_widen_it(self) -> None:
        put({"home_org_unit_id": 7, "display_name": "王"})
        assert found(placed(9), "王") == []

    def test_forbidden_looks_like_absent(self) -> None:
        person = meet(("card_no", f"c{number()}"))
        put({"person_id": person, "home_org_unit_id": 7})
        assert people.card_for(placed(7), person).person_id == person
        for door in (people.card_for, people.identifiers_for, people.attributes_for, people.links_for):
            with pytest.raises(NotFound):
                door(placed(9), person)

    @REPEATED
    @given(
        st.lists(st.tuples(st.none() | st.integers(1, 3), st.none() | st.integers(1, 3)), max_size=8),
        st.frozensets(st.integers(1, 4), max_size=3),
    )
    def test_it_is_what_it_says(
        self, cards: list[tuple[int | None, int | None]], units: frozenset[int]
    ) -> None:
        with rolled_back():
            ids = put(*[{"dealer_id": d, "home_org_unit_id": h} for d, h in cards])
            mine = [i for i, (d, h) in zip(ids, cards, strict=True) if d in units or h in units]
            assert sorted(found(placed(*units))) == mine


def test_2n_cards_take_no_more_queries_than_n() -> None:
    put(*[{"home_org_unit_id": 1 + n, "display_name": f"王{n}"} for n in range(5)])
    few = statements(lambda: people.search(SYSTEM, "王", Filters()))
    put(*[{"home_org_unit_id": 11 + n, "display_name": f"王{n}"} for n in range(5)])
    assert statements(lambda: people.search(SYSTEM, "王", Filters())) == few
