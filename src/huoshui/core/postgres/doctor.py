"""What must be in order before the system can be trusted with data: one check, one line, one remedy."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huoshui.core.errors import HuoshuiError

from . import cluster as clusters
from .config import DatabaseUrls, database_urls, refuse_superuser
from .roles import connected
from .server import status

_OLDEST_PYTHON = (3, 11)
_DISK_GIGABYTES = 2.0
_CLOCK_SECONDS = 2.0
_ZONE = "Asia/Shanghai"
_LONGEST_SOCKET_PATH = 103  # macOS; Linux allows 107


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    message: str
    remedy: str = ""


def checks(home: Path, env: Mapping[str, str]) -> list[Check]:
    """Checks of the machine and of the database, which is started for it. Never raises for what it checks."""
    found = [_python(), _home(home), _disk(home), _zone()]
    if not env.get("DATABASE_URL"):
        found.append(_socket(home))
    try:
        urls = database_urls(home, env)
        found.extend(_database(urls))
        if not env.get("DATABASE_URL"):
            found.append(Check("数据库文件", True, str(status(home).data)))
    except HuoshuiError as error:
        found.append(Check("数据库", False, _line(error), "按上面的提示处理后，再运行 huoshui doctor。"))
    return found


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "Python", sys.version_info >= _OLDEST_PYTHON, f"版本 {version}", "请安装 Python 3.11 或更新的版本。"
    )


def _home(home: Path) -> Check:
    remedy = "请检查目录的权限，或者用 HUOSHUI_HOME 换一个目录。"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        return Check("数据目录", False, f"{home} 不能写入：{error.strerror}", remedy)
    return Check("数据目录", True, f"{home} 可以写入", remedy)


def _disk(home: Path) -> Check:
    place = next(directory for directory in (home, *home.parents) if directory.exists())
    free = shutil.disk_usage(place).free / 1e9
    return Check(
        "磁盘",
        free >= _DISK_GIGABYTES,
        f"还剩 {free:.1f} GB",
        f"请清理磁盘，至少留出 {_DISK_GIGABYTES:.0f} GB。",
    )


def _zone() -> Check:
    remedy = "请安装时区数据：系统的 tzdata 包，或者 pip install tzdata。"
    try:
        here = datetime.now(ZoneInfo(_ZONE))
    except ZoneInfoNotFoundError:
        return Check("时区", False, f"缺少时区 {_ZONE} 的数据", remedy)
    return Check("时区", True, f"北京时间 {here:%Y-%m-%d %H:%M}", remedy)


def _socket(home: Path) -> Check:
    directory = clusters.socket_directory(home.resolve())
    remedy = f"请删除 {directory}，或者让 {directory.parent} 可以写入。"
    if len(os.fsencode(directory / clusters.SOCKET_FILE)) > _LONGEST_SOCKET_PATH:
        return Check("通信文件", False, f"{directory} 的路径太长", remedy)
    if directory.is_symlink() or (directory.exists() and directory.stat().st_mode & 0o077):
        return Check("通信文件", False, f"{directory} 别的用户也能进入", remedy)
    if not directory.exists() and not os.access(directory.parent, os.W_OK):
        return Check("通信文件", False, f"{directory.parent} 不能写入", remedy)
    return Check("通信文件", True, str(directory), remedy)


def _database(urls: DatabaseUrls) -> Iterator[Check]:
    for check in (_version, _clock, _durability):
        yield check(urls)
    for role, url in (("所有者", urls.owner), ("网站", urls.web), ("后台任务", urls.river)):
        yield _plain_role(f"{role}角色", url)


def _plain_role(name: str, url: str) -> Check:
    try:
        with connected(url) as connection:
            refuse_superuser(connection)
            return Check(name, True, f"{connection.info.user} 可以登录，不是超级用户")
    except HuoshuiError as error:
        return Check(name, False, _line(error), "请让数据库管理员检查这个角色和它的密码。")


def _version(urls: DatabaseUrls) -> Check:
    with connected(urls.owner) as connection:
        version = connection.info.server_version
    return Check("数据库", True, f"PostgreSQL {version // 10_000}.{version % 10_000} 可以连接")


def _clock(urls: DatabaseUrls) -> Check:
    with connected(urls.owner) as connection:
        row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    apart = abs((datetime.now(UTC) - row[0]).total_seconds())
    return Check(
        "时钟", apart < _CLOCK_SECONDS, f"与数据库相差 {apart:.1f} 秒", "请打开两台机器的自动对时（NTP）。"
    )


def _durability(urls: DatabaseUrls) -> Check:
    """Received means never lost: only if the server writes through to the disk."""
    with connected(urls.owner) as connection:
        row = connection.execute(
            "select string_agg(name, '、' order by name) from pg_settings"
            " where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'"
        ).fetchone()
    careless = row[0] if row else None
    return Check(
        "不丢数据",
        careless is None,
        f"{careless} 是关闭的，断电会丢数据" if careless else "每次保存都写到磁盘",
        "请在数据库里把这些设置改为 on；测试用的数据库不要存真数据。",
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
