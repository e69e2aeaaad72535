"""What imports keep, without the erased."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import Erased
from huoshui.intake.imports import api as imports
from huoshui.intake.imports import erasing
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.tests.shop import clean_tables, shop

__all__ = ["clean_tables", "shop"]

HERS = Erased((), frozenset({"13911110001", "+8613911110001", "VIP90001"}))


def workbook(*phones: str) -> BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["会员卡号", "手机号"])
    for number, phone in enumerate(phones):
        sheet.append([f"K{number}", int(phone)])
    made = BytesIO()
    book.save(made)
    made.seek(0)
    return made


def upload(name: str, content: BytesIO) -> int:
    return imports.upload(SYSTEM, [(name, content)], kind="people")


def kept(run_id: int) -> list[Path]:
    return [p for p in folder(run_id).rglob("*") if p.is_file()]


def test_a_workbook_that_waits_goes_whole_and_says_so(shop: Path) -> None:
    hers, others = upload("a.xlsx", workbook("13911110001")), upload("b.xlsx", workbook("13911110002"))
    erasing.erase(HERS)
    assert kept(hers) == [] and len(kept(others)) == 1
    run = ImportRun.objects.get(id=hers)
    assert (run.state, "已经注销" in run.message) == ("failed", True)
    assert ImportRun.objects.get(id=others).state == "uploaded"


def test_in_a_text_only_her_line_goes(shop: Path) -> None:
    text = "会员卡号,手机号\nVIP90001,13911110001\nVIP90002,13911110002\n"
    run_id = upload("a.csv", BytesIO(text.encode("gb18030")))
    erasing.erase(HERS)
    (file,) = kept(run_id)
    assert (
        file.read_bytes().decode("gb18030") == "会员卡号,手机号\n********,***********\nVIP90002,13911110002\n"
    )


def test_rows_set_aside_lose_hers(shop: Path) -> None:
    run_id = upload("a.csv", BytesIO(b"x"))
    path = folder(run_id) / "problems.parquet"
    pq.write_table(pa.table({"value": ["13911110001", "13911110002"], "row_no": [1, 2]}), path)
    erasing.erase(HERS)
    assert pq.read_table(path)["value"].to_pylist() == ["13911110002"]


def test_a_number_of_hers_that_nobody_could_read_goes_with_her_row(shop: Path) -> None:
    run_id = upload("a.csv", BytesIO(b"x"))
    (folder(run_id) / "problems.csv").write_text("会员卡号,手机号,原因\nVIP90001,1391111,读不懂\n")
    pq.write_table(pa.table({"value": ["1391111"]}), folder(run_id) / "problems.parquet")
    erasing.erase(HERS)
    assert "1391111" not in "".join(p.read_bytes().decode("latin-1") for p in kept(run_id))
    assert not (folder(run_id) / "problems.parquet").exists()


def test_an_archive_is_looked_into(shop: Path) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "手机号\n13911110001\n")
    made.seek(0)
    run_id = upload("a.zip", made)
    erasing.erase(HERS)
    assert kept(run_id) == []
