"""Keys on the command line."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.project import boot
from huoshui.project.commands import keys as commands
from huoshui.web.api.keys import caller_of


@pytest.fixture
def stores(db: None) -> None:
    brand.ensure_headquarters("总部")
    brand.upsert_stores(pa.table({"store_code": ["S1"], "name": ["一店"]}), actor=SYSTEM)


def test_the_command_line_makes_lists_and_revokes(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "boot", lambda *_, **__: None)
    monkeypatch.setattr(boot, "migrate_if_needed", lambda: None)
    run = CliRunner()

    made = run.invoke(commands.app, ["add", "pos", "--scope", "sell", "--store", "S1", "--json"])
    told = json.loads(made.stdout)
    caller = caller_of(told["token"])
    assert caller
    assert caller.store_codes == {"S1"}

    listed = run.invoke(commands.app, ["list", "--json"])
    assert [(k["name"], k["prefix"]) for k in json.loads(listed.stdout)] == [("pos", told["prefix"])]
    assert told["token"] not in listed.stdout

    assert run.invoke(commands.app, ["revoke", told["prefix"], "--json"]).exit_code == 0
    assert caller_of(told["token"]) is None
    assert "已停用" in run.invoke(commands.app, ["list"]).stdout
