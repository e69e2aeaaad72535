"""How often people come back, and whether they still will: the BG/NBD model.

Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way, Marketing Science 24 (2), 275–284. While
somebody is a customer she buys at random at a rate of her own (over people: gamma with shape r, rate α); after
each purchase she stops for good with a chance of her own (beta with a, b).

Of each person: `x` repeat purchases, the last of them `t_x` and the end of what is known `T` after the first
purchase, in one unit of time. Equation numbers are those of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import betaln, expit, gammaln, hyp2f1

from huoshui.insight.maths.fitting import Fit, Floats, fit

_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 5.0, 0.5, 3.0), (1.0, 10.0, 0.1, 5.0))
# The formula of expected purchases is 0 ÷ 0 where a is 1; so near to it is near enough to tell what it tends to.
_NEAR = 1e-5


class Histories(NamedTuple):
    x: Floats
    t_x: Floats
    T: Floats


@dataclass(frozen=True)
class Rates:
    r: float
    alpha: float
    a: float
    b: float


def fitted(people: Histories) -> tuple[Rates, Fit]:
    """Raises NotFitted. Time is scaled by the longest T so that the search does not depend on its unit."""
    unit = float(people.T.max())
    alike, weights = np.unique(np.column_stack([people.x, people.t_x, people.T]), axis=0, return_counts=True)
    scaled = Histories(alike[:, 0], alike[:, 1] / unit * 40, alike[:, 2] / unit * 40)
    found = fit(partial(_loss, people=scaled, weights=weights.astype(np.float64)), _STARTS)
    shift = np.array([0.0, np.log(unit / 40), 0.0, 0.0])
    # a purchase happens per unit of time: the density changes with the unit
    likelihood = found.log_likelihood - float(people.x.sum()) * float(np.log(unit / 40))
    fit_ = Fit(found.logs + shift, likelihood, found.covariance)
    return rates(np.exp(fit_.logs)), fit_


def rates(parameters: Floats) -> Rates:
    return Rates(*(float(value) for value in parameters))


def log_likelihood(rates: Rates, people: Histories) -> Floats:
    """Of each person (6), in logarithms throughout: products of hundreds of purchases have no floats."""
    r, alpha, a, b = rates.r, rates.alpha, rates.a, rates.b
    x, t_x, T = people
    repeats = np.maximum(x, 1.0)
    same = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    still = -(r + x) * np.log(alpha + T)
    stopped = np.where(x > 0, np.log(a) - np.log(b + repeats - 1) - (r + x) * np.log(alpha + t_x), -np.inf)
    whole: Floats = same + np.logaddexp(still, stopped)
    return whole


def _loss(logs: Floats, people: Histories, weights: Floats) -> float:
    return -float(weights @ log_likelihood(rates(np.exp(logs)), people))


def alive(rates: Rates, people: Histories) -> Floats:
    """The chance of still being a customer at T. It is 1 for whoever bought once: the model lets nobody stop
    before a second purchase, so it says nothing of them (who shows it must say so)."""
    x, t_x, T = people
    log_odds = np.log(rates.a) - np.log(rates.b + np.maximum(x, 1.0) - 1)
    log_odds = log_odds + (rates.r + x) * (np.log(rates.alpha + T) - np.log(rates.alpha + t_x))
    chance: Floats = np.where(x > 0, expit(-log_odds), 1.0)
    return chance


def expected(rates: Rates, people: Histories, t: float) -> Floats:
    """Purchases expected in the next `t` (10).

    Gauss's function is taken after Euler's transformation, F(u, v; w; z) = (1 − z)^(w − u − v) F(w − u, w − v; w; z):
    as the paper writes it, it overflows from about 300 purchases; so x stands in w alone.
    """
    r, alpha, b = rates.r, rates.alpha, rates.b
    a = 1 + _NEAR if abs(rates.a - 1) < _NEAR else rates.a
    x, _t_x, T = people
    z = t / (alpha + T + t)
    w = a + b + x - 1
    w = np.where(np.abs(w) < _NEAR, _NEAR, w)
    left = 1 - (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, w, z)
    purchases: Floats = w / (a - 1) * left * alive(rates, people)
    return purchases


def drawn(rates: Rates, people: Histories, t: float, random: np.random.Generator) -> Floats:
    """Purchases in the next `t` as they might come: a rate and a chance of stopping of each person's own, given
    what she did; those who have stopped make none, the others until `t` is over or they stop."""
    x, _t_x, T = people
    rate = random.gamma(rates.r + x) / (rates.alpha + T)
    stops = np.clip(random.beta(rates.a, rates.b + x), 1e-12, 1.0)
    here = random.random(len(x)) < alive(rates, people)
    made: Floats = np.minimum(random.poisson(rate * t), random.geometric(stops)) * here
    return made
