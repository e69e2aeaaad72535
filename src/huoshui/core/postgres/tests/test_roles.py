"""Three roles and what each may do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors

from huoshui.core.postgres import api, config, roles
from huoshui.core.postgres.errors import DatabaseRefused

THREE = (api.OWNER, api.WEB, api.RIVER)


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


@pytest.fixture(scope="module")
def tables(server: api.Server) -> api.Server:
    """Tables from before the grants and from after them, in both schemas."""
    owner = server.url(api.OWNER)
    run(owner, "create table early (id bigserial primary key, name text)")
    api.apply_grants(owner)
    run(owner, "create table late (id bigserial primary key, name text)")
    run(owner, "create function doubled(int) returns int language sql as 'select $1 * 2'")
    run(owner, "create table lake.by_owner (name text)")
    run(server.url(api.RIVER), "create table lake.by_river (name text)")
    return server


@pytest.mark.parametrize("role", THREE)
def test_no_role_is_a_superuser(server: api.Server, role: str) -> None:
    with psycopg.connect(server.url(role)) as connection:
        config.refuse_superuser(connection)
        row = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolreplication from pg_roles where rolname = %s",
            [role],
        ).fetchone()
    assert row == (False,) * 4


def test_superuser_and_those_who_can_become_one_are_refused(server: api.Server) -> None:
    admin = server.superuser_url()
    run(
        admin,
        "create role sneaky login password 'x'; create role above bypassrls; grant above to sneaky;"
        " create role bypasser login bypassrls password 'x'",
    )
    place = f"host={server.socket_directory} dbname=huoshui password=x"
    for url in (admin, f"{place} user=sneaky", f"{place} user=bypasser"):
        with psycopg.connect(url) as connection, pytest.raises(DatabaseRefused, match="权限太大"):
            config.refuse_superuser(connection)


def test_settings_of_the_river_only(server: api.Server) -> None:
    river, web = server.url(api.RIVER), server.url(api.WEB)
    assert value(river, "show plan_cache_mode") == "force_generic_plan"
    assert value(river, "show lock_timeout") == "2s"
    assert value(web, "show plan_cache_mode") == "auto"
    assert value(web, "show lock_timeout") == "0"


def test_again_changes_nothing(server: api.Server) -> None:
    admin = server.superuser_url("postgres")
    state = "select array_agg(r.xmin::text || coalesce(s.xmin::text, '') order by r.oid)"
    state += " from pg_authid r left join pg_db_role_setting s on s.setrole = r.oid"
    before = value(admin, state)
    api.ensure_roles(admin, {role: server.passwords[role] for role in THREE})
    assert value(admin, state) == before


def test_mends_what_somebody_changed(server: api.Server) -> None:
    admin = server.superuser_url("postgres")
    run(admin, "alter role huoshui_web superuser; alter role huoshui_river reset lock_timeout")
    api.ensure_server(server.home)
    assert value(admin, "select rolsuper from pg_roles where rolname = 'huoshui_web'") is False
    assert value(server.url(api.RIVER), "show lock_timeout") == "2s"


def test_set_up_from_several_hosts_at_once(server: api.Server) -> None:
    admin = server.superuser_url("postgres")
    names = {"river_two": "x", "web_two": "y"}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: api.ensure_roles(admin, {**names, api.RIVER: "unused"}), range(6)))
    assert value(admin, "select count(*) from pg_roles where rolname in ('river_two', 'web_two')") == 2


@pytest.mark.parametrize("role", [api.WEB, api.RIVER])
@pytest.mark.parametrize("table", ["early", "late"])
def test_rows_may_be_read_and_written(tables: api.Server, role: str, table: str) -> None:
    run(
        tables.url(role),
        f"insert into {table} (name) values ('甲'); update {table} set name = '乙'; delete from {table};"
        f" select count(*) from {table}; select doubled(2)",
    )


@pytest.mark.parametrize("role", [api.WEB, api.RIVER])
@pytest.mark.parametrize(
    "statement",
    [
        "truncate early",
        "truncate late",
        "create table mine (a int)",
        "create schema mine",
        "drop table early",
        "alter table late disable row level security",
        "create role mine",
        "set role huoshui_owner",
    ],
)
def test_the_rest_is_refused(tables: api.Server, role: str, statement: str) -> None:
    run(tables.url(api.OWNER), "insert into early (name) values ('甲')")
    before = value(tables.url(api.OWNER), "select count(*) from early")
    with pytest.raises(errors.InsufficientPrivilege):
        run(tables.url(role), statement)
    assert value(tables.url(api.OWNER), "select count(*) from early") == before


@pytest.mark.parametrize("table", ["lake.by_owner", "lake.by_river"])
def test_lake_is_written_by_the_river_and_read_by_web(tables: api.Server, table: str) -> None:
    run(tables.url(api.RIVER), f"insert into {table} values ('甲')")
    assert value(tables.url(api.WEB), f"select count(*) from {table}") == 1
    for statement in (
        f"insert into {table} values ('乙')",
        f"truncate {table}",
        "create table lake.mine (a int)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            run(tables.url(api.WEB), statement)
    run(tables.url(api.RIVER), f"delete from {table}")


def test_what_the_web_only_writes_it_cannot_read(server: api.Server) -> None:
    owner, web = server.url(api.OWNER), server.url(api.WEB)
    run(owner, "create table kept (id bigint generated always as identity, sealed text)")
    run(owner, "comment on table kept is 'web writes only'")
    api.apply_grants(owner)
    run(web, "insert into kept (sealed) values ('甲')")
    for statement in (
        "select sealed from kept",
        "update kept set sealed = '乙'",
        "delete from kept",
        "insert into kept (sealed) values ('丙') returning sealed",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            run(web, statement)
    assert value(server.url(api.RIVER), "select string_agg(sealed, '') from kept") == "甲"


def test_grants_name_the_roles_in_use(server: api.Server) -> None:
    run(server.superuser_url(), "create role \"Other Web\" login password 'x'")
    run(server.url(api.OWNER), "create table if not exists named (a int)")
    api.apply_grants(server.url(api.OWNER), web="Other Web")
    assert value(server.url(api.OWNER), "select has_table_privilege('Other Web', 'named', 'insert')") is True


def test_grants_to_a_missing_role_are_refused_in_words(server: api.Server) -> None:
    with pytest.raises(DatabaseRefused, match="CREATE ROLE huoshui_web"):
        api.apply_grants(server.url(api.OWNER), web="nobody_here")


class _Old:
    """A connection to PostgreSQL 14."""

    def cursor(self) -> _Old:
        return self

    def execute(self, query: str) -> None:
        assert "server_version_num" in query

    def fetchone(self) -> tuple[int, bool]:
        return (140_012, True)

    def close(self) -> None:
        pass


def test_old_servers_are_refused(server: api.Server) -> None:
    with pytest.raises(DatabaseRefused, match="PostgreSQL 14，需要 15"):
        roles.refuse_unfit_server(_Old())
    with psycopg.connect(server.url(api.WEB)) as connection:
        roles.refuse_unfit_server(connection)
