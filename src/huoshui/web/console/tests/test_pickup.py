"""定时取数: the real room behind the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.pickup import api as pickups
from huoshui.web.console.tests.stand_ins import OPERATOR, House

SFTP = {
    "name": "总部<b>日报",
    "source_name": "收银系统",
    "host": "sftp.example.com",
    "user": "shop",
    "password": "口令-never-shown",
    "path": "/日报",
    "pattern": "*.csv",
    "look_back": "7",
    "complete": "stable",
    "done_folder": "",
    "form": "auto",
    "mode": "live",
    "tolerance": "0",
    "when": "daily",
    "daily_at": "06:30",
}
SQL = SFTP | {
    "name": "ERP",
    "dialect": "mysql",
    "host": "10.0.0.5",
    "database": "erp",
    "text": "select * from t",
    "cursor_column": "id",
    "key_column": "",
    "overlap": "100",
}


@pytest.fixture
def made(boss: Client) -> int:
    answer = boss.post("/pickups/new/sftp/", SFTP)
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].split("/")[2])


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_what_was_asked_for_is_shown_and_the_password_never(boss: Client, made: int) -> None:
    one = pickups.pickup_for(SYSTEM, made)
    assert (one.kind, one.place["host"], str(one.daily_at), one.is_enabled) == (
        "sftp",
        "sftp.example.com",
        "06:30:00",
        False,
    )
    assert one.trial_asked_at is not None  # saved is tried at once
    for path in ("/pickups/", f"/pickups/{made}/", f"/pickups/{made}/edit/", f"/pickups/{made}/trial/"):
        text = page(boss, path)
        assert "never-shown" not in text and "<b>日报" not in text
    assert "每天 06:30" in page(boss, "/pickups/") and "正在去看" in page(boss, f"/pickups/{made}/")
    (kept,) = sql.fetch(sql.Statement("kept", "select sealed from pickup_secret"))
    assert b"never-shown" not in bytes(kept.sealed)
    (told,) = sql.fetch(sql.Statement("told", "select string_agg(detail::text, '') as all from audit_entry"))
    assert "never-shown" not in told.all


def test_a_refused_form_keeps_all_but_the_password(boss: Client) -> None:
    answer = boss.post("/pickups/new/sftp/", SFTP | {"daily_at": "半夜"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "每天几点写成" in text and "sftp.example.com" in text
    assert "never-shown" not in text and pickups.pickups(SYSTEM) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "sftp://x"}, "不要写 sftp://"),
        ({"port": "99999"}, "端口是 1 到 65535"),
        ({"pattern": "../*.csv"}, "不要有 .."),
        ({"pattern": "{yyyy}.csv"}, "日期只认"),
        ({"done_folder": "../x"}, "不要有 .."),
        ({"tolerance": "x"}, "要是数字"),
        ({"tolerance": "1001"}, "0 到 1000"),
        ({"when": "every", "every_minutes": "0"}, "1 分钟到 7 天"),
        ({"user": ""}, "请填写账号"),
        ({"source_name": ""}, "数据来源"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(boss: Client, change: dict[str, str], said: str) -> None:
    answer = boss.post("/pickups/new/sftp/", SFTP | change)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert pickups.pickups(SYSTEM) == []


def test_each_kind_has_its_form(boss: Client, settings: Settings, tmp_path: Path) -> None:
    settings.HUOSHUI_HOME = tmp_path
    for kind in pickups.KINDS:
        assert f'action="{kind}"' not in page(boss, f"/pickups/new/{kind}/")
    assert boss.post("/pickups/new/sql/", SQL).status_code == 302
    s3 = SFTP | {"name": "OSS", "bucket": "reports", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"}
    assert boss.post("/pickups/new/s3/", s3).status_code == 302
    folder = SFTP | {"name": "夹", "path": str(tmp_path / "inbox")}
    assert boss.post("/pickups/new/folder/", folder).status_code == 302
    assert len(pickups.pickups(SYSTEM)) == 3
    text = page(boss, "/pickups/")
    assert "MySQL / MariaDB · 10.0.0.5/erp" in text and "reports/日报" in text


def test_acts(boss: Client, made: int) -> None:
    path = f"/pickups/{made}/"
    assert boss.post(path, {"act": "on"}).status_code == 302
    assert pickups.pickup_for(SYSTEM, made).is_enabled
    assert boss.post(path, {"act": "off"}).status_code == 302
    assert not pickups.pickup_for(SYSTEM, made).is_enabled
    assert boss.post(path, {"act": "skip", "item": "1"}).status_code == 404
    assert boss.post(path, {"act": "else"}).status_code == 404
    assert boss.post(path, {"act": "remove"}).status_code == 302
    assert pickups.pickups(SYSTEM) == [] and boss.get(path).status_code == 404


def test_only_the_boss_says_where_the_workers_go(visitor: Client, house: House, made: int) -> None:
    # `made` is the boss's; from here on an operator is at the screen
    house.brand.actor = OPERATOR
    client = visitor
    before = pickups.pickup_for(SYSTEM, made)
    assert "新建" not in page(client, "/pickups/")
    page(client, f"/pickups/{made}/")
    for path in ("/pickups/new/sftp/", f"/pickups/{made}/edit/", f"/pickups/{made}/trial/"):
        page(client, path, 404)
    for act in ("trial", "host_key", "remove"):
        assert client.post(f"/pickups/{made}/", {"act": act}).status_code == 404
    assert client.post(f"/pickups/{made}/edit/", SFTP | {"host": "evil.example.com"}).status_code == 404
    assert pickups.pickup_for(SYSTEM, made) == before
    assert client.post(f"/pickups/{made}/", {"act": "on"}).status_code == 302
