"""What the brand sells, as lists describe it and as sales name it first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.brand.catalog.models import Sku
from huoshui.core.actor import SYSTEM

pytestmark = pytest.mark.django_db


def upsert(*products: dict[str, Any]) -> int:
    columns = {"list_price": pa.int64(), "launch_date": pa.date32()}
    names = sorted({name for product in products for name in product})
    rows = {name: pa.array([p.get(name) for p in products], columns.get(name, pa.string())) for name in names}
    return brand.upsert_products(pa.table(rows), actor=SYSTEM)


MILK = {
    "sku_code": "P1",
    "name": "鲜牛奶",
    "brand": "牧场",
    "category_1": "乳品",
    "category_2": "鲜奶",
    "list_price": 1290,
    "launch_date": date(2024, 5, 1),
}


def test_the_same_list_again_changes_nothing() -> None:
    assert upsert(MILK, {"sku_code": "P2"}) == 2
    version = brand.catalog_version()
    assert upsert(MILK, {"sku_code": "P2"}) == 0
    assert brand.catalog_version() == version
    (milk, other) = brand.products_table().to_pylist()
    assert (milk["code"], milk["category"], milk["department"], milk["is_listed"]) == (
        "P1",
        "乳品/鲜奶",
        "乳品",
        True,
    )
    assert (other["category"], other["name"]) == ("", "")
    assert brand.product_categories(["P1", "P2", "nobody"]) == {"P1": "鲜奶", "P2": ""}


def test_a_blank_cell_leaves_what_is_known_and_a_category_is_taken_whole() -> None:
    upsert(MILK)
    assert upsert({"sku_code": "P1", "name": "鲜牛奶"}) == 0
    assert upsert({"sku_code": "P1", "list_price": 1390, "category_1": "饮料"}) == 1
    milk = Sku.objects.get(code="P1")
    assert (milk.list_price, milk.brand, milk.launch_date) == (1390, "牧场", date(2024, 5, 1))
    assert (milk.category_1, milk.category_2) == ("饮料", "")


def test_a_product_that_sales_name_is_kept_and_flagged_until_a_list_describes_it() -> None:
    upsert(MILK)
    found = brand.find_or_add_skus({"P1": "", "P7": "试吃装"})
    assert {code: sku.is_listed for code, sku in found.items()} == {"P1": True, "P7": False}
    tasting = found["P7"].id
    assert brand.product_names([tasting]) == {tasting: ("P7", "试吃装")}
    upsert({"sku_code": "P7"})
    assert brand.find_or_add_skus({"P7": "别的名字"}) == {"P7": ("P7", tasting, True)}
    assert Sku.objects.get(code="P7").name == "试吃装"


def test_a_long_list_goes_in_by_parts() -> None:
    assert upsert(*[{"sku_code": f"P{n}"} for n in range(10_001)]) == 10_001
    assert brand.products_table().num_rows == 10_001


class TestLookingThrough:
    @pytest.fixture(autouse=True)
    def _shelf(self) -> None:
        bread = {"sku_code": "P2", "name": "吐司", "category_1": "烘焙", "barcode": "6901234"}
        upsert(MILK, bread, {"sku_code": "P3", "name": "50%果汁", "category_1": "乳品"})
        brand.find_or_add_skus({"X9": "没见过的"})

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("", ["P1", "P2", "P3", "X9"]),
            ("牛奶", ["P1"]),
            ("p2", ["P2"]),
            ("6901", ["P2"]),
            ("%", ["P3"]),
            ("_", []),
        ],
    )
    def test_by_code_name_or_barcode_taken_literally(self, text: str, codes: list[str]) -> None:
        assert [p.code for p in brand.search_products(text)] == codes

    def test_a_page_goes_on_from_the_last_code(self) -> None:
        first = brand.search_products(limit=2)
        rest = brand.search_products(after=first[-1].code, limit=2)
        assert [p.code for p in [*first, *rest]] == ["P1", "P2", "P3", "X9"]

    def test_narrowed_to_a_category_or_to_what_no_list_describes(self) -> None:
        assert [p.code for p in brand.search_products(category="乳品")] == ["P1", "P3"]
        assert [(p.code, p.is_listed) for p in brand.search_products(only_unlisted=True)] == [("X9", False)]
        assert brand.top_categories() == {"乳品": 2, "烘焙": 1}
        assert brand.product_counts() == (4, 1)

    def test_a_product_by_its_code_tells_its_whole_category(self) -> None:
        (milk,) = brand.products_of(["P1", "nobody"])
        assert (milk.category, milk.list_price, milk.launch_date) == ("乳品 / 鲜奶", 1290, date(2024, 5, 1))
