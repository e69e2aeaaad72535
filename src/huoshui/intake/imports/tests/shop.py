"""Small files of a small shop, and what they come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import clean_tables
from huoshui.intake.imports import api as imports

__all__ = ["SALES", "clean_tables", "run", "shop", "sums", "write"]

SALES = """销售单号,交易时间,门店编码,会员卡号,手机号,商品编码,数量,实付金额,退款金额,订单状态
A1,2026-03-01 10:00:00,S1,C1,13912345678,P1,2,30.00,,已付款
A1,2026-03-01 10:00:00,S1,C1,13912345678,P2,1,5.50,,已付款
A2,2026-03-01 11:00:00,S1,,,P1,1,15.00,,已付款
"""


@pytest.fixture
def shop(clean_tables: None, settings: Settings, tmp_path: Path) -> Path:
    """An empty home, which is also where the shop's files lie."""
    settings.HUOSHUI_HOME = tmp_path
    brand.ensure_headquarters("总部")
    return tmp_path


def write(at: Path, name: str, text: str, *, encoding: str = "utf-8-sig") -> Path:
    file = at / name
    file.write_text(text, encoding=encoding)
    return file


def run(kind: str, text: str, at: Path, *, encoding: str = "utf-8-sig", **choices: object) -> imports.RunView:
    file = at / f"{kind}.csv"
    file.write_text(text, encoding=encoding)
    run_id = imports.add_run([file], kind=kind, actor=SYSTEM, **choices)  # type: ignore[arg-type]  # the tests' own choices
    imports.execute(run_id, actor=SYSTEM)
    return imports.run_for(SYSTEM, run_id)


def sums() -> tuple[int, int, int]:
    """(orders, paid less given back, points)."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), coalesce(sum(amount - refunded), 0) from sale")
        orders, paid = cursor.fetchone()
        cursor.execute(
            "select coalesce(sum(balance), 0) from account where unit = 'points' and balance is not null"
        )
        return orders, paid, cursor.fetchone()[0]
