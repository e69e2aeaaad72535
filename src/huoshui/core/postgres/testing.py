"""A real server for tests: shared, fast, and careless with its data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from . import cluster as clusters
from . import locks
from .engine import package_version
from .roles import OWNER
from .server import Server, ensure_throwaway_server


def test_server(home: Path | None = None) -> Server:
    """A server without fsync, whose owner may create databases, as Django's test runner does.

    Without a home it is one per user and version, kept running between runs: let each run name its database
    differently. Test processes beside each other have servers of their own, for all of a server see a transaction.
    """
    server = ensure_throwaway_server(home or _shared_home())
    guard = locks.held(clusters.guard(server.home))
    with guard, psycopg.connect(server.superuser_url("postgres")) as connection:
        row = connection.execute("select rolcreatedb from pg_roles where rolname = %s", [OWNER]).fetchone()
        if row != (True,):
            connection.execute(sql.SQL("alter role {} createdb").format(sql.Identifier(OWNER)))
    return server


def _shared_home() -> Path:
    beside = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = "-".join(filter(None, ("huoshui-tests", str(os.geteuid()), package_version(), beside)))
    return Path(tempfile.gettempdir(), name)
