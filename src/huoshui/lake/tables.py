"""The tables of the lake: their columns, how they lie on disk, and the catalog that knows them."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from django.conf import settings
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import IdentityTransform, MonthTransform, Transform
from pyiceberg.types import (
    BooleanType,
    DateType,
    DoubleType,
    IcebergType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)
from sqlalchemy import create_engine, make_url

if TYPE_CHECKING:
    from pyiceberg.table import Table

CATALOG = "huoshui"
NAMESPACE = "huoshui"

_INT, _LONG, _TEXT, _DOUBLE, _DAY = IntegerType(), LongType(), StringType(), DoubleType(), DateType()
_INSTANT, _FLAG = TimestamptzType(), BooleanType()

COLUMNS: dict[str, dict[str, IcebergType]] = {
    "facts": {
        "fact_id": _LONG,
        "order_id": _LONG,
        "name": _TEXT,
        "person_id": _LONG,
        "org_unit_id": _INT,
        "source_id": _INT,
        "occurred_at": _INSTANT,
        "business_day": _DAY,
        "amount": _LONG,
        "seq": _LONG,
    },
    "order_lines": {
        "fact_id": _LONG,
        "order_id": _LONG,
        "line_no": _INT,
        "kind": _TEXT,
        "is_reversal": _FLAG,
        "person_id": _LONG,
        "org_unit_id": _INT,
        "sku_id": _INT,
        "source_id": _INT,
        "occurred_at": _INSTANT,
        "business_day": _DAY,
        "channel": _TEXT,
        "quantity": _DOUBLE,
        "amount": _LONG,
        "discount": _LONG,
        "coupon_discount": _LONG,
        "flags": _INT,
        "seq": _LONG,
    },
    "properties": {
        "fact_id": _LONG,
        "name": _TEXT,
        "property": _TEXT,
        "value": _TEXT,
        "number": _DOUBLE,
        "person_id": _LONG,
        "source_id": _INT,
        "occurred_at": _INSTANT,
        "seq": _LONG,
    },
    "state": {
        "person_id": _LONG,
        "key": _TEXT,
        "value": _TEXT,
        "number": _DOUBLE,
        "at": _INSTANT,
        "seq": _LONG,
        "source_id": _INT,
    },
    "products": {
        "sku_id": _INT,
        "code": _TEXT,
        "name": _TEXT,
        "brand": _TEXT,
        "category": _TEXT,
        "department": _TEXT,
        "category_1": _TEXT,
        "category_2": _TEXT,
        "category_3": _TEXT,
        "is_listed": _FLAG,
    },
    "org_units": {
        "org_unit_id": _INT,
        "code": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "region": _TEXT,
        "dealer": _TEXT,
        "store": _TEXT,
    },
}
COLUMNS["state_now"] = COLUMNS["state"]

SCHEMAS = {
    name: Schema(*(NestedField(i, column, type_) for i, (column, type_) in enumerate(columns.items(), 1)))
    for name, columns in COLUMNS.items()
}

# The column a table is partitioned by. `state_now` is rewritten key by key, so a key is a partition.
_PARTITION: dict[str, tuple[str, str, Transform[int, int] | Transform[str, str]]] = {
    "facts": ("occurred_at", "month", MonthTransform()),
    "order_lines": ("occurred_at", "month", MonthTransform()),
    "properties": ("occurred_at", "month", MonthTransform()),
    "state_now": ("key", "key", IdentityTransform()),
}

# Inside a file, rows that are asked for together lie together.
SORTED_BY: dict[str, tuple[str, ...]] = {
    "facts": ("business_day", "person_id"),
    "order_lines": ("business_day", "person_id"),
    "properties": ("name", "property", "person_id"),
    "state": ("key", "person_id", "seq"),
    "state_now": ("key", "person_id"),
    "products": ("sku_id",),
    "org_units": ("org_unit_id",),
}

_PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    # an engine hands one row group to one thread and skips those it does not need
    "write.parquet.row-group-limit": "131072",
    # without merging, a commit grows from 45 to 700 ms
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
    # a commit that lost its race must fail: repeated on the winner's snapshot, it would append the same
    # rows twice
    "commit.retry.num-retries": "0",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


def arrow_schema(name: str) -> pa.Schema:
    """The columns as Arrow; text is `string`, as everywhere in the house, not pyiceberg's `large_string`."""
    fields = schema_to_pyarrow(SCHEMAS[name], include_field_ids=False)
    return pa.schema(
        pa.field(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type) for f in fields
    )


def warehouse() -> str:
    """Where the files lie: an absolute path or an `s3://` address."""
    place = str(settings.HUOSHUI_LAKE or Path(settings.HUOSHUI_HOME) / "lake")
    return place.rstrip("/") if "://" in place else str(Path(place).resolve())


def catalog() -> SqlCatalog:
    """Options are those of an object store (`s3.endpoint`, `s3.region` …); keys come from the environment."""
    options: dict[str, str] = getattr(settings, "HUOSHUI_LAKE_OPTIONS", {})
    return _catalog(settings.HUOSHUI_DATABASE_URL, tuple(sorted(options.items())))


@lru_cache(maxsize=4)
def _catalog(database_url: str, options: tuple[tuple[str, str], ...]) -> SqlCatalog:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return _Catalog(CATALOG, uri=url.render_as_string(hide_password=False), **dict(options))


class _Catalog(SqlCatalog):
    """pyiceberg's own, in schema `lake`.

    It asks for the schema by name and prepares nothing, because a pooler would lose both a search path and
    what was prepared; and it makes no tables, because our migration did.
    """

    def _init_catalog(self) -> None:
        self.engine = create_engine(
            self.engine.url,
            pool_pre_ping=True,
            connect_args={"prepare_threshold": None},
            execution_options={"schema_translate_map": {None: "lake"}},
        )
        self._schema_version = "v1"


def find(name: str) -> Table | None:
    """The table, or None while nothing was ever written."""
    try:
        return catalog().load_table((NAMESPACE, name))
    except NoSuchTableError:
        return None


def ensure(name: str) -> Table:
    """The table, made when it does not exist."""
    known = catalog()
    if table := find(name):
        return table
    known.create_namespace_if_not_exists(NAMESPACE)
    return known.create_table(
        (NAMESPACE, name),
        schema=SCHEMAS[name],
        location=f"{warehouse()}/{name}",
        partition_spec=_partition_spec(name),
        sort_order=_sort_order(name),
        properties=_PROPERTIES,
    )


def renew(name: str) -> Table:
    """The table for a rebuild: made new when its files are gone (a catalog that came from a backup names what has been swept
    since), or the lake has moved."""
    try:
        table = find(name)
        if table:
            list(table.scan().plan_files())
    except OSError:
        table = None
    if table and table.location() == f"{warehouse()}/{name}":
        return table
    with suppress(NoSuchTableError):
        catalog().drop_table((NAMESPACE, name))
    return ensure(name)


def _partition_spec(name: str) -> PartitionSpec:
    if name not in _PARTITION:
        return UNPARTITIONED_PARTITION_SPEC
    column, field, transform = _PARTITION[name]
    source = SCHEMAS[name].find_field(column).field_id
    return PartitionSpec(PartitionField(source_id=source, field_id=1000, transform=transform, name=field))


def _sort_order(name: str) -> SortOrder:
    schema = SCHEMAS[name]
    return SortOrder(
        *(
            SortField(source_id=schema.find_field(column).field_id, transform=IdentityTransform())
            for column in SORTED_BY[name]
        )
    )
