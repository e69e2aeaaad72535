"""What is downloaded says what the ledger says, to the cent, and only to whose it is."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import clean_tables
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission import files
from huoshui.trade.commission.tests.world import BOSS, World, check_books, world

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.django_db(transaction=True)

_LEDGER = sql.Statement(
    "ledger",
    "select coalesce(sum(balance), 0)::bigint as owed from account where unit = 'payable' and owner_kind = 'payee'",
)


def sheet(file: commission.File) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(BytesIO(file.content))
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]


def cents(value: float) -> int:
    assert round(value, 2) == pytest.approx(value, abs=1e-9)
    return round(value * 100)


@pytest.fixture
def closed(world: World) -> World:
    world.employer(0, rates=[{"permille": 37}], bringer_permille=300)
    for card, guide, amount in (("c1", 0, 9_999), ("c2", 1, 12_345), ("c3", 0, 777), ("c4", 0, 33_333)):
        world.buy(card, 0, guide, amount, key=card)
    world.read()
    world.give_back("c1", 1_111)
    world.read()
    world.today = 30
    with transaction.atomic():
        assert commission.close("2026-03", actor=world.shops.owner(0), payer_id=world.shops.dealers[0]) == 2
    return world


def test_the_workbook_and_the_payment_list_equal_the_ledger_to_the_cent(closed: World) -> None:
    owner, payer = closed.shops.owner(0), closed.shops.dealers[0]
    check_books()
    whole = sql.fetch_one(_LEDGER).owed
    statements = commission.statements(owner)
    sums = {}
    for one in statements:
        rows = sheet(commission.statement_file(owner, one.id, "xlsx"))
        assert "不代表已经打款" in rows[2][0] and "小" in rows[1][0]
        sums[one.id] = sum(cents(r[4]) for r in rows[5:-1] if r[4] is not None)
        assert len(rows) == 5 + one.lines + 1
        assert cents(rows[-1][4]) == sums[one.id] == one.amount
    rows = sheet(commission.payment_file(owner, payer_id=payer, period="2026-03"))
    listed = {int(r[0]): cents(r[4]) for r in rows[5:] if r[0] and str(r[0]).isdecimal()}
    assert listed == sums and sum(listed.values()) == whole == cents(rows[-1][4]) > 0
    texts = " ".join(str(cell) for row in rows for cell in row if cell is not None)
    assert "已打款" not in texts and "已付" not in texts
    assert rows[4][8:12] == ("发票号", "代扣个税", "实付", "打款日期")
    assert all(cell is None for row in rows[5:] for cell in row[8:12]), "finance fills them in"


def test_the_list_says_how_much_is_disputed(closed: World) -> None:
    owner, payer = closed.shops.owner(0), closed.shops.dealers[0]
    one = next(s for s in commission.statements(owner) if s.payee_id == closed.shops.guides[0])
    lines = commission.lines(owner, one.id)
    with transaction.atomic():
        commission.say(one.id, [x.id for x in lines[:2]], word="confirmed", actor=owner)
        commission.say(one.id, [lines[0].id], word="confirmed", actor=closed.guide(0))
        commission.say(one.id, [lines[1].id], word="disputed", said="=HYPERLINK(1)", actor=closed.guide(0))
    rows = sheet(commission.payment_file(owner, payer_id=payer, period="2026-03"))
    (row,) = [r for r in rows[5:] if r[0] == str(one.id)]
    rest = one.amount - lines[0].amount - lines[1].amount
    assert [cents(v) for v in row[5:8]] == [lines[0].amount, rest, lines[1].amount]
    book = openpyxl.load_workbook(BytesIO(commission.statement_file(owner, one.id, "xlsx").content))
    said = book.active.cell(row=7, column=9)
    assert (said.value, said.data_type) == ("=HYPERLINK(1)", "s"), "text, and no formula"


def test_only_whose_it_is_has_it(closed: World) -> None:
    owner, payer = closed.shops.owner(0), closed.shops.dealers[0]
    mine = next(s for s in commission.statements(owner) if s.payee_id == closed.shops.guides[0])
    assert commission.statement_file(closed.guide(0), mine.id, "pdf").content.startswith(b"%PDF")
    assert commission.statement_file(BOSS, mine.id, "xlsx").name == f"2026-03 对账单 小王 {mine.id}.xlsx"
    strangers: list[Actor] = [closed.guide(1), closed.guide(2), closed.shops.owner(1)]
    for actor in strangers:
        with pytest.raises(NotFound):
            commission.statement_file(actor, mine.id, "xlsx")
    for actor in (*strangers, closed.guide(0), BOSS):
        with pytest.raises(NotFound):
            commission.payment_file(actor, payer_id=payer, period="2026-03")
    with pytest.raises(NotFound):
        commission.payment_file(owner, payer_id=payer, period="2026-02")
    assert commission.periods([payer]) == ["2026-03"] and commission.periods([closed.shops.dealers[1]]) == []


def test_a_long_statement_has_its_heading_on_each_page_and_all_its_lines(closed: World) -> None:
    owner = closed.shops.owner(0)
    one = commission.statements(owner)[0]
    line = commission.lines(owner, one.id)[0]
    made = files.pdf(files.Named(one, "小王", "东店行"), (line for _ in range(100)))
    pages = re.findall(rb"/Type /Page\b(?!s)", made)
    assert len(pages) == 3 and made == files.pdf(files.Named(one, "小王", "东店行"), [line] * 100)
    assert files.money(-123_456_789) == "-1,234,567.89" and files.money(5) == "0.05"
