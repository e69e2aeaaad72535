"""What people may yet buy: rates and spend together, with how far it may turn out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huoshui.insight.maths import bgnbd, gamma_gamma
from huoshui.insight.maths.bgnbd import Histories, Rates
from huoshui.insight.maths.fitting import Fit, Floats
from huoshui.insight.maths.gamma_gamma import Spend

# 8 of 10 futures lie within.
LOW, HIGH = 10, 90
# Of many people few futures tell how far a sum of theirs may go.
_DRAWS = 2_000_000
FEWEST_DRAWS, MOST_DRAWS = 40, 200


@dataclass(frozen=True)
class Model:
    rates: Rates
    rates_fit: Fit
    spend: Spend
    spend_fit: Fit
    unit: float

    def others(self, random: np.random.Generator, draws: int) -> list[tuple[Rates, Spend]]:
        """The parameters as they might be as well, so that an interval also holds what the fit does not know."""
        rates = self.rates_fit.drawn(random, draws)
        spends = self.spend_fit.drawn(random, draws)
        return [
            (bgnbd.rates(one), gamma_gamma.spend(other, self.unit))
            for one, other in zip(rates, spends, strict=True)
        ]


class Range(NamedTuple):
    low: Floats
    high: Floats


def fitted(people: Histories, mean: Floats) -> Model:
    """`mean` is that of the repeat purchases; nobody's who made none is looked at. Raises NotFitted."""
    rates, rates_fit = bgnbd.fitted(people)
    has_spent = (people.x > 0) & (mean > 0)
    spend, spend_fit, unit = gamma_gamma.fitted(people.x[has_spent], mean[has_spent])
    return Model(rates, rates_fit, spend, spend_fit, unit)


def expected(model: Model, people: Histories, mean: Floats, t: float) -> tuple[Floats, Floats]:
    """Purchases and amount of each in the next `t`."""
    purchases = bgnbd.expected(model.rates, people, t)
    each = gamma_gamma.expected(model.spend, *_spent(people, mean))
    return purchases, purchases * each


def totals(
    model: Model, people: Histories, mean: Floats, t: float, groups: NDArray[np.int64], seed: int
) -> Range:
    """How much the people of each group may spend together."""
    draws = int(np.clip(_DRAWS // max(1, len(mean)), FEWEST_DRAWS, MOST_DRAWS))
    size = int(groups.max()) + 1
    sums = [np.bincount(groups, one, size) for one in _futures(model, people, mean, t, draws, seed)]
    return Range(*np.percentile(sums, [LOW, HIGH], axis=0))


def each(model: Model, people: Histories, mean: Floats, t: float, seed: int) -> Range:
    """How much each may spend; of some people, for it keeps every future of each."""
    futures = list(_futures(model, people, mean, t, MOST_DRAWS, seed))
    return Range(*np.percentile(futures, [LOW, HIGH], axis=0))


def _futures(
    model: Model, people: Histories, mean: Floats, t: float, draws: int, seed: int
) -> Iterator[Floats]:
    random = np.random.default_rng(seed)
    x, known = _spent(people, mean)
    for rates, spend in model.others(random, draws):
        yield gamma_gamma.drawn(spend, x, known, bgnbd.drawn(rates, people, t, random), random)


def _spent(people: Histories, mean: Floats) -> tuple[Floats, Floats]:
    """Whoever made no repeat purchase, or got it all back, is taken for everybody."""
    is_known = (people.x > 0) & (mean > 0)
    return np.where(is_known, people.x, 0.0), np.where(is_known, mean, 0.0)
