"""A base of others on the import's page: where it is from, what is shown of it, who lets it in; and nobody reaches whom it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums
from huoshui.people import api as people
from huoshui.people.api import Filters
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import Caller
from huoshui.web.api.types import SCOPES
from huoshui.web.console.tests.test_acts import text_of
from tests.console.test_import_undo import BOSS, GUIDE, Desk, desk

__all__ = ["clean_tables", "desk", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "姓名,手机号,会员卡号,会员等级\n钱多多,13912345678,X1,金卡\n孙小美,13700000123,X2,银卡\n"
FROM = {
    "relation": "acquired",
    "from_whom": "甲<b>公司",
    "obtained_on": "2026-02-01",
    "contract": "HT-017",
    "legal_basis": "transfer",
    "notice_version": "3.2",
}


def uploaded(desk: Desk) -> tuple[str, dict[str, str]]:
    """The run's page, and what its form would post."""
    file = SimpleUploadedFile("顾客.csv", BASE.encode())
    path = desk.client.post("/imports/", {"files": file, "kind": "people"}).headers["Location"]
    html = desk.client.get(path).content.decode()
    columns = {
        name: found[1]
        for name, options in re.findall(r'name="(column-\d+)"(.*?)</select>', html, re.S)
        if (found := re.search(r'value="(\w+)" selected', options))
    }
    return path, columns | {"kind": "people", "mode": "live", "source_name": "子公司会员", "act": "import"}


def test_a_base_of_others_waits_and_nobody_reaches_whom_it_names(shop: Path, desk: Desk) -> None:
    run("sales", SALES, shop)
    path, form = uploaded(desk)
    run_id = int(path.split("/")[2])
    lacking = desk.client.post(f"{path}start/", form | FROM | {"contract": " "})
    assert lacking.status_code == 422 and "还缺：合同编号或文件。" in text_of(lacking.content)
    assert imports.quarantine_of(BOSS, run_id) is None
    assert desk.client.post(f"{path}start/", form | FROM).status_code == 302
    imports.execute(run_id, actor=SYSTEM)
    said = desk.page(path)
    assert "隔离中" in said and "甲&lt;b&gt;公司" in said and "HT-017" in said and "第二十二条" in said
    assert "13700000123" not in said and "孙小美" not in said and "银卡" in said
    assert re.search(r"手机号\s*2\s*1", said) and "隔离中" in desk.page("/imports/")
    assert sums()[0] == 2 and people.find("phone", "13700000123") is None
    name = ("phone", "", people.plain_identifier("phone", "13700000123"))
    assert people.recognise([(name,)], [clock.now()]) == [people.NEWS]  # as a stranger's
    with connection.cursor() as cursor:  # whom no id stands for, nobody can be asked to send to
        cursor.execute("select count(*) from person")
        assert cursor.fetchone() == (1,)
    key = add_key(name="收银", scopes=list(SCOPES), store_codes=(), rate_per_minute=1000, actor=SYSTEM)
    till = Caller(key.token)
    assert till.get("/customers/lookup?phone=13700000123").status == 404
    assert till.get("/customers/lookup?card_no=X2").status == 404
    wait_for_readers()
    people.refresh_cards()
    assert people.search(SYSTEM, "孙小美", Filters()).rows == []


def test_a_second_person_lets_it_in_or_it_is_rejected(shop: Path, desk: Desk) -> None:
    path, form = uploaded(desk)
    run_id = int(path.split("/")[2])
    desk.client.post(f"{path}start/", form | FROM | {"source_name": "分公司会员"})
    imports.execute(run_id, actor=SYSTEM)
    decide = f"{path}quarantine/"
    assert desk.client.post(decide, {"act": "release", "reason": " "}).status_code == 422
    assert desk.client.post(decide, {"act": "release", "reason": "法务看过"}).status_code == 302
    assert "等批准放行" in desk.page(path)
    assert desk.client.post(decide, {"act": "approve"}).status_code == 422
    desk.actor = GUIDE
    for act in ("approve", "decline", "release", "reject", "anything"):
        assert desk.client.post(decide, {"act": act, "reason": "x"}).status_code == 404
    assert people.find("phone", "13700000123") is None
    desk.actor = BOSS
    assert desk.client.post(decide, {"act": "approve"}).status_code == 302
    imports.execute(run_id, actor=SYSTEM)
    after = desk.page(path)
    assert "已放行" in after and "法务看过" in after and "老板" in after and "撤销这次导入" in after
    her = people.find("phone", "13700000123")
    wait_for_readers()
    people.refresh_cards()
    assert [c.person_id for c in people.search(SYSTEM, "孙小美", Filters()).rows] == [her]
    with connection.cursor() as cursor:
        cursor.execute("select min(id) from fact where run_id = %s", [run_id])
        (fact_id,) = cursor.fetchone()
    origin = desk.page(reverse("console:trust-origin", args=[fact_id]))
    assert "收购来的：甲&lt;b&gt;公司" in origin and "HT-017" in origin

    again, form = uploaded(desk)
    desk.client.post(f"{again}start/", form | {"source_name": "分公司会员"})  # says nothing: its source does
    imports.execute(int(again.split("/")[2]), actor=SYSTEM)
    assert desk.client.post(f"{again}quarantine/", {"act": "reject", "reason": "重复"}).status_code == 302
    gone = desk.page(again)
    assert "已拒绝" in gone and "重复" in gone and "申请放行" not in gone and "再来一次" not in gone
