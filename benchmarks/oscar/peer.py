"""Orders of django-oscar on a scratch home's own server: what ours are measured against."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from benchmarks.machine import REPOSITORY
from benchmarks.scratch import Home

_PYTHON = REPOSITORY / ".bootstrap" / "oscar" / "bin" / "python"
_DATABASE = "oscar"


def orders(home: Home, count: int = 300, *, warm: int = 30) -> dict[str, Any]:
    """What `benchmarks.oscar.orders` found, in a database made for it and dropped after it."""
    subprocess.run([str(REPOSITORY / "scripts" / "oscar")], check=True)
    url = _new_database(home)
    done = subprocess.run(
        [str(_PYTHON), "-m", "benchmarks.oscar.orders", "--orders", str(count), "--warm", str(warm)],
        env={**os.environ, "OSCAR_DATABASE_URL": url, "PYTHONWARNINGS": "ignore"},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    with home.connect("postgres") as connection:
        connection.execute(f"drop database {_DATABASE} with (force)")
    _check(told["books"], count + warm)
    return told


def _new_database(home: Home) -> str:
    with home.connect("postgres") as connection:
        connection.execute(f"drop database if exists {_DATABASE} with (force)")
        connection.execute(f"create database {_DATABASE}")
    return home.server.superuser_url(_DATABASE)


def _check(books: dict[str, Any], orders: int) -> None:
    """Two lines of 60.00 less 10.00, all of them: a peer that fails fast would flatter nobody."""
    expected = {"orders": orders, "lines": 2 * orders, "vouchers": orders, "total": f"{110 * orders}.00"}
    if books != expected:
        raise AssertionError(f"django-oscar's books: {books}, expected {expected}")
