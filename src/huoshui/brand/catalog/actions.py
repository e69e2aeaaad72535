"""Writes to the catalog."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.facts import api as facts
from huoshui.core.remember import Remembered

Q = sql.load("huoshui.brand.catalog")

TEXTS = (
    *("code", "name", "brand", "manufacturer", "spec", "barcode"),
    *("category_1", "category_2", "category_3", "category_4"),
)
_CHUNK = 10_000


class Named(NamedTuple):
    """A product as whatever names it finds it. `is_listed`: some product list has described it."""

    code: str
    id: int
    is_listed: bool


def find_or_add_skus(names_by_code: dict[str, str]) -> dict[str, Named]:
    """The product of each code; a code in no list becomes an unlisted product of the given name."""
    known = _listed.of(names_by_code)
    missing = sorted(names_by_code.keys() - known.keys())
    if missing:
        sql.run(Q.add_stubs, codes=missing, names=[names_by_code[c] for c in missing])
        known |= _by_code(missing)
    return known


def find_skus(codes: list[str]) -> dict[str, int]:
    """The ids of those codes that exist; nothing is made."""
    return {code: sku.id for code, sku in _by_code(codes).items()}


def _by_code(codes: list[str]) -> dict[str, Named]:
    return {sku.code: sku for sku in sql.fetch_as(Named, Q.ids_by_code, codes=codes)}


_listed = Remembered[str, Named](_by_code, seconds=1, worth=lambda sku: sku.is_listed)


def upsert_products(products: pa.Table, *, actor: Actor) -> int:
    """Products from a list: `sku_code` and any of the other catalog fields. Returns how many rows changed anything."""
    changed = 0
    for start in range(0, products.num_rows, _CHUNK):
        changed += _upsert(products.slice(start, _CHUNK))
    if changed:
        record(actor, "products.upserted", "sku", 0, changed=changed)
        facts.wake_readers()
    return changed


def _upsert(products: pa.Table) -> int:
    columns = {name: products.column(name).to_pylist() for name in products.column_names}
    columns["code"] = columns.pop("sku_code")
    blank: list[str | None] = [None] * products.num_rows
    texts = {name: [value or "" for value in columns.get(name, blank)] for name in TEXTS}
    return sql.run(
        Q.upsert,
        **texts,
        list_price=columns.get("list_price", blank),
        launch_date=columns.get("launch_date", blank),
    )
