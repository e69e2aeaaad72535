"""The supervisor: one server per home, through every way of dying."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huoshui.core.postgres import api, cluster, engine
from huoshui.core.postgres.errors import DatabaseRefused
from huoshui.core.postgres.server import ensure_throwaway_server

from .conftest import clear

STARTER = """
import sys, time
from pathlib import Path
from huoshui.core.postgres import api
api.ensure_server(Path(sys.argv[1]))
print(api.status(Path(sys.argv[1])).pid, flush=True)
time.sleep(float(sys.argv[2]))
"""


def starter(home: Path, *, linger: float = 0) -> subprocess.Popen[str]:
    """Another process that ensures the server, prints its process id, and lingers."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home), str(linger)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def pid_of(home: Path) -> int:
    pid = api.status(home).pid
    assert pid is not None
    return pid


def remember(server: api.Server, number: int) -> None:
    with psycopg.connect(server.url(api.OWNER)) as connection:
        connection.execute("create table if not exists memory (number int)")
        connection.execute("insert into memory values (%s)", [number])


def remembered(server: api.Server) -> list[int]:
    with psycopg.connect(server.url(api.OWNER)) as connection:
        return [number for (number,) in connection.execute("select number from memory order by number")]


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}/cwd").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def log_of(server: api.Server) -> str:
    return "".join(file.read_text() for file in server.data.with_name("log").glob("*.log"))


def test_starts_joins_stops_and_starts_again(home: Path) -> None:
    assert api.status(home) == api.Status(exists=False, running=False)
    first = api.ensure_server(home)
    pid = pid_of(home)
    remember(first, 1)
    assert api.ensure_server(home) == first
    assert pid_of(home) == pid
    first.stop()
    assert api.status(home).exists
    assert not api.status(home).running
    assert not first.socket_directory.exists()
    first.stop()
    again = api.ensure_server(home)
    assert pid_of(home) != pid
    assert again.url(api.WEB) == first.url(api.WEB)
    assert remembered(again) == [1]


def test_processes_that_start_at_once_get_one_server(home: Path) -> None:
    starters = [starter(home) for _ in range(4)]
    pids = [process.communicate(timeout=60)[0] for process in starters]
    assert [process.returncode for process in starters] == [0] * 4
    assert len(set(pids)) == 1
    assert int(pids[0]) == pid_of(home)


def test_killed_server_recovers_with_every_acknowledged_row(home: Path) -> None:
    server = api.ensure_server(home)
    remember(server, 0)
    acknowledged = [0]

    def write() -> None:
        with (
            psycopg.connect(server.url(api.OWNER), autocommit=True) as connection,
            pytest.raises(psycopg.OperationalError),
        ):
            for number in range(1, 1_000_000):
                connection.execute("insert into memory values (%s)", [number])
                acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 200:
        time.sleep(0.01)
    killed = pid_of(home)
    os.kill(killed, signal.SIGKILL)
    writer.join(timeout=60)
    assert not writer.is_alive()
    recovered = api.ensure_server(home)
    assert pid_of(home) != killed
    found = remembered(recovered)
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) <= len(acknowledged) + 1  # at most the one whose answer was lost


def test_server_outlives_the_process_that_started_it(home: Path) -> None:
    process = starter(home, linger=60)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    server = api.ensure_server(home)
    assert pid_of(home) == pid
    remember(server, 7)
    assert remembered(server) == [7]


@pytest.mark.parametrize("seconds", [0.4, 0.6, 0.8, 1.1])
def test_killed_while_making_the_first_server(home: Path, seconds: float) -> None:
    process = starter(home)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    server = api.ensure_server(home)
    remember(server, 1)
    assert remembered(server) == [1]


def test_process_id_of_a_dead_server_that_somebody_else_has_now(home: Path) -> None:
    server = ensure_throwaway_server(home)
    remember(server, 1)
    killed = pid_of(home)
    os.kill(killed, signal.SIGKILL)
    wait_until_gone(killed)
    # Of the same user: PostgreSQL itself overlooks processes of others.
    owner = server.data.stat()
    command = ["sleep", "60"]
    as_owner: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with subprocess.Popen(command, **(as_owner if os.geteuid() == 0 else {})) as bystander:
        file = server.data / "postmaster.pid"
        file.write_text("\n".join([str(bystander.pid), *file.read_text().splitlines()[1:], ""]))
        try:
            assert not api.status(home).running
            assert remembered(ensure_throwaway_server(home)) == [1]
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_empty_pid_file_as_after_a_power_cut(home: Path) -> None:
    server = ensure_throwaway_server(home)
    os.kill(pid_of(home), signal.SIGKILL)
    (server.data / "postmaster.pid").write_text("")
    assert ensure_throwaway_server(home).url(api.WEB) == server.url(api.WEB)


def test_temporary_folder_cleaned_under_a_running_server(home: Path) -> None:
    server = ensure_throwaway_server(home)
    remember(server, 1)
    shutil.rmtree(server.socket_directory)
    assert remembered(ensure_throwaway_server(home)) == [1]


def test_refuses_a_socket_folder_that_others_can_enter(home: Path) -> None:
    folder = cluster.socket_directory(home)
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(DatabaseRefused, match="占用"):
        ensure_throwaway_server(home)
    folder.chmod(0o700)
    ensure_throwaway_server(home)


def test_copied_home_is_another_server(home: Path, homes: Callable[[], Path]) -> None:
    original = ensure_throwaway_server(home)
    remember(original, 1)
    copy = homes()
    subprocess.run(["cp", "-a", home, copy], check=True)  # pid file of the living original and all
    copied = ensure_throwaway_server(copy)
    remember(copied, 2)
    assert pid_of(copy) != pid_of(home)
    assert remembered(original) == [1]
    assert remembered(copied) == [1, 2]


def test_never_starts_a_second_server_on_the_same_data(home: Path) -> None:
    """Started by hand, it holds none of our locks."""
    server = ensure_throwaway_server(home)
    server.stop()
    kept = cluster.existing(home)
    assert kept is not None
    kept.account.make_directory(kept.socket_directory)
    pg_ctl = engine.programs_for(kept.account) / "pg_ctl"
    started = kept.account.run(
        [pg_ctl, "start", f"--pgdata={kept.data}", f"--log={kept.log}/by-hand.log", "--wait"]
    )
    assert started.returncode == 0, started.stdout
    by_hand = pid_of(home)
    with pytest.raises(DatabaseRefused, match=str(by_hand)):
        ensure_throwaway_server(home)
    assert pid_of(home) == by_hand


def test_lost_passwords_are_told(home: Path) -> None:
    ensure_throwaway_server(home).stop()
    shutil.rmtree(home / "secrets")
    with pytest.raises(DatabaseRefused, match="密码"):
        ensure_throwaway_server(home)
    assert not (home / "secrets" / "postgres.json").exists()


def test_long_home_paths_fit_the_socket(homes: Callable[[], Path]) -> None:
    long_home = homes().joinpath(*["深" * 30] * 3)
    server = ensure_throwaway_server(long_home)
    try:
        remember(server, 1)
        assert len(os.fsencode(server.socket_directory / cluster.SOCKET_FILE)) < 100
    finally:
        clear(long_home)


def test_settings(server: api.Server) -> None:
    with psycopg.connect(server.url(api.WEB)) as connection:

        def shown(name: str) -> str:
            row = connection.execute("select current_setting(%s)", [name]).fetchone()
            assert row is not None
            return str(row[0])

        assert shown("listen_addresses") == ""
        assert shown("data_checksums") == "on"
        assert shown("server_encoding") == "UTF8"
        assert shown("lc_messages") == "C"
        assert shown("TimeZone") == "UTC"
        row = connection.execute(
            "select datlocprovider, datlocale from pg_database where datname = current_database()"
        ).fetchone()
        assert row == ("b", "C.UTF-8")


def test_real_server_writes_through_to_the_disk(home: Path) -> None:
    names = ["fsync", "full_page_writes", "synchronous_commit"]
    with psycopg.connect(api.ensure_server(home).url(api.RIVER)) as connection:
        rows = connection.execute("select setting from pg_settings where name = any(%s)", [names]).fetchall()
    assert rows == [("on",)] * 3


def test_chinese_has_trigrams(server: api.Server) -> None:
    """Under plain C character classes pg_trgm finds no letters in Chinese, and name search nobody."""
    with psycopg.connect(server.url(api.OWNER)) as connection:
        connection.execute("create extension if not exists pg_trgm")
        row = connection.execute("select cardinality(show_trgm('张三丰')), upper('é')").fetchone()
    assert row == (4, "É")


def test_log_keeps_statements_and_details_out(server: api.Server) -> None:
    with psycopg.connect(server.url(api.OWNER), autocommit=True) as connection:
        connection.execute("create table phones (phone text primary key)")
        for _ in range(2):
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("insert into phones values ('13800138000')")
    deadline = time.monotonic() + 60
    while "phones_pkey" not in (log := log_of(server)) and time.monotonic() < deadline:
        time.sleep(0.05)  # a process of its own writes the log
    assert "phones_pkey" in log
    assert "13800138000" not in log
