"""The operating-system user that runs the server: PostgreSQL refuses to be root, so root hands over."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import DatabaseRefused

# `nobody` comes last: whoever else runs as nobody can read what nobody owns.
_CANDIDATES = ("huoshui", "postgres")
_LAST_RESORT = "nobody"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def is_ourselves(self) -> bool:
        return self.uid == os.geteuid()

    def run(
        self, command: Sequence[str | Path], *, inherit: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in an empty environment; the caller looks at the return code."""
        identity: dict[str, Any] = {}
        if not self.is_ourselves:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(
                [str(part) for part in command],
                **identity,
                cwd="/",  # the caller's directory may be closed to this user
                env={"PATH": os.defpath, "LC_ALL": "C"},
                umask=0o077,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                pass_fds=tuple(inherit),
                check=False,
            )
        except PermissionError as error:
            raise DatabaseRefused(
                f"没有权限以用户 {self.name} 启动数据库。请改用普通用户（不是 root）运行，"
                "或者用 DATABASE_URL 指定一个已有的数据库。"
            ) from error

    def can_enter(self, directory: Path) -> bool:
        return self.is_ourselves or self.run(["/bin/sh", "-c", 'cd "$0"', directory]).returncode == 0

    def can_run(self, program: Path) -> bool:
        return self.is_ourselves or self.run(["/bin/sh", "-c", 'test -x "$0"', program]).returncode == 0

    def own(self, path: Path) -> None:
        if not self.is_ourselves:
            os.chown(path, self.uid, self.gid)

    def make_directory(self, path: Path) -> None:
        """A directory that only this user (and root) can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)

    def write(self, path: Path, text: str) -> None:
        """A file that only this user (and root) can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        self.own(path)


def account_for(data: Path) -> Account:
    """The owner of the data when there is data; otherwise ourselves, or as root an unprivileged user."""
    if data.exists():
        return _owner_of(data)
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    return _unprivileged()


def _owner_of(data: Path) -> Account:
    owner = _account(pwd.getpwuid(data.stat().st_uid))
    if os.geteuid() not in (0, owner.uid):
        raise DatabaseRefused(
            f"数据库目录 {data} 属于用户 {owner.name}。"
            "请用当初创建它的用户（或 root）运行，或者换一个 HUOSHUI_HOME。"
        )
    if owner.uid == 0:
        raise DatabaseRefused(f"数据库目录 {data} 属于 root，数据库不能启动。请把它的所有者改回普通用户。")
    return owner


def _unprivileged() -> Account:
    for name in _CANDIDATES:
        if found := _find(name):
            return found
    if shutil.which("useradd"):
        subprocess.run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                "huoshui",
            ],
            capture_output=True,
            check=False,  # whether it worked is seen by looking the user up
        )
    found = _find("huoshui") or _find(_LAST_RESORT)
    if found is None:
        raise DatabaseRefused(
            "数据库不能以 root 身份运行，系统里也没有可用的普通用户。请新建一个用户 huoshui 再试。"
        )
    return found


def _find(name: str) -> Account | None:
    try:
        return _account(pwd.getpwnam(name))
    except KeyError:
        return None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
