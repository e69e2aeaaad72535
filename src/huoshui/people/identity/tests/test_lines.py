"""Numbers that are a house's and no human's."""

from __future__ import annotations

from huoshui.people.identity import erasing
from huoshui.people.identity.lines import is_shared_line, scope_of


def test_a_mobile_is_one_humans_and_a_line_a_houses() -> None:
    ones = (
        "13812345678",
        "+8613812345678",
        "170 1234 5678",
        "+85291234567",
        "+14155552671",
        "+447911123456",
        "no number",
    )
    lines = ("0571-88888888", "+8657188888888", "02161234567", "400-820-8820", "8008208820", "+85221234567")
    assert [v for v in ones if is_shared_line(v)] == []
    assert [v for v in lines if not is_shared_line(v)] == []
    assert scope_of("phone", "13812345678", "until:2026") == "until:2026"
    assert scope_of("card_no", "057188888888") == ""


def test_who_was_erased_with_a_line_stays_so() -> None:
    assert (
        erasing.mark("phone", "fixed", "k")
        == erasing.mark("phone", "", "k")
        != erasing.mark("card_no", "", "k")
    )
