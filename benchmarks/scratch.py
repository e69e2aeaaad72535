"""Homes to try things in: each with a server, a lake and files of its own, and gone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.machine import REPOSITORY
from huoshui.core.postgres import cluster
from huoshui.core.postgres.api import DATABASE, OWNER, Server, ensure_server, status, stop

HUOSHUI = Path(sys.executable).with_name("huoshui")
# What the caller's own installation says must not reach a scratch home
_OWN = ("DATABASE_", "HUOSHUI_")


class CommandFailed(Exception):
    """A command of huoshui ended with another code than 0."""


@dataclass(frozen=True)
class Home:
    path: Path
    huoshui: Path = HUOSHUI

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
        return inherited | {"HUOSHUI_HOME": str(self.path)}

    def adopt_process(self) -> None:
        """Make the calling process one of this home's, before it sets up Django; its server is running then."""
        environment = self.environment
        os.environ.clear()
        os.environ.update(environment)
        assert self.server

    @cached_property
    def server(self) -> Server:
        """Its server, started once. What the URLs say stays true however often the server dies."""
        return ensure_server(self.path)

    @property
    def postmaster(self) -> int | None:
        """The process of a server that answers; None while none does. Starts nothing."""
        return status(self.path).pid

    def connect(self, database: str = DATABASE) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.server.superuser_url(database), autocommit=True)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            # No values, no looking for them: a bare % then means itself
            return connection.execute(query, values or None).fetchall()

    def row(self, query: str, *values: Any) -> tuple[Any, ...]:
        return self.rows(query, *values)[0]

    def run(self, *arguments: str) -> str:
        """What `huoshui …` prints."""
        done = subprocess.run(
            [str(self.huoshui), *arguments],
            env=self.environment,
            cwd=self.path,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            last_words = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}".strip()
            raise CommandFailed(f"huoshui {' '.join(arguments)}: {done.returncode}\n{last_words}")
        return done.stdout

    def told(self, *arguments: str) -> Any:
        """What `huoshui …` prints as JSON."""
        return json.loads(self.run(*arguments))

    def python(self, *arguments: str) -> str:
        """What a script or module of ours prints, in a process of its own and of this home."""
        return python(*arguments, environment=self.environment)

    def migrate(self) -> None:
        self.python(
            "-c",
            "from huoshui.project import boot; boot.boot('river', with_owner=True); boot.migrate_if_needed()",
        )

    @contextmanager
    def filling(self, tables: Sequence[str]) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection to fill these tables with. Their indexes are made afterwards: a hundred times as many pages would be
        written."""
        with self.connect() as connection:
            connection.execute("set maintenance_work_mem = '1GB'")
            connection.execute("set synchronous_commit = off")
            indexes = connection.execute(
                """
                select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = any(%s)
                    and indexname not in (select conname from pg_constraint)
                """,
                (list(tables),),
            ).fetchall()
            for name, _ in indexes:
                connection.execute(f"drop index {name}".encode())
            yield connection
            for _, definition in indexes:
                connection.execute(definition.encode())

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """`huoshui …` as a service: in a process group of its own, its words in a log."""
        with log.open("ab") as file:
            return subprocess.Popen(
                [str(self.huoshui), *arguments],
                env=self.environment,
                cwd=self.path,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def empty(self) -> None:
        """As if nothing had ever been imported; the server stays."""
        with self.connect("postgres") as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")
            connection.execute(f"create database {DATABASE} owner {OWNER}")
        for name in ("lake", "imports"):
            shutil.rmtree(self.path / name, ignore_errors=True)

    def remove(self) -> None:
        """Server, data and files. Nothing is left but what stands outside of the home."""
        kept = cluster.existing(self.path)
        stop(self.path)
        if kept is not None:
            shutil.rmtree(kept.base, ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What `python …` prints, at the repository's root."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def base() -> Path:
    """The folder under which scratch homes are made: in `HUOSHUI_HOME` where it is given."""
    given = os.environ.get("HUOSHUI_HOME")
    folder = Path(given) / "proofs" if given else REPOSITORY / ".proof"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # the server's user must pass through
    return folder.resolve()


def new_home(name: str) -> Home:
    path = base() / f"{name}-{os.getpid()}"
    path.mkdir()
    path.chmod(0o755)
    return Home(path)


@contextmanager
def scratch_home(name: str) -> Iterator[Home]:
    """A home that is removed when all went well, and kept to look into when not."""
    home = new_home(name)
    try:
        yield home
    except BaseException:
        print(f"kept: {home.path}", file=sys.stderr)
        stop(home.path)
        raise
    home.remove()
