"""Codes drawn: for a screen (SVG, PNG), and as a sheet to print with the brand's name and mark."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_FACE = "STSong-Light"  # a reader's own Chinese face: no font file has to be found or embedded
_ACROSS, _DOWN = 2, 3
_MARGIN = 12 * mm
_WATER = (0x0D / 255, 0x6C / 255, 0x86 / 255)


class Printed(NamedTuple):
    url: str
    title: str
    place: str


def svg(url: str, *, title: str) -> str:
    return _drawn(url).svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True, title=title)


def svg_file(url: str, *, title: str) -> bytes:
    out = BytesIO()
    _drawn(url).save(out, kind="svg", scale=10, border=4, dark="#000", light="#fff", title=title)
    return out.getvalue()


def png(url: str) -> bytes:
    out = BytesIO()
    _drawn(url).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


def sheet(codes: Sequence[Printed], *, brand: str) -> bytes:
    """A PDF of A4 pages, six codes on each."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FACE))
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(brand)
    width, height = (A4[0] - 2 * _MARGIN) / _ACROSS, (A4[1] - 2 * _MARGIN) / _DOWN
    for number, code in enumerate(codes):
        place = number % (_ACROSS * _DOWN)
        if number and place == 0:
            canvas.showPage()
        left = _MARGIN + place % _ACROSS * width
        bottom = A4[1] - _MARGIN - (place // _ACROSS + 1) * height
        _card(canvas, code, brand, left, bottom, width, height)
    canvas.save()
    return out.getvalue()


def _card(
    canvas: Canvas, code: Printed, brand: str, left: float, bottom: float, width: float, height: float
) -> None:
    middle = left + width / 2
    canvas.setStrokeGray(0.8)
    canvas.setDash(2, 2)
    canvas.rect(left, bottom, width, height)
    canvas.setDash()
    top = bottom + height
    _mark(canvas, middle, top - 11 * mm, brand)
    side = 50 * mm
    _squares(canvas, code.url, middle - side / 2, top - 22 * mm - side, side)
    canvas.setFillGray(0)
    canvas.setFont(_FACE, _fitting(code.title, 13, width - 8 * mm))
    canvas.drawCentredString(middle, bottom + 12 * mm, code.title)
    canvas.setFillGray(0.35)
    canvas.setFont(_FACE, _fitting(code.place, 9, width - 8 * mm))
    canvas.drawCentredString(middle, bottom + 6.5 * mm, code.place)


def _mark(canvas: Canvas, middle: float, line: float, brand: str) -> None:
    """The brand's first character on a disc, and its name: what stands for a logo wherever none is kept."""
    size = 13
    wide = pdfmetrics.stringWidth(brand, _FACE, size)
    start = middle - (wide + 9 * mm) / 2
    canvas.setFillColorRGB(*_WATER)
    canvas.circle(start + 3 * mm, line + 1.6 * mm, 3.4 * mm, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.setFont(_FACE, 11)
    canvas.drawCentredString(start + 3 * mm, line + 0.3 * mm, brand[:1])
    canvas.setFillGray(0)
    canvas.setFont(_FACE, size)
    canvas.drawString(start + 9 * mm, line, brand)


def _squares(canvas: Canvas, url: str, left: float, bottom: float, side: float) -> None:
    rows = [list(row) for row in _drawn(url).matrix_iter(border=4)]
    one = side / len(rows)
    canvas.setFillGray(0)
    for down, row in enumerate(rows):
        start = 0
        while start < len(row):
            if not row[start]:
                start += 1
                continue
            end = start
            while end < len(row) and row[end]:
                end += 1
            # A hair taller than it is, or readers draw white lines between the rows
            canvas.rect(
                left + start * one,
                bottom + side - (down + 1) * one,
                (end - start) * one,
                one * 1.02,
                stroke=0,
                fill=1,
            )
            start = end


def _fitting(text: str, size: float, width: float) -> float:
    wide = pdfmetrics.stringWidth(text, _FACE, size)
    return size if wide <= width else size * width / wide


def _drawn(url: str) -> segno.QRCode:
    return segno.make(url, error="m", micro=False)
