"""The chance of a yes, from signals: logistic regression by Newton's method, held back a little (ridge)."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from huoshui.insight.maths.fitting import Floats, NotFitted

# Signals are of the size of one; a coefficient is believed once a handful of answers speak for it.
_HOLD = 1.0
_STEPS = 60
_SETTLED = 1e-7
_HALVES = 30
_ROUNDING = 1e-13
# A signal that never varies beside one that always is 1 says the same twice; this keeps the step finite.
_LEAST = 1e-9


def fitted(signals: Floats, said: Floats, weights: Floats | None = None) -> Floats:
    """Coefficients, the last one of no signal. Raises NotFitted where there are only yeses or only noes."""
    if not len(said) or said.min() == said.max():
        raise NotFitted
    whole = _with_one(signals)
    counts = np.ones(len(said)) if weights is None else weights
    hold = np.full(whole.shape[1], _HOLD)
    hold[-1] = _LEAST
    found = np.zeros(whole.shape[1])
    found[-1] = _log_odds(float((counts * said).sum() / counts.sum()))
    height = _height(whole, said, counts, hold, found)
    for _step in range(_STEPS):
        chance = expit(whole @ found)
        slope = whole.T @ (counts * (said - chance)) - hold * found
        curve = (whole * (counts * chance * (1 - chance))[:, None]).T @ whole + np.diag(hold)
        step = np.linalg.solve(curve, slope)
        if float(np.abs(step).max()) < _SETTLED:
            return found
        # far from the top a whole step may lead down again: halves of it, until one leads up
        for _half in range(_HALVES):
            higher = _height(whole, said, counts, hold, found + step)
            if higher > height - abs(height) * _ROUNDING:
                break
            step = step / 2
        found, height = found + step, higher
    raise NotFitted


def _height(signals: Floats, said: Floats, counts: Floats, hold: Floats, at: Floats) -> float:
    """The log-likelihood less what holds back."""
    odds = signals @ at
    return float(counts @ (said * odds - np.logaddexp(0.0, odds)) - (hold * at) @ at / 2)


def chance(coefficients: Floats, signals: Floats) -> Floats:
    told: Floats = expit(signals @ coefficients[:-1] + coefficients[-1])
    return told


def _with_one(signals: Floats) -> Floats:
    return np.column_stack([signals, np.ones(len(signals))]).astype(np.float64)


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
