from __future__ import annotations

import pytest

from huoshui.people.matching.names import NOBODY, folded, western


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张伟", "張偉"),
        ("欧阳娜娜", "歐陽娜娜"),
        ("王晓 明", "王曉明"),
        ("肖峰", "萧峯"),
        ("阿迪力·买买提", "阿迪力•買買提"),
    ],
)
def test_a_name_in_other_letters_is_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other) != NOBODY


def test_a_homophone_sounds_the_same_and_is_another_name() -> None:
    one, other = folded("章芳"), folded("张坊")
    assert one.sound == other.sound and (one.surname, one.given) != (other.surname, other.given)
    assert one.given_tone != folded("张放").given_tone and folded("张放").given_sound == one.given_sound


def test_a_surname_is_read_as_a_surname() -> None:
    assert folded("单田芳").surname_sound == "shan"
    assert folded("仇英").surname_sound == "qiu"
    assert folded("尉迟恭").surname == "尉迟" and folded("尉迟恭").surname_sound == "yuchi"


@pytest.mark.parametrize("typed", ["张先生", "张女士", "张**", "张*"])
def test_of_a_masked_name_only_the_surname_is_known(typed: str) -> None:
    name = folded(typed)
    assert (name.surname, name.given, name.sound) == ("张", "", "")


@pytest.mark.parametrize(
    "typed", ["", "微信用户", "匿名", "🌸小仙女", "李", "*伟", "会员", "13800138000", "爱吃西瓜的小朋友"]
)
def test_what_is_no_name_is_nobodys(typed: str) -> None:
    assert folded(typed) == NOBODY


def test_letters_are_read_in_either_order() -> None:
    assert folded("Liu Xiaoming").surname == "liu" == folded("Xiaoming LIU").surname
    assert folded("Liu Xiaoming").sound == folded("刘晓明").sound == folded("xiaoming, liu").sound
    assert western("José", "O'Neill") == folded("Jose O'Neill")
