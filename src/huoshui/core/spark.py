"""A session of Spark, where HUOSHUI_ENGINE names one: for the lake's questions and for comparing people."""

from __future__ import annotations

import os
from typing import Any

from huoshui.core.errors import HuoshuiError

_HERE = "127.0.0.1"


class EngineMissing(HuoshuiError):
    """还没有安装这个计算引擎。请运行 make setup EXTRAS=spark（另需 Java 17）或 EXTRAS=chdb，或把引擎改回 duckdb。"""

    code = "engine_missing"


def is_master(engine: str) -> bool:
    """Whether this is Spark's own word for where it runs: `spark://host:7077`, `local[2]` or `local-cluster[2,1,1024]`."""
    return engine.startswith(("spark://", "local[", "local-cluster["))


def session(master: str) -> Any:
    """The one of this process; made at first."""
    try:
        from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]  # an extra
    except ImportError as error:
        raise EngineMissing from error
    options = {
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.adaptive.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        # all of it on this machine, and nobody else's business
        os.environ.setdefault("SPARK_LOCAL_IP", _HERE)
        options |= {
            "spark.driver.host": _HERE,
            "spark.driver.bindAddress": _HERE,
            "spark.ui.enabled": "false",
        }
    builder = SparkSession.builder.master(master).appName("huoshui")
    for key, value in options.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
