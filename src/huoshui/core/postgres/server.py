"""Our own supervisor of the bundled PostgreSQL: one server per home, shared by every process of that home."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from . import cluster as clusters
from . import engine, locks, passwords, tuning
from .cluster import PORT, SOCKET_FILE, SUPERUSER, Cluster
from .errors import DatabaseRefused, DatabaseUnready
from .roles import DATABASE, OWNER, RIVER, WEB, ensure_database, ensure_roles

# Recovery after a crash replays up to max_wal_size of log before the server answers.
_PATIENCE_SECONDS = 300.0
# A dead server's last processes hold its lock a moment longer; a server in another container is never seen.
_UNSEEN_SECONDS = 15.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Server:
    """A server that answered when this value was made. Its URLs outlive a restart."""

    home: Path
    data: Path
    socket_directory: Path
    passwords: Mapping[str, str] = field(repr=False)

    def url(self, role: str, database: str = DATABASE) -> str:
        return (
            f"postgresql://{role}:{quote(self.passwords[role], safe='')}@/{database}"
            f"?host={self.socket_directory}&port={PORT}"
        )

    def superuser_url(self, database: str = DATABASE) -> str:
        return self.url(SUPERUSER, database)

    def stop(self) -> None:
        """Stop cleanly: refuse new work, roll back what is open, write everything down."""
        stop(self.home)


@dataclass(frozen=True)
class Status:
    exists: bool
    running: bool
    data: Path | None = None
    socket_directory: Path | None = None
    pid: int | None = None


def ensure_server(home: Path) -> Server:
    """Start the home's server, or join the one that runs; make everything that is missing first."""
    return _ensure(home, throwaway=False)


def ensure_throwaway_server(home: Path) -> Server:
    """As `ensure_server`, but a crash of the machine may break everything. For tests."""
    return _ensure(home, throwaway=True)


def stop(home: Path) -> None:
    home = home.resolve()
    cluster = clusters.existing(home)
    if cluster is None:
        return
    with locks.held(clusters.guard(home)):
        if _postmaster(cluster) is not None:
            _stop(cluster)
            shutil.rmtree(cluster.socket_directory, ignore_errors=True)


def status(home: Path) -> Status:
    """What is there, without starting or making anything."""
    cluster = clusters.existing(home.resolve())
    if cluster is None:
        return Status(exists=False, running=False)
    postmaster = _postmaster(cluster)
    if postmaster is None or not _answers(postmaster.socket_directory):
        return Status(exists=True, running=False, data=cluster.data)
    return Status(
        exists=True,
        running=True,
        data=cluster.data,
        socket_directory=postmaster.socket_directory,
        pid=postmaster.pid,
    )


def _ensure(home: Path, *, throwaway: bool) -> Server:
    home = home.resolve()
    with locks.held(clusters.guard(home)):
        cluster = clusters.existing(home) or clusters.create(home, throwaway=throwaway)
        clusters.refuse_lost_passwords(cluster)
        roles = [SUPERUSER, OWNER, WEB, RIVER]
        known = passwords.keep(home, passwords.EMBEDDED, roles)
        server = Server(home, cluster.data, _start_or_join(cluster), known)
        # Also when joining: whoever started the server may have been killed before it came to this.
        admin = server.superuser_url("postgres")
        ensure_roles(admin, {role: known[role] for role in (OWNER, WEB, RIVER)})
        ensure_database(admin, DATABASE, owner=OWNER)
        return server


def _start_or_join(cluster: Cluster) -> Path:
    """The socket directory of a server that answers."""
    begun = time.monotonic()
    while time.monotonic() < begun + _PATIENCE_SECONDS:
        with locks.held_if_free(cluster.running_lock) as lock:
            if lock is not None:
                _start(cluster, lock)
        postmaster = _postmaster(cluster)
        if postmaster is not None:
            if _answers(postmaster.socket_directory):
                return postmaster.socket_directory
            if postmaster.is_ready and not (postmaster.socket_directory / SOCKET_FILE).exists():
                # Something cleaned the temporary folder; only a restart makes the socket again.
                _stop(cluster)
        elif time.monotonic() > begun + _UNSEEN_SECONDS:
            raise DatabaseRefused(
                f"{cluster.data} 正被另一个容器里的数据库使用。请先停止它，或者在那里运行。"
            )
        time.sleep(_POLL_SECONDS)
    raise DatabaseUnready(f"数据库在 {_PATIENCE_SECONDS:.0f} 秒内没有启动好。日志在 {cluster.log}。")


def _start(cluster: Cluster, lock: int) -> None:
    """Start the server, which inherits `lock` and lives in a session of its own."""
    account = cluster.account
    _refuse_other_major_version(cluster)
    _remove_stale_pid_file(cluster)
    _prepare_socket_directory(cluster)
    account.make_directory(cluster.log)
    settings = tuning.THROWAWAY if cluster.throwaway else tuning.DURABLE
    text = tuning.configuration(
        settings, socket_directory=cluster.socket_directory, log_directory=cluster.log
    )
    account.write(cluster.data / "huoshui.conf", text)
    first_words = cluster.log / "start.log"
    first_words.unlink(missing_ok=True)
    started = account.run(
        [
            engine.programs_for(account) / "pg_ctl",
            "start",
            f"--pgdata={cluster.data}",
            f"--log={first_words}",
            "--wait",
            f"--timeout={_PATIENCE_SECONDS:.0f}",
            "--silent",
        ],
        inherit=[lock],
    )
    if started.returncode != 0:
        raise DatabaseUnready(f"数据库启动失败，日志在 {cluster.log}。最后几行：\n{_last_words(cluster)}")


def _stop(cluster: Cluster) -> None:
    account = cluster.account
    pg_ctl = engine.programs_for(account) / "pg_ctl"
    stopped = account.run([pg_ctl, "stop", f"--pgdata={cluster.data}", "--mode=fast", "--wait"])
    if stopped.returncode != 0 and _postmaster(cluster) is not None:
        raise DatabaseUnready(f"数据库停不下来：{stopped.stderr.strip()}")


@dataclass(frozen=True)
class _Postmaster:
    """What a living server says of itself in `postmaster.pid`."""

    pid: int
    socket_directory: Path
    is_ready: bool


def _postmaster(cluster: Cluster) -> _Postmaster | None:
    lines = _pid_file_lines(cluster)
    if len(lines) < 8 or not _serves(int(lines[0]), cluster):
        return None  # not there, still being written, or left by a dead one
    return _Postmaster(int(lines[0]), Path(lines[4]), lines[7].strip() == "ready")


def _pid_file_lines(cluster: Cluster) -> list[str]:
    try:
        return (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise DatabaseRefused(f"没有权限读取 {cluster.data}。请用当初安装的用户（或 root）运行。") from error


def _serves(pid: int, cluster: Cluster) -> bool:
    """Whether this process lives and serves these data: ids are used again, and zombies keep theirs."""
    if not Path("/proc").exists():
        return _is_alive(pid)
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster.data)
    except OSError:
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_stale_pid_file(cluster: Cluster) -> None:
    """PostgreSQL clears up after a dead server, but stops at an empty file, as a power cut leaves it, and
    takes any living process with the same id for the server.

    Only in these cases do we step in; otherwise it also checks shared memory for leftover processes.
    """
    lines = _pid_file_lines(cluster)
    pid = int(lines[0]) if lines else None
    if pid is not None and _serves(pid, cluster):
        raise DatabaseRefused(f"{cluster.data} 已经被另一个程序启动的数据库使用（进程 {pid}）。请先停止它。")
    if pid is None or _is_alive(pid):
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _prepare_socket_directory(cluster: Cluster) -> None:
    """A directory in a place open to all, so it must be provably ours; leftovers of a dead server go."""
    directory, account = cluster.socket_directory, cluster.account
    try:
        directory.mkdir(mode=0o700)
        account.own(directory)
    except FileExistsError:
        found = directory.lstat()
        ours = found.st_uid in (account.uid, 0) and stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not ours:
            raise DatabaseRefused(
                f"{directory} 被别的用户占用了，数据库不能在那里通信。请检查是谁建的，删除它再试。"
            ) from None
        account.own(directory)
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (directory / name).unlink(missing_ok=True)


def _refuse_other_major_version(cluster: Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if made_by != engine.major_version():
        raise DatabaseRefused(
            f"数据是 PostgreSQL {made_by} 的，现在的程序是 {engine.major_version()}。"
            f"请先用旧版本执行 huoshui backup，再用新版本 huoshui restore。"
        )


def _answers(socket_directory: Path) -> bool:
    conninfo = f"host={socket_directory} port={PORT} dbname=postgres connect_timeout=2"
    return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK


def _last_words(cluster: Cluster) -> str:
    logs = sorted(cluster.log.glob("*.log"), key=lambda file: file.stat().st_mtime)
    lines = [line for file in logs[-2:] for line in file.read_text(errors="replace").splitlines()]
    return "\n".join(lines[-8:])
