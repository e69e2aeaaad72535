"""`huoshui quarantine`: an acquired base from the shell, with two persons all the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.approvals.api import SecondPersonNeeded
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number
from huoshui.intake.imports.quarantine_types import ProvenanceIncomplete
from huoshui.intake.imports.tests.shop import clean_tables, shop, write
from huoshui.people import api as people
from huoshui.project import boot
from huoshui.project.commands import quarantine

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "姓名,手机号,会员卡号\n钱多多,13912345678,X1\n"


@pytest.fixture(autouse=True)
def _booted(monkeypatch: pytest.MonkeyPatch, clean_tables: None) -> None:
    monkeypatch.setattr(boot, "boot", lambda *_, **__: None)
    monkeypatch.setattr(boot, "migrate_if_needed", lambda: None)
    brand.ensure_headquarters("总部")
    for login, role in (("lin", "operator"), ("mei", "boss"), ("guo", "guide")):
        brand.ensure_login(username=login, password="a-long-password", name=login, roles=[role], actor=SYSTEM)


def command(*words: str) -> Any:
    done = CliRunner().invoke(quarantine.app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def added(at: Path, **said: str) -> Any:
    given = {
        "relation": "acquired",
        "from": "甲公司",
        "on": "2026-02-01",
        "contract": "HT-2026-017",
        "basis": "transfer",
        "notice": "隐私政策 3.2",
        "source": f"甲公司会员{number()}",
    } | said
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    return command("add", "people", str(write(at, "base.csv", BASE)), *options)


def test_it_is_held_until_a_second_person_lets_it_in(tmp_path: Path, shop: object) -> None:
    told = added(tmp_path)
    run = str(told["run_id"])
    assert (told["state"], told["from"], told["counts"]["rows"]) == ("held", "甲公司", 1)
    assert people.find("card_no", "X1") is None
    assert command("list")[0]["run_id"] == told["run_id"]
    assert command("release", run, "--as", "lin", "--reason", "合同看过了")["state"] == "asked"
    with pytest.raises(SecondPersonNeeded):
        command("approve", run, "--as", "lin")
    with pytest.raises(NotFound):
        command("approve", run, "--as", "guo")
    assert command("decline", run, "--as", "mei")["state"] == "held"
    command("release", run, "--as", "lin", "--reason", "补了告知书")
    assert command("approve", run, "--as", "mei")["state"] == "released"


def test_rejected_its_files_are_gone(tmp_path: Path, shop: object) -> None:
    run = str(added(tmp_path)["run_id"])
    done = command("reject", run, "--as", "lin", "--reason", "来历不清")
    assert (done["state"], done["reason"]) == ("rejected", "来历不清")
    assert command("show", run)["state"] == "rejected"


def test_what_is_wrong_is_said(tmp_path: Path, shop: object) -> None:
    with pytest.raises(ProvenanceIncomplete):
        added(tmp_path, basis="because")
    with pytest.raises(Refused, match="没有登录名"):
        command("release", "1", "--as", "nobody", "--reason", "x")
