"""Passwords of database roles: `home/secrets/postgres.json`, {server: {role: password}}, for us only."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from . import locks
from .errors import DatabaseRefused

EMBEDDED = "embedded"


def kept(home: Path, server: str) -> dict[str, str]:
    """What is known of one server; empty when nothing is."""
    return dict(_read(_file(home)).get(server, {}))


def keep(home: Path, server: str, roles: Iterable[str]) -> dict[str, str]:
    """The passwords of these roles; missing ones are made, and stored before anybody uses them."""
    file = _file(home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.held(file.with_suffix(".lock")):
        everything = _read(file)
        mine = everything.setdefault(server, {})
        missing = [role for role in roles if role not in mine]
        if missing:
            mine.update({role: secrets.token_urlsafe(24) for role in missing})
            _write(file, everything)
    return {role: mine[role] for role in roles}


def _file(home: Path) -> Path:
    return home / "secrets" / "postgres.json"


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise DatabaseRefused(
            f"没有权限读取数据库密码文件 {file}。请用当初安装的用户（或 root）运行。"
        ) from error
    try:
        found: dict[str, dict[str, str]] = json.loads(text)
    except json.JSONDecodeError as error:
        raise DatabaseRefused(f"数据库密码文件 {file} 损坏了。请从备份恢复它。") from error
    return found


def _write(file: Path, everything: dict[str, dict[str, str]]) -> None:
    staged = file.with_suffix(".new")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(everything, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    staged.replace(file)
