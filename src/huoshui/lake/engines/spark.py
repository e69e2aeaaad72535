"""Spark, where one machine is outgrown: the same expressions over the same Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
from django.conf import settings

from huoshui.core.spark import session
from huoshui.lake import tables
from huoshui.lake.engines.base import Shelf
from huoshui.lake.engines.views import ViewEngine, persons_select

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TYPES = {
    "int": "int",
    "long": "bigint",
    "string": "string",
    "double": "double",
    "date": "date",
    "timestamptz": "timestamp",
    "boolean": "boolean",
}


class SparkEngine(ViewEngine):
    """`master` is Spark's own word: `spark://host:7077`, or `local[2]` and `local-cluster[2,1,1024]` for trying it out."""

    def __init__(self, master: str) -> None:
        super().__init__()
        self._session = session(master)
        self._backend = ibis.pyspark.connect(self._session)
        # after Ibis, which sets UTC: an hour of the day is one in the brand's zone, as in DuckDB
        self._session.conf.set("spark.sql.session.timeZone", settings.HUOSHUI_ZONE)

    def run(self, expr: ir.Expr) -> pa.Table:
        return self._backend.to_pyarrow(expr.as_table())

    def _show(self, shelf: Shelf) -> str:
        view = self._new_name(shelf.name)
        columns = ", ".join(
            f"{f.name} {_TYPES[str(f.field_type)]}" for f in tables.SCHEMAS[shelf.name].fields
        )
        files = [file.replace("s3://", "s3a://", 1) for file in shelf.files]
        if files:
            # looked up recursively, Spark takes no columns from folders named month=… or key=…
            reader = self._session.read.schema(columns).option("recursiveFileLookup", "true")
            rows = reader.parquet(*files)
        else:
            rows = self._session.createDataFrame([], columns)
        rows.createOrReplaceTempView(view)
        return view

    def _show_persons(self, shelves: Mapping[str, Shelf], relations: Mapping[str, str]) -> dict[str, str]:
        view = self._new_name("persons")
        ids = " union ".join(
            f"select person_id from {relations[name]} where person_id is not null"
            for name in ("facts", "state_now")
        )
        select = persons_select(f"({ids})", relations["state_now"])
        self._session.sql(select).createOrReplaceTempView(view)
        return {"persons": view}

    def _drop(self, name: str, relation: str) -> None:
        self._session.catalog.dropTempView(relation)
