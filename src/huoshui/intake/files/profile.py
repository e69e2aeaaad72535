"""What stands in a column, told from the first rows of a file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_PHONE: Final = re.compile(r"(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|1\d{0,2}\*{3,}\d{2,4}")
_EMAIL: Final = re.compile(r"[\w.%+-]+@[\w-]+(\.[\w-]+)+")
_DAY: Final = re.compile(r"((19|20)\d\d)[-/.年 ]{1,2}(0?[1-9]|1[0-2])[-/.月 ]{1,2}(0?[1-9]|[12]\d|3[01])日?")
_PACKED: Final = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?")
_SERIAL: Final = re.compile(r"4[0-9]\d{3}\.\d{2,}")
_CLOCK: Final = re.compile(r"[ T日]?\d{1,2}[:时点]\d{1,2}")
_MONEY: Final = re.compile(r"[-+]?[¥￥$]? ?(\d{1,3}(,\d{3})+|\d{1,9})(\.\d{1,4})?元?")
_WHOLE: Final = re.compile(r"[-+]?\d{1,5}(\.0+)?")
_ID: Final = re.compile(r"[A-Za-z0-9_#./-]*\d[A-Za-z0-9_#./-]*")
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]{2,}|[A-Za-z]{3,}")
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def plain(cell: str) -> str:
    text = cell.translate(_FOLD).replace("\u3000", " ").strip().strip("'`\t ")
    text = re.sub(r'^="(.*)"$', r"\1", text)
    return "" if text in ("-", "--", "—", "——", "null", "NULL", "None", "nan") else text


@dataclass(frozen=True)
class Profile:
    """Shares are of the cells that say anything, 0 to 1."""

    filled: int
    distinct: float
    phone: float
    email: float
    time: float
    clock: float
    money: float
    fraction: float
    whole: float
    identity: float
    words: float
    length: float
    mean: float
    cells: tuple[str, ...]
    """As they are said, '' for nothing; one per row."""


def profile(cells: Sequence[str]) -> Profile:
    said = tuple(plain(cell) for cell in cells)
    full = [cell for cell in said if cell]
    count = max(len(full), 1)

    def share(test: Callable[[str], object]) -> float:
        return sum(1 for cell in full if test(cell)) / count

    numbers = [number for cell in full if (number := _number(cell)) is not None]
    return Profile(
        filled=len(full),
        distinct=len(set(full)) / count,
        phone=share(_PHONE.fullmatch),
        email=share(_EMAIL.fullmatch),
        time=share(_is_time),
        clock=share(lambda cell: _is_time(cell) and _CLOCK.search(cell)),
        money=share(_MONEY.fullmatch),
        fraction=share(lambda cell: _MONEY.fullmatch(cell) and "." in cell),
        whole=share(_WHOLE.fullmatch),
        identity=share(lambda cell: _ID.fullmatch(cell) and len(cell) >= 4),
        words=share(_WORDS.search),
        length=sum(map(len, full)) / count,
        mean=sum(map(abs, numbers)) / max(len(numbers), 1),
        cells=said,
    )


def _is_time(cell: str) -> bool:
    return bool(_DAY.match(cell) or _PACKED.fullmatch(cell) or _SERIAL.fullmatch(cell))


def _number(cell: str) -> float | None:
    if not _MONEY.fullmatch(cell):
        return None
    return float(re.sub(r"[¥￥$,元 ]", "", cell))


def decides(one: Profile, other: Profile) -> float:
    """How far a value of the first column settles the other's: 1 where the same value always goes with the same."""
    seen: dict[str, str] = {}
    repeats = agree = 0
    for a, b in zip(one.cells, other.cells, strict=True):
        if not a:
            continue
        if a in seen:
            repeats += 1
            agree += seen[a] == b
        seen.setdefault(a, b)
    return agree / repeats if repeats else 1.0


def multiplies(price: Profile, count: Profile, total: Profile) -> float:
    """In how many rows price × count comes to the total, or a little more (a discount), of those that tell all three."""
    rows = fit = 0
    for a, b, c in zip(price.cells, count.cells, total.cells, strict=True):
        x, y, z = _number(a), _number(b), _number(c)
        if x is None or y is None or z is None or not x or not y:
            continue
        rows += 1
        fit += 0.5 * abs(x * y) <= abs(z) <= abs(x * y) + 0.01
    return fit / rows if rows else 0.0


def takes_off(a: Profile, b: Profile, c: Profile) -> float:
    """In what share of the rows that say all three a less b is c, where b is anything at all."""
    rows = [tuple(map(_number, cells)) for cells in zip(a.cells, b.cells, c.cells, strict=True)]
    said = [(x, y, z) for x, y, z in rows if x is not None and y and z is not None]
    return sum(abs(x - y - z) < 0.006 for x, y, z in said) / len(said) if said else 0.0
