"""The embedded database, an external one, and Django's view of either."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from huoshui.core.postgres import api, config, engine
from huoshui.core.postgres.account import Account
from huoshui.core.postgres.errors import DatabaseRefused, DatabaseUnready

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class External:
    """A server that is not ours."""

    place: str

    def url(self, role: str, database: str = "brand") -> str:
        return f"postgresql://{role}:{role}-word@/{database}?{self.place}"


@pytest.fixture(scope="module", params=["oldest", "bundled"])
def external(request: pytest.FixtureRequest) -> Iterator[External]:
    """A server with two databases and owners: `brand` may create roles, `plain` may not.

    In two versions, since 16 changed what the right to create roles means.
    """
    programs = DEBIAN if request.param == "oldest" else engine.bundled_programs()
    if not (programs / "postgres").exists():
        pytest.skip(f"no PostgreSQL in {programs}")
    entry = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    user = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    folder = Path(tempfile.mkdtemp(prefix="huoshui-pg-", dir="/tmp"))
    folder.chmod(0o755)
    user.make_directory(folder / "run")
    user.write(folder / "word", "postgres-word")

    def must(*command: str | Path) -> None:
        done = user.run(command)
        assert done.returncode == 0, done.stderr + done.stdout

    data = folder / "run" / "data"
    must(
        programs / "initdb", data, "-Upostgres", "-Ascram-sha-256", f"--pwfile={folder}/word", "-N", "-EUTF8"
    )
    options = f"-c listen_addresses= -c fsync=off -k {folder}/run"
    must(programs / "pg_ctl", "start", "-D", data, "-w", "-s", "-l", folder / "run" / "log", "-o", options)
    found = External(f"host={folder}/run&port=5432")
    with psycopg.connect(found.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("create role brand login createrole password 'brand-word'")
        connection.execute("create role plain login password 'plain-word'")
        connection.execute("create database brand owner brand")
        connection.execute("create database plain owner plain")
        connection.execute("create database ascii owner brand encoding 'SQL_ASCII' template template0")
    yield found
    must(programs / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-s")
    shutil.rmtree(folder)


@pytest.fixture
def no_roles(external: External) -> External:
    """The external server before anybody made our roles."""
    for statement in ("drop owned by {} cascade", "drop role {}"):
        for database in ("brand", "plain"):
            with psycopg.connect(external.url("postgres", database), autocommit=True) as connection:
                rows = connection.execute(
                    "select rolname from pg_roles where rolname = any(%s)", [[api.WEB, api.RIVER]]
                )
                for (role,) in rows.fetchall():
                    connection.execute(statement.format(role).encode())
    return external


def user_at(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.info.user


def test_embedded_server_unless_told_otherwise(server: api.Server) -> None:
    urls = config.database_urls(server.home, {})
    assert [user_at(url) for url in (urls.owner, urls.web, urls.river)] == [api.OWNER, api.WEB, api.RIVER]
    assert urls.direct == urls.river
    assert not urls.is_pooled
    assert server.passwords[api.WEB] not in repr(urls)


def test_roles_are_made_on_an_external_server(no_roles: External, home: Path) -> None:
    env = {"DATABASE_URL": no_roles.url("brand")}
    urls = config.database_urls(home, env)
    assert config.database_urls(home, env) == urls
    assert [user_at(url) for url in (urls.owner, urls.web, urls.river)] == ["brand", api.WEB, api.RIVER]
    assert not (home / "postgres").exists()
    with psycopg.connect(urls.owner) as connection:
        connection.execute("create table sale (id bigserial primary key)")
    config.grant(urls)
    with psycopg.connect(urls.river) as connection:
        config.refuse_superuser(connection)
        connection.execute("insert into sale default values")
        connection.execute("create table lake.catalog (a int)")
        assert connection.execute("show lock_timeout").fetchone() == ("2s",)
    with psycopg.connect(urls.web) as connection:
        assert connection.execute("select count(*) from sale, lake.catalog").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("truncate sale")


def test_another_machine_needs_the_passwords(no_roles: External, homes: Callable[[], Path]) -> None:
    env = {"DATABASE_URL": no_roles.url("brand")}
    first, second = homes(), homes()
    config.database_urls(first, env)
    with pytest.raises(DatabaseRefused, match="没有它的密码"):
        config.database_urls(second, env)
    assert not (second / "secrets" / "postgres.json").exists()
    shutil.copytree(first / "secrets", second / "secrets")
    assert config.database_urls(second, env) == config.database_urls(first, env)


def test_owner_without_the_right_is_told_the_sql_to_run(no_roles: External, home: Path) -> None:
    env = {"DATABASE_URL": no_roles.url("plain", "plain")}
    with pytest.raises(DatabaseRefused, match="CREATE ROLE") as refusal:
        config.database_urls(home, env)
    script = [line for line in str(refusal.value).splitlines() if line.startswith("  ")]
    with psycopg.connect(no_roles.url("postgres", "plain")) as connection:
        connection.execute("\n".join(script).encode())
    env["DATABASE_WEB_URL"] = f"postgresql://{api.WEB}:密码一@/plain?{no_roles.place}"
    env["DATABASE_RIVER_URL"] = f"postgresql://{api.RIVER}:密码二@/plain?{no_roles.place}"
    urls = config.database_urls(home, env)
    config.grant(urls)
    assert [user_at(urls.web), user_at(urls.river)] == [api.WEB, api.RIVER]
    with psycopg.connect(urls.river) as connection:
        assert connection.execute("show plan_cache_mode").fetchone() == ("force_generic_plan",)


def test_pooler_and_direct_addresses(tmp_path: Path) -> None:
    env = {
        "DATABASE_URL": "postgresql://owner:o@pooler:6432/brand?sslmode=require",
        "DATABASE_WEB_URL": "postgresql://web:w@pooler:6432/brand",
        "DATABASE_RIVER_URL": "postgresql://river:r%40@pooler:6432/brand",
        "DATABASE_DIRECT_URL": "postgresql://owner:o@db:5432/brand",
    }
    urls = config.database_urls(tmp_path, env)
    assert urls.is_pooled
    assert urls.owner == "postgresql://owner:o@db:5432/brand"
    assert urls.river == env["DATABASE_RIVER_URL"]
    assert urls.direct == "postgresql://river:r%40@db:5432/brand"
    pooled = config.django_database(urls.web, "web", is_pooled=urls.is_pooled)
    assert pooled["OPTIONS"]["prepare_threshold"] is None
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_database_that_cannot_hold_chinese_is_refused(external: External, home: Path) -> None:
    with pytest.raises(DatabaseRefused, match="UTF8"):
        config.database_urls(home, {"DATABASE_URL": external.url("brand", "ascii")})


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "brand", "postgresql://a:b@h:port:port/x y?z"])
def test_unreadable_addresses_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatabaseRefused, match="地址"):
        config.database_urls(tmp_path, {"DATABASE_URL": url})


def test_unreachable_server_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnready, match="连不上数据库"):
        config.database_urls(tmp_path, {"DATABASE_URL": f"postgresql://a:b@/x?host={tmp_path}"})


def test_entry_for_django() -> None:
    entry = config.django_database("postgresql://u:p%40@db.example.com:6000/brand?sslmode=require", "river")
    assert {key: entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "brand",
        "USER": "u",
        "PASSWORD": "p@",
        "HOST": "db.example.com",
        "PORT": "6000",
    }
    assert entry["OPTIONS"]["sslmode"] == "require"


DJANGO = """
import json, sys
import django
from django.conf import settings
settings.configure(DATABASES={"default": json.loads(sys.argv[1])}, USE_TZ=True, TIME_ZONE="UTC")
django.setup()
from django.db import connection
from huoshui.core import sql
from huoshui.core.postgres.config import refuse_superuser
refuse_superuser(connection)
statement = sql.Statement("sum", "select %(a)s::int + 1 as total")
total = sql.fetch_one(statement, a=41).total
with connection.cursor() as cursor:
    cursor.execute("select count(*) from pg_prepared_statements where statement like '%%+ 1 as total'")
    prepared = cursor.fetchone()[0]
    cursor.execute("select current_setting('application_name'), current_user")
    print(json.dumps([total, prepared, *cursor.fetchone()]))
"""


def through_django(entry: Mapping[str, object]) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", DJANGO, json.dumps(entry)], capture_output=True, text=True, check=True
    )
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_django_connects_and_prepares_on_the_server(server: api.Server) -> None:
    url = server.url(api.WEB)
    assert through_django(config.django_database(url, "web")) == [42, 1, "huoshui web", api.WEB]
    pooled = config.django_database(url, "web", is_pooled=True)
    assert through_django(pooled) == [42, 0, "huoshui web", api.WEB]
    assert conninfo_to_dict(url)["host"] == config.django_database(url, "web")["HOST"]
