"""Real servers on loopback: asyncssh's own SFTP server, and moto's of S3."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import asyncssh

PASSWORD = "口令-pass"


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("shop", PASSWORD)


class SftpServer:
    """One that serves a folder, and can be told to misbehave."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.authorized = ""
        self.cut_after = 0
        """Bytes of a file after which the connection is cut."""
        self.on_read: Any = None
        self.port = 0
        self.passwords: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listening: asyncssh.SSHAcceptor | None = None

    def start(self) -> None:
        self._do(self._start())

    def stop(self) -> None:
        async def stop() -> None:
            if self._listening:
                self._listening.close()
                await self._listening.wait_closed()

        self._do(stop())

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _start(self) -> None:
        house = self

        class Login(_Login):
            def validate_password(self, username: str, password: str) -> bool:
                house.passwords.append(password)
                return super().validate_password(username, password)

        class Files(asyncssh.SFTPServer):
            def __init__(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
                self._connection = chan.get_connection()
                super().__init__(chan, chroot=os.fsencode(house.root))

            def read(self, file_obj: object, offset: int, size: int) -> Any:
                if house.on_read:
                    house.on_read(offset)
                if house.cut_after and offset + size > house.cut_after:
                    self._connection.abort()
                return super().read(file_obj, offset, size)

        self._listening = await asyncssh.create_server(
            Login,
            "127.0.0.1",
            self.port,
            server_host_keys=[self.key],
            sftp_factory=Files,
            authorized_client_keys=asyncssh.import_authorized_keys(self.authorized)
            if self.authorized
            else None,
        )
        self.port = self._listening.get_port()


@contextmanager
def sftp(root: Path) -> Iterator[SftpServer]:
    server = SftpServer(root)
    server.start()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def s3() -> Iterator[str]:
    """Its address. Everything in it is in memory."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


__all__ = ["PASSWORD", "Event", "SftpServer", "s3", "sftp"]
