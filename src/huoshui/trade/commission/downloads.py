"""Which files of statements an actor may have. Both sides have a statement; a payment list only whoever pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound
from huoshui.people import api as people
from huoshui.trade.commission import files, reads
from huoshui.trade.commission.types import HEAD_OFFICE

Q = sql.load("huoshui.trade.commission")

Form = Literal["pdf", "xlsx"]
TYPES: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PAGE = 1_000
_MARKS = {"guide": "导购", "dealer": "经销商", "recommender": "推荐人"}


class File(NamedTuple):
    name: str
    media_type: str
    content: bytes


def statement_file(actor: Actor, statement_id: int, form: Form) -> File:
    """Raises NotFound."""
    found = reads.statement(actor, statement_id)
    (named,) = _named(actor, [found])
    write = files.pdf if form == "pdf" else files.workbook
    content = write(named, _lines(actor, statement_id))
    audit(actor, "commission.statement_read", "commission_statement", statement_id, form=form)
    return File(f"{found.period} 对账单 {named.payee} {statement_id}.{form}", TYPES[form], content)


def payment_file(actor: Actor, *, payer_id: int, period: str) -> File:
    """打款清单 of all that a firm owes by the statements of a month. Raises NotFound for whoever does not speak for the firm,
    and where nothing is closed."""
    if not reads.speaks_for(actor, payer_id):
        raise NotFound
    rows = sql.fetch(Q.dues, payer_id=payer_id, period=period)
    if not rows:
        raise NotFound
    named = _named(actor, [reads.StatementView(*r[:8]) for r in rows])
    dues = [
        files.Due(n, f"{_MARKS[r.payee_kind]} {r.payee_id}", r.confirmed, r.open, r.disputed)
        for n, r in zip(named, rows, strict=True)
    ]
    audit(actor, "commission.payment_list_read", "org_unit", payer_id, period=period, rows=len(rows))
    return File(f"{period} 打款清单 {named[0].payer}.xlsx", TYPES["xlsx"], files.payment_list(period, dues))


def statements_of_firm(actor: Actor, firm_id: int) -> list[reads.StatementView]:
    """What the firm pays and what it is paid, the oldest first. Raises NotFound for whoever does not speak for it."""
    reads.require_employer(actor, firm_id)
    return sql.fetch_as(reads.StatementView, Q.statements_of_firm, firm_id=firm_id)


def lines_of_firm(actor: Actor, firm_id: int, *, after: int, limit: int) -> list[tuple[int, reads.LineView]]:
    """(statement, line) of all those, ascending by line. Raises NotFound."""
    reads.require_employer(actor, firm_id)
    rows = sql.fetch(Q.lines_of_firm, firm_id=firm_id, after=after, limit=limit)
    return [(r.statement_id, reads.LineView(*r[:-1])) for r in rows]


def periods(payer_ids: Sequence[int], *, limit: int = 24) -> list[str]:
    return [r.period for r in sql.fetch(Q.periods, payer_ids=list(payer_ids), limit=limit)]


def _lines(actor: Actor, statement_id: int) -> Iterator[reads.LineView]:
    after = 0
    while page := reads.lines(actor, statement_id, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _named(actor: Actor, found: Sequence[reads.StatementView]) -> list[files.Named]:
    firms = {s.payer_id for s in found} | {s.payee_id for s in found if s.payee_kind == "dealer"}
    units = {HEAD_OFFICE: "总部", **brand.unit_names(sorted(firms))}
    staff = brand.staff_names(sorted({s.payee_id for s in found if s.payee_kind == "guide"}))
    born = sorted({s.payee_id for s in found if s.payee_kind == "recommender"})
    heads = people.canonical_ids(born) if born else {}
    titles = {c.person_id: c.title for c in people.cards_for(actor, sorted(set(heads.values())))}

    def name(s: reads.StatementView) -> str:
        if s.payee_kind == "guide":
            return staff.get(s.payee_id, "")
        return units.get(s.payee_id, "") if s.payee_kind == "dealer" else titles.get(heads[s.payee_id], "")

    return [files.Named(s, name(s), units.get(s.payer_id, "")) for s in found]
