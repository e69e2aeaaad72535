"""The doctor finds what is wrong, and says it in one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from huoshui.core.postgres import api, cluster, doctor


def findings(home: Path, env: Mapping[str, str] | None = None) -> dict[str, doctor.Check]:
    found = doctor.checks(home, env or {})
    assert all("\n" not in check.message + check.remedy for check in found)
    assert all(check.remedy for check in found if not check.ok)
    return {check.name: check for check in found}


def test_all_is_well(home: Path) -> None:
    found = findings(home)
    assert [check.name for check in found.values() if not check.ok] == []
    assert {"数据库", "网站角色", "后台任务角色", "不丢数据", "磁盘", "时区"} <= found.keys()
    assert "PostgreSQL 18" in found["数据库"].message
    assert found["数据库文件"].message == str(home / "postgres" / "data")


def test_careless_server_is_found_out(server: api.Server) -> None:
    check = findings(server.home)["不丢数据"]
    assert not check.ok
    assert "fsync" in check.message


def test_role_with_too_much_power_is_found_out(server: api.Server) -> None:
    env = {name: server.url(api.WEB) for name in ("DATABASE_URL", "DATABASE_WEB_URL")}
    env["DATABASE_RIVER_URL"] = server.superuser_url()
    found = findings(server.home, env)
    assert found["网站角色"].ok
    assert not found["后台任务角色"].ok
    assert "权限太大" in found["后台任务角色"].message


def test_role_that_cannot_log_in_is_found_out(server: api.Server) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        connection.execute("alter role huoshui_web nologin")
    try:
        found = findings(server.home)
    finally:
        with psycopg.connect(server.superuser_url()) as connection:
            connection.execute("alter role huoshui_web login")
    assert not found["网站角色"].ok
    assert found["后台任务角色"].ok


def test_unreachable_database_is_found_out(tmp_path: Path) -> None:
    check = findings(tmp_path, {"DATABASE_URL": f"postgresql://a:b@/x?host={tmp_path}"})["数据库"]
    assert not check.ok
    assert "连不上" in check.message


def test_home_that_cannot_be_written_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not findings(tmp_path / "file" / "home", {"DATABASE_URL": f"postgresql://a:b@/x?host={tmp_path}"})[
        "数据目录"
    ].ok


def test_socket_folder_open_to_others_is_found_out(home: Path) -> None:
    folder = cluster.socket_directory(home)
    folder.mkdir()
    folder.chmod(0o755)
    found = findings(home)
    assert not found["通信文件"].ok
    assert not found["数据库"].ok


def test_full_disk_is_found_out(server: api.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_DISK_GIGABYTES", 1e9)
    assert not findings(server.home)["磁盘"].ok
