"""A file with bad rows: they are set aside, taken home, mended and brought again."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import shop
from tests.browser.conftest import Enter
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

GOOD = ("B0001", "2025-09-20 10:00:00", "S01", "8000001", "P101", "1", "89.00", "0", "0")
NO_PRICE = ("B0002", "2025-09-20 10:05:00", "S01", "8000002", "P102", "1", "面议", "0", "0")
NO_DAY = ("B0003", "2025-02-30 10:10:00", "S02", "8000003", "P103", "1", "26.90", "0", "0")


def test_bad_rows_are_mended_and_brought_again(enter: Enter, tmp_path: Path) -> None:
    visitor = enter("/imports/")
    _bring(visitor, "有错的.csv", shop.sales_file([GOOD, NO_PRICE, NO_DAY]))
    problems = visitor.page.locator("table", has_text="为什么不行").locator("tbody tr")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_contain_text("面议")
    expect(problems.nth(0)).to_contain_text("实付金额")
    expect(problems.nth(1)).to_contain_text("2025-02-30")
    assert "1 行已入账，2 行要改" in visitor.say()

    with visitor.page.expect_download() as download:
        visitor.page.locator('a[href$="problems.csv"]').click()
    taken = tmp_path / download.value.suggested_filename
    download.value.save_as(taken)
    assert taken.suffix == ".csv"
    rows = list(csv.DictReader(taken.read_text("utf-8-sig").splitlines()))
    assert [row["销售单号"] for row in rows] == ["B0002", "B0003"]
    assert all(row["原因"] and row["怎么改"] for row in rows)

    mended = taken.read_text("utf-8-sig").replace("面议", "32.90").replace("2025-02-30", "2025-09-20")
    visitor.go("/imports/")
    _bring(visitor, taken.name, mended.encode("utf-8-sig"))
    assert "2 行都已入账" in visitor.say()


def test_a_file_that_is_none_is_refused_in_words(enter: Enter) -> None:
    visitor = enter("/imports/")
    _upload(visitor, "照片.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(2000))
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text("这份文件读不了")
    expect(visitor.page.locator('button[value="import"]')).to_have_count(0)


def _bring(visitor: Visitor, name: str, content: bytes) -> None:
    _upload(visitor, name, content)
    visitor.page.locator('button[name="act"][value="import"]').click()
    expect(visitor.page.locator("#run-body[hx-get]")).to_have_count(0, timeout=60_000)
    expect(visitor.page.locator(".hs-steps .done")).to_have_count(4)


def _upload(visitor: Visitor, name: str, content: bytes) -> None:
    visitor.page.locator("#files").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    visitor.page.locator("form.hs-form button").click()
    visitor.page.wait_for_url(re.compile(r"/imports/\d+/$"))
    visitor.settle()
