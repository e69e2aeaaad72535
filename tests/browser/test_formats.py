"""A platform's export and a stranger's file, through the import page."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from huoshui.intake.files.tests.test_guess import ZH, _row
from huoshui.intake.imports.tests import exports
from tests.browser.conftest import Enter
from tests.browser.visitor import Visitor, plain

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("HUOSHUI_SHOTS", "")


def test_a_platforms_export_is_known(enter: Enter, tmp_path: Path) -> None:
    visitor = enter("/imports/", width=1280)
    # Before the last day that the shop's other walks stand on
    rows = tuple(
        {k: v.replace("2026-03", "2025-03") for k, v in row.items()} for row in exports.TAOBAO_NEW.rows
    )
    _upload(visitor, replace(exports.TAOBAO_NEW, rows=rows).write(tmp_path))
    assert re.search(r"看起来是 ?淘宝/天猫 订单报表（把握 9\d%", visitor.say().replace(" ", " "))
    expect(visitor.page.locator('select[name="kind"]')).to_have_value("taobao_orders")
    expect(visitor.page.locator('input[name="source_name"]')).to_have_value("淘宝/天猫店")
    _shoot(visitor, "taobao")
    visitor.page.locator('button[value="import"]').first.click()
    expect(visitor.page.locator(".hs-steps .done")).to_have_count(4, timeout=60_000)
    assert "没付款或已取消，不算成交" in plain(visitor.page.locator("#run-body").inner_text())


def test_a_strangers_file_is_guessed_and_remembered(enter: Enter, tmp_path: Path) -> None:
    visitor = enter("/imports/", width=1280)
    file = tmp_path / "老收银.csv"
    rows = [",".join(_row(number)) for number in range(40)]
    file.write_text("\n".join([ZH, *rows]) + "\n", encoding="gb18030")
    _upload(visitor, file)
    guesses = visitor.page.locator(".hs-map .st")
    expect(guesses.first).to_contain_text("猜的，把握")
    _shoot(visitor, "stranger")
    visitor.page.locator('input[name="source_name"]').fill("老收银")
    visitor.page.locator('input[name="save"]').check()
    visitor.page.locator('button[value="try"]').first.click()
    expect(visitor.page.locator(".hs-say")).to_contain_text("试算完了", timeout=60_000)
    _upload(enter("/imports/", width=1280), file)
    again = enter("/imports/", width=1280)
    _upload(again, file)
    expect(again.page.locator("#run-body")).to_contain_text("用的是上次为“老收银”记住的对应")
    expect(again.page.locator('input[name="source_name"]')).to_have_value("老收银")


def _upload(visitor: Visitor, file: Path) -> None:
    visitor.page.locator("#files").set_input_files(str(file))
    visitor.page.locator("form.hs-form button").click()
    visitor.page.wait_for_url(re.compile(r"/imports/\d+/$"))
    visitor.settle()


def _shoot(visitor: Visitor, name: str) -> None:
    """For a person's eyes, when asked for."""
    if not SHOTS:
        return
    for theme in ("light", "dark"):
        visitor.page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        visitor.page.screenshot(path=f"{SHOTS}/{name}-{theme}.png", full_page=True)
