"""Why a dealer does not share: by its doings alone, with how sure one may be, and what it would sell more."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from huoshui.trade.protection.reasons import (
    EXECUTION,
    FEAR,
    LIKELY,
    NO_TOOL,
    SURE,
    UNKNOWN,
    UNSURE,
    Bought,
    Seen,
    gain_of,
    is_low,
    usual_share,
    verdicts,
)


def good(dealer_id: int, *, rate: float = 0.4, ticket: int = 10_000, people: int = 500) -> Seen:
    """A dealer who shares and knows 58 of 100 buyers."""
    returned = round(people * rate)
    orders = people + 2 * returned
    return Seen(
        dealer_id, True, 0, 0, people, round(orders / 0.58), orders, 8, 6, 5, 300,
        Bought(people, returned, orders, orders * ticket),
    )  # fmt: skip


PEERS = [good(n, rate=0.38 + 0.01 * n, ticket=9_800 + 100 * n) for n in range(6)]


def verdict_of(dealer: Seen) -> tuple[str, str]:
    (found,) = [v for v in verdicts([*PEERS, dealer]) if v.dealer_id == dealer.dealer_id]
    return found.reason, found.how_sure


def test_who_shares_and_knows_his_customers_has_no_verdict() -> None:
    assert verdicts(PEERS) == []


def test_each_reason_is_named_by_its_doings() -> None:
    base = good(99)
    keeps = replace(base, is_shared=False, said_no=2, archives=1)
    assert verdict_of(keeps) == (FEAR, SURE)
    assert verdict_of(replace(keeps, archives=0, said_no=0)) == (UNKNOWN, UNSURE), (
        "silence alone is no reason"
    )
    lazy = replace(base, known_orders=round(base.all_orders * 0.29), scans=1)
    assert verdict_of(lazy) == (EXECUTION, SURE)
    assert verdict_of(replace(lazy, is_shared=False, said_no=1)) == (EXECUTION, LIKELY), (
        "both speak; doings more"
    )
    bare = replace(
        base, is_shared=False, all_orders=0, known_orders=0, logins=0, codes=0, scans=0, bought=Bought()
    )
    assert verdict_of(bare) == (NO_TOOL, SURE)
    assert verdict_of(replace(bare, all_orders=900)) == (NO_TOOL, LIKELY), (
        "a till that names nobody, and nothing beside it"
    )
    named = replace(lazy, logins=0, codes=0, scans=0)
    assert verdict_of(named) == (EXECUTION, SURE), "a till that names some is a tool"


def test_of_whom_numbers_are_held_back_it_is_not_said_that_there_are_no_tools() -> None:
    hidden = replace(
        good(99), is_shared=False, said_no=2, known_orders=None, logins=0, codes=0, bought=Bought()
    )
    assert verdict_of(hidden) == (FEAR, LIKELY)


def test_few_known_is_held_against_chance() -> None:
    usual = usual_share(PEERS)
    assert usual == pytest.approx(0.58, abs=0.01)
    few = replace(good(99), all_orders=10, known_orders=4)
    assert not is_low(few, usual), "four of ten may be chance"
    assert is_low(replace(few, all_orders=1_000, known_orders=400), usual)
    assert usual_share(PEERS[:2]) is None


def test_the_gain_is_the_difference_to_those_like_it_with_its_interval() -> None:
    dealer = replace(good(99, rate=0.2, ticket=9_000), is_shared=False, said_no=1)
    gain, why_not = gain_of(dealer, PEERS)
    assert gain is not None and not why_not
    by_rate = 500 * (0.405 - 0.2) * 2 * 9_000
    by_ticket = (500 + 200) * (10_050 - 9_000)
    assert gain.expected == pytest.approx(by_rate + by_ticket, rel=0.02)
    assert 0 < gain.low < gain.expected < gain.high and set(gain.matched) == set(range(6))
    same, _ = gain_of(replace(good(98, rate=0.405, ticket=10_050), is_shared=False), PEERS)
    assert same is not None and same.low < 0 < same.high, "as good as they: nothing that could be promised"


def test_where_it_cannot_be_told_it_says_what_is_missing() -> None:
    dealer = replace(good(99, rate=0.2), is_shared=False)
    assert gain_of(dealer, PEERS[:3]) == (None, "others")
    assert gain_of(dealer, [replace(d, all_orders=d.all_orders * 50) for d in PEERS]) == (None, "others")
    assert gain_of(replace(dealer, bought=Bought()), PEERS) == (None, "own")
    assert gain_of(replace(dealer, bought=replace(dealer.bought, returned=None)), PEERS) == (None, "own")


def test_nine_intervals_of_ten_hold_the_truth() -> None:
    """Dealers drawn about one mean; the true gain is to that mean."""
    held, trials = 0, 300
    for seed in range(trials):
        draw = random.Random(seed)
        peers = [good(n, rate=draw.gauss(0.4, 0.03), ticket=round(draw.gauss(10_000, 500))) for n in range(7)]
        people, true = 400, 0.3
        returned = sum(draw.random() < true for _ in range(people))
        orders = people + 2 * returned
        own = replace(good(99, people=people), bought=Bought(people, returned, orders, orders * 9_500))
        gain, _ = gain_of(own, peers)
        assert gain is not None
        truth = people * (0.4 - true) * 2 * 9_500 + orders * 500
        held += gain.low <= truth <= gain.high
    assert held / trials > 0.85
