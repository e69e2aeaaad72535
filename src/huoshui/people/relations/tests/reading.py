"""Readers that wait for nobody: whoever else uses the same server may hold their horizon up for seconds."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.facts import reads

_NEXT = sql.Statement("next", "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xid")


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that writes on one connection has committed whatever it reads."""
    monkeypatch.setattr(reads, "horizon", lambda: int(sql.fetch_one(_NEXT).xid))
