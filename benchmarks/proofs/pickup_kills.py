"""Tables come in by the clock from a folder, an SFTP server, a bucket and a database, while worker and database are killed.

A service manager starts the worker again; that the embedded database comes back is the worker's own doing. Files are
written while they are looked at; lines of orders that were read before are changed and come late within the overlap. In the
end every order is there once, as it was told last, and every file was moved and none is lost.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.services import Service

NAME = "pickup_kills"
TITLE = "Four places, twelve times kill -9 of worker and database: every table is in once, and none is lost."

ROUNDS, KILLS = 5, 12
_AT_MOST = 75.0
_HEAD = "销售单号,交易时间,门店编码,商品编码,数量,实付金额,订单状态\n"
_PATIENCE = 1200.0


def run(seed: int, *, rounds: int = ROUNDS, kills: int = KILLS) -> Result:
    claims = Claims()
    chance = random.Random(seed)
    with scratch_home(NAME) as home, ExitStack() as stack:
        places = _set_up(home, stack)
        worker = stack.enter_context(Service(home, "worker"))
        expected = 0
        killed = {"worker": 0, "postgres": 0}
        begun = monotonic()
        for number in range(rounds):
            for place in places:
                expected += place.tell(number)
            for _ in range(-(-kills // rounds)):
                _until_under_way(home)
                sleep(chance.uniform(0.0, 2.5))
                _kill(home, worker, chance, killed)
        _until_quiet(home)
        figures = _compared(home, places, expected, claims)
        figures |= {
            "kills": killed,
            "starts of the worker": worker.starts,
            "seconds": round(monotonic() - begun),
        }
    return Result({"claims": claims.made, **figures}, claims.hold)


def _until_under_way(home: Home) -> None:
    """Something has been seen, fetched, tried or imported since: a worker that is still starting is no target."""
    begun, before = monotonic(), _progress(home)
    while monotonic() < begun + _AT_MOST and _progress(home) in (before, None):
        sleep(0.1)


def _progress(home: Home) -> object:
    try:
        return home.rows("select id, state, put_away, run_id from pickup_item order by id")
    except Exception:  # the database is dead, too
        return None


def _kill(home: Home, worker: Service, chance: random.Random, killed: dict[str, int]) -> None:
    if chance.random() < 0.75:
        with suppress(IndexError):  # it has just died, of the database's death
            worker.kill_one(chance)
            killed["worker"] += 1
    elif (postmaster := home.postmaster) is not None:
        os.kill(postmaster, signal.SIGKILL)
        killed["postgres"] += 1


class Place:
    """Where files of five orders each appear."""

    def __init__(self, letter: str, put: Callable[[str, str], None]) -> None:
        self.letter = letter
        self._put = put

    def tell(self, number: int) -> int:
        """Returns what is new, in minor units."""
        lines = [
            f"{self.letter}{number}-{n},2026-03-01 10:00:00,S1,P{n},1,{n + 1}.00,已付款\n" for n in range(5)
        ]
        self._put(f"{self.letter}{number:03d}.csv", _HEAD + "".join(lines))
        return sum(100 * (n + 1) for n in range(5))


class Rows:
    """A table of a till: each round one order of two lines; the one before is changed in one of them."""

    letter = "Q"

    def __init__(self, path: Path) -> None:
        self._till = sqlite3.connect(path, timeout=60)
        self._till.execute("create table sold (no, line, at, store, sku, qty, paid, n integer)")
        self._n = 0

    def tell(self, number: int) -> int:
        for line in (1, 2):
            self._n += 1
            row = (f"Q{number}", line, "2026-03-01 10:00:00", "S1", f"P{line}", 1, 10, self._n)
            self._till.execute("insert into sold values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        more = 0
        if number:
            self._n += 1
            self._till.execute(
                "update sold set paid = 12, n = ? where no = ? and line = 1", (self._n, f"Q{number - 1}")
            )
            more = 200
        self._till.commit()
        return 2000 + more


def _set_up(home: Home, stack: ExitStack) -> list[Place | Rows]:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    import obstore
    from django.db import connections, transaction
    from obstore.store import S3Store

    from huoshui.brand import api as brand
    from huoshui.intake.pickup.tests.places import asked, begun, query
    from huoshui.intake.pickup.tests.servers import PASSWORD, s3, sftp

    with transaction.atomic():
        brand.ensure_headquarters("总部")
    inbox, far = home.path / "inbox", home.path / "far"
    inbox.mkdir()
    far.mkdir()
    server, endpoint = stack.enter_context(sftp(far)), stack.enter_context(s3())
    bucket = _bucket(S3Store, endpoint)
    rows = Rows(inbox / "till.db")

    def place(kind: str, name: str, where: dict[str, str], **secret: str) -> None:
        begun(asked(kind, where, files={"done_folder": "done"}, name=name, every_minutes=1, secret=secret))

    place("folder", "夹", {"path": str(inbox)})
    where = {"host": "127.0.0.1", "port": str(server.port), "user": "shop", "path": "/"}
    place("sftp", "远", where, password=PASSWORD)
    place("s3", "桶", {"endpoint": endpoint, "bucket": "tables", "user": "key"}, password="secret")
    text = (
        'select no as "销售单号", at as "交易时间", store as "门店编码", sku as "商品编码", qty as "数量",'
        ' paid as "实付金额", n from sold'
    )
    told = query(
        {"dialect": "sqlite", "database": str(inbox / "till.db")}, text, cursor="n", key="销售单号", overlap=1
    )
    begun(_every_minute(told))
    connections.close_all()
    return [
        Place("F", lambda name, text: _slowly(inbox / name, text)),
        Place("T", lambda name, text: _slowly(far / name, text)),
        Place("B", lambda name, text: obstore.put(bucket, name, text.encode()) and None),
        rows,
    ]


def _every_minute(told: object) -> object:
    from dataclasses import replace

    return replace(told, name="库", every_minutes=1, form="sales")  # type: ignore[type-var]


def _bucket(kind: type, endpoint: str) -> object:
    import httpx

    signed = (
        "AWS4-HMAC-SHA256 Credential=key/20260302/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
    )
    httpx.put(f"{endpoint}/tables", headers={"Authorization": signed})
    return kind(
        "tables",
        endpoint=endpoint,
        access_key_id="key",
        secret_access_key="secret",
        region="us-east-1",
        client_options={"allow_http": True},
    )


def _slowly(path: Path, text: str) -> None:
    """In two halves: whoever takes the first for the whole has read a cut order."""
    half = len(text) // 2
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:half])
        file.flush()
        sleep(0.3)
        file.write(text[half:])


def _until_quiet(home: Home) -> None:
    """Every file moved, the query's cursor where the till is, and what a killed import had received and not settled swept."""
    patience = monotonic() + _PATIENCE
    while monotonic() < patience:
        sleep(5)
        try:
            (open_items,) = home.row("select count(*) from pickup_item where state not in ('done', 'known')")
            (left,) = home.row("select count(*) from pickup_item where path <> '查询结果' and put_away = ''")
            (unsettled,) = home.row("select count(*) from settlement where state = 'received'")
        except Exception as error:  # the database may be on its way back
            print(error)
            continue
        if not open_items and not left and not unsettled and _is_read(home):
            return


def _is_read(home: Home) -> bool:
    cursor = home.row("select (cursor->>'value')::int from pickup where kind = 'sql'")[0]
    till = sqlite3.connect(home.path / "inbox" / "till.db").execute("select max(n) from sold").fetchone()[0]
    return bool(cursor == till)


def _compared(home: Home, places: list[Place | Rows], expected: int, claims: Claims) -> dict[str, object]:
    audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    claims.equal("paid", home.row("select sum(amount - refunded)::bigint from sale")[0], expected)
    rounds = home.row("select count(*) from pickup_item where path like 'F%%'")[0]
    for place in places:
        if isinstance(place, Place):
            told = home.rows(
                "select state, count(*) from pickup_item where path like %s group by 1", f"{place.letter}%"
            )
            claims.equal(f"files of {place.letter}", told, [("done", rounds)])
    orders = dict(home.rows("select left(order_key, 1), count(*) from sale group by 1"))
    claims.equal("orders", orders, {"F": 5 * rounds, "T": 5 * rounds, "B": 5 * rounds, "Q": rounds})
    done = sorted(file.name.split("-")[0] for file in (home.path / "inbox" / "done").iterdir())
    claims.equal("moved and still there", done, [f"F{n:03d}" for n in range(rounds)])
    runs = home.row("select count(*) from import_run where state = 'done' and not is_dry_run")[0]
    return {"imports": runs, "rounds": rounds}
