"""Nobody comes in without a password, and passwords lie nowhere they can be read."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from huoshui.core.postgres import api

ROLES = ["postgres", api.OWNER, api.WEB, api.RIVER]


@pytest.mark.parametrize("role", ROLES)
def test_no_password_and_a_wrong_password_are_refused(server: api.Server, role: str) -> None:
    place = f"host={server.socket_directory} dbname=huoshui user={role} passfile=/dev/null"
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(place)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(place, password="guess")
    with psycopg.connect(place, password=server.passwords[role]) as connection:
        assert connection.pgconn.used_password


def test_every_way_in_asks_for_scram(server: api.Server) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
        stored = connection.execute(
            "select left(rolpassword, 14) from pg_authid where rolcanlogin"
        ).fetchall()
    assert methods == [("scram-sha-256",)]
    assert stored == [("SCRAM-SHA-256$",)] * len(ROLES)


def test_password_file_is_for_our_eyes_only(server: api.Server) -> None:
    file = server.home / "secrets" / "postgres.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_passwords_are_in_no_log_and_no_representation(server: api.Server) -> None:
    logs = "".join(file.read_text() for file in server.data.with_name("log").glob("*.log"))
    assert "ready to accept connections" in logs
    for password in server.passwords.values():
        assert len(password) >= 32
        assert password not in logs
        assert password not in repr(server)


def test_nothing_listens_on_tcp(server: api.Server) -> None:
    pid = api.status(server.home).pid
    assert pid is not None
    sockets = {link for link in map(_target, Path(f"/proc/{pid}/fd").iterdir()) if link.startswith("socket:")}
    assert sockets  # the Unix socket at least
    for table in ("tcp", "tcp6"):
        file = Path(f"/proc/{pid}/net/{table}")
        rows = file.read_text().splitlines()[1:] if file.exists() else []
        assert not sockets & {f"socket:[{row.split()[9]}]" for row in rows}


def _target(link: Path) -> str:
    return str(link.readlink()) if link.is_symlink() else ""


def test_url_carries_any_password() -> None:
    odd = "p@ss:/?#[]%"
    server = api.Server(Path("/h"), Path("/d"), Path("/tmp/s"), {api.WEB: odd})
    assert psycopg.conninfo.conninfo_to_dict(server.url(api.WEB)) == {
        "user": api.WEB,
        "password": odd,
        "dbname": "huoshui",
        "host": "/tmp/s",
        "port": "5432",
    }
    assert quote(odd, safe="") in server.url(api.WEB)
