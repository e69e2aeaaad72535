"""A zip that holds one table, as bills come: that table, within limits, under a name of our own."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from huoshui.intake.files.errors import FileTooLarge, NotATable, WorkbookLocked

_LARGEST: Final = 1 << 30
_MOST_ENTRIES: Final = 1_000
_CHUNK: Final = 1 << 20
_SUMMARY: Final = "汇总"


def is_workbook(path: Path) -> bool:
    """A zip that is broken is a workbook's trouble to tell."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return True
    return not any(_is_table(name) for name in names) or any(name.startswith("xl/") for name in names)


def take_table(path: Path, target: Path) -> None:
    """Raises NotATable where there is none or several, FileTooLarge."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise FileTooLarge("压缩包里的文件太多。请先解压，再导入里面的表格。")
        tables = [entry for entry in entries if _is_table(_name(entry)) and _SUMMARY not in _name(entry)]
        if len(tables) != 1:
            found = f"有 {len(tables)} 份表格" if tables else "没有表格"
            raise NotATable(f"压缩包里{found}。请先解压，再导入里面的表格。")
        if tables[0].flag_bits & 1:
            raise WorkbookLocked("这个压缩包有密码。请先解压，再导入里面的表格。")
        _inflate(archive, tables[0], target)


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """What the archive says of sizes is not believed."""
    written = 0
    try:
        with archive.open(entry) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > _LARGEST:
                    raise FileTooLarge("压缩包里的表格太大。请按月份导出，再分别导入。")
                out.write(chunk)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise NotATable("压缩包已经损坏，里面的表格打不开。请重新下载，或先解压再导入。") from error


def _is_table(name: str) -> bool:
    return name.lower().endswith((".csv", ".txt")) and not name.startswith("__MACOSX")


def _name(entry: zipfile.ZipInfo) -> str:
    """Names of Chinese archives are often GBK and not said to be."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename
