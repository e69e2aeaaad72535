"""SFTP, against a real server: its key is known from the first time on, and what goes wrong loses nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.intake.imports.tests.shop import SALES, sums, write
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup.places.sftp import fingerprint
from huoshui.intake.pickup.tests.places import asked, begun, fault, items, look, settled, states
from huoshui.intake.pickup.tests.servers import PASSWORD, SftpServer, sftp


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp(tmp_path_factory.mktemp("sftp")) as server:
        (server.root / "日报").mkdir()
        yield server


def over(server: SftpServer, *, password: str = PASSWORD, name: str = "日报", **files: Any) -> pickup.Asked:
    place = {"host": "127.0.0.1", "port": str(server.port), "user": "shop", "path": "/日报"}
    return asked("sftp", place, files=files, name=name, secret={"password": password})


def test_a_file_comes_in_once_and_is_moved(shop: Path, server: SftpServer, travel: Any) -> None:
    write(server.root / "日报", "一日.csv", SALES)
    pickup_id = begun(over(server, done_folder="已取"))
    settled(pickup_id, travel)
    assert sums()[:2] == (2, 5050)
    look(pickup_id)
    (item,) = items(pickup_id)
    assert (item.state, item.rows) == ("done", 3)
    assert (server.root / "日报" / item.put_away).read_text(encoding="utf-8-sig") == SALES
    assert not (server.root / "日报" / "一日.csv").exists()
    assert pickup.pickup_for(SYSTEM, pickup_id).host_key == server.key.export_public_key().decode().strip()
    assert fingerprint(pickup.pickup_for(SYSTEM, pickup_id).host_key) == server.key.get_fingerprint()


def test_another_host_key_gets_no_password_until_it_is_accepted(
    shop: Path, server: SftpServer, travel: Any
) -> None:
    write(server.root / "日报", "一日.csv", SALES)
    pickup_id = begun(over(server))
    look(pickup_id)
    server.stop()
    server.key = asyncssh.generate_private_key("ssh-ed25519")
    server.passwords.clear()
    server.start()
    look(pickup_id)
    assert fault(pickup_id) == "host_key_changed" and server.passwords == []
    pickup.accept_host_key(pickup_id, actor=SYSTEM)
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")] and set(server.passwords) == {PASSWORD}


def test_faults_and_the_way_back(shop: Path, server: SftpServer, travel: Any) -> None:
    write(server.root / "日报", "一日.csv", SALES)
    pickup_id = begun(over(server, password="不对-secret"))
    look(pickup_id)
    told = pickup.pickup_for(SYSTEM, pickup_id)
    assert told.fault == "wrong_password" and "secret" not in told.said
    assert (told.next_at - told.looked_at).total_seconds() == 3600  # type: ignore[operator]  # it was looked at
    pickup.change(pickup_id, over(server), actor=SYSTEM)
    server.stop()
    look(pickup_id)
    look(pickup_id)
    told = pickup.pickup_for(SYSTEM, pickup_id)
    assert (told.fault, told.failures) == ("unreachable", 2)
    server.start()
    look(pickup_id)
    assert fault(pickup_id) == ""
    (server.root / "日报").rename(server.root / "别处")
    look(pickup_id)
    assert fault(pickup_id) == "no_folder"
    (server.root / "别处").rename(server.root / "日报")
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")] and fault(pickup_id) == ""


def test_a_connection_cut_midway_leaves_nothing_half_done(
    shop: Path, server: SftpServer, travel: Any
) -> None:
    rows = "".join(f"A{n},2026-03-01 10:00:00,S1,,,P1,1,1.00,,已付款\n" for n in range(3, 1003))
    write(server.root / "日报", "一日.csv", SALES + rows)
    pickup_id = begun(over(server))
    look(pickup_id)
    travel.shift(40)
    server.cut_after = 20_000
    look(pickup_id)
    assert fault(pickup_id) == "lost" and states(pickup_id) == [("一日.csv", "seen")] and sums()[0] == 0
    server.cut_after = 0
    look(pickup_id)
    assert states(pickup_id) == [("一日.csv", "done")] and sums()[0] == 1002


def test_a_file_changed_while_it_is_read_is_not_used(shop: Path, server: SftpServer, travel: Any) -> None:
    file = write(server.root / "日报", "一日.csv", SALES)
    pickup_id = begun(over(server))
    look(pickup_id)
    travel.shift(40)

    def write_more(offset: int) -> None:
        server.on_read = None
        file.write_text(SALES.replace("15.00", "16.00"), encoding="utf-8-sig")
        os.utime(file, (2_000_000_000, 2_000_000_000))

    server.on_read = write_more
    look(pickup_id)
    assert sums()[0] == 0 and fault(pickup_id) == ""
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")] and sums()[:2] == (2, 5150)


def test_a_file_that_vanished_comes_back(shop: Path, server: SftpServer, travel: Any) -> None:
    file = write(server.root / "日报", "一日.csv", SALES)
    pickup_id = begun(over(server))
    look(pickup_id)
    travel.shift(40)
    stat, away = file.stat(), file.with_suffix(".away")
    file.rename(away)
    look(pickup_id)
    assert items(pickup_id) == []  # nothing was taken, so there is nothing to tell
    away.rename(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")]


def test_a_key_with_a_passphrase_opens_it(shop: Path, server: SftpServer, travel: Any) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.authorized = key.export_public_key().decode()
    server.stop()
    server.start()
    write(server.root / "日报", "一日.csv", SALES)
    secret = {
        "private_key": key.export_private_key(passphrase="暗号", rounds=64).decode(),
        "passphrase": "暗号",
    }
    pickup_id = begun(asked("sftp", over(server).place, secret=secret, name="钥匙"))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")] and server.passwords == []


def test_a_password_is_not_sent_elsewhere(shop: Path, server: SftpServer, travel: Any) -> None:
    pickup_id = begun(over(server))
    told = over(server)
    elsewhere = asked("sftp", {**told.place, "host": "localhost"})
    with pytest.raises(Refused, match="再填一次"):
        pickup.change(pickup_id, elsewhere, actor=SYSTEM)
    assert pickup.pickup_for(SYSTEM, pickup_id).place["host"] == "127.0.0.1"
    pickup.change(pickup_id, asked("sftp", told.place), actor=SYSTEM)  # the same place: the password stays
    look(pickup_id)
    assert fault(pickup_id) == ""


def test_a_trial_shows_what_is_there_and_takes_nothing(shop: Path, server: SftpServer, travel: Any) -> None:
    write(server.root / "日报", "一日.csv", SALES)
    pickup_id = pickup.add(over(server), actor=SYSTEM)
    pickup.ask_trial(pickup_id, actor=SYSTEM)
    pickup.attend(pickup_id)
    seen = pickup.trial(SYSTEM, pickup_id)
    assert seen is not None and seen.code == "" and seen.is_sure and seen.label == "销售"
    assert [file[:2] for file in seen.files] == [("一日.csv", len(SALES.encode("utf-8-sig")))]
    assert fingerprint(seen.host_key) == server.key.get_fingerprint()
    assert "139****5678" in {cell for row in seen.rows for cell in row}
    assert "13912345678" not in str(seen)
    assert items(pickup_id) == [] and sums()[0] == 0
