"""Statements as files: what both sides keep, and what finance is handed. What was paid, nobody here knows or says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any, NamedTuple

import xlsxwriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from huoshui.core import clock
from huoshui.trade.commission.reads import LineView, StatementView

_FACE = "STSong-Light"  # as codes.printing: a reader's own Chinese face
_LEFT, _RIGHT, _TOP, _BOTTOM = 18 * mm, A4[0] - 18 * mm, A4[1] - 20 * mm, 20 * mm
_ROW = 6.2 * mm
KINDS: Mapping[str, str] = {
    "commission": "提成",
    "reward": "推荐奖励",
    "fee": "服务费",
    "ladder": "阶梯提成",
    "lead_fee": "引流服务费",
}
STATES: Mapping[str, str] = {"open": "等确认", "confirmed": "两边没问题", "disputed": "有异议"}
_NOT_PAID = "本单列的是应付金额，不代表已经打款。"
_FOR_FINANCE = "应付清单，交财务核对。发票、个税、实付和打款日期由财务填写；有异议的金额请先核清。"


class Named(NamedTuple):
    """A statement with the names of both sides."""

    statement: StatementView
    payee: str
    payer: str


class Due(NamedTuple):
    """A row of the payment list: a statement, and how much of it either side disputes or has not confirmed."""

    named: Named
    payee_mark: str
    confirmed: int
    open: int
    disputed: int


def workbook(of: Named, lines: Iterable[LineView]) -> bytes:
    """Row by row: no more than a line is in memory. Its amounts are in yuan, exact to the cent."""
    head = of.statement
    out = BytesIO()
    with _book(out) as book:
        forms, sheet = _forms(book), book.add_worksheet("对账单")
        _widths(sheet, (12, 12, 14, 14, 14, 8, 12, 12, 40))
        _title(sheet, forms, f"{head.period} 对账单", f"{of.payer} 应付 {of.payee}", _NOT_PAID)
        titles = (
            "日期",
            "种类",
            "订单号",
            "对应成交额（元）",
            "金额（元）",
            "更正",
            "解冻日期",
            "两边怎么说",
            "说明",
        )
        for column, title in enumerate(titles):
            sheet.write_string(4, column, title, forms["head"])
        row = 5
        for row, line in enumerate(lines, start=5):
            _line(sheet, row, line, forms)
        sheet.write_string(row + 1, 0, "合计", forms["head"])
        sheet.write_number(row + 1, 4, head.amount / 100, forms["sum"])
    return out.getvalue()


def _line(sheet: Any, row: int, line: LineView, forms: Mapping[str, Any]) -> None:
    sheet.write_datetime(row, 0, line.booked_on, forms["day"])
    sheet.write_string(row, 1, KINDS.get(line.kind, line.kind))
    sheet.write_string(row, 2, str(line.order_id or ""))
    sheet.write_number(row, 3, line.base / 100, forms["money"])
    sheet.write_number(row, 4, line.amount / 100, forms["money"])
    sheet.write_string(row, 5, "是" if line.is_correction else "")
    sheet.write_datetime(row, 6, line.release_on, forms["day"])
    sheet.write_string(row, 7, STATES[line.state])
    sheet.write_string(row, 8, _said(line))


def _said(line: LineView) -> str:
    return "；".join(word for word in (line.payee_said, line.payer_said) if word)


def payment_list(period: str, rows: Sequence[Due]) -> bytes:
    """打款清单: one row a statement, and empty columns for what only finance knows."""
    out = BytesIO()
    with _book(out) as book:
        forms, sheet = _forms(book), book.add_worksheet("打款清单")
        _widths(sheet, (10, 16, 18, 14, 18, 14, 16, 16, 16, 12, 12, 12, 14))
        _title(sheet, forms, f"{period} 打款清单", "", _FOR_FINANCE)
        sums = ("应付金额（元）", "其中没问题（元）", "其中等确认（元）", "其中有异议（元）")
        titles = ("对账单号", "付款方", "收款人", "收款人编号", *sums)
        blank = ("发票号", "代扣个税", "实付", "打款日期")
        for column, title in enumerate((*titles, *blank)):
            sheet.write_string(4, column, title, forms["head"])
        row = 4
        for row, due in enumerate(rows, start=5):
            head = due.named.statement
            sheet.write_string(row, 0, str(head.id))
            for column, text in enumerate((due.named.payer, due.named.payee, due.payee_mark), start=1):
                sheet.write_string(row, column, text)
            for column, cents in enumerate((head.amount, due.confirmed, due.open, due.disputed), start=4):
                sheet.write_number(row, column, cents / 100, forms["money"])
        sheet.write_string(row + 1, 0, "合计", forms["head"])
        sheet.write_number(row + 1, 4, sum(d.named.statement.amount for d in rows) / 100, forms["sum"])
    return out.getvalue()


def _book(out: BytesIO) -> Any:
    """Text stays text: what looks like a formula or an address is neither."""
    return xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def _forms(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "note": book.add_format({"font_color": "#55635f"}),
        "head": book.add_format({"bold": True, "bottom": 1}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "sum": book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }


def _widths(sheet: Any, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(5, 0)


def _title(sheet: Any, forms: Mapping[str, Any], title: str, between: str, note: str) -> None:
    sheet.write_string(0, 0, title, forms["title"])
    sheet.write_string(1, 0, between)
    sheet.write_string(2, 0, note, forms["note"])


class _Column(NamedTuple):
    title: str
    at: float
    is_number: bool = False


_COLUMNS = (
    _Column("日期", _LEFT),
    _Column("种类", _LEFT + 24 * mm),
    _Column("订单号", _LEFT + 50 * mm),
    _Column("对应成交额", _LEFT + 104 * mm, is_number=True),
    _Column("金额（元）", _LEFT + 134 * mm, is_number=True),
    _Column("两边怎么说", _LEFT + 141 * mm),
)


def pdf(of: Named, lines: Iterable[LineView]) -> bytes:
    """A4, a page as soon as it is full; the heading of the columns on each."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FACE))
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(f"{of.statement.period} {of.payee}")
    page, at = 1, _heading(canvas, of)
    for line in lines:
        if at < _BOTTOM + _ROW:
            _foot(canvas, page)
            canvas.showPage()
            page, at = page + 1, _columns(canvas, _TOP)
        _cells(canvas, at, _told(line))
        at -= _ROW
    _total(canvas, at, of.statement.amount)
    _foot(canvas, page)
    canvas.save()
    return out.getvalue()


def _heading(canvas: Canvas, of: Named) -> float:
    head = of.statement
    canvas.setFont(_FACE, 18)
    canvas.drawString(_LEFT, _TOP, f"{head.period} 对账单")
    canvas.setFont(_FACE, 11)
    canvas.drawString(
        _LEFT, _TOP - 9 * mm, f"{of.payer} 应付 {of.payee}：{money(head.amount)} 元，共 {head.lines} 行"
    )
    canvas.setFillGray(0.4)
    canvas.setFont(_FACE, 9)
    canvas.drawString(
        _LEFT,
        _TOP - 15 * mm,
        f"对账单号 {head.id} · {day(clock.business_day(head.closed_at))} 关账 · {_NOT_PAID}",
    )
    canvas.setFillGray(0)
    return _columns(canvas, _TOP - 25 * mm)


def _columns(canvas: Canvas, at: float) -> float:
    canvas.setFont(_FACE, 9)
    canvas.setFillGray(0.4)
    for column in _COLUMNS:
        (canvas.drawRightString if column.is_number else canvas.drawString)(column.at, at, column.title)
    canvas.setFillGray(0)
    canvas.setStrokeGray(0.7)
    canvas.line(_LEFT, at - 2 * mm, _RIGHT, at - 2 * mm)
    canvas.setFont(_FACE, 10)
    return at - 2 * mm - _ROW + 1 * mm


def _told(line: LineView) -> tuple[str, ...]:
    kind = KINDS.get(line.kind, line.kind) + ("（更正）" if line.is_correction else "")
    state = STATES[line.state]
    return day(line.booked_on), kind, str(line.order_id or ""), money(line.base), money(line.amount), state


def _cells(canvas: Canvas, at: float, cells: Iterable[str]) -> None:
    for column, text in zip(_COLUMNS, cells, strict=True):
        (canvas.drawRightString if column.is_number else canvas.drawString)(column.at, at, text)


def _total(canvas: Canvas, at: float, amount: int) -> None:
    canvas.line(_LEFT, at + _ROW - 2 * mm, _RIGHT, at + _ROW - 2 * mm)
    canvas.drawString(_LEFT, at - 1 * mm, "合计")
    canvas.drawRightString(_COLUMNS[4].at, at - 1 * mm, money(amount))


def _foot(canvas: Canvas, page: int) -> None:
    canvas.setFont(_FACE, 9)
    canvas.setFillGray(0.4)
    canvas.drawCentredString(A4[0] / 2, 11 * mm, f"第 {page} 页")
    canvas.setFillGray(0)
    canvas.setFont(_FACE, 10)


def money(cents: int) -> str:
    sign, whole = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{whole // 100:,}.{whole % 100:02}"


def day(value: date) -> str:
    return f"{value:%Y-%m-%d}"
