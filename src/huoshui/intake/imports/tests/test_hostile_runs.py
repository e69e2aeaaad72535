"""Hostile files through the whole run: it ends, says what is wrong, and the next import works."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.intake.files.tests.hostile_files import make
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums

__all__ = ["clean_tables", "shop"]

SOME = make()[::8]


@pytest.mark.slow
def test_a_run_ends_whatever_the_file_is(shop: Path) -> None:
    for number, hostile in enumerate(SOME):
        path = shop / f"{number}{hostile.suffix}"
        path.write_bytes(hostile.content)
        run_id = imports.add_run([path], source_name="坏文件", actor=SYSTEM)
        imports.execute(run_id, actor=SYSTEM)
        view = imports.run_for(SYSTEM, run_id)
        if hostile.refusal:
            assert (view.state, hostile.refusal in view.message) == ("failed", True), hostile.name
            continue
        assert view.state == "done", hostile.name
        assert (hostile.row, hostile.column) in {
            (p.row_no, p.column or "") for p in imports.problems(SYSTEM, run_id)
        }
    before = sums()
    assert run("sales", SALES, shop).state == "done"
    assert sums()[0] == before[0] + 2
