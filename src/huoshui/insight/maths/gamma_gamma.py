"""What a purchase comes to: the Gamma-Gamma model.

Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value", note 025 at brucehardie.com (Fader, Hardie and Lee
2005, Journal of Marketing Research 42 (4), 415–430). Each purchase is gamma with shape p and a rate of the
person's own; the rates are gamma with shape q, rate γ. Of each person: `x` purchases of `mean` on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import gammaln

from huoshui.insight.maths.fitting import Fit, Floats, fit

_STARTS = ((2.0, 2.0, 2.0), (6.0, 3.0, 0.5), (1.0, 0.5, 0.5))


@dataclass(frozen=True)
class Spend:
    """q is above 1: below that the average of all people would be without end."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """Of somebody of whom nothing is known."""
        return self.p * self.gamma / (self.q - 1)


def fitted(x: Floats, mean: Floats) -> tuple[Spend, Fit, float]:
    """Of people with a purchase and a mean above nothing. Raises NotFitted. The last is the unit of money that
    the parameters of the Fit are in."""
    unit = float(mean.mean())
    found = fit(partial(_loss, x=x, mean=mean / unit), _STARTS)
    return spend(np.exp(found.logs), unit), found, unit


def spend(parameters: Floats, unit: float) -> Spend:
    p, above_one, gamma = (float(value) for value in parameters)
    return Spend(p, 1 + above_one, gamma * unit)


def _loss(logs: Floats, x: Floats, mean: Floats) -> float:
    one = spend(np.exp(logs), 1.0)
    p, q, gamma = one.p, one.q, one.gamma
    terms = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
    terms = terms + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(gamma + mean * x)
    return -float(terms.sum())


def expected(one: Spend, x: Floats, mean: Floats) -> Floats:
    """The mean of a purchase to come; where x is 0, everybody's."""
    average: Floats = one.p * (one.gamma + mean * x) / (one.p * x + one.q - 1)
    return average


def drawn(one: Spend, x: Floats, mean: Floats, purchases: Floats, random: np.random.Generator) -> Floats:
    """What so many purchases might come to."""
    rate = random.gamma(one.q + one.p * x) / (one.gamma + mean * x)
    spent: Floats = random.gamma(np.maximum(one.p * purchases, 1e-9)) / np.maximum(rate, 1e-300)
    return np.where(purchases > 0, spent, 0.0)
