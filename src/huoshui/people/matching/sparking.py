"""Pairs scored by Spark: Splink's own backend for it, on the same settings, the same model and the same keys.

What people are called and where they live is handed to the executors and is gone with the run; none of it is written to a place
they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlglot

from huoshui.people.matching import likeness
from huoshui.people.matching.splinking import asked, settings

if TYPE_CHECKING:
    from huoshui.people.matching.types import Model

PIECE = 100_000
"""Rows that are handed over at once: a task may not be larger than Spark's messages."""
_FUNCTIONS = {"jarowinkler_similarity": likeness.jaro_winkler, "damerau_levenshtein": likeness.edits}
_PARTITIONS_PER_CORE = 3
_SHUFFLED = "spark.sql.shuffle.partitions"


def spoken(condition: str) -> str:
    """DuckDB's words for a condition as Spark says them. Raises where one of them cannot be said."""
    # sqlglot makes PostgreSQL's && of it
    shared = condition.replace("list_has_any(", "arrays_overlap(")
    (said,) = sqlglot.transpile(
        shared, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    return said


class Laid:
    """People in Spark, with the keys by which they are compared."""

    def __init__(self, session: Any, people: Any) -> None:
        self._session, self._people = session, people
        self._scored: Any = None

    def compare(self, model: Model, *, at_least: float, counts: bool) -> int:
        """Score each pair once. Returns how many there are."""
        from splink import Linker, SparkAPI

        api = SparkAPI(  # type: ignore[no-untyped-call]  # Splink has types for DuckDB alone
            spark_session=self._session,
            break_lineage_method="persist",
            num_partitions_on_repartition=_PARTITIONS_PER_CORE
            * self._session.sparkContext.defaultParallelism,
            register_udfs_automatically=False,
        )
        told = settings(model, counts_rarity=counts, spoken=spoken)
        linker = Linker(api.register(self._people), told, validate_settings=False)
        compared = int(linker.inference.compute_blocked_pairs_for_predict().as_spark_dataframe().count())
        self._scored = linker.inference.predict(threshold_match_probability=at_least)
        return compared

    def rows(self, *, counts: bool) -> Iterator[tuple[Any, ...]]:
        found = self._session.sql(asked(self._scored.physical_name, counts=counts))
        yield from (tuple(row) for row in found.toLocalIterator())


def _partitions(session: Any) -> int:
    return int(_PARTITIONS_PER_CORE * session.sparkContext.defaultParallelism)


@contextmanager
def laid_out(pieces: pa.RecordBatchReader, session: Any) -> Iterator[Laid]:
    """In a session of its own: what it sets and names is nobody else's."""
    from pyspark import cloudpickle  # type: ignore[import-not-found, unused-ignore]  # an extra
    from pyspark.sql.types import (  # type: ignore[import-not-found, unused-ignore]
        DoubleType,
        IntegerType,
    )

    own = session.newSession()
    own.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    # a list without a first place has null there, as in DuckDB
    own.conf.set("spark.sql.ansi.enabled", "false")
    if not session.sparkContext.getConf().get(_SHUFFLED):
        own.conf.set(_SHUFFLED, str(_partitions(own)))  # else 200 tasks a step, on any cluster
    cloudpickle.register_pickle_by_value(likeness)
    try:
        for name, function in _FUNCTIONS.items():
            made: Any = function
            own.udf.register(
                name, made.__wrapped__, DoubleType() if function is likeness.jaro_winkler else IntegerType()
            )
        frames = [own.createDataFrame(pa.Table.from_batches([piece])) for piece in pieces]
        yield Laid(own, reduce(lambda one, other: one.unionAll(other), frames))
    finally:
        cloudpickle.unregister_pickle_by_value(likeness)
        own.catalog.clearCache()
