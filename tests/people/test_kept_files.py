"""What imports keep after somebody was erased: an old file that comes again leaves nothing of him behind."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.crypto import lookup_key
from huoshui.intake.imports import api as imports
from huoshui.intake.imports import erasing
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.tests.shop import clean_tables, shop
from huoshui.people.identity.erasing import mark, suppress

__all__ = ["clean_tables", "shop"]


def upload(name: str, content: BytesIO) -> int:
    return imports.upload(SYSTEM, [(name, content)], kind="people")


def kept(run_id: int) -> list[Path]:
    return [p for p in folder(run_id).rglob("*") if p.is_file()]


@pytest.mark.parametrize("is_done", [True, False])
def test_after_a_run_what_it_kept_does_not_name_the_erased_again(shop: Path, is_done: bool) -> None:
    suppress([mark("phone", "", lookup_key("+8613911110001"))], [1])
    run_id = upload("a.csv", BytesIO("手机号,x\n13911110001,a\n13911110002,b\n".encode()))
    if is_done:
        ImportRun.objects.filter(id=run_id).update(state=ImportRun.DONE)
    (folder(run_id) / "problems.csv").write_text("手机号,原因\n13911110001,读不懂\n13911110002,读不懂\n")
    erasing.after_run(run_id)
    left = "".join(p.read_text() for p in kept(run_id))
    assert "13911110001" not in left and "13911110002" in left
    assert (folder(run_id) / "files").exists() is not is_done


def test_an_upload_nobody_starts_does_not_keep_the_erased(shop: Path) -> None:
    suppress([mark("phone", "", lookup_key("+8613911110001"))], [1])
    run_id = upload("a.csv", BytesIO("手机号,x\n13911110001,a\n13911110002,b\n".encode()))
    assert erasing.sweep(before=clock.now() - timedelta(days=1)) == 0, "whoever uploads has a day to start it"
    assert erasing.sweep(before=clock.now()) == 1
    left = "".join(p.read_text() for p in kept(run_id))
    assert "13911110001" not in left and "13911110002" in left


def test_where_nobody_was_erased_everything_stays(shop: Path) -> None:
    run_id = upload("a.csv", BytesIO("手机号\n13911110001\n".encode()))
    ImportRun.objects.filter(id=run_id).update(state=ImportRun.DONE)
    erasing.after_run(run_id)
    assert len(kept(run_id)) == 1
