from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from huoshui.core import sql

Q = sql.load("huoshui.brand.catalog")


class Product(NamedTuple):
    """A product as its list describes it. One that only sales have named is not listed, and says little else."""

    id: int
    code: str
    name: str
    brand: str
    spec: str
    barcode: str
    category: str
    list_price: int | None
    launch_date: date | None
    is_listed: bool


class ProductCounts(NamedTuple):
    products: int
    unlisted: int


def search_products(
    text: str = "", *, category: str = "", only_unlisted: bool = False, after: str = "", limit: int = 50
) -> list[Product]:
    """Products whose code, name or barcode has the text in it, by code; `after` is the last code of the page before."""
    return sql.fetch_as(
        Product,
        Q.search,
        text="%" + sql.starts_with(text) if text else "",
        category=category,
        only_unlisted=only_unlisted,
        after=after,
        limit=limit,
    )


def products_of(codes: Sequence[str]) -> list[Product]:
    return sql.fetch_as(Product, Q.by_codes, codes=list(codes))


def top_categories() -> dict[str, int]:
    """Category of the highest level → how many products."""
    return {r.category: r.products for r in sql.fetch(Q.top_categories)}


def product_counts() -> ProductCounts:
    return ProductCounts(*sql.fetch_one(Q.product_counts))


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
