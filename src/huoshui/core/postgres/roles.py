"""The three roles: the owner migrates, web serves people, river settles facts. None is a superuser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib import resources
from typing import Any, Protocol

import psycopg
from psycopg import sql

from .errors import DatabaseRefused, DatabaseUnready

DATABASE = "huoshui"
OWNER = "huoshui_owner"
WEB = "huoshui_web"
RIVER = "huoshui_river"
OLDEST_VERSION = 15

# The river's batches differ in size only, so one plan serves all; and it retries rather than queue.
_SETTINGS: Mapping[str, Mapping[str, str]] = {
    RIVER: {"plan_cache_mode": "force_generic_plan", "lock_timeout": "2s"},
}
# Any number that nobody else locks: two hosts may set up the same database at once.
_ROLES_LOCK = 7_130_021_881

Connection = psycopg.Connection[tuple[Any, ...]]


class AnyConnection(Protocol):
    """Django's connection or psycopg's."""

    def cursor(self) -> Any: ...


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on a connection of its own, on a server that is new enough."""
    try:
        connection = psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseUnready(f"连不上数据库。请确认它已经启动，地址和密码没有写错。（{error}）") from error
    with connection:
        refuse_unfit_server(connection)
        yield connection


def refuse_unfit_server(connection: AnyConnection) -> None:
    """Too old, or with an encoding that cannot hold Chinese."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            "select current_setting('server_version_num')::int, encoding = pg_char_to_encoding('UTF8')"
            " from pg_database where datname = current_database()"
        )
        version, is_utf8 = cursor.fetchone()
    if version < OLDEST_VERSION * 10_000:
        raise DatabaseRefused(
            f"数据库版本太旧：现在是 PostgreSQL {version // 10_000}，"
            f"需要 {OLDEST_VERSION} 或更新的版本。请升级数据库。"
        )
    if not is_utf8:
        raise DatabaseRefused("数据库的编码不是 UTF8，存不了中文。请新建一个 ENCODING 'UTF8' 的数据库。")


def existing_roles(connection: Connection, names: list[str]) -> set[str]:
    rows = connection.execute("select rolname from pg_roles where rolname = any(%s)", [names])
    return {name for (name,) in rows}


def ensure_roles(admin_url: str, passwords: Mapping[str, str], *, owner: str = OWNER) -> None:
    """Make the roles named in `passwords` that are missing, and mend the settings of all; idempotent.

    `admin_url` is a superuser, or the owner itself when it may create roles.
    """
    with connected(admin_url) as connection:
        if _are_complete(connection, list(passwords), owner):
            return
        connection.execute("select pg_advisory_xact_lock(%s)", [_ROLES_LOCK])
        try:
            for role in sorted(passwords.keys() - existing_roles(connection, list(passwords))):
                _create(connection, role, passwords[role])
            for role in passwords:
                _complete(connection, role)
            if not _has_rights_of(connection, owner, RIVER):
                # The owner says who may read the tables that the river makes in the lake's catalog.
                statement = sql.SQL("grant {} to {}")
                connection.execute(statement.format(sql.Identifier(RIVER), sql.Identifier(owner)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseRefused(by_hand(connection.info.user)) from error


def ensure_database(admin_url: str, name: str, *, owner: str) -> None:
    with connected(admin_url) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return
        connection.rollback()
        connection.autocommit = True
        statement = sql.SQL("create database {} owner {}")
        # One that was killed while making it leaves the server at work on it: then it is there when we come to make it
        with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))


def by_hand(owner: str) -> str:
    """What to tell somebody whose database user may not create roles."""
    return f"""数据库用户 {owner} 没有建立角色的权限。请数据库管理员执行下面的 SQL（密码自己定）：
  CREATE ROLE {WEB} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '密码一';
  CREATE ROLE {RIVER} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '密码二';
  ALTER ROLE {RIVER} SET plan_cache_mode = force_generic_plan;
  ALTER ROLE {RIVER} SET lock_timeout = '2s';
  GRANT {RIVER} TO "{owner}";
然后设置 DATABASE_WEB_URL 和 DATABASE_RIVER_URL 两个环境变量，写上这两个角色的连接地址。"""


def apply_grants(owner_url: str, *, web: str = WEB, river: str = RIVER) -> None:
    """Say again what web and river may do; run it after each migration."""
    text = resources.files(__package__).joinpath("sql", "grants.sql").read_text(encoding="utf-8")
    with connected(owner_url) as connection:
        for standard, actual in ((WEB, web), (RIVER, river)):
            text = text.replace(standard, sql.Identifier(actual).as_string(connection))
        try:
            # Text with no parameters is sent as it is, several statements at once.
            connection.execute(text.encode())
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
            owner = connection.info.user
            raise DatabaseRefused(f"给角色授权失败（{error}）。\n{by_hand(owner)}") from error


def _are_complete(connection: Connection, roles: list[str], owner: str) -> bool:
    return (
        existing_roles(connection, roles) == set(roles)
        and not any(_wanting(connection, role) or _overpowered(connection, role) for role in roles)
        and _has_rights_of(connection, owner, RIVER)
    )


def _has_rights_of(connection: Connection, role: str, other: str) -> bool:
    # 'usage', not 'member': since version 16 the creator of a role is a member without its rights.
    row = connection.execute("select pg_has_role(%s::name, %s::name, 'usage')", [role, other]).fetchone()
    return row is not None and bool(row[0])


def _create(connection: Connection, role: str, password: str) -> None:
    # Hashed here, so that the password itself never reaches the server or its log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed)))


def _complete(connection: Connection, role: str) -> None:
    name = sql.Identifier(role)
    if _overpowered(connection, role):
        connection.execute(sql.SQL("alter role {} nosuperuser nobypassrls").format(name))
    for setting, value in _wanting(connection, role).items():
        statement = sql.SQL("alter role {} set {} = {}")
        connection.execute(statement.format(name, sql.Identifier(setting), sql.Literal(value)))


def _overpowered(connection: Connection, role: str) -> bool:
    row = connection.execute(
        "select rolsuper or rolbypassrls from pg_roles where rolname = %s", [role]
    ).fetchone()
    return row is not None and bool(row[0])


def _wanting(connection: Connection, role: str) -> dict[str, str]:
    """The settings that the role should have and has not."""
    rows = connection.execute(
        "select unnest(setconfig) from pg_db_role_setting"
        " where setdatabase = 0 and setrole = (select oid from pg_roles where rolname = %s)",
        [role],
    )
    present = dict(text.split("=", 1) for (text,) in rows)
    wanted = dict(_SETTINGS.get(role, {}))
    if _may_set_messages(connection):
        wanted["lc_messages"] = "C"
    return {setting: value for setting, value in wanted.items() if present.get(setting) != value}


def _may_set_messages(connection: Connection) -> bool:
    row = connection.execute("select has_parameter_privilege('lc_messages', 'set')").fetchone()
    return row is not None and bool(row[0])
