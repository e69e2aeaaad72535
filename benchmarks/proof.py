"""Prove one law at full size, and write what was found to docs/proof/.

    python -m benchmarks.proof LAW [--seed N]

Exit codes: 0 it holds, 1 it does not, 2 no such law.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from types import ModuleType
from typing import Any

from benchmarks import machine, proofs
from benchmarks.result import Result

REPORTS = machine.REPOSITORY / "docs" / "proof"


def laws() -> dict[str, ModuleType]:
    found = pkgutil.iter_modules(proofs.__path__)
    modules = [importlib.import_module(f"{proofs.__name__}.{each.name}") for each in found]
    return {module.NAME: module for module in modules}


def main() -> int:
    known = laws()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("law", nargs="?")
    parser.add_argument("--seed", type=int, default=20170101)
    given = parser.parse_args()
    if given.law not in known:
        if given.law:
            print(f"There is no law called {given.law!r}.\n", file=sys.stderr)
        print("make proof LAW=…\n", file=sys.stderr)
        for name, law in known.items():
            print(f"  {name:14} {law.TITLE}", file=sys.stderr)
        return 2
    return _prove(known[given.law], given.seed)


def _prove(law: ModuleType, seed: int) -> int:
    # Before the run: what is measured is the code as it was when it started
    known = {**machine.commit(), "seed": seed, "machine": machine.described()}
    started_at, started = datetime.now(UTC), perf_counter()
    result = _run(law, seed)
    report = {
        "law": law.NAME,
        "title": law.TITLE,
        "passed": result.passed,
        **known,
        "started_at": started_at.isoformat(timespec="seconds"),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(perf_counter() - started, 1),
        "figures": result.figures,
        "notes": list(result.notes),
    }
    _write(report)
    print("✓" if result.passed else "×", law.TITLE)
    return 0 if result.passed else 1


def _run(law: ModuleType, seed: int) -> Result:
    try:
        result: Result = law.run(seed)
    except Exception as error:
        # A proof that fell over has not passed; its report says so, instead of an older one staying behind
        traceback.print_exc()
        return Result({"error": f"{type(error).__name__}: {error}"}, passed=False)
    return result


def _write(report: Mapping[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2, default=str)
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{report['law']}.json").write_text(f"{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
