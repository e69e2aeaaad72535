"""What a value joined before it was known to be several people's is decided anew without it."""

from __future__ import annotations

from typing import Any

import pytest
from pytest import MonkeyPatch

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number
from huoshui.intake.river import parting
from huoshui.intake.river.api import part_shared
from huoshui.intake.river.tests.world import Shop, check_books, given_back, line, points_of, spend_of
from huoshui.people import api as people

pytestmark = pytest.mark.django_db

GUIDE = "15912340001"
PHONE = sql.Statement(
    "phone", "select id, person_id, is_guarded from identifier where kind = 'phone' order by id"
)


AGO = sql.Statement("ago", "update settlement set settled_at = settled_at - interval '1 hour'")
LINKS_AGO = sql.Statement("links_ago", "update link set unlinked_at = unlinked_at - interval '1 hour'")


def an_hour_passes() -> None:
    """A test is one transaction, and all in it is told at the same time."""
    sql.run(AGO)
    sql.run(LINKS_AGO)


@pytest.fixture
def customers(db: None) -> list[Shop]:
    """Each with a card of her own, new under a guide's phone, and an order at which both were told."""
    brand.ensure_headquarters("总部")
    shop = Shop()
    found = [Shop(source=shop.source) for _ in range(7)]
    for n, one in enumerate(found):
        one.tell(one.member(("card_no", one.card), ("phone", GUIDE), name=f"顾客{n}"))
        if n < 6:  # the last makes it one too many
            told = (("card_no", one.card), ("phone", GUIDE))
            one.tell(one.order(line(100_00 + n), key=f"O{n}", identifiers=told))
    return found


def persons(customers: list[Shop]) -> list[int]:
    return [one.person() for one in customers]


def test_one_too_many_and_all_part_again_each_with_what_was_hers(customers: list[Shop]) -> None:
    assert len(set(persons(customers))) == 2
    assert part_shared() == 1
    assert len(set(persons(customers))) == 7
    assert [spend_of(p) for p in persons(customers)] == [100_00 + n for n in range(6)] + [0]
    assert [points_of(p) for p in persons(customers)] == [100] * 6 + [0]
    names = [[a.value for a in people.attributes_for(SYSTEM, p)] for p in cards(persons(customers))]
    assert names == [[f"顾客{n}"] for n in range(7)]
    check_books()


def say_shared(phone: sql.Row, reason: str) -> None:
    (person_id,) = cards([phone.person_id])
    people.say_shared(SYSTEM, person_id, identifier_id=phone.id, reason=reason)


def cards(person_ids: list[int]) -> list[int]:
    people.refresh_cards()
    return person_ids


def test_it_is_done_once_and_changes_nothing_for_others(customers: list[Shop]) -> None:
    part_shared()
    before = persons(customers)
    assert part_shared() == 0
    for n, one in enumerate(customers[:3]):
        told = (("card_no", one.card), ("phone", GUIDE))
        one.tell(one.order(line(10_00), key=f"P{n}", identifiers=told))
    assert persons(customers) == before
    assert [spend_of(p) for p in before[:3]] == [110_00, 110_01, 110_02]


def test_killed_in_the_middle_it_goes_on(customers: list[Shop], monkeypatch: MonkeyPatch) -> None:
    def killed(_: int) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(parting, "undo_some_orders", killed)
        with pytest.raises(KeyboardInterrupt):
            part_shared()
    assert part_shared() == 1
    assert [spend_of(p) for p in persons(customers)] == [100_00 + n for n in range(6)] + [0]
    check_books()


def test_what_was_refunded_stays_refunded(customers: list[Shop]) -> None:
    customers[2].tell(customers[2].refund(given_back(40_00), key="R2", of="O2"))
    part_shared()
    assert spend_of(persons(customers)[2]) == 60_02
    check_books()


class TestByHand:
    @pytest.fixture
    def household(self, db: None) -> list[Shop]:
        """Her phone is told with his account: one person, and no link that could be taken back."""
        brand.ensure_headquarters("总部")
        one = Shop()
        other = Shop(source=one.source, card=f"a-{number()}")
        one.tell(one.member(("card_no", one.card), ("phone", GUIDE), name="妻"))
        other.tell(other.member(("account@shop", other.card), ("phone", GUIDE), name="夫"))
        told: Any = (("account@shop", other.card),)
        other.tell(other.order(line(50_00), identifiers=told))
        return [one, other]

    def account(self, one: Shop) -> int:
        row = sql.fetch_one(
            sql.Statement("account", "select person_id from identifier where key = %(key)s"), key=one.card
        )
        return int(row.person_id)

    def test_a_phone_of_two_is_said_to_be(self, household: list[Shop]) -> None:
        wife, husband = household
        assert self.account(husband) == wife.person()
        (phone,) = sql.fetch(PHONE)
        say_shared(phone, "夫妻共用")
        part_shared()
        assert self.account(husband) != wife.person()
        assert (spend_of(self.account(husband)), spend_of(wife.person())) == (50_00, 0)

    def test_it_needs_a_reason_and_is_said_once(self, household: list[Shop]) -> None:
        (phone,) = sql.fetch(PHONE)
        with pytest.raises(Refused):
            say_shared(phone, " ")
        assert not sql.fetch(PHONE)[0].is_guarded
        say_shared(phone, "夫妻共用")
        with pytest.raises(NotFound):
            say_shared(phone, "夫妻共用")

    def test_who_was_parted_by_hand_is_not_joined_by_the_same_phone(self, db: None) -> None:
        brand.ensure_headquarters("总部")
        one = Shop()
        other, third = (Shop(source=one.source) for _ in range(2))
        for shop in (one, other):
            shop.tell(shop.member(("card_no", shop.card), ("phone", GUIDE)))
        (link,) = people.links_for(SYSTEM, cards([one.person()])[0])
        people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)
        assert people.find("phone", GUIDE) == one.person(), "it still names whom it named first"
        third.tell(third.member(("card_no", third.card), ("phone", GUIDE)))
        assert len({one.person(), other.person(), third.person()}) == 3
        assert [r.is_guarded for r in sql.fetch(PHONE)] == [True]

    def test_whom_somebody_parted_stay_so_when_others_of_theirs_part(self, customers: list[Shop]) -> None:
        """Two of a household, parted by hand, one of whom is also under the guide's number."""
        one, other = customers[0], Shop(source=customers[0].source)
        home = "15912340002"
        for shop in (one, other):
            shop.tell(shop.member(("card_no", shop.card), ("phone", home)))
        (link,) = [x for x in people.links_for(SYSTEM, cards([other.person()])[0]) if "0002" in x.sentence]
        people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)
        part_shared()
        other.tell(other.member(("card_no", other.card), ("phone", home)))
        assert one.person() != other.person()
        assert [r.is_guarded for r in sql.fetch(PHONE)] == [True, True]


class TestPartedAndUnderAnotherPhone:
    """Two whom somebody parted, and who have a second phone in common: it does not make one again whom a hand has parted."""

    @pytest.fixture
    def two(self, db: None) -> list[Shop]:
        brand.ensure_headquarters("总部")
        one = Shop()
        other = Shop(source=one.source)
        for shop in (one, other):
            shop.tell(shop.member(("card_no", shop.card), ("phone", GUIDE)))
        self.buys(other, 10_00, key="before")
        an_hour_passes()
        (link,) = people.links_for(SYSTEM, cards([one.person()])[0])
        people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)
        an_hour_passes()
        assert (spend_of(one.person()), spend_of(other.person())) == (10_00, 0), (
            "it stays where it was recorded"
        )
        for shop in (one, other):
            shop.tell(shop.member(("member_no", f"M{shop.card}"), ("phone", "15912340002")))
            shop.tell(shop.member(("member_no", f"M{shop.card}"), ("card_no", shop.card)))
        assert one.person() != other.person()
        return [one, other]

    def buys(self, one: Shop, amount: int, *, key: str) -> None:
        told = (("card_no", one.card), ("phone", GUIDE))
        one.tell(one.order(line(amount), key=key, identifiers=told))

    def part(self, two: list[Shop]) -> list[bool]:
        """Which phones are known to be shared once the second is."""
        say_shared(sql.fetch(PHONE)[1], "夫妻共用")
        part_shared()
        assert two[0].person() != two[1].person()
        check_books()
        return [r.is_guarded for r in sql.fetch(PHONE)]

    def test_what_the_second_told_under_the_first_phone_is_hers(self, two: list[Shop]) -> None:
        self.buys(two[1], 50_00, key="since")
        assert self.part(two) == [True, True]
        assert [spend_of(p) for p in persons(two)] == [0, 60_00]

    def test_whom_the_first_phone_named_first_it_still_names(self, two: list[Shop]) -> None:
        self.buys(two[0], 50_00, key="since")
        assert self.part(two) == [False, True]
        assert [spend_of(p) for p in persons(two)] == [60_00, 0]

    def test_what_the_second_phone_led_to_is_hers_whose_number_stands_on_it(self, db: None) -> None:
        """While the first phone still makes them one: they may part again, and then it is not the other's."""
        brand.ensure_headquarters("总部")
        one = Shop()
        other = Shop(source=one.source)
        for shop in (one, other):
            shop.tell(shop.member(("card_no", shop.card), ("phone", GUIDE)))
        one.tell(one.member(("card_no", one.card), ("phone", "15912340002")))
        told = (("card_no", other.card), ("phone", "15912340002"))
        other.tell(other.order(line(50_00), identifiers=told))
        assert one.person() == other.person()
        say_shared(sql.fetch(PHONE)[1], "夫妻共用")
        part_shared()
        assert one.person() == other.person(), "by the first phone"
        (link,) = [x for x in people.links_for(SYSTEM, cards([one.person()])[0]) if "0001" in x.sentence]
        people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)
        assert [spend_of(p) for p in persons([one, other])] == [0, 50_00]
        check_books()


def test_a_dealers_number_is_counted_though_it_stands_on_an_id_without_a_card(db: None) -> None:
    """The phone came first, alone, and was made one with a card's owner: each new card under it is another's all the same."""
    brand.ensure_headquarters("总部")
    shops = [Shop()]
    shops += [Shop(source=shops[0].source) for _ in range(7)]
    first = shops[0]
    first.tell(first.member(("phone", GUIDE)))
    first.tell(first.member(("card_no", first.card), name="顾客0"))
    for n, one in enumerate(shops):
        one.tell(one.member(("card_no", one.card), ("phone", GUIDE), name=f"顾客{n}"))
    assert part_shared() == 1
    assert len(set(persons(shops))) == len(shops)
    check_books()


def test_two_values_of_one_crowd_are_both_shared_though_each_joined_few(db: None) -> None:
    """Each has joined no more than one human may have accounts, for the other had made the rest one before."""
    brand.ensure_headquarters("总部")
    shops = [Shop()]
    shops += [Shop(source=shops[0].source) for _ in range(7)]
    both = (GUIDE, "15912340002")
    for turn in (0, 1):
        for n, one in enumerate(shops):
            told = (("card_no", one.card), ("phone", both[(n + turn) % 2]))
            one.tell(one.order(line(10_00 + n), key=f"O{turn}-{n}", identifiers=told))
    assert len(set(persons(shops))) == 1
    assert part_shared() == 2
    assert len(set(persons(shops))) == len(shops)
    assert [spend_of(p) for p in persons(shops)] == [20_00 + 2 * n for n in range(8)]
    assert part_shared() == 0
    check_books()


def test_what_a_value_joined_after_it_was_taken_back_parts_when_it_is_said_again(db: None) -> None:
    brand.ensure_headquarters("总部")
    one = Shop()
    other, third = (Shop(source=one.source) for _ in range(2))
    for shop in (one, other):
        shop.tell(shop.member(("card_no", shop.card), ("phone", GUIDE)))
    (phone,) = sql.fetch(PHONE)
    say_shared(phone, "夫妻共用")
    part_shared()
    assert one.person() != other.person()
    people.say_own(SYSTEM, cards([phone.person_id])[0], identifier_id=phone.id, reason="弄错了")
    third.tell(third.member(("card_no", third.card), ("phone", GUIDE)))
    assert third.person() == one.person() != other.person()
    say_shared(sql.fetch(PHONE)[0], "还是共用")
    assert part_shared() == 1
    assert len(set(persons([one, other, third]))) == 3
    check_books()
