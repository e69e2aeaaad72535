"""The tails are those of `scipy.stats`, at their ends too."""

from __future__ import annotations

import pytest
from scipy.stats import binom, poisson

from huoshui.core import chance


@pytest.mark.parametrize("usual", [0.0, 1e-6, 0.03, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("of", [1, 7, 400, 50_000])
def test_of_a_binomial(of: int, usual: float) -> None:
    for hits in {0, 1, of // 3, of - 1, of}:
        told = chance.at_least(hits, of, usual), chance.at_most(hits, of, usual)
        wanted = float(binom.sf(hits - 1, of, usual)), float(binom.cdf(hits, of, usual))
        assert told == pytest.approx(wanted, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("usual", [0.0, 0.2, 3.0, 900.0])
def test_of_a_poisson(usual: float) -> None:
    for times in (0, 1, 3, 900, 2_000):
        assert chance.at_most_of_usual(times, usual) == pytest.approx(
            float(poisson.cdf(times, usual)), rel=1e-9
        )
