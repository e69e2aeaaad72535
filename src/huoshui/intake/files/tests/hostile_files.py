"""Two hundred files that mean harm or do it unasked, made from a seed, each with the place where it is wrong.

Most are real exports with one thing planted in a row and column that the answer must name; the rest are broken as a whole.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import openpyxl

COUNT = 200


@dataclass(frozen=True)
class Hostile:
    name: str
    content: bytes
    suffix: str
    refusal: str = ""
    """What the refusal of the whole file must say; '' where only rows are set aside."""
    row: int = 0
    column: str = ""
    """Where a row's problem stands; column '' for a fault of the row as a whole."""
    code: str = ""


@dataclass(frozen=True)
class Sound:
    """A file without fault, to be spoilt. `money`, `count`, `time` and `key` are columns by name."""

    name: str
    header: tuple[str, ...]
    row: Callable[[int], tuple[str, ...]]
    key: str
    time: str = ""
    money: str = ""
    count: str = ""

    def rows(self, many: int) -> list[list[str]]:
        return [list(self.row(number)) for number in range(many)]


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


SOUND = (
    Sound(
        "销售",
        _columns("销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额"),
        lambda n: (f"A{n}", f"2026-03-08 10:{n % 60:02d}:00", "S1", f"M{n}", "P1", "1", "9.90"),
        *("销售单号", "交易时间", "实付金额", "数量"),
    ),
    Sound(
        "拼多多",
        _columns(
            "商品,订单号,订单状态,用户实付金额(元),商家实收金额(元),商品数量(件),支付时间,样式ID,售后状态"
        ),
        lambda n: (
            "坚果",
            f"260308-{n:015d}",
            "已收货",
            "9.90",
            "9.90",
            "1",
            "2026-03-08 10:00:00",
            f"{n}",
            "-",
        ),
        *("订单号", "支付时间", "用户实付金额(元)", "商品数量(件)"),
    ),
    Sound(
        "抖店",
        _columns("主订单编号,子订单编号,选购商品,商家编码,商品数量,订单提交时间,订单状态,订单应付金额"),
        lambda n: (f"69{n:08d}", f"69{n:08d}", "茶", "P2", "2", "2026-03-08 10:00:00", "已完成", "20.00"),
        *("主订单编号", "订单提交时间", "订单应付金额", "商品数量"),
    ),
    Sound(
        "淘宝宝贝",
        _columns(
            "子订单编号,主订单编号,商品标题,购买数量,商品属性,商家编码,买家实付金额,订单状态,订单创建时间"
        ),
        lambda n: (
            f"5{n}1",
            f"5{n}0",
            "坚果",
            "1",
            "颜色:原味",
            "P1",
            "12.00",
            "交易成功",
            "2026-03-08 10:00:00",
        ),
        *("主订单编号", "订单创建时间", "买家实付金额", "购买数量"),
    ),
    Sound(
        "支付宝",
        _columns("支付宝交易号,商户订单号,业务类型,商品名称,完成时间,订单金额（元）,服务费（元）"),
        lambda n: (f"T{n}", f"A{n}", "交易", "坚果", "2026-03-08 10:00:00", "50.00", "-0.30"),
        *("支付宝交易号", "完成时间", "订单金额（元）"),
    ),
    Sound(
        "进货",
        _columns("进货单号,经销商编码,进货日期,商品编码,进货数量,进货金额"),
        lambda n: (f"X{n}", "D1", "2026-03-01", "P1", "10", "440.00"),
        *("进货单号", "进货日期", "进货金额", "进货数量"),
    ),
    Sound(
        "优惠券",
        _columns("券码,券名称,手机号,领取时间,面额"),
        lambda n: (f"K{n}", "满减", f"139{n:08d}", "2026-03-01 10:00:00", "20.00"),
        *("券码", "领取时间", "面额"),
    ),
)


def make(seed: int = 20260308) -> list[Hostile]:
    dice = random.Random(seed)
    made = [*_broken(dice), *_workbooks(dice)]
    cells = _spoilt(dice)
    while len(made) < COUNT:
        made.append(next(cells))
    return made


# ── one thing planted in a row and column ────────────────────────────────────────────────────────────────────────

_TIMES = (
    "昨天",
    "2026-02-30",
    "2026-13-01 10:00:00",
    "3月8日",
    "1741413900",
    "99999",
    "08/03/2026",
    "2026-03-08 25:00",
)
_MONEY = ("九块九", "9.9.9", "1,5", "9.905", "12O.00", "USD", "0x1F", "=1+1", "9,90元起", "1e9")
_COUNTS = ("两", "1/2", "0.3333", "一箱", "--1")
_IDS = ("1.1E+17", "4.20E+18", "123456789012345678.0", "9.99999E+20")


def _spoilt(dice: random.Random) -> Iterator[Hostile]:
    ways = ("time", "money", "count", "id", "blank key", "long row", "short row", "time", "money", "id")
    for number in range(10_000):
        sound, way = dice.choice(SOUND), ways[number % len(ways)]
        many, at = dice.randint(3, 40), 0
        at = dice.randrange(many)
        rows = sound.rows(many)
        planted = _plant(dice, sound, rows, at, way)
        if planted is None:
            continue
        column, code = planted
        suffix = ".xlsx" if dice.random() < 0.15 and way not in ("long row", "short row") else ".csv"
        content = _sheet(sound.header, rows) if suffix == ".xlsx" else _text(dice, sound.header, rows)
        name = f"{number} {sound.name} {way} 第{at + 2}行"
        yield Hostile(name, content, suffix, row=at + 2, column=column, code=code)


def _plant(
    dice: random.Random, sound: Sound, rows: list[list[str]], at: int, way: str
) -> tuple[str, str] | None:
    """Spoil a row. Returns the column and the code of the problem, None where this file has no such column."""
    if way == "long row":
        rows[at] += ["多", "出"]
        return "", "long_row"
    if way == "short row":
        del rows[at][-2:]
        return "", "short_row"
    column = {"time": sound.time, "money": sound.money, "count": sound.count}.get(way, sound.key)
    if not column:
        return None
    said = {"time": _TIMES, "money": _MONEY, "count": _COUNTS, "id": _IDS, "blank key": ("",)}[way]
    cell = dice.choice(said)
    rows[at][sound.header.index(column)] = cell
    if way == "money":
        return column, "money_fraction" if cell == "9.905" else "bad_money"
    codes = {"count": "bad_quantity", "id": "damaged", "blank key": "missing"}
    return column, codes.get(way, "date")


def _text(dice: random.Random, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    delimiter = dice.choice(",,,\t")
    csv.writer(out, delimiter=delimiter, lineterminator=dice.choice(("\n", "\r\n"))).writerows(
        [header, *rows]
    )
    return out.getvalue().encode(dice.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16")))


def _sheet(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [header, *rows]:
        sheet.append([f"'{cell}" if cell.startswith("=") else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ── broken as a whole ────────────────────────────────────────────────────────────────────────────────────────────


def _plain(many: int = 30) -> list[str]:
    sound = SOUND[0]
    return [
        ",".join(sound.header) + ",商品名称",
        *(",".join(row) + ",每日坚果礼盒" for row in sound.rows(many)),
    ]


def _broken(dice: random.Random) -> Iterator[Hostile]:
    for number in range(8):
        yield from _bytes_at(dice, number)
    for number in range(6):
        yield Hostile(
            f"乱码 {number}", b"\x81" + dice.randbytes(dice.randint(50, 4000)), ".csv", refusal="。"
        )
    for start, said in _NO_TABLES:
        yield Hostile(f"不是表格 {start[:4]!r}", start + b"\n" * 20, ".csv", refusal=said)
    yield Hostile("空文件", b"", ".csv", refusal="没有数据")
    yield Hostile("只有空行", b"\n" * 500, ".csv", refusal="没有数据")
    yield Hostile(
        "十万列", ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1\n", ".csv", refusal="列"
    )
    yield Hostile("写错了编码", b"\xef\xbb\xbf" + _plain()[0].encode("gb18030"), ".csv", refusal="第 1 行")
    yield Hostile("半个字", "\n".join(_plain()).encode()[:-1], ".csv", refusal="第 31 行")
    yield Hostile("网页无表", b"<html>" + b"<div>" * 20_000 + b"</html>", ".xls", refusal="没有表格")
    yield Hostile(
        "网页太宽", b"<table><tr>" + b"<td>1</td>" * 5_000 + b"</tr></table>", ".xls", refusal="第 1 行"
    )
    yield Hostile("陌生的表", "甲,乙,丙\n1,2,3\n".encode(), ".csv", refusal="看不出这是哪一种表")
    yield Hostile(
        "缺一列", "销售单号,交易时间,商品编码\nA1,2026-03-08,P1\n".encode(), ".csv", refusal="实付金额"
    )


_NO_TABLES = (
    (b"%PDF-1.7", "PDF"),
    (b"\x1f\x8b\x08", "压缩"),
    (b"Rar!\x1a", "压缩"),
    (b"7z\xbc\xaf\x27", "压缩"),
    (b"\x89PNG\r\n", "图片"),
    (b"\xff\xd8\xff\xe0", "图片"),
)


def _bytes_at(dice: random.Random, number: int) -> Iterator[Hostile]:
    """A byte that does not belong, in a line that the answer must name."""
    lines = _plain()
    at = dice.randrange(2, len(lines))

    def spoilt(line: bytes, encoding: str) -> bytes:
        encoded = [text.encode(encoding) for text in lines]
        encoded[at] = line
        return b"\n".join(encoded) + b"\n"

    said = f"第 {at + 1} 行"
    row = lines[at]
    yield Hostile(
        f"空字节 {number}", spoilt(row.replace("S1", "S\0").encode(), "utf-8"), ".csv", refusal=said
    )
    yield Hostile(f"两种编码 {number}", spoilt(row.encode("gb18030"), "utf-8"), ".csv", refusal=said)
    yield Hostile(
        f"认不出的字节 {number}", spoilt(row.encode("gb18030") + b"\xff\xff", "gb18030"), ".csv", refusal=said
    )
    unclosed = "\n".join([*lines[:at], '"' + row, *([lines[1]] * 40_000)]).encode()
    yield Hostile(f"引号不成对 {number}", unclosed, ".csv", refusal=said)


def _workbooks(dice: random.Random) -> Iterator[Hostile]:
    good = _sheet(SOUND[0].header, SOUND[0].rows(5))
    for number in range(8):
        cut = good[: dice.randrange(100, len(good) - 30)]
        yield Hostile(f"下载一半的工作簿 {number}", cut, ".xlsx", refusal="Excel")
    for number in range(8):
        spoilt = bytearray(good)
        name = good.index(b"xl/worksheets/sheet1.xml") + 24
        for _ in range(40):
            spoilt[dice.randrange(name, name + 300)] = dice.randrange(256)
        yield Hostile(f"压坏的工作簿 {number}", bytes(spoilt), ".xlsx", refusal="Excel")
    yield Hostile(
        "旧格式的空壳", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + dice.randbytes(2_000), ".xls", refusal="Excel"
    )
    yield Hostile("炸弹", _archive({"xl/workbook.xml": b"\0" * (160 << 20)}), ".xlsx", refusal="Excel")
    yield Hostile("三千个部件", _archive({f"xl/{n}": b"" for n in range(3_000)}), ".xlsx", refusal="部件")
    yield Hostile("两份表的压缩包", _archive({"a.csv": b"1", "b.csv": b"2"}), ".zip", refusal="2 份表格")
    yield Hostile("压缩包里是空表", _archive({"a.csv": b""}), ".zip", refusal="没有数据")
    yield Hostile(
        "太多文件的压缩包", _archive({f"{n}.csv": b"1" for n in range(1_200)}), ".zip", refusal="太多"
    )
    rows = SOUND[0].rows(5)
    rows[2][6] = "=1+2"
    yield Hostile("没有算好的公式", _formulas(rows), ".xlsx", row=4, code="formula")


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _formulas(rows: Sequence[Sequence[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [SOUND[0].header, *rows]:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
