from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from huoshui.insight.maths import logistic
from huoshui.insight.maths.fitting import NotFitted


def invented(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    signals = random.normal(size=(n, 3))
    odds = signals @ [1.5, -0.7, 0.0] - 2.0
    return signals, (random.random(n) < expit(odds)).astype(np.float64)


def test_what_made_the_answers_is_found_out() -> None:
    signals, said = invented(20_000)
    found = logistic.fitted(signals, said)
    assert found == pytest.approx([1.5, -0.7, 0.0, -2.0], abs=0.08)
    assert logistic.chance(found, signals).sum() == pytest.approx(said.sum(), rel=1e-3)


def test_a_weight_is_as_many_rows() -> None:
    signals, said = invented(500)
    counts = np.where(said > 0, 1.0, 3.0)
    again = np.repeat(np.arange(500), counts.astype(int))
    assert logistic.fitted(signals, said, counts) == pytest.approx(
        logistic.fitted(signals[again], said[again]), abs=1e-6
    )


def test_a_step_that_would_lead_down_is_halved() -> None:
    """Signals far from their middle, and few yeses: Newton's whole steps go to and fro here for ever."""
    random = np.random.default_rng(3)
    signals = np.column_stack([random.exponential(3, 4000) ** 2, random.exponential(3, 4000)])
    said = (random.random(4000) < expit(0.9 * signals[:, 1] - 0.4 * signals[:, 0] - 5)).astype(np.float64)
    found = logistic.fitted(signals, said)
    assert found[0] < 0 < found[1]
    assert logistic.chance(found, signals).sum() == pytest.approx(said.sum(), rel=0.02)


def test_what_always_says_yes_where_it_is_there_ends_somewhere() -> None:
    signals = np.repeat([[0.0], [1.0]], 50, axis=0)
    found = logistic.fitted(signals, signals[:, 0])
    assert 1 < found[0] < 20


@pytest.mark.parametrize("said", [[], [1.0, 1.0], [0.0, 0.0, 0.0]])
def test_of_one_answer_alone_nothing_is_learned(said: list[float]) -> None:
    with pytest.raises(NotFitted):
        logistic.fitted(np.zeros((len(said), 1)), np.array(said))
