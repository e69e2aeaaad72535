"""One human's facts in order → spells; no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huoshui.trade.bonds import rules, terms
from huoshui.trade.bonds.terms import HOUSE, Terms
from huoshui.trade.bonds.types import BadRules, Join, Spell, Told, Touch

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
X, Y, Z = 11, 12, 13
LAST = replace(HOUSE, version=1, from_position=-1, who="last", protection_days=0)


YEAR = replace(HOUSE, version=1, from_position=-1, release_days=365)


def day(n: float) -> datetime:
    return NOON + timedelta(days=n)


def touch(position: int, at: float, dealer: int | None, kind: str = "purchase", **more: Any) -> Touch:
    amount = more.pop("amount", 1_000 if kind == "purchase" else 0)
    order = more.pop("order", position if kind == "purchase" else None)
    heard = more.pop("heard", at)
    return Touch(
        fact_id=position,
        person_id=more.pop("person", 1),
        position=position,
        heard_at=day(heard),
        at=day(at),
        day=(NOON + timedelta(days=at)).date(),
        kind=kind,
        dealer_id=dealer,
        store_id=more.pop("store", (dealer or 1) * 10),
        guide_id=more.pop("guide", None),
        order_id=order,
        amount=amount,
        **more,
    )


def told(*touches: Touch, by: Sequence[Terms] = (), joins: Sequence[Join] = (), now: float = 30) -> Told:
    return rules.spells(touches, joins, by, day(now))


def live(one: Told) -> Spell:
    assert one.live is not None
    return one.live


def verdicts(one: Told) -> list[str]:
    return [verdict for _fact, verdict in one.heard]


def test_the_first_who_serves_her_has_her_and_keeps_her() -> None:
    one = told(touch(1, 0, X, guide=7), touch(2, 5, Y, guide=8))
    assert (live(one).dealer_id, live(one).guide_id, live(one).how) == (X, 7, "first")
    assert verdicts(one) == ["first", "protected"]
    assert live(one).protected_until == day(180)
    assert verdicts(told(touch(1, 0, X), touch(2, 200, Y), now=200)) == ["first", "first_stays"]


def test_the_last_moves_her_where_rules_say_so_but_not_within_protection() -> None:
    assert live(told(touch(1, 0, X), touch(2, 5, Y), by=[LAST])).dealer_id == Y
    kept = replace(LAST, protection_days=10)
    assert verdicts(told(touch(1, 0, X), touch(2, 9.9, Y), touch(3, 10, Z), by=[kept])) == [
        "first",
        "protected",
        "moved",
    ]


def test_protection_is_renewed_only_where_rules_say_so() -> None:
    by = replace(LAST, protection_days=10, renews=True)
    assert verdicts(told(touch(1, 0, X), touch(2, 8, X), touch(3, 15, Y), by=[by])) == [
        "first",
        "same",
        "protected",
    ]


def test_what_makes_no_bond_and_what_is_weaker() -> None:
    scans = replace(LAST, makes=("scan", "purchase"), precedence=("scan", "purchase"))
    one = told(
        touch(1, 0, X, "scan"), touch(2, 1, Y), touch(3, 2, Y, "follow"), touch(4, 3, Z, "scan"), by=[scans]
    )
    assert verdicts(one) == ["first", "weaker", "makes_none", "moved"]


def test_a_holiday_purchase_elsewhere_moves_nobody() -> None:
    by = replace(LAST, holidays=((date(2026, 3, 15), date(2026, 3, 16)),))
    one = told(touch(1, 0, X), touch(2, 5, Y), touch(3, 7, Z), by=[by])
    assert verdicts(one) == ["first", "holiday", "moved"]
    assert verdicts(told(touch(1, 5, Y), by=[by])) == ["first"], "who has nobody is won also on a holiday"


def test_head_office_gives_and_never_takes() -> None:
    assert verdicts(told(touch(1, 0, None), touch(2, 1, X), touch(3, 2, None), by=[LAST])) == [
        "first",
        "moved",
        "head_office",
    ]
    kept = replace(HOUSE, version=1, from_position=-1, head_office="kept")
    assert verdicts(told(touch(1, 0, None), touch(2, 1, X), by=[kept])) == ["first", "protected"]


def test_silence_releases_and_the_next_has_her() -> None:
    one = told(touch(1, 0, X), touch(2, 100, X), touch(3, 466, Y), by=[YEAR], now=470)
    assert [(s.dealer_id, s.end_reason, s.until) for s in one.spells] == [
        (X, "silent", day(465)),
        (Y, "", None),
    ]
    assert one.release_at == day(466 + 365)
    alone = told(touch(1, 0, X), by=[YEAR], now=366)
    assert alone.live is None and alone.spells[0].end_reason == "silent"
    assert told(touch(1, 0, X), by=[YEAR], now=365).release_at == day(365)
    assert told(touch(1, 0, X), now=9_000).live is not None, "as it comes nobody is released"


def test_a_bond_keeps_the_terms_it_was_made_under() -> None:
    later = replace(LAST, version=2, from_position=1, release_days=1, protection_days=0)
    one = told(touch(1, 0, X), touch(2, 50, Y), touch(3, 60, Y), by=[later], now=60)
    assert verdicts(one) == ["first", "protected", "protected"], "protected by the version that made it"
    assert live(one).rule_version == 0


def test_what_is_told_late_moves_nobody() -> None:
    one = told(touch(1, 20, X), touch(2, 5, Y, heard=21), by=[LAST])
    assert verdicts(one) == ["first", "late"]


def test_an_import_is_heard_in_the_order_in_which_it_happened() -> None:
    one = told(
        touch(1, 9, X, run_id=5, heard=20), touch(2, 3, Y, run_id=5, heard=20), touch(3, 1, Z, heard=21)
    )
    assert live(one).dealer_id == Y


def test_money_that_goes_back_gives_her_back() -> None:
    bought = (touch(1, 0, X), touch(2, 5, Y))
    one = told(*bought, touch(3, 6, Y, "refund", order=2, amount=-400), by=[LAST])
    assert live(one).dealer_id == Y
    one = told(
        *bought,
        touch(3, 6, Y, "refund", order=2, amount=-400),
        touch(4, 7, Y, "refund", order=2, amount=-600),
        by=[LAST],
    )
    assert (live(one).dealer_id, live(one).how, live(one).made_by) == (X, "returned", 4)
    assert [s.end_reason for s in one.spells if s.state == "ended"] == ["moved", "refunded"]
    alone = told(touch(1, 0, X), touch(2, 1, X, "refund", order=1, amount=-1_000))
    assert alone.live is None


def test_an_order_told_again_is_no_second_touch() -> None:
    one = told(
        touch(1, 0, X, order=1), touch(2, 5, Y, order=2), touch(3, 0, X, order=1, amount=500), by=[LAST]
    )
    assert verdicts(one) == ["first", "moved", "told_before"] and live(one).dealer_id == Y


def test_who_serves_is_the_first_or_the_last_by_rule() -> None:
    sold = (touch(1, 0, X), touch(2, 1, X, guide=7, store=111), touch(3, 2, X, guide=8, store=112))
    one = told(*sold)
    assert (live(one).guide_id, live(one).store_id) == (7, 111), "nobody served yet"
    last = told(*sold, by=[replace(HOUSE, version=1, from_position=-1, guide="last")])
    assert (live(last).guide_id, live(last).owned_since, live(last).protected_until) == (8, day(0), day(180))


def test_her_own_wish_wins() -> None:
    one = told(
        touch(1, 0, X), touch(2, 1, Y, "wished", actor="staff:3", reason="她说的"), touch(3, 2, Z), by=[LAST]
    )
    assert (live(one).dealer_id, live(one).actor, live(one).reason) == (Y, "staff:3", "她说的")
    assert verdicts(one)[-1] == "wished_stays"
    assert told(touch(1, 0, Y, "wished"), by=[YEAR], now=4_000).live is not None, (
        "no silence ends what she chose"
    )


def test_hand_over_keeps_owner_and_protection() -> None:
    one = told(touch(1, 0, X, guide=7), touch(2, 9, X, "handed", guide=8), touch(3, 10, Y, "handed", guide=9))
    assert (live(one).guide_id, live(one).owned_since, live(one).protected_until) == (8, day(0), day(180))
    assert verdicts(one)[-1] == "not_hers"


def test_of_two_bonds_of_one_human_the_older_lives_and_a_parting_gives_the_other_back() -> None:
    both = (touch(1, 0, X), touch(2, 3, Y, person=2))
    alone = [told(t) for t in both]
    joined = told(*both, joins=[Join(1, 2, day(5))])
    assert [(s.dealer_id, s.state, s.suspended_by) for s in joined.spells] == [
        (X, "live", None),
        (Y, "suspended", 1),
    ]
    parted = told(*both)
    assert set(parted.spells) == {*alone[0].spells, *alone[1].spells}


def test_what_happens_after_a_merge_bears_on_the_bond_that_lives() -> None:
    by = [LAST]
    both = (touch(1, 0, X), touch(2, 3, Y, person=2), touch(3, 8, Z, person=2))
    joined = told(*both, joins=[Join(1, 2, day(5))], by=by)
    assert [(s.dealer_id, s.state) for s in joined.spells] == [
        (X, "ended"),
        (Y, "suspended"),
        (Z, "live"),
    ]
    assert {(s.dealer_id, s.state) for s in told(*both, by=by).spells} == {
        (X, "live"),
        (Y, "ended"),
        (Z, "live"),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": "none"},
        {"protection_days": -1},
        {"release_days": "365"},
        {"makes": []},
        {"makes": ["dream"]},
        {"holidays": [["2026-03-02", "2026-03-01"]]},
        {"holidays": [["soon", "later"]]},
        {"unheard": 1},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRules):
        terms.checked(wrong)


def test_rules_are_read_as_they_were_kept() -> None:
    kept = terms.checked({"who": "last", "holidays": [["2026-02-15", "2026-02-23"]], "makes": ["scan"]})
    read = terms.read(3, 9, kept)
    assert (read.who, read.makes, read.is_holiday(date(2026, 2, 23))) == ("last", ("scan",), True)
    assert terms.told(read) == kept
