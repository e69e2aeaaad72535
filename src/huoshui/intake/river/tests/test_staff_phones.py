"""A phone of somebody who works here names no customer; he himself may be one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.river.api import part_shared
from huoshui.intake.river.tests.world import Shop, check_books, line, spend_of
from huoshui.people import api as people

pytestmark = pytest.mark.django_db

GUIDE = "15912340001"
OFF_THE_LIST = sql.Statement("off", "delete from staff_identifier")


def works_here(phone: str = GUIDE, staff_id: int = 7) -> None:
    people.know_staff_phones([(staff_id, phone)], actor=SYSTEM)
    part_shared()


def customers(count: int) -> list[Shop]:
    brand.ensure_headquarters("总部")
    first = Shop()
    return [first, *(Shop(source=first.source) for _ in range(count - 1))]


def buys(one: Shop, *identifiers: tuple[str, str], amount: int = 10_00, key: str) -> None:
    one.tell(one.order(line(amount), key=key, identifiers=identifiers))


def test_customers_who_gave_it_before_it_was_on_the_list_part_each_with_what_was_hers(db: None) -> None:
    """Two are far fewer than would show that it is shared."""
    two = customers(2)
    for n, one in enumerate(two):
        buys(one, ("card_no", one.card), ("phone", GUIDE), amount=10_00 + n, key=f"O{n}")
    assert len({one.person() for one in two}) == 1
    works_here()
    assert len({one.person() for one in two}) == 2
    assert [spend_of(one.person()) for one in two] == [10_00, 10_01]
    check_books()


def test_and_who_give_it_later_are_never_one(db: None) -> None:
    two = customers(2)
    works_here()
    for n, one in enumerate(two):
        buys(one, ("card_no", one.card), ("phone", GUIDE), key=f"O{n}")
    assert len({one.person() for one in two}) == 2
    assert people.find("phone", GUIDE) is None
    assert part_shared() == 0


def test_a_guide_who_is_a_customer_is_one_human_by_what_is_his(db: None) -> None:
    """His card and his WeChat account have come together; the phone was never needed for that."""
    guide, other = customers(2)
    account = ("unionid", f"U-{guide.card}")
    buys(guide, ("card_no", guide.card), ("phone", GUIDE), key="O1")
    buys(guide, account, ("card_no", guide.card), ("phone", GUIDE), key="O2")
    buys(other, ("card_no", other.card), ("phone", GUIDE), key="O3")
    works_here()
    assert people.find(*account) == people.find("card_no", guide.card) != other.person()
    assert [spend_of(one.person()) for one in (guide, other)] == [20_00, 10_00]
    buys(guide, account, ("phone", GUIDE), key="O4")
    assert [spend_of(one.person()) for one in (guide, other)] == [30_00, 10_00]


def test_once_he_is_said_to_be_that_customer_his_phone_alone_is_his_and_joins_nobody(db: None) -> None:
    guide, other = customers(2)
    brand_number = f"G-{guide.card}"
    staff = staff_of(brand_number)
    works_here(staff_id=staff)
    buys(guide, ("card_no", guide.card), key="O1")
    people.refresh_cards()
    said = people.roles.declare_staff(
        person_id=guide.person(), staff_number=brand_number, reason="本人出示会员码", actor=SYSTEM
    )
    assert people.find("phone", GUIDE) == guide.person()
    buys(guide, ("phone", GUIDE), key="O2")
    buys(other, ("card_no", other.card), ("phone", GUIDE), key="O3")
    assert [spend_of(one.person()) for one in (guide, other)] == [20_00, 10_00]
    people.roles.end_declared(declared_id=said, reason="认错了人", actor=SYSTEM)
    assert people.find("phone", GUIDE) is None
    check_books()


def staff_of(number: str) -> int:
    brand.upsert_staff(pa.table({"number": [number], "name": ["周敏"]}), actor=SYSTEM)
    return brand.find_staff([number])[number]


def test_taken_off_the_list_it_names_people_again(db: None) -> None:
    """As when the wrong list was imported, and its import is taken back."""
    (one,) = customers(1)
    buys(one, ("card_no", one.card), ("phone", GUIDE), key="O1")
    works_here()
    works_here("15912340002")
    assert people.find("phone", GUIDE) is None
    sql.run(OFF_THE_LIST)
    part_shared()
    assert people.find("phone", GUIDE) == one.person()
    assert people.find("phone", "15912340002") is None
    other = Shop(source=one.source)
    buys(other, ("card_no", other.card), ("phone", GUIDE), key="O2")
    assert one.person() == other.person()
    works_here()
    assert one.person() != other.person(), "onto a list once more"


def test_what_is_no_phone_or_names_nobody_anyway_is_left_out(db: None) -> None:
    assert people.know_staff_phones([(1, "无"), (2, "13800138000")], actor=SYSTEM) == 0
    assert people.know_staff_phones([(1, GUIDE)], actor=SYSTEM) == 1
    assert people.know_staff_phones([(1, "159 1234 0001")], actor=SYSTEM) == 0
    assert people.know_staff_phones([(2, GUIDE)], actor=SYSTEM) == 1, "handed on"
