"""A folder of an SFTP server, by asyncssh. The server is known by its key, from the first time on."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from huoshui.intake.pickup import addresses
from huoshui.intake.pickup.faults import Fault, missing
from huoshui.intake.pickup.places.base import CHUNK, MOST, Seen, Sink, walk
from huoshui.intake.pickup.types import Entry

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")

_CONNECT_SECONDS: Final = 15
_ANSWER_SECONDS: Final = 60
# Nothing of the machine's own ways with SSH: no agent, no keys or settings of whoever runs the workers
_ALONE: Final[dict[str, Any]] = {"config": [], "agent_path": None}


class Sftp:
    is_atomic = False

    def __init__(self, place: Mapping[str, str], secret: Mapping[str, str], host_key: str) -> None:
        try:
            import asyncssh
        except ImportError:
            raise missing("asyncssh") from None
        self._ssh = asyncssh
        self._root = place.get("path", "") or "."
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        try:
            with self._told(on_missing="no_folder"):
                self._do(self._connect(place, secret, host_key), _CONNECT_SECONDS * 2)
        except BaseException:
            self.close()
            raise

    async def _connect(self, place: Mapping[str, str], secret: Mapping[str, str], host_key: str) -> None:
        port = int(place.get("port") or 22)
        where = {"host": addresses.resolved(place["host"], port), "port": port}
        ssh = self._ssh
        if not host_key:  # asked for before a password is sent to whoever answers there
            key = await ssh.get_server_host_key(**where, config=[])
            if key is None:
                raise Fault("failed")
            host_key = key.export_public_key("openssh").decode().strip()
        self.host_key = host_key
        keys = [self._private_key(secret)] if secret.get("private_key") else None
        self._connection = await ssh.connect(
            **where,
            **_ALONE,
            username=place["user"],
            password=None if keys else secret.get("password", ""),
            client_keys=keys,
            known_hosts=([ssh.import_public_key(host_key)], [], []),
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_CONNECT_SECONDS,
            keepalive_interval=20,
        )
        self._sftp = await self._connection.start_sftp_client(path_errors="surrogateescape")
        if not await self._sftp.isdir(self._root):
            raise Fault("no_folder")

    def _private_key(self, secret: Mapping[str, str]) -> asyncssh.SSHKey:
        try:
            return self._ssh.import_private_key(secret["private_key"], secret.get("passphrase") or None)
        except (self._ssh.KeyImportError, self._ssh.KeyEncryptionError, ValueError):
            raise Fault("wrong_password") from None

    def look(self, patterns: tuple[str, ...]) -> list[Entry]:
        with self._told(on_missing="no_folder"):
            return walk(lambda folder: self._do(self._list(folder)), patterns)

    async def _list(self, folder: str) -> list[Seen]:
        found: list[Seen] = []
        async for thing in self._sftp.scandir(self._at(folder)):
            name = thing.filename
            assert isinstance(name, str)
            if name in (".", ".."):
                continue
            about = thing.attrs
            kind = about.permissions or 0
            is_folder, is_file = stat.S_ISDIR(kind), stat.S_ISREG(kind)
            found.append(
                Seen(name, is_folder, is_file, about.size or 0, _mark(about), float(about.mtime or 0))
            )
            if len(found) > MOST:
                break
        return found

    def fetch(self, entry: Entry, target: Sink) -> None:
        with self._told(on_missing="vanished"):
            self._do(self._fetch(entry, target), None)

    async def _fetch(self, entry: Entry, target: Sink) -> None:
        path, taken = self._at(entry.path), 0
        if _mark(await self._sftp.lstat(path)) != entry.mark:
            raise Fault("changed")
        async with self._sftp.open(path, "rb") as file:
            while chunk := await asyncio.wait_for(file.read(CHUNK), _ANSWER_SECONDS):
                assert isinstance(chunk, bytes)
                taken += len(chunk)
                if taken > entry.size:  # it grows under our hands
                    raise Fault("changed")
                target.write(chunk)
        if taken != entry.size or _mark(await self._sftp.lstat(path)) != entry.mark:
            raise Fault("changed")

    def put_away(self, entry: Entry, target: str) -> None:
        with self._told(on_missing="vanished"):
            self._do(self._put_away(entry, target))

    async def _put_away(self, entry: Entry, target: str) -> None:
        if _mark(await self._sftp.lstat(self._at(entry.path))) != entry.mark:
            raise Fault("changed")
        await self._sftp.makedirs(self._at(target.rpartition("/")[0]), exist_ok=True)
        # Plain SFTP rename: the protocol lets it fail where the name is taken, it never overwrites
        await self._sftp.rename(self._at(entry.path), self._at(target))

    def _at(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}" if path else self._root

    def _do(self, work: Coroutine[Any, Any, T], seconds: float | None = _ANSWER_SECONDS) -> T:
        return self._runner.run(asyncio.wait_for(work, seconds))

    @contextmanager
    def _told(self, on_missing: str) -> Iterator[None]:
        """What went wrong, in our words: a library's may hold what was sent."""
        ssh = self._ssh
        try:
            yield
        except (ssh.HostKeyNotVerifiable, ssh.KeyExchangeFailed):
            raise Fault("host_key_changed") from None
        except ssh.PermissionDenied:
            raise Fault("wrong_password") from None
        except (ssh.SFTPNoSuchFile, ssh.SFTPNoSuchPath):
            raise Fault(on_missing) from None
        except ssh.SFTPPermissionDenied:
            raise Fault("denied") from None
        except (
            ssh.ConnectionLost,
            ssh.SFTPConnectionLost,
            ssh.SFTPNoConnection,
            ConnectionResetError,
            BrokenPipeError,
        ):
            raise Fault("lost") from None
        except TimeoutError:
            raise Fault("slow") from None
        except (ConnectionError, socket.gaierror, OSError):
            raise Fault("unreachable") from None
        except ssh.DisconnectError:
            raise Fault("lost") from None
        except ssh.Error:
            raise Fault("failed") from None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._runner.close()


def _mark(about: asyncssh.SFTPAttrs) -> str:
    return f"{about.size}:{about.mtime}"


def fingerprint(host_key: str) -> str:
    """As administrators compare it: SHA256:…"""
    import base64
    import hashlib

    parts = host_key.split()
    if len(parts) < 2:
        return ""
    digest = hashlib.sha256(base64.b64decode(parts[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
