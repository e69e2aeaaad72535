"""Which things go with which: item-to-item by EASE.

Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW '19: each thing is told from all others of the
same people by ridge regression, in one inversion. Unlike a cosine it does not count twice what two things share with a
third, which is what most people buy.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from huoshui.insight.maths.fitting import Floats

_HOLD = 300.0


def weights(had: csr_matrix) -> Floats:
    """Things × things: what having the one says for the other. Rows of `had` are people. Small crowds are held back
    less: what 300 is to two thousand people."""
    together = (had.T @ had).toarray().astype(np.float64)
    hold = _HOLD * min(1.0, max(had.shape[0], 1) / 2000)
    inverse = np.linalg.inv(together + np.eye(len(together)) * hold)
    told: Floats = inverse / -np.diag(inverse)[None, :]
    np.fill_diagonal(told, 0.0)
    return told
