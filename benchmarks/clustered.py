"""Ready arrays clustered by us and by scipy, in one run: `python -m benchmarks.clustered SEED N` prints JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.linked import Ids, linked
from huoshui.people.identity import clustering

_TURNS = 3


def main() -> None:
    seed, n = map(int, sys.argv[1:])
    left, right = linked(seed, n)
    ours: list[float] = []
    theirs: list[float] = []
    peak = 0
    for _ in range(_TURNS):  # by turns, so that whatever else the machine does falls on both
        label = _timed(theirs, lambda: _scipy(left, right, n))
        _forget_peak()
        smallest = _timed(ours, lambda: clustering.clusters(left, right, n))
        peak = max(peak, _peak_mb())
    stored: list[float] = []
    _timed(stored, lambda: clustering.canonical(left, right))
    print(
        json.dumps(
            {
                "nodes": n,
                "edges": len(left),
                "components": int(label.max()) + 1,
                "largest": int(np.bincount(label).max()),
                "ours_cpu_seconds": round(min(ours), 3),
                "scipy_cpu_seconds": round(min(theirs), 3),
                "ratio": round(min(ours) / min(theirs), 2),
                "canonical_cpu_seconds": round(stored[0], 3),
                "peak_mb": peak,
                "is_same_partition": _is_same(label, smallest),
                "is_smallest": bool(
                    (smallest <= np.arange(n)).all() and (smallest[smallest] == smallest).all()
                ),
            }
        )
    )


def _scipy(left: Ids, right: Ids, n: int) -> Any:
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _is_same(label: Any, smallest: Ids) -> bool:
    """Each of scipy's components is one of ours, and the other way round."""
    one, other = np.unique(label).size, np.unique(smallest).size
    both = np.unique(label.astype(np.int64) * len(label) + smallest).size
    return bool(one == other == both)


def _timed(into: list[float], work: Callable[[], Any]) -> Any:
    started = process_time()
    found = work()
    into.append(process_time() - started)
    return found


def _forget_peak() -> None:
    """From here on the kernel counts the peak of memory anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> int:
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main()
