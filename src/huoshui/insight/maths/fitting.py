"""Maximum likelihood of a few positive parameters, from several starts, with how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

# Parameters are sought as logarithms within these. One that ends at an edge says that people do not differ there
# (all spend alike, nobody stops): the model at the edge is as good as its limit.
REACH = 9.0
_EDGE = 1e-3
_STEP = 1e-3
# A direction of which the data say less than this may be anything: it is drawn with a deviation of one, a factor of e.
_LEAST_CURVATURE = 1.0


class NotFitted(Exception):
    """The likelihood has no top that could be found."""


@dataclass(frozen=True)
class Fit:
    """`logs` are the logarithms of the parameters, `covariance` is of these."""

    logs: Floats
    log_likelihood: float
    covariance: Floats

    def drawn(self, random: np.random.Generator, draws: int) -> Floats:
        """Parameters as they might be as well: one row each."""
        wild = random.multivariate_normal(self.logs, self.covariance, draws, method="eigh")
        return np.exp(np.clip(wild, -REACH, REACH))


def fit(loss: Callable[[Floats], float], starts: Sequence[Sequence[float]]) -> Fit:
    """`loss` is minus the log-likelihood of logarithms. Every start is tried: the first top need not be the highest."""
    bounds = [(-REACH, REACH)] * len(starts[0])
    tried = [_by_slopes(loss, np.log(start), bounds) for start in starts]
    tried = [one for one in tried if np.isfinite(one.fun)]
    found = [one for one in tried if one.success] or [_by_values(loss, one.x, bounds) for one in _best(tried)]
    for best in _best([one for one in found if one.success]):
        return Fit(best.x, -float(best.fun), _covariance(loss, best.x))
    raise NotFitted


def _best(tried: Sequence[Any]) -> list[Any]:
    """None of none."""
    return sorted(tried, key=lambda one: float(one.fun))[:1]


def _by_slopes(loss: Callable[[Floats], float], start: Floats, bounds: Sequence[tuple[float, float]]) -> Any:
    options = {"ftol": 1e-10, "gtol": 1e-6, "maxiter": 300}
    return minimize(loss, start, method="L-BFGS-B", bounds=bounds, options=options)


def _by_values(loss: Callable[[Floats], float], start: Floats, bounds: Sequence[tuple[float, float]]) -> Any:
    """Where slopes lead nowhere; many times as long."""
    options = {"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000}
    return minimize(loss, start, method="Nelder-Mead", bounds=bounds, options=options)


def _covariance(loss: Callable[[Floats], float], at: Floats) -> Floats:
    """The inverse of the curvature at the top, from differences, for the parameters that are not at an edge."""
    free = np.flatnonzero(np.abs(at) < REACH - _EDGE)
    steps = np.eye(len(at))[free] * _STEP
    curvature = np.empty((len(free), len(free)))
    for i in range(len(free)):
        for j in range(i + 1):
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            around = [one * other * loss(at + one * steps[i] + other * steps[j]) for one, other in signs]
            curvature[i, j] = curvature[j, i] = sum(around) / (4 * _STEP**2)
    values, vectors = np.linalg.eigh(curvature)
    whole = np.zeros((len(at), len(at)))
    whole[np.ix_(free, free)] = (vectors / np.maximum(values, _LEAST_CURVATURE)) @ vectors.T
    return whole
