"""The archive a dealer takes along: tables as CSV and workbook, a hash of each file, and a signature over the hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.crypto import digest
from huoshui.core.errors import NotFound
from huoshui.trade.protection import taking
from huoshui.trade.protection.actions import may_say

_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_SHEET_ROWS: Final = 1_048_575  # of a workbook, below its heading
SUMS, SIGNATURE, KEY = "SHA256SUMS", "SHA256SUMS.sig", "public.pem"
VERIFY: Final = (
    f"sha256sum -c {SUMS}",
    f"openssl pkeyutl -verify -pubin -inkey {KEY} -rawin -in {SUMS} -sigfile {SIGNATURE}",
)


class Archive(NamedTuple):
    """`file` stands at its beginning; closing it removes it. `rows`: table → how many."""

    name: str
    file: IO[bytes]
    rows: dict[str, int]


def take_along(dealer_id: int, *, actor: Actor) -> Archive:
    """Everything that is the dealer's, for its owner, in the caller's transaction with its trace. No more than a page of rows
    is in memory. Raises NotFound for anybody else."""
    if not may_say(actor, dealer_id):
        raise NotFound
    made = tempfile.TemporaryFile()  # noqa: SIM115  # it outlives this: whoever sends it closes it
    sums: dict[str, str] = {}
    rows: dict[str, int] = {}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in taking.tables(actor, dealer_id):
            rows[table.name] = _put(archive, table, sums)
        _sign(archive, sums, rows)
    made.seek(0)
    audit(actor, "protection.exported", "org_unit", dealer_id, rows=rows, sums=sums)
    return Archive(f"{clock.today():%Y-%m-%d} 我的顾客和账.zip", made, rows)


def _put(archive: zipfile.ZipFile, table: taking.Table, sums: dict[str, str]) -> int:
    """Both files in one pass over the rows."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="huoshui-") as folder:
        beside = Path(folder) / "table.xlsx"
        with archive.open(f"{table.name}.csv", "w", force_zip64=True) as out:
            hashed = _Hashed(out)
            text = io.TextIOWrapper(io.BufferedWriter(hashed, 2**16), encoding="utf-8-sig", newline="")
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow(table.head)
            with _sheet(beside, table.name) as sheet:
                sheet.write_row(0, 0, table.head)
                for count, row in enumerate(table.rows, start=1):
                    writer.writerow([safe(cell) for cell in row])
                    if count <= _SHEET_ROWS:
                        sheet.write_row(count, 0, row)
            text.flush()
        sums[f"{table.name}.csv"] = hashed.sum.hexdigest()
        if count <= _SHEET_ROWS:
            archive.write(beside, f"{table.name}.xlsx")
            with beside.open("rb") as again:
                sums[f"{table.name}.xlsx"] = hashlib.file_digest(again, "sha256").hexdigest()
    return count


class _Hashed(io.RawIOBase):
    """Hashes what goes through it."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.sum = out, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sum.update(data)
        return self.out.write(data)


class _sheet:
    """A workbook of one sheet, of which one row is in memory; text stays text, whatever it looks like."""

    def __init__(self, path: Path, name: str) -> None:
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "tmpdir": str(path.parent), **plain}
        )
        self.sheet = self.book.add_worksheet(name)

    def __enter__(self) -> Any:
        return self.sheet

    def __exit__(self, *_: object) -> None:
        self.book.close()


def safe(text: str) -> str:
    """A cell that begins like a formula is shown as the text it is (OWASP: CSV injection); a number below zero is a number."""
    if not text.lstrip().startswith(_COMMANDS) and not text.startswith(_COMMANDS):
        return text
    return text if text.removeprefix("-").replace(".", "", 1).isdecimal() else f"'{text}"


def _sign(archive: zipfile.ZipFile, sums: dict[str, str], rows: dict[str, int]) -> None:
    told = _readme(rows)
    archive.writestr("说明.txt", told)
    sums["说明.txt"] = hashlib.sha256(told.encode()).hexdigest()
    listed = "".join(f"{value}  {name}\n" for name, value in sums.items()).encode()
    key = _key()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    archive.writestr(SUMS, listed)
    archive.writestr(SIGNATURE, key.sign(listed))
    archive.writestr(KEY, public)


def _readme(rows: dict[str, int]) -> str:
    counted = "\n".join(f"  {name}：{count} 行" for name, count in rows.items())
    return (
        "这是归您的顾客和账，由您自己导出。\n"
        f"{counted}\n"
        "手机和其他联系方式只有您门店带来的；在您门店买过、但不归您的顾客，只有订单，没有顾客编号。\n"
        "超过 1,048,575 行的表只有 CSV。\n\n"
        "核对文件没有被改过，在解开的文件夹里运行：\n" + "\n".join(f"  {line}" for line in VERIFY) + "\n"
    )


def _key() -> Ed25519PrivateKey:
    """The house's own, the same for good: worked out from the key that never changes."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digest("archive:a") + digest("archive:b")))


def public_key() -> str:
    """As head office publishes it, so that an archive is held against it and not against what lies in it alone."""
    return _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
