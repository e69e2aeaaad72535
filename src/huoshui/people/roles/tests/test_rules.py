"""Spans of roles, by hand-made histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from huoshui.people.roles import rules
from huoshui.people.roles.types import BadRule, Bought, Bringing, Declared, History, Role, Sign
from huoshui.people.roles.why import sentence

DAY0 = datetime(2026, 1, 1, 4, tzinfo=UTC)
HOUSE = rules.in_force({})


def day(n: float) -> datetime:
    return DAY0 + timedelta(days=n)


def bought(*days: float) -> tuple[Bought, ...]:
    return tuple(Bought(day(n), day(n).date(), place, 100) for place, n in enumerate(days, 1))


def spans(history: History, name: str, now: float = 1_000) -> list[tuple[float, float | None]]:
    return [
        ((r.since - DAY0).days, None if r.until is None else (r.until - DAY0).days)
        for r in rules.worn(history, HOUSE, day(now)).roles
        if r.name == name
    ]


def recheck(history: History, now: float) -> float | None:
    at = rules.worn(history, HOUSE, day(now)).recheck_at
    return None if at is None else (at - DAY0).days


def test_whoever_bought_nothing_is_nothing() -> None:
    assert rules.worn(History(), HOUSE, day(0)) == ((), None)


def test_new_for_thirty_days_or_until_she_comes_back() -> None:
    assert spans(History(bought(0)), "new", now=29) == [(0, None)]
    assert spans(History(bought(0)), "new", now=31) == [(0, 30)]
    assert spans(History(bought(0, 12)), "new") == [(0, 12)]
    assert spans(History(bought(0, 0.1)), "new") == [(0, 30)], "twice on one day is once"
    assert recheck(History(bought(0)), now=3) == 30


def test_returning_until_she_lapses_and_again_when_she_is_back() -> None:
    history = History(bought(0, 10, 50, 400))
    assert spans(history, "returning", now=50) == [(10, None)]
    assert spans(history, "returning") == [(10, 230), (400, 580)]
    assert spans(history, "lapsed") == [(230, 400), (580, None)]
    assert recheck(history, now=401) == 580
    assert recheck(history, now=581) is None


def test_exactly_in_time_is_not_late() -> None:
    assert spans(History(bought(0, 180)), "lapsed", now=180) == []
    assert spans(History(bought(0, 181)), "lapsed", now=181) == [(180, 181)]


def test_a_fan_by_an_openid_or_by_following_until_she_goes() -> None:
    history = History(
        carried=(Sign("openid", day(3), 1),),
        signs=(
            Sign("Account Followed", day(1), 2),
            Sign("Account Unfollowed", day(9), 3),
            Sign("Contact Added", day(20), 4),
        ),
    )
    assert spans(history, "fan") == [(1, 9), (20, None)]
    (first, last) = (r for r in rules.worn(history, HOUSE, day(30)).roles if r.name == "fan")
    assert (first.why, last.why) == (
        {"facts": [2, 3], "sign": "Account Followed"},
        {"facts": [4], "sign": "Contact Added"},
    )


def test_a_member_since_the_list_says() -> None:
    history = History(carried=(Sign("card_no", day(9), 5),), joined=(Sign("joined_at", day(-700), 6),))
    assert spans(history, "member") == [(-700, None)]


def bringing(since: float, until: float | None = None, number: int = 1) -> Bringing:
    return Bringing(number, day(since), None if until is None else day(until), number, None)


def test_a_referrer_as_long_as_one_of_them_holds() -> None:
    history = History(brought=(bringing(1, 5), bringing(3, 9, 2), bringing(20, None, 3)))
    assert spans(history, "referrer") == [(1, 9), (20, None)]
    assert rules.worn(history, HOUSE, day(2)).roles[0].why["relations"] == [1]


def test_super_by_buying_and_bringing_within_the_window() -> None:
    history = History(bought(0, 10, 20, 30), brought=(bringing(40),))
    assert spans(history, "super", now=50) == [(40, None)]
    assert spans(history, "super") == [(40, 365)], "the first order leaves the window"
    assert spans(History(bought(0, 10, 20), brought=(bringing(40),)), "super") == []
    shares = tuple(Sign("Product Shared", day(n), 100 + n) for n in range(5))
    assert spans(History(bought(0, 10, 20, 30), signs=shares), "super") == [(30, 365)]
    assert spans(History(bought(0, 10, 20, 30), signs=shares[:4]), "super") == []


def test_a_professional_by_profile_or_by_word_which_goes_before() -> None:
    told = (Sign("设计师", day(2), 7),)
    assert spans(History(professions=told), "pro") == [(2, None)]
    assert spans(History(professions=(Sign("学生", day(2), 7),)), "pro") == []
    said = (Declared(1, "pro", "工长", day(5), day(8)), Declared(2, "pro", "教练", day(7), None))
    assert spans(History(professions=told, declared=said), "pro") == [(5, None)]
    assert spans(History(professions=told, declared=said[:1]), "pro") == [(5, 8)]


def test_who_does_not_want_to_be_profiled_wears_what_was_said_only() -> None:
    history = History(
        bought(0, 10),
        carried=(Sign("openid", day(1), 1), Sign("card_no", day(1), 1)),
        declared=(Declared(1, "staff", "007", day(2), None),),
        is_profiled=False,
    )
    assert [r.name for r in rules.worn(history, HOUSE, day(20)).roles] == ["member", "staff"]


def test_a_rule_that_was_set_holds_with_its_version() -> None:
    rule = rules.in_force({"new": (7, {"days": 5})})
    (role,) = (r for r in rules.worn(History(bought(0)), rule, day(9)).roles if r.name == "new")
    assert (role.until, role.rule_version) == (day(5), 7)
    assert rule["new"].params["orders"] == 2, "what was not set is the house's"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("nobody", {"days": 3}),
        ("new", {}),
        ("new", {"weeks": 3}),
        ("new", {"days": 0}),
        ("new", {"days": True}),
        ("new", {"days": 3651}),
        ("fan", {"facts": "Followed"}),
        ("fan", {"facts": [""]}),
    ],
)
def test_a_rule_that_cannot_be_is_refused(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(BadRule):
        rules.checked(name, params)


def test_every_role_has_its_sentence() -> None:
    history = History(
        bought(0, 10, 20, 30, 300),
        carried=(Sign("openid", day(1), 1), Sign("card_no", day(1), 1)),
        brought=(bringing(25),),
        declared=(Declared(1, "staff", "007", day(2), None), Declared(2, "pro", "工长", day(2), None)),
    )
    roles = {r.name: r for r in rules.worn(history, HOUSE, day(310)).roles}
    assert roles.keys() == set(rules.NAMES)
    said = {name: sentence(role) for name, role in roles.items()}
    assert said["super"] == "365 天里买了 4 次，带来 1 位顾客，分享或评价 0 次"
    assert all(said.values()) and isinstance(roles["new"], Role)
