"""BG/NBD and Gamma-Gamma against the published figures of the CDNOW sample, and against their own futures."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.special import hyp2f1

from huoshui.insight.maths import bgnbd, gamma_gamma, worth
from huoshui.insight.maths.bgnbd import Histories, Rates
from huoshui.insight.maths.fitting import Floats, NotFitted, fit
from huoshui.insight.tests.cdnow import WEEKS, Cdnow, sample

PAPER = Rates(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def cdnow() -> Cdnow:
    return sample()


def test_the_published_fit_of_cdnow(cdnow: Cdnow) -> None:
    assert len(cdnow.people.x) == 2357
    began = time.process_time()
    rates, found = bgnbd.fitted(cdnow.people)
    print(f"{rates} log-likelihood {found.log_likelihood:.2f} in {time.process_time() - began:.2f} s")
    for name in ("r", "alpha", "a", "b"):
        assert getattr(rates, name) == pytest.approx(getattr(PAPER, name), rel=0.005)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert bgnbd.log_likelihood(rates, cdnow.people).sum() == pytest.approx(found.log_likelihood, abs=1e-6)


def test_the_published_forecast_of_cdnow(cdnow: Cdnow) -> None:
    rates, _fit = bgnbd.fitted(cdnow.people)
    expected = bgnbd.expected(rates, cdnow.people, WEEKS)
    off, together = expected.sum() / cdnow.held_out.sum() - 1, np.corrcoef(expected, cdnow.held_out)[0, 1]
    print(
        f"held out {cdnow.held_out.sum():.0f}, expected {expected.sum():.1f} ({off:.1%}), correlation {together:.4f}"
    )
    assert off == pytest.approx(-0.122, abs=0.001)
    assert together == pytest.approx(0.626, abs=0.001)


def test_the_published_spend_of_cdnow(cdnow: Cdnow) -> None:
    """946 people came again: p 6.25, q 3.74, γ 15.44 (Fader and Hardie 2013, note 025)."""
    has_spent = cdnow.mean > 0
    assert has_spent.sum() == 946
    spend, _fit, _unit = gamma_gamma.fitted(cdnow.people.x[has_spent], cdnow.mean[has_spent])
    print(spend)
    assert spend.p == pytest.approx(6.25, rel=0.005)
    assert spend.q == pytest.approx(3.74, rel=0.005)
    assert spend.gamma == pytest.approx(15.44, rel=0.005)


def test_the_unit_of_time_and_of_money_changes_nothing(cdnow: Cdnow) -> None:
    in_days = Histories(cdnow.people.x, cdnow.people.t_x * 7, cdnow.people.T * 7)
    model, other = worth.fitted(cdnow.people, cdnow.mean), worth.fitted(in_days, cdnow.mean * 100)
    _visits, value = worth.expected(model, cdnow.people, cdnow.mean, WEEKS)
    _visits, minor = worth.expected(other, in_days, cdnow.mean * 100, WEEKS * 7)
    assert np.allclose(value * 100, minor, rtol=1e-3)


def test_expected_purchases_are_those_of_the_formula_as_printed() -> None:
    """Equation (10) as the paper writes it, where that has floats."""
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    x, t_x, T, t = np.arange(0.0, 40), np.arange(0.0, 40) * 0.5, 30.0, 39.0
    people = Histories(x, t_x, np.full(40, T))
    printed = (a + b + x - 1) / (a - 1)
    z = t / (alpha + T + t)
    printed = printed * (1 - (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z))
    assert np.allclose(bgnbd.expected(PAPER, people, t), printed * bgnbd.alive(PAPER, people), rtol=1e-9)


@pytest.mark.parametrize("a", [0.3, 1.0, 2.5])
def test_thousands_of_purchases_overflow_nothing(a: float) -> None:
    x = np.array([0.0, 1, 300, 3_000, 30_000])
    people = Histories(x, np.where(x > 0, 365.0, 0.0), np.full(5, 365.0))
    rates = Rates(1.0, 10.0, a, 400.0)
    assert np.all(np.isfinite(bgnbd.log_likelihood(rates, people)))
    purchases, chance = bgnbd.expected(rates, people, 365), bgnbd.alive(rates, people)
    assert np.all((purchases >= 0) & np.isfinite(purchases))
    assert np.all(np.diff(purchases) > 0)
    assert np.all((chance >= 0) & (chance <= 1))
    # nobody who came hundreds of times makes more in a year than at her own pace
    assert np.all(purchases[2:] < x[2:] * 1.01)


def test_one_purchase_says_nothing_of_stopping() -> None:
    people = Histories(np.zeros(3), np.zeros(3), np.array([1.0, 100, 10_000]))
    assert bgnbd.alive(PAPER, people).tolist() == [1, 1, 1]
    assert np.all(np.diff(bgnbd.expected(PAPER, people, 52)) < 0)


def test_a_longer_silence_is_never_a_better_sign() -> None:
    silence = np.arange(0.0, 200)
    chance = bgnbd.alive(PAPER, Histories(np.full(200, 9.0), np.full(200, 50.0), 50 + silence))
    assert chance[0] > 0.9 > 0.1 > chance[-1]
    assert np.all(np.diff(chance) < 0)


def invented(people: int, seed: int) -> tuple[Histories, Floats]:
    """People who live by the model: what they did in 100 weeks, and how often they came in 50 more."""
    random = np.random.default_rng(seed)
    rows = []
    rates, stops = random.gamma(0.8, 1 / 6.0, people), random.beta(0.7, 3.0, people)
    for rate, stop in zip(rates, stops, strict=True):
        at, visits, end = 0.0, [], random.uniform(40, 100)
        while (at := at + random.exponential(1 / rate)) < end + 50:
            visits.append(at)
            if random.random() < stop:
                break
        seen = [visit for visit in visits if visit < end]
        rows.append((len(seen), seen[-1] if seen else 0.0, end, len(visits) - len(seen)))
    x, t_x, T, later = np.array(rows).T
    return Histories(x, t_x, T), later


def test_people_who_live_by_the_model_are_found_out() -> None:
    people, later = invented(4000, seed=3)
    rates, found = bgnbd.fitted(people)
    truth, deviation = np.log([0.8, 6.0, 0.7, 3.0]), np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.logs - truth) < 3.5 * deviation)
    assert bgnbd.expected(rates, people, 50).sum() == pytest.approx(later.sum(), rel=0.05)
    random = np.random.default_rng(1)
    drawn = np.mean([bgnbd.drawn(rates, people, 50, random) for _ in range(60)], axis=0)
    assert drawn.sum() == pytest.approx(bgnbd.expected(rates, people, 50).sum(), rel=0.02)
    # of those said to be gone few came, of those said to be here most that come often
    chance = bgnbd.alive(rates, people)
    often = (people.x >= 5) & (people.x / people.T > 0.1)
    assert (later[often & (chance < 0.3)] > 0).mean() < 0.3
    assert (later[often & (chance > 0.9)] > 0).mean() > 0.9


def test_eight_futures_of_ten_lie_within_the_range() -> None:
    """Over towns: the interval of a sum holds what the town then did, about eight times in ten."""
    within = 0
    for seed in range(6):
        people, later = invented(200, seed)
        random = np.random.default_rng(seed)
        pace = 50 / random.gamma(4, 1 / 3, 200)  # what each spends, about 50
        mean = np.where(
            people.x > 0, random.gamma(6 * np.maximum(people.x, 1)) / 6 / np.maximum(people.x, 1) * pace, 0
        )
        model = worth.fitted(people, mean)
        reach = worth.totals(model, people, mean, 50, np.zeros(200, dtype=np.int64), seed=1)
        within += bool(reach.low[0] <= (later * pace).sum() <= reach.high[0])
    print(f"{within} of 6 within")
    assert 3 <= within <= 6


def test_people_who_do_not_differ_are_a_limit_and_no_failure() -> None:
    """Everybody came once a week and spent the same, and none stopped: so they go on."""
    people = Histories(np.full(200, 50.0), np.full(200, 350.0), np.full(200, 351.0))
    model = worth.fitted(people, np.full(200, 30.0))
    visits, value = worth.expected(model, people, np.full(200, 30.0), 70)
    assert visits == pytest.approx(np.full(200, 10.0), rel=0.05)
    assert value == pytest.approx(visits * 30, rel=0.02)


def test_a_search_that_ends_nowhere_is_told_as_such() -> None:
    with pytest.raises(NotFitted):
        fit(lambda logs: float("nan"), [(1.0, 1.0)])
