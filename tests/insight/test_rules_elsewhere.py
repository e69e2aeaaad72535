"""Random rules on ClickHouse, against plain Python (200 of them, and on a cluster of Spark, in `make proof LAW=segment_engines`)."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest
from pytest_django import Settings

from huoshui.insight.rules.tests.compared import compare
from tests.insight.filed import lakes_in

pytest.importorskip("chdb", reason="an extra that is not installed: chdb")


def test_ten_random_rules_on_clickhouse(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huoshui.lake.engines.chdb import ChdbEngine

    settings.HUOSHUI_ZONE, settings.HUOSHUI_LAKE = "Asia/Shanghai", str(tmp_path / "lake")
    monkeypatch.setattr(ibis.options.sql, "fuse_selects", False)
    found = compare(20260302, 10, ChdbEngine(), simple=True, lake_of=lakes_in(tmp_path))
    assert not found.differences, "\n".join(found.differences)
    assert (found.rules, found.verdicts > found.members > 0) == (10, True)
