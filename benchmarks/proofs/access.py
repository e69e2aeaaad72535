"""Every address of the console and the API × every role × whose it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

from benchmarks import machine
from benchmarks.result import Claims, Result

NAME = "access"
TITLE = "Every address × role × {own, another's, missing, erased} answers as its table says; raw SQL shows nothing foreign."

SUITES = {
    "console": ["tests/console/test_matrix.py"],
    "api": ["src/huoshui/web/api/tests/test_matrix.py"],
    "raw SQL": ["tests/walls/test_row_security.py", "src/huoshui/people/card/tests/test_row_security.py"],
}


def run(seed: int) -> Result:
    claims, figures = Claims(), {}
    for name, paths in SUITES.items():
        figures[name] = _asked(paths)
        claims.equal(f"{name}: questions answered otherwise", figures[name]["failed"], 0)
        claims.equal(f"{name}: something was asked", figures[name]["passed"] > 0, True)
    return Result({"claims": claims.made, **figures}, claims.hold)


def _asked(paths: list[str]) -> dict[str, Any]:
    """The suites that hold it in each build, here with every role."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths],
        cwd=machine.REPOSITORY,
        env={**os.environ, "HUOSHUI_WHOLE_MATRIX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    counted = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout[-400:])}
    failed = counted.get("failed", 0) + counted.get("error", 0)
    return {
        "passed": counted.get("passed", 0),
        "failed": failed,
        "last": done.stdout[-300:] if failed else "",
    }
