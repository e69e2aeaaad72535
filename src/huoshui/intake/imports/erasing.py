"""Imports keep files as they came: what they say of the erased goes out of them, or they go.

Text is overwritten where it stands, byte for byte, so that a process that has the file open is not disturbed; a workbook that
holds somebody erased is deleted. Files that were imported from where they lie are their owner's, and are left alone.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from huoshui.core.blotting import Words, blot, pattern
from huoshui.core.crypto import digest
from huoshui.core.subscribers import Erased
from huoshui.intake.imports.models import ImportRun
from huoshui.people import api as people

_TEXT = frozenset({".csv", ".tsv", ".txt", ".log", ".json"})
_GONE = "这次导入的文件里有已经注销的顾客，文件已删除。要导入请去掉他们再上传。"
_PIECE = 64 << 20


def erase(whom: Erased) -> Mapping[str, int]:
    """Before the tables are cleaned, by plain values; whole uploads of runs that are over and told of these persons."""
    over = set(
        ImportRun.objects.filter(id__in=whom.run_ids, state=ImportRun.DONE).values_list("id", flat=True)
    )
    dropped = sum(drop_uploads(run_id) for run_id in over)
    for folder in root().glob("*/preview"):
        shutil.rmtree(folder, ignore_errors=True)
    masked = 0
    found = pattern(whom.words)
    if found is None:
        return {"导入时留下的文件": dropped}
    for path in _kept():
        if path.suffix.lower() in _TEXT:
            lines = blot(path, found, whole_line=True)
            masked += lines
            if lines and path.name == "problems.csv":
                # A number of hers that nobody could read stands there without anything that says whose it is
                path.with_suffix(".parquet").unlink(missing_ok=True)
        elif path.suffix.lower() == ".parquet":
            masked += _drop_rows(path, whom.words)
        elif _holds(path, found):
            path.unlink()
            _tell(path)
            dropped += 1
    return {"导入时留下的文件": dropped, "导入时留下的文字": masked}


def after_run(run_id: int) -> None:
    """A run is over. Where somebody was erased, what an old file says of him must not lie here again: the upload has done
    its work and goes; rows set aside lose theirs."""
    if not people.is_any_erased():
        return
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        return
    if run.state == ImportRun.DONE and not run.is_dry_run:
        drop_uploads(run_id)
    words = {w for path in _kept(run_id) for w in _erased_words(path)}
    if words:
        erase(Erased((), frozenset(words)))


def sweep(*, before: datetime) -> int:
    """Uploads that nobody has started since then: what they say of the erased goes, as it would after a run. (Not at once: a
    run stops it at the river, and keeps her orders, nobody's.) Returns how many uploads were looked through."""
    if not people.is_any_erased():
        return 0
    waiting = ImportRun.objects.filter(state=ImportRun.UPLOADED, created_at__lt=before)
    run_ids = list(waiting.order_by("id").values_list("id", flat=True))
    words = {w for run_id in run_ids for path in _kept(run_id) for w in _erased_words(path)}
    if words:
        erase(Erased((), frozenset(words)))
    return len(run_ids)


def root() -> Path:
    return Path(settings.HUOSHUI_HOME) / "imports"


def _kept(run_id: int | None = None) -> Iterator[Path]:
    place = root() if run_id is None else root() / str(run_id)
    for path in sorted(place.rglob("*")):
        # What a run at work has staged goes with it, and what it then says of the erased is stopped at the river
        if path.is_file() and "work" not in path.relative_to(root()).parts[1:2]:
            yield path


def drop_uploads(run_id: int) -> int:
    """Also the half-read tables behind a preview."""
    dropped = 0
    for name in ("files", "preview", "work"):
        folder = root() / str(run_id) / name
        dropped += sum(1 for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder, ignore_errors=True)
    return dropped


def _tell(path: Path) -> None:
    number = path.relative_to(root()).parts[0]
    if number.isdecimal():
        ImportRun.objects.filter(id=int(number)).exclude(state=ImportRun.DONE).update(
            state=ImportRun.FAILED, message=_GONE
        )


def _drop_rows(path: Path, words: frozenset[str]) -> int:
    try:
        rows = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        path.unlink()  # nobody can read it, and nobody can say whom it names
        return 1
    wanted = pa.array(sorted(words), pa.string())
    is_hers = pa.chunked_array([pa.repeat(pa.scalar(False), rows.num_rows)])
    for column in rows.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            is_hers = pc.or_(is_hers, pc.fill_null(pc.is_in(column.cast(pa.string()), wanted), False))
    gone = pc.sum(is_hers).as_py() or 0
    if gone:
        pq.write_table(rows.filter(pc.invert(is_hers)), path)
    return int(gone)


def _holds(path: Path, found: Words) -> bool:
    return any(found.search(content) for content in _contents(path))


def _contents(path: Path) -> Iterator[bytes]:
    """What is in a file, unpacked; in pieces that overlap, so that nothing is cut in two."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    yield from _pieces(member)
        return
    with path.open("rb") as file:
        yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    tail = b""
    while piece := file.read(_PIECE):
        yield tail + piece
        tail = piece[-1024:]


_TOKEN = re.compile(r"[0-9A-Za-z@._+-]{5,64}")
_PHONE = re.compile(r"^(?:\+?86)?(1\d{10})$")


def _erased_words(path: Path) -> set[str]:
    """Values in a kept file that stand for somebody erased: told by their marks, since nobody knows them in plain any more."""
    names: dict[tuple[str, str, str], str] = {}
    for content in _contents(path):
        for token in set(_TOKEN.findall(content.decode("latin-1"))):
            if phone := _PHONE.match(token):
                names["phone", "", digest(f"+86{phone[1]}")] = token
            elif "@" in token:
                names["email", "", digest(token.lower())] = token
            for kind in ("card_no", "member_no", "unionid", "openid", "external_userid"):
                names[kind, "", token] = token
    return {names[name] for name in people.erased_among(names)}
