"""Which database this installation uses, and how Django speaks to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from . import passwords
from .errors import DatabaseRefused
from .roles import OWNER, RIVER, WEB, AnyConnection, apply_grants, connected, ensure_roles, existing_roles
from .server import ensure_server

Role = Literal["owner", "web", "river"]


@dataclass(frozen=True)
class DatabaseUrls:
    """`owner` migrates; `web` and `river` serve; `direct` is the river with no pooler between.

    LISTEN and advisory locks need `direct`.
    """

    owner: str = field(repr=False)
    web: str = field(repr=False)
    river: str = field(repr=False)
    direct: str = field(repr=False)

    @property
    def is_pooled(self) -> bool:
        return self.direct != self.river


def database_urls(home: Path, env: Mapping[str, str]) -> DatabaseUrls:
    """The database that `DATABASE_URL` names, else the embedded server, which is started if need be."""
    if env.get("DATABASE_URL"):
        return _external_urls(home, env)
    server = ensure_server(home)
    river = server.url(RIVER)
    return DatabaseUrls(owner=server.url(OWNER), web=server.url(WEB), river=river, direct=river)


def grant(urls: DatabaseUrls) -> None:
    """`apply_grants` for the roles of these URLs, whatever they are called; run it after each migration."""
    apply_grants(urls.owner, web=_parse(urls.web)["user"], river=_parse(urls.river)["user"])


def django_database(url: str, role: Role, *, is_pooled: bool = False) -> dict[str, Any]:
    """An entry of Django's DATABASES."""
    parts = _parse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        "OPTIONS": {
            "application_name": f"huoshui {role}",
            "connect_timeout": 10,
            # The ORM keeps client-side binding, which Django and its packages are tested with; `core.sql`
            # binds and prepares on the server, which psycopg allows only when a threshold is set. A pooler
            # that shares connections between transactions would lose the prepared statements.
            "prepare_threshold": None if is_pooled else 5,
            **parts,
        },
    }


def refuse_superuser(connection: AnyConnection) -> None:
    """Row-level security does not hold a superuser: web and workers must not be one, nor able to be."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            "select session_user, exists (select from pg_roles where (rolsuper or rolbypassrls)"
            " and pg_has_role(session_user, oid, 'member'))"
        )
        name, is_overpowered = cursor.fetchone()
    if is_overpowered:
        raise DatabaseRefused(
            f"数据库用户 {name} 的权限太大（超级用户，或能绕过行级权限），网站和后台任务不能用它。"
            f"请在 DATABASE_WEB_URL 和 DATABASE_RIVER_URL 里换成普通角色，例如 {WEB} 和 {RIVER}。"
        )


def _external_urls(home: Path, env: Mapping[str, str]) -> DatabaseUrls:
    url = env["DATABASE_URL"]
    owner = _at_host_of(env.get("DATABASE_DIRECT_URL") or url, url)
    web, river = env.get("DATABASE_WEB_URL"), env.get("DATABASE_RIVER_URL")
    if not (web and river):
        known = _external_passwords(home, owner)
        web = web or _as_role(url, WEB, known[WEB])
        river = river or _as_role(url, RIVER, known[RIVER])
    direct = _at_host_of(env["DATABASE_DIRECT_URL"], river) if env.get("DATABASE_DIRECT_URL") else river
    return DatabaseUrls(owner=owner, web=web, river=river, direct=direct)


def _external_passwords(home: Path, owner_url: str) -> dict[str, str]:
    parts = _parse(owner_url)
    server = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    with connected(owner_url) as connection:
        present = existing_roles(connection, [WEB, RIVER])
    if unknown := present - passwords.kept(home, server).keys():
        raise DatabaseRefused(
            f"数据库里已经有角色 {'、'.join(sorted(unknown))}，但这里没有它的密码。"
            f"请从原来的机器复制 {home / 'secrets' / 'postgres.json'}，"
            "或者设置 DATABASE_WEB_URL 和 DATABASE_RIVER_URL。"
        )
    known = passwords.keep(home, server, [WEB, RIVER])
    ensure_roles(owner_url, known, owner=parts["user"])
    return known


def _parse(url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise DatabaseRefused("数据库地址要写成 postgresql://用户:密码@主机:端口/数据库名 的样子。")
    try:
        return {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise DatabaseRefused(f"数据库地址写得不对：{error}") from error


def _as_role(url: str, role: str, password: str) -> str:
    """The same database for another role."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{place}"))


def _at_host_of(place_url: str, role_url: str) -> str:
    """The role and password of one URL at the place of another."""
    parts = _parse(role_url)
    return _as_role(place_url, parts.get("user", ""), parts.get("password", ""))
