from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core.subscribers import registry
from huoshui.lake import tables
from huoshui.lake.tests import planting


class Brand:
    """What the room below would tell, for the tests to change."""

    def __init__(self) -> None:
        self.version = "1"
        self.products = _rows("products", {"sku_id": 5, "name": "雪花酥", "category_1": "零食"})
        self.org_units = _rows("org_units", {"org_unit_id": 7, "name": "人民路店", "kind": "store"})


def _rows(name: str, *rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=tables.arrow_schema(name))


@pytest.fixture
def the_brand(monkeypatch: pytest.MonkeyPatch) -> Brand:
    told = Brand()
    monkeypatch.setattr(brand, "catalog_version", lambda: told.version)
    monkeypatch.setattr(brand, "products_table", lambda: told.products)
    monkeypatch.setattr(brand, "org_units_table", lambda: told.org_units)
    return told


@pytest.fixture
def lake(
    transactional_db: None,
    settings: Settings,
    tmp_path: Path,
    the_brand: Brand,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """An empty lake over empty tables of core. Rows are committed: the writer sees no others."""
    settings.HUOSHUI_HOME = tmp_path
    settings.HUOSHUI_LAKE = str(tmp_path / "lake")
    settings.HUOSHUI_ENGINE = "duckdb"
    settings.HUOSHUI_ZONE = "Asia/Shanghai"
    settings.HUOSHUI_DATABASE_URL = planting.database_url()
    monkeypatch.setattr(registry, "state", {})
    planting.clean()
    yield tmp_path / "lake"
    planting.clean()
    tables.catalog().close()


@pytest.fixture(params=["duckdb", "local[2]", "chdb"])
def each_engine(request: pytest.FixtureRequest, lake: Path, settings: Settings) -> str:
    """The same test body runs on every engine; Spark and ClickHouse where their extras are installed."""
    if request.param != "duckdb":
        extra = "chdb" if request.param == "chdb" else "pyspark"
        pytest.importorskip(extra, reason=f"an extra that is not installed: {extra}")
    settings.HUOSHUI_ENGINE = request.param
    return str(request.param)
