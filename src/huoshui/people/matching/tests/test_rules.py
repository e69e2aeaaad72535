from __future__ import annotations

import pytest

from huoshui.people.matching import rules
from huoshui.people.matching.rules import Judged


@pytest.mark.parametrize(
    "typed", ["1990-1-2", "19900102", "1990年1月2日", "1990/01/02 00:00:00", "１９９０．１．２"]
)
def test_a_birthday_is_read_in_any_form(typed: str) -> None:
    assert rules.birthday(typed) == ("19900102", "0102")


def test_a_day_without_its_year_is_half_a_birthday() -> None:
    assert rules.birthday("1月2日") == rules.birthday("01-02") == ("", "0102")


@pytest.mark.parametrize("typed", ["", "1900-01-01", "1970-01-01", "2月30日", "1990-13-01", "昨天"])
def test_what_is_no_birthday_is_none(typed: str) -> None:
    assert rules.birthday(typed) == ("", "")


def test_a_masked_phone_hints_and_a_whole_one_does_not() -> None:
    assert rules.hint("138****1234") == rules.hint("+86 138 **** 1234") == ("138", "1234")
    assert rules.hint("13812341234") == ("", "")


@pytest.mark.parametrize(
    "typed",
    [
        "上海市浦东新区张江镇祖冲之路88号3号楼501室",
        "浦东新区祖冲之路88号三栋501",
        "上海市浦東新區祖衝之路88號3幢501室",
        "浦东新区 祖冲之路 88 号 3-501",
    ],
)
def test_one_address_in_four_ways(typed: str) -> None:
    assert rules.address(typed) == ("浦东新区", "祖冲之路88-3-501", "祖冲之路", "88-3-501")


def test_the_city_stands_where_no_district_is_told() -> None:
    assert rules.address("", city="蘇州市").area == "苏州市"
    assert rules.address("江苏省苏州市昆山市绿地大道1号").area == "昆山市"


ALL = {
    "surname": "same",
    "given": "same",
    "birthday": "same",
    "phone": "same",
    "street": "same",
    "numbers": "same",
}


def test_a_household_is_not_one_human_whatever_else_agrees() -> None:
    assert rules.held_back(ALL) == ""
    for code in ("some", "other"):
        assert rules.held_back({**ALL, "given": code}) == "household"
        assert not rules.links_itself({**ALL, "given": code})


def test_a_masked_phone_never_links_alone() -> None:
    whole_name = {"surname": "same", "given": "same", "phone": "same"}
    assert rules.held_back(whole_name) == ""
    assert not rules.links_itself(whole_name)
    assert rules.held_back({"phone": "same"}) == "no_name"
    assert (
        rules.held_back({"surname": "same", "phone": "same", "street": "same", "numbers": "same"})
        == "no_name"
    )


def test_a_father_and_a_son_of_one_name_do_not_link() -> None:
    assert not rules.links_itself({**ALL, "birthday": "other"})
    but_area = {"surname": "same", "given": "same", "birthday": "other", "area": "same"}
    assert rules.held_back(but_area) == "birthday"


def test_a_name_alone_gives_nobody_anything_to_go_by() -> None:
    name = {"surname": "same", "given": "same", "birthday": "", "phone": "other"}
    assert rules.held_back(name) == "only_name"
    assert rules.held_back({**name, "stores": "same"}) == ""


def test_the_lowest_threshold_that_is_precise_enough() -> None:
    truth = [Judged(0.99, True), Judged(0.9, True), Judged(0.8, False), Judged(0.7, True), Judged(0.2, False)]
    assert rules.threshold(truth, precision=1.0) == 0.9
    assert rules.threshold(truth, precision=0.7) == 0.7
    assert rules.threshold([Judged(0.9, True), Judged(0.9, False)], precision=0.9) is None
    assert rules.measured(truth, at=0.75) == (3, 2 / 3)
    assert rules.measured([], at=0.5) == (0, 0.0)


def test_what_a_house_knows_before_is_a_distribution() -> None:
    for comparison in rules.COMPARISONS:
        for which in ("m", "u"):
            assert sum(getattr(level, which) for level in comparison.levels) == pytest.approx(1, abs=0.011)
        assert comparison.levels[-1].sql == "else"
