"""The invented brand at its usual size, from a fresh clone to a console, twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.proofs.demo import twice
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home

NAME = "demo_world"
TITLE = "From a fresh clone, `make demo` has the invented brand's two years in 240 seconds; the second one is ready in 10."

WORLD, PEOPLE = "suyu", 50_000
FIRST_WITHIN, AGAIN_WITHIN, MB_AT_MOST = 240.0, 10.0, 2048


def run(seed: int) -> Result:
    return twice(NAME, WORLD, _contents, within=(FIRST_WITHIN, AGAIN_WITHIN), mb_at_most=MB_AT_MOST)


def _contents(clone: Path, claims: Claims) -> dict[str, Any]:
    """What the clone's own command counts is what was written; all of it was explained."""
    home = Home(clone / ".huoshui", huoshui=clone / ".venv" / "bin" / "huoshui")
    noted = json.loads((home.path / "demo" / WORLD / ".done").read_text(encoding="utf-8"))
    (row,) = home.told("ask", "sales", "--json")["rows"]
    claims.equal("sales lines", row["lines"], noted["figures"]["lines"])
    claims.at_most("people less than meant", abs(noted["figures"]["people"] - PEOPLE), PEOPLE // 50)
    claims.equal("audit is clean", home.told("audit", "--json")["clean"], True)
    return {**row, **noted["figures"]}
