"""The parts of a change add up to it, whatever is nothing, unknown or below nothing."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huoshui.insight.maths.adtributor import causes, explained, surprise_of
from huoshui.insight.maths.divisia import Chain, logarithmic_mean, parts, to_the_unit
from huoshui.insight.maths.wavering import REACH_99, wavering

NAMES = ("visitors", "customers", "orders", "units")

counts = st.one_of(st.none(), st.just(0), st.just(0.0), st.integers(1, 10**7), st.floats(0.001, 1e7))
amounts = st.one_of(st.just(0), st.integers(-(10**13), 10**13), st.integers(1, 10**11))
chains = st.builds(Chain, st.tuples(counts, counts, counts, counts), amounts)


@settings(max_examples=150, deadline=None)
@given(before=chains, now=chains)
@example(Chain((None, 0, 0, 0), 0), Chain((None, 3, 5, 8), 1200))
@example(Chain((9, 3, 5, 8), 1200), Chain((9, 3, 5, 0.0), 1200))
@example(Chain((9, 3, 5, 8), 1200), Chain((9, 0, 0, 0), -700))
def test_parts_add_up_to_the_change_exactly(before: Chain, now: Chain) -> None:
    found = parts(NAMES, before, now)
    assert sum(part.amount for part in found) == now.amount - before.amount
    assert found[-1].name == "amount"
    assert all(isinstance(part.amount, int) for part in found)


@settings(max_examples=80, deadline=None)
@given(before=chains, now=chains)
def test_backwards_the_parts_change_their_sign(before: Chain, now: Chain) -> None:
    there, back = parts(NAMES, before, now), parts(NAMES, now, before)
    for one, other in zip(there, back, strict=True):
        assert one.name == other.name
        # floats of parts that are far larger than what they add up to are not exact to the cent
        assert abs(one.amount + other.amount) <= 1 + 1e-12 * max(abs(part.amount) for part in there)


@settings(max_examples=80, deadline=None)
@given(chain=chains, times=st.integers(2, 9))
def test_only_what_changed_has_a_part(chain: Chain, times: int) -> None:
    """The price of everything is `times` as high: nothing else did anything."""
    found = parts(NAMES, chain, Chain(chain.counts, chain.amount * times))
    assert [part.amount for part in found[:-1]] == [0] * (len(found) - 1)


def told(before: Chain, now: Chain) -> dict[str, int]:
    return {part.name: part.amount for part in parts(NAMES, before, now)}


def test_twice_the_customers_and_half_the_price_cancel() -> None:
    assert told(Chain((None, 10, 20, 40), 8000), Chain((None, 20, 40, 80), 8000)) == {
        "customers": 5545, "orders": 0, "units": 0, "amount": -5545,
    }  # fmt: skip


def test_by_hand() -> None:
    """Traffic 100 → 120, conversion ½ → 5⁄12, all else the same: 50 customers either way."""
    found = parts(NAMES, Chain((100, 50, 50, 50), 5000), Chain((120, 50, 50, 50), 5000))
    assert [part.amount for part in found] == [912, -912, 0, 0, 0]  # 5000 · ln 1.2
    assert (found[1].before, found[1].now) == (0.5, 50 / 120)


def test_from_nothing_everything_is_the_first_that_was_nothing() -> None:
    assert told(Chain((None, 0, 0, 0), 0), Chain((None, 3, 5, 8), 1200)) == {
        "customers": 1200, "orders": 0, "units": 0, "amount": 0,
    }  # fmt: skip
    assert told(Chain((80, 0, 0, 0), 0), Chain((90, 3, 5, 8), 1200))["customers"] == 1200
    assert told(Chain((80, 3, 5, 8), 1200), Chain((0, 0, 0, 0), 0))["visitors"] == -1200


def test_what_is_not_known_or_cannot_be_is_no_factor() -> None:
    assert list(told(Chain((None, 3, 5, 8), 100), Chain((9, 3, 5, 8), 120))) == [
        "customers",
        "orders",
        "units",
        "amount",
    ]
    assert list(told(Chain((9, 3, 5, 0), 100), Chain((9, 3, 5, 8), 120))) == [
        "visitors",
        "customers",
        "orders",
        "amount",
    ]


def test_below_nothing_it_is_the_shapley_value() -> None:
    before, now = Chain((None, 2, 4, 8), -1600), Chain((None, 4, 4, 12), 2400)
    old, new = (2, 2, 2, -200), (4, 1, 3, 200)
    by_hand = [Fraction(0)] * 4
    for order in permutations(range(4)):
        at = list(old)
        for n in order:
            product = Fraction(at[0] * at[1] * at[2] * at[3])
            at[n] = new[n]
            by_hand[n] += (Fraction(at[0] * at[1] * at[2] * at[3]) - product) / 24
    for part, value in zip(parts(NAMES, before, now), by_hand, strict=True):
        assert abs(part.amount - value) < 1


@given(a=st.floats(1, 1e13), b=st.floats(1, 1e13))
def test_the_logarithmic_mean_lies_between(a: float, b: float) -> None:
    mean = logarithmic_mean(a, b)
    assert min(a, b) * (1 - 1e-6) <= mean <= max(a, b) * (1 + 1e-6)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9), st.integers(-3, 3))
def test_rounding_moves_no_part_by_more_than_its_share(shares: list[float], over: int) -> None:
    total = round(sum(shares)) + over
    whole = to_the_unit(shares, total)
    assert sum(whole) == total
    assert all(abs(a - b) <= 2 + abs(over) for a, b in zip(whole, shares, strict=True))


# ---- where ---------------------------------------------------------------------------------------


def test_the_store_that_fell_is_the_cause_and_the_large_one_that_did_not_is_none() -> None:
    before: dict[str | None, int] = {"large": 9000, "fell": 2000, **{f"s{n}": 500 for n in range(20)}}
    now = before | {"fell": 200}
    found = causes(before, now)
    assert [cause.value for cause in found] == ["fell"]
    assert (found[0].amount, explained(found)) == (-1800, 1.0)


def test_when_all_fell_alike_none_is_surprising() -> None:
    before: dict[str | None, int] = {f"s{n}": 1000 for n in range(20)}
    assert causes(before, dict.fromkeys(before, 900)) == []
    assert causes(before, before) == []
    assert causes({}, {None: 5})[0].value is None


@given(st.floats(0, 1), st.floats(0, 1))
def test_surprise_is_none_where_nothing_moved(a: float, b: float) -> None:
    assert surprise_of(a, a) == 0
    assert surprise_of(a, b) == pytest.approx(surprise_of(b, a))


# ---- noise ---------------------------------------------------------------------------------------


def test_a_flat_month_is_noise_and_a_fallen_one_is_not() -> None:
    """100 towns each: 26 weeks of about 400 orders with ordinary baskets; then a month alike, and one a third less."""
    flat = fallen = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        days = [random.lognormal(4, 0.8, random.poisson(400 / 7)).sum() for _ in range(26 * 7 + 28)]
        weeks = [sum(days[n : n + 7]) for n in range(0, 26 * 7, 7)]
        before, now = sum(days[-56:-28]), sum(days[-28:])
        flat += wavering(weeks, 7, (before, 28), (now, 28)).verdict == "noise"
        fallen += wavering(weeks, 7, (before, 28), (now * 0.67, 28)).verdict == "less"
    print(f"flat: noise {flat} of 100; a third less: {fallen} of 100")
    assert flat >= 95
    assert fallen >= 95


def test_more_days_are_no_change() -> None:
    weeks = [700.0, 690, 710, 705, 695, 700, 700, 708]
    assert wavering(weeks, 7, (2800, 28), (3100, 31)).verdict == "noise"
    assert wavering(weeks, 7, (2800, 28), (3100, 28)).verdict == "more"
    assert wavering(weeks[:5], 7, (2800, 28), (3100, 28)).verdict == "unknown"
    assert sorted(REACH_99.values(), reverse=True) == list(REACH_99.values())
