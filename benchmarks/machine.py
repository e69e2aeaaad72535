"""On what, and at which state of the code, something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from huoshui.core.postgres.engine import package_version

REPOSITORY = Path(__file__).resolve().parents[1]


def described() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": _processor(),
        "os": _system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": package_version(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def commit() -> dict[str, Any]:
    """The revision, and the tracked or new files that differ from it."""
    changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    return {"commit": _git("rev-parse", "HEAD").strip(), "dirty": bool(changed), "changed": changed}


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    for line in _lines(Path("/etc/os-release")):
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
