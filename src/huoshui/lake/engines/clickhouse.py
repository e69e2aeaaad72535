"""Expressions as ClickHouse's SQL, meaning what they mean to the other engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.operations as ops
import sqlglot as sg
from django.conf import settings
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler

from huoshui.lake import tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TYPES = {
    "int": "Int32",
    "long": "Int64",
    "string": "String",
    "double": "Float64",
    "date": "Date32",
    "boolean": "Bool",
}

SETTINGS = {
    # a row that finds no partner has nulls, not zeros and empty texts
    "join_use_nulls": 1,
    "cast_keep_nullable": 1,
    # of no rows there is no sum and no latest, also where a column cannot be null
    "aggregate_functions_null_for_empty": 1,
    "union_default_mode": "DISTINCT",
    # folders are named month=… and key=…, which are no columns of the files
    "use_hive_partitioning": 0,
    # a view names all its files
    "max_query_size": 1 << 28,
    "max_ast_elements": 1 << 24,
    "max_expanded_ast_elements": 1 << 24,
}
"""What a server has to be told, in the session or with the query, before it is asked in this SQL."""


class _Compiler(ClickHouseCompiler):  # type: ignore[misc]  # Ibis tells no types
    """Where Ibis chooses ClickHouse's quick answer, the exact one."""

    SIMPLE_OPS = {ops.CountDistinct: "uniqExact"}

    @staticmethod
    def _minimize_spec(op: Any, spec: Any) -> Any:
        """Within a frame of rows, ClickHouse sees no ties: who is level would be placed one behind the other."""
        return None if isinstance(op.func, ops.RankBase) else spec

    def visit_HexDigest(self, op: Any, *, arg: Any, how: str) -> Any:
        return self.f.lower(self.f.hex(self.visit_HashBytes(op, arg=arg, how=how)))

    def visit_Median(self, op: Any, *, arg: Any, where: Any) -> Any:
        return self.visit_Quantile(op, arg=arg, quantile=sg.exp.Literal.number(0.5), where=where)

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """Between two values, one between them; ClickHouse's own `quantile` draws a sample."""
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """An instant is said with its zone, to the microsecond, wherever the server stands."""
        if dtype.is_timestamp():
            zone = dtype.timezone or settings.HUOSHUI_ZONE
            return self.f.parseDateTime64BestEffort(value.isoformat(), 6, zone)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)


def sql_of(expr: ir.Expr) -> str:
    """To be asked with SETTINGS and the brand's zone as session_timezone."""
    return str(_Compiler().to_sqlglot(expr.as_table()).sql("clickhouse"))


def type_of(field_type: str) -> str:
    """Everything may be null, as in the lake; a day is one in the brand's zone."""
    if field_type == "timestamptz":
        return f"Nullable(DateTime64(6, '{settings.HUOSHUI_ZONE}'))"
    return f"Nullable({_TYPES[field_type]})"


def columns_of(name: str) -> str:
    return ", ".join(f'"{f.name}" {type_of(str(f.field_type))}' for f in tables.SCHEMAS[name].fields)
