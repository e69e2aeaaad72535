"""A small brand whose customers want to be forgotten, and an inspector who looks everywhere for them.

People come as a member list, a list of their other accounts and sales, by files that are kept; the server's logs have numbers
in them, as careless statements leave them. The inspector dumps the database, opens every Parquet file, and reads logs and
kept files.
"""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
import pyarrow.parquet as pq

from benchmarks.machine import REPOSITORY
from benchmarks.result import Claims
from benchmarks.scratch import Home
from huoshui.core.postgres import cluster
from huoshui.core.postgres.api import DATABASE, OWNER
from huoshui.core.postgres.engine import bundled_programs

SALES_EACH = 6


@dataclass(frozen=True)
class Customer:
    card: str
    member: str
    phone: str
    email: str
    openid: str
    unionid: str
    name: str

    @property
    def words(self) -> tuple[str, ...]:
        """All that she is known by, as it may be spelt."""
        return (
            *(self.card, self.member, self.phone, f"+86{self.phone}", self.email, self.openid, self.unionid),
            self.name,
        )

    @property
    def contacts(self) -> tuple[str, ...]:
        return f"+86{self.phone}", self.email


def through(home: Home, claims: Claims, *, seed: int, customers: int, gone: int) -> dict[str, Any]:
    draw = random.Random(seed)
    everyone = [_customer(number, draw) for number in range(customers)]
    files = _files(home, everyone, draw)
    _take_in(home, files)
    _careless(home, everyone[: 2 * gone])
    hers, others = everyone[:gone], everyone[gone:]
    words = [w for c in hers for w in c.words] + _keys(home, [w for c in hers for w in c.contacts])
    seals = _seals(home, hers)
    before = _found(home, words + seals)
    for place in ("dump", "kept files", "logs"):
        claims.at_least(f"before: words of the {gone} in {place}", len(before[place]), gone)
    books = _books(home)
    backup = _dump(home, "custom")
    started = perf_counter()
    told = home.told("rights", "erase", "card_no", *[c.card for c in hers], "--proof", "law", "--json")
    seconds = perf_counter() - started
    _nothing(claims, home, words + seals, "after the erasure")
    claims.equal("books after the erasure", _books(home), books)
    _still_there(claims, home, others)
    _take_in(home, files)
    _nothing(claims, home, words, "after importing the old files again")
    claims.equal("books after the old files", _books(home), books)
    home.run("lake", "rebuild")
    _nothing(claims, home, words, "after lake rebuild")
    _restore(home, backup)
    claims.at_least("words that the restored backup knows", len(_found(home, words)["dump"]), gone)
    again = home.told("rights", "reapply")
    home.run("lake", "rebuild")
    _nothing(claims, home, words + seals, "after a restore")
    claims.equal("books after the restore", _books(home), books)
    claims.equal("audit is clean", home.told("audit", "--json")["clean"], True)
    shutil.rmtree(_beside(home))
    return {
        "customers": customers,
        "erased": told["identities"],
        "erased again after the restore": again["identities"],
        "words looked for": len(words),
        "found before": {place: len(found) for place, found in before.items()},
        "seconds of the erasure": round(seconds, 1),
        "certificate": told["erased"],
    }


def _customer(number: int, draw: random.Random) -> Customer:
    mark = "".join(draw.choices("abcdefghjkmnpqrstuvwxyz", k=10))
    return Customer(
        card=f"VC{number:06d}{draw.randrange(10**4):04d}",
        member=f"HY{number:06d}{draw.randrange(10**4):04d}",
        phone=f"{draw.choice(('138', '139', '150', '158', '186', '187'))}{number:05d}{draw.randrange(1000):03d}",
        email=f"{mark}{number}@example.com",
        openid=f"oAx{mark}{number:06d}",
        unionid=f"uNi{mark}{number:06d}",
        name=f"林{mark[:3]}{number}",
    )


def _beside(home: Home) -> Path:
    """Where the owner of the files keeps them, and the inspector works: no part of the product."""
    return home.path.parent / f"{home.path.name}-files"


@dataclass(frozen=True)
class Files:
    people: Path
    cards: Path
    sales: Path


def _files(home: Home, everyone: list[Customer], draw: random.Random) -> Files:
    """Members with their numbers; a workbook that ties other accounts to them; sales under card, phone or member number."""
    folder = _beside(home)
    folder.mkdir(exist_ok=True)
    files = Files(folder / "people.csv", folder / "accounts.csv", folder / "sales.csv")
    _write(
        files.people,
        ("会员卡号", "手机号", "邮箱", "姓名", "生日", "同意短信"),
        ((c.card, c.phone, c.email, c.name, "1990-01-01", draw.choice("是否")) for c in everyone),
    )
    _write(
        files.cards,
        ("会员卡号", "会员编号", "openid", "unionid", "姓名"),
        ((c.card, c.member, c.openid, c.unionid, c.name) for c in everyone),
    )
    head = ("销售单号", "交易时间", "门店编码", "会员卡号", "手机号", "商品编码", "数量", "实付金额")
    _write(files.sales, head, _sales(everyone, draw))
    return files


def _sales(everyone: list[Customer], draw: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(len(everyone) * SALES_EACH):
        c = draw.choice(everyone)
        known = draw.choice(((c.card, ""), ("", c.phone), (c.card, c.phone), ("", "")))
        day = f"2026-{draw.randrange(1, 7):02d}-{draw.randrange(1, 29):02d} 1{draw.randrange(10)}:30:00"
        money = f"{draw.randrange(1_000, 90_000) / 100:.2f}"
        yield (f"O{number:07d}", day, f"S{draw.randrange(9)}", *known, f"P{draw.randrange(40)}", 1, money)


def _write(file: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(head)
        writer.writerows(rows)


def _take_in(home: Home, files: Files) -> None:
    for kind, file in (("people", files.people), ("people", files.cards), ("sales", files.sales)):
        _once(home, "upload", kind, str(file))
    _once(home, "settle")


def _once(home: Home, *arguments: str, told: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.erased_once", *arguments],
        env=home.environment,
        cwd=REPOSITORY,
        input=told,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AssertionError(done.stderr[-3000:])
    return done.stdout


def _careless(home: Home, customers: list[Customer]) -> None:
    """The server writes down statements that fail, and whoever started it kept what it said."""
    with home.connect() as connection:
        for c in customers:
            with suppress(psycopg.Error):
                connection.execute(f"select '{c.phone}'::date, '{c.email}'")
    said = "".join(f"WARNING could not call back +86{c.phone} ({c.name}, {c.card})\n" for c in customers)
    (home.path / "serve.log").write_text(said, encoding="utf-8")


def _keys(home: Home, contacts: list[str]) -> list[str]:
    return _once(home, "keys", told="".join(f"{c}\n" for c in contacts)).split()


def _seals(home: Home, customers: list[Customer]) -> list[str]:
    """Her sealed contacts, as a dump writes them."""
    cards = [c.card for c in customers]
    rows = home.rows(
        "select encode(other.sealed, 'hex') from identifier mine join identifier other using (person_id)"
        " where mine.kind = 'card_no' and mine.key = any(%s) and other.sealed is not null",
        cards,
    )
    return [seal for (seal,) in rows]


def _nothing(claims: Claims, home: Home, words: list[str], when: str) -> None:
    for place, found in _found(home, words).items():
        claims.equal(f"{when}: hits in {place}", sorted(found)[:5], [])


def _still_there(claims: Claims, home: Home, others: list[Customer]) -> None:
    keys = _keys(home, [f"+86{c.phone}" for c in others])
    (kept,) = home.row("select count(*) from identifier where kind = 'phone' and key = any(%s)", keys)
    claims.equal("phones of all others, found as before", kept, len(others))


_TOKEN = re.compile(rb"[0-9A-Za-z@._+\x80-\xff-]+")


def _found(home: Home, words: list[str]) -> dict[str, set[str]]:
    """Which of these words stand where. Whole words: a phone number within a longer number is another number."""
    sought = {w.encode() for w in words}
    sought |= {w.lstrip(b"+") for w in sought}
    return {place: _among(texts, sought) for place, texts in _places(home).items()}


def _among(texts: Iterable[bytes], sought: set[bytes]) -> set[str]:
    found: set[bytes] = set()
    for text in texts:
        tokens = set(_TOKEN.findall(text))
        found |= sought & (tokens | {t.strip(b".+-") for t in tokens} | {t.lstrip(b"x") for t in tokens})
    return {word.decode() for word in found}


def _places(home: Home) -> dict[str, Iterator[bytes]]:
    own = cluster.existing(home.path)
    assert own is not None
    logs = [*home.path.glob("*.log"), *own.log.glob("*")]
    kept = [p for p in (home.path / "imports").rglob("*") if p.is_file()]
    return {
        "dump": iter([_dump(home, "plain").read_bytes()]),
        "Parquet": (_parquet(p) for p in (home.path / "lake").rglob("*.parquet")),
        "logs": (p.read_bytes() for p in logs),
        "kept files": (part for p in kept for part in _opened(p)),
    }


def _parquet(file: Path) -> bytes:
    """Its bytes as they lie, and what they say."""
    text = io.StringIO()
    for row in pq.read_table(file).to_pylist():
        text.write(" ".join(str(value) for value in row.values()) + "\n")
    return file.read_bytes() + text.getvalue().encode()


def _opened(file: Path) -> Iterator[bytes]:
    yield file.read_bytes()
    if file.suffix == ".parquet":
        yield _parquet(file)
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def _dump(home: Home, form: str) -> Path:
    file = home.path / f"backup.{form}"
    command = [bundled_programs() / "pg_dump", f"--format={form}", f"--file={file}"]
    subprocess.run([*command, home.server.superuser_url(DATABASE)], check=True, capture_output=True)
    if form == "plain":
        text = file.read_bytes()
        file.unlink()
        file = _beside(home) / "dump.sql"
        file.write_bytes(text)
    return file


def _restore(home: Home, backup: Path) -> None:
    with home.connect("postgres") as connection:
        connection.execute(f"drop database {DATABASE} with (force)")
        connection.execute(f"create database {DATABASE} owner {OWNER}")
    command = [bundled_programs() / "pg_restore", "--dbname", home.server.superuser_url(DATABASE)]
    subprocess.run([*command, backup], check=True, capture_output=True)
    backup.unlink()


def _books(home: Home) -> dict[str, Any]:
    """What must stay to the cent."""
    asked = {
        "orders": "select count(*), sum(amount), sum(refunded) from sale",
        "lines": "select count(*), sum(amount), sum(quantity_milli) from fact_line",
        "transfers": "select count(*), sum(amount) from transfer",
        "balances": "select count(*), sum(balance) from account",
        "stock": "select count(*), sum(on_hand_milli) from stock",
    }
    return {name: [str(value) for value in home.row(query)] for name, query in asked.items()}
