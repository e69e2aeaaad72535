"""A mapping corrected once is remembered for its source, and found again by the headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests import exports as files
from huoshui.intake.imports.tests.shop import clean_tables, shop, sums, write

__all__ = ["clean_tables", "shop"]

STRANGE = "甲,乙,丙,丁\nA1,2026-03-01 10:00:00,30.00,P1\nA2,2026-03-01 11:00:00,5.50,P2\n"
MAPPING = {"order_no": "甲", "ordered_at": "乙", "amount": "丙", "sku_code": "丁"}
HEADERS = ("甲", "乙", "丙", "丁")


def keep(**changes: object) -> None:
    told = {
        "source_name": "老收银",
        "kind": "sales",
        "form": imports.OWN,
        "mapping": MAPPING,
        "headers": HEADERS,
    }
    imports.save_mapping(SYSTEM, **(told | changes))  # type: ignore[arg-type]  # the tests' own choices


def test_it_is_found_again_by_the_headers(shop: Path) -> None:
    first = imports.add_run([write(shop, "一月.csv", STRANGE)], actor=SYSTEM)
    assert imports.preview(SYSTEM, first).missing
    keep()
    seen = imports.preview(SYSTEM, first)
    assert (seen.saved_for, seen.kind, dict(seen.mapping), seen.missing) == ("老收银", "sales", MAPPING, ())


def test_a_column_more_is_still_the_same_table_and_another_table_is_not(shop: Path) -> None:
    keep()
    more = imports.add_run([write(shop, "二月.csv", "甲,乙,丙,丁,戊\nA1,2026-03-01,1,P1,x\n")], actor=SYSTEM)
    less = imports.add_run([write(shop, "三月.csv", "甲,乙,丙\nA1,2026-03-01,1\n")], actor=SYSTEM)
    assert imports.preview(SYSTEM, more).saved_for == "老收银"
    assert imports.preview(SYSTEM, less).saved_for == ""


def test_an_import_of_its_source_reads_it_so_unasked(shop: Path) -> None:
    keep()
    file = write(shop, "一月.csv", STRANGE)
    run_id = imports.add_run([file], kind="sales", source_name="老收银", actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(SYSTEM, run_id).state == "done"
    assert sums()[:2] == (2, 3550)


def test_another_source_is_asked(shop: Path) -> None:
    keep()
    run_id = imports.add_run(
        [write(shop, "一月.csv", STRANGE)], kind="sales", source_name="新收银", actor=SYSTEM
    )
    imports.execute(run_id, actor=SYSTEM)
    view = imports.run_for(SYSTEM, run_id)
    assert (view.state, sums()[0]) == ("failed", 0)
    assert "缺少必需的列" in view.message


def test_the_later_word_stands(shop: Path) -> None:
    keep()
    keep(mapping=MAPPING | {"amount": "丁"})
    run_id = imports.add_run([write(shop, "一月.csv", STRANGE)], actor=SYSTEM)
    assert imports.preview(SYSTEM, run_id).mapping["amount"] == "丁"


def test_a_platforms_columns_corrected_keep_its_ways(shop: Path) -> None:
    """The user points at another column; unpaid orders are still no sales."""
    export = files.TAOBAO_OLD
    run_id = imports.add_run([export.write(shop)], actor=SYSTEM)
    seen = imports.preview(SYSTEM, run_id)
    mapping = dict(seen.mapping) | {"order_amount": "买家应付货款"}
    imports.set_mapping(SYSTEM, run_id, mapping, "sales", "live", source_name="旗舰店", form=seen.format)
    imports.execute(run_id, actor=SYSTEM)
    view = imports.run_for(SYSTEM, run_id)
    assert (view.state, view.source_name, view.format) == ("done", "旗舰店", "taobao_orders")
    assert sums()[:2] == (1, 8000)


def test_who_may_not_import_keeps_nothing(shop: Path) -> None:
    guide = Actor("staff", 4, "陈雪", frozenset({"guide"}), frozenset({7}))
    with pytest.raises(NotFound):
        imports.save_mapping(
            guide, source_name="x", kind="sales", form=imports.OWN, mapping=MAPPING, headers=HEADERS
        )
    with pytest.raises(Refused):
        keep(form="no_such_format")
    run_id = imports.add_run([write(shop, "一月.csv", STRANGE)], actor=SYSTEM)
    assert imports.preview(SYSTEM, run_id).saved_for == ""
