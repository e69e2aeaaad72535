"""Kept files go after their time, of runs that are over; what still waits keeps its own."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import registry
from huoshui.core.tests.ground import clean_tables
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.tests.shop import shop, sums

__all__ = ["clean_tables", "shop"]

SALES = """销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额
A1,2026-03-01 10:00:00,S1,VIP1,P1,1,30.00
A2,很久以前,S1,VIP1,P1,1,15.00
"""


def upload(text: str, *, run: bool = True) -> int:
    run_id = imports.upload(SYSTEM, [("sales.csv", BytesIO(text.encode("utf-8-sig")))], kind="sales")
    if run:
        imports.execute(run_id, actor=SYSTEM)
    return run_id


def kept(home: Path, run_id: int) -> set[str]:
    return {p.name for p in (home / "imports" / str(run_id)).rglob("*") if p.is_file()}


def test_files_and_rows_set_aside_go_and_what_they_told_stays(shop: Path) -> None:
    old, new, waits = upload(SALES), upload(SALES.replace("A", "B")), upload(SALES, run=False)
    now, before = clock.now(), sums()
    ImportRun.objects.filter(id=old).update(ended_at=now - timedelta(days=200))
    ImportRun.objects.filter(id=waits).update(created_at=now - timedelta(days=200))
    young, waiting = kept(shop, new), kept(shop, waits)
    assert "problems.csv" in young and len(young) > 1 and waiting
    files, aside = registry.expiries["imports.files"], registry.expiries["imports.aside"]
    limit = now - timedelta(days=180)
    asked = files.count(limit)
    assert asked["导入时留下的文件"] >= 1 and files.take(limit) == asked
    assert kept(shop, old) == {"problems.csv", "problems.parquet"}
    assert aside.count(limit) == aside.take(limit) == {"没读进来的行": 1}
    assert kept(shop, old) == set()
    assert (kept(shop, new), kept(shop, waits)) == (young, waiting)
    assert sums() == before
    assert files.take(limit) == {"导入时留下的文件": 0} and aside.take(limit) == {"没读进来的行": 0}
    assert imports.problems(SYSTEM, old) == []
