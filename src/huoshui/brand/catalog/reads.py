from __future__ import annotations

import pyarrow as pa

from huoshui.core import sql

Q = sql.load("huoshui.brand.catalog")


def products_table() -> pa.Table:
    """Every product: sku_id, code, name, brand, category, department, category_1 … 3, is_listed."""
    return sql.copy_out(Q.products)


def product_names(ids: list[int]) -> dict[int, tuple[str, str]]:
    """(code, name) of each product."""
    return {r.id: (r.code, r.name) for r in sql.fetch(Q.names, ids=ids)}


def product_categories(codes: list[str]) -> dict[str, str]:
    """The category of each product code, '' where none is known."""
    return {r.code: r.category or "" for r in sql.fetch(Q.categories_by_code, codes=codes)}


def version() -> str:
    return str(sql.fetch_one(Q.version).version)
