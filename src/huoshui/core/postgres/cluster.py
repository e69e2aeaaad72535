"""Where a home's server keeps its files, and how they are first made."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import engine, passwords
from .account import Account, account_for
from .errors import DatabaseRefused, DatabaseUnready

SUPERUSER = "postgres"
# Fixed, not $TMPDIR: every process of a home must find the same socket, and its path may have 107 bytes only.
SOCKETS = Path("/tmp")
PORT = 5432  # names the socket file; nothing listens on TCP
SOCKET_FILE = f".s.PGSQL.{PORT}"

# Character classes come from the C library, and under plain "C" pg_trgm drops every Chinese character.
_CTYPES = ("C.UTF-8", "en_US.UTF-8")


@dataclass(frozen=True)
class Cluster:
    """`base` holds data and logs: `home/postgres`, or a shelter when the server's user cannot enter that."""

    home: Path
    base: Path
    throwaway: bool

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def running_lock(self) -> Path:
        """Held by the server and each of its processes: it is free when, and only when, all are dead."""
        return self.base / "running.lock"

    @property
    def socket_directory(self) -> Path:
        return socket_directory(self.home)

    @property
    def account(self) -> Account:
        return account_for(self.data)


def socket_directory(home: Path) -> Path:
    # By the path of the home: a copied home must not meet the socket of the original.
    return SOCKETS / f"huoshui-{_digest(home)}"


def existing(home: Path) -> Cluster | None:
    try:
        kept = json.loads(_place_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    base = _folder(home) / kept["base"]  # an absolute base stands for itself
    if not (base / "data").exists():
        raise DatabaseUnready(
            f"找不到数据库目录 {base / 'data'}。请从备份恢复它；如果数据不要了，删除 {_folder(home)} 后重来。"
        )
    return Cluster(home, base, kept["throwaway"])


def create(home: Path, *, throwaway: bool) -> Cluster:
    """Make a new cluster beside its place, then move it there: a killed attempt leaves nothing half made."""
    account = account_for(_folder(home) / "data")
    base = _base_for(account, home, throwaway=throwaway)
    cluster = Cluster(home, base, throwaway)
    if cluster.data.exists():
        refuse_lost_passwords(cluster)  # with them, it is whole: an attempt was killed after its last step
    else:
        _initialise(account, cluster)
    kept = {"base": "." if base == _folder(home) else str(base), "throwaway": throwaway}
    staged = _place_file(home).with_suffix(".new")
    staged.write_text(json.dumps(kept), encoding="utf-8")
    staged.replace(_place_file(home))
    return cluster


def refuse_lost_passwords(cluster: Cluster) -> None:
    if SUPERUSER not in passwords.kept(cluster.home, passwords.EMBEDDED):
        raise DatabaseRefused(
            f"{cluster.data} 里有数据，但 {cluster.home / 'secrets'} 里没有它的密码。"
            f"请从备份恢复密码；如果数据不要了，删除 {cluster.base} 后重来。"
        )


def guard(home: Path) -> Path:
    """The lock under which a home's server is made, started, joined or stopped; makes its folders."""
    try:
        for directory in (home, _folder(home)):
            if not directory.exists():
                directory.mkdir(parents=True)
                directory.chmod(0o711)  # whatever the umask: the server's user must pass through
        lock = _folder(home) / "guard.lock"
        lock.touch(mode=0o600)
    except PermissionError as error:
        raise DatabaseRefused(
            f"没有权限写入 {home}。请换一个 HUOSHUI_HOME，或者用当初安装的用户运行。"
        ) from error
    return lock


def _folder(home: Path) -> Path:
    return home / "postgres"


def _digest(home: Path) -> str:
    return hashlib.sha256(str(home).encode()).hexdigest()[:12]


def _place_file(home: Path) -> Path:
    return _folder(home) / "place.json"


def _base_for(account: Account, home: Path, *, throwaway: bool) -> Path:
    if account.can_enter(_folder(home)):
        return _folder(home)
    shelter = SOCKETS if throwaway else engine.SHELTER
    base = shelter / f"huoshui-data-{_digest(home)}"
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o711)
    for directory in (base, *base.parents):
        if not account.can_enter(directory):
            raise DatabaseRefused(
                f"用户 {account.name} 不能进入 {directory}。请换一个 HUOSHUI_HOME，例如 /srv/huoshui。"
            )
    return base


def _initialise(account: Account, cluster: Cluster) -> None:
    staged = cluster.base / "data.new"
    shutil.rmtree(staged, ignore_errors=True)
    account.make_directory(staged)
    account.make_directory(cluster.log)
    password = passwords.keep(cluster.home, passwords.EMBEDDED, [SUPERUSER])[SUPERUSER]
    password_file = cluster.base / "password.new"
    account.write(password_file, password)
    try:
        for ctype in _CTYPES:
            made = _initdb(account, cluster, data=staged, password_file=password_file, ctype=ctype)
            if "invalid locale name" not in made.stderr:
                break
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise DatabaseUnready(f"新建数据库失败：{made.stderr.strip() or made.stdout.strip()}")
    with (staged / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude = 'huoshui.conf'\n")
    staged.rename(cluster.data)


def _initdb(
    account: Account, cluster: Cluster, *, data: Path, password_file: Path, ctype: str
) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [
        engine.programs_for(account) / "initdb",
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        f"--lc-ctype={ctype}",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    return account.run(command + (["--no-sync"] if cluster.throwaway else []))
