"""库存单据: lines as they are scanned, typed or pasted, checked against the product list before anything is booked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock, unmet
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger.api import GoodsLine, StockShort
from huoshui.core.ledger.explorer import LAST_BIGINT
from huoshui.web.console import numbers
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.stock import ENTERED, WRITES, pieces, places, require, signed, title_of
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

MOST_LINES = 500
MOST_PIECES = 1_000_000
PAGE = 50
_PARTS = re.compile(r"[\t,，;；]+|\s{1,}")


@dataclass(frozen=True)
class Written:
    """A line as it was written: which one, of what, how many thousandths."""

    line_no: int
    code: str
    milli: int


@dataclass(frozen=True)
class CheckedRow:
    name: str
    code: str
    quantity: str
    books: str
    after: str
    is_below: bool


@dataclass(frozen=True)
class Checked:
    sentence: SafeString
    rows: list[CheckedRow]
    problems: list[str]


@dataclass(frozen=True)
class DocumentForm:
    kind: str
    title: str
    help: str
    store_id: int
    store: str
    stock_url: str
    key: str
    text: str
    reason: str
    needs_reason: bool
    reason_label: str
    targets: tuple[Choice, ...]
    url: str
    checked: Checked | None
    error: str


@dataclass(frozen=True)
class DocumentLine:
    name: str
    code: str
    said: str
    moved: str
    url: str


@dataclass(frozen=True)
class DocumentContext:
    title: str
    key: str
    store: str
    other: str
    reason: str
    at: datetime
    who: str
    sentence: SafeString
    rows: list[DocumentLine]
    stock_url: str
    transfer_url: str
    is_new: bool


def form(
    actor: Actor,
    org_unit_id: int,
    kind: str,
    said: Mapping[str, str] | None = None,
    *,
    error: Refused | None = None,
    is_checked: bool = False,
) -> DocumentForm:
    """Raises NotFound for a kind there is not, and for a store that is not the actor's to write to."""
    if kind not in ENTERED:
        raise NotFound
    store = require(actor, org_unit_id, roles=WRITES[kind])
    said = said or {}
    checked = check(actor, org_unit_id, kind, said.get("lines", "")) if is_checked and not error else None
    return DocumentForm(
        kind=kind,
        title=str(ENTERED[kind]),
        help=_helps()[kind],
        store_id=org_unit_id,
        store=store,
        stock_url=f"{reverse('console:stock')}?store={org_unit_id}",
        key=said.get("key", "").strip()[:40] or new_key(kind),
        text=said.get("lines", ""),
        reason=said.get("reason", ""),
        needs_reason=kind in {"adjust", "damage"},
        reason_label=_("从哪来的") if kind == "receive" else _("原因"),
        targets=_targets(org_unit_id, said.get("to", "")) if kind == "send" else (),
        url=reverse("console:stock-new", args=[org_unit_id, kind]),
        checked=checked,
        error=retell(str(error)) if error else "",
    )


def _helps() -> dict[str, str]:
    return {
        "receive": _("收到几件写几件。"),
        "count": _("数到几件写几件；没写的商品不动。"),
        "adjust": _("写多了几件或少了几件，少的写负数，比如 -2。"),
        "damage": _("不能再卖的有几件写几件。"),
        "send": _("发出几件写几件；对方收到以前算在途。"),
    }


def new_key(kind: str) -> str:
    """A number for the paper: the same form sent twice is the same document."""
    return f"{kind[:2].upper()}{numbers.local(clock.now()):%y%m%d-%H%M%S}"


def _targets(org_unit_id: int, chosen: str) -> tuple[Choice, ...]:
    units = rooms.brand.org_units_table().to_pylist()
    return tuple(
        Choice(str(u["org_unit_id"]), u["name"], str(u["org_unit_id"]) == chosen)
        for u in units
        if u["kind"] == "store" and u["org_unit_id"] != org_unit_id
    )


def read(text: str, *, may_be_negative: bool = False) -> tuple[list[Written], list[str]]:
    """Lines of a code or barcode and a count, which is 1 where a scanner wrote none; and what cannot be read."""
    written, problems = [], []
    rows = [(n, row.strip()) for n, row in enumerate(text.replace("\x00", "").splitlines(), 1)]
    rows = [(n, row) for n, row in rows if row]
    if len(rows) > MOST_LINES:
        return [], [_("一张单最多 {n} 行，请分成几张。").format(n=MOST_LINES)]
    for n, row in rows:
        parts = [part for part in _PARTS.split(row) if part]
        # A pasted row may have the product's name in between: the code stands first, the count last
        milli = milli_of(parts[-1]) if len(parts) > 1 else 1000
        if not parts or milli is None or abs(milli) > 1000 * MOST_PIECES:
            problems.append(_("第 {n} 行的件数看不懂：{row}").format(n=n, row=row[:60]))
        elif milli < 0 and not may_be_negative:
            problems.append(_("第 {n} 行的件数不能是负数：{row}").format(n=n, row=row[:60]))
        else:
            written.append(Written(n, parts[0][:60], milli))
    return written, problems


def milli_of(text: str) -> int | None:
    try:
        milli = Decimal(text.replace("−", "-")) * 1000
    except InvalidOperation:
        return None
    return int(milli) if milli.is_finite() and milli == milli.to_integral_value() else None


def _resolved(written: Sequence[Written]) -> tuple[list[tuple[int, int]], list[str]]:
    """(product id, thousandths) summed by product, in the order they were written; and codes that nobody knows."""
    codes = list(dict.fromkeys(w.code for w in written))
    known = dict(rooms.brand.find_skus(codes))
    left = [code for code in codes if code not in known]
    problems = []
    for code in left:
        exact = [p for p in rooms.brand.search_products(code, limit=5) if p.barcode == code]
        if len(exact) == 1:
            known[code] = exact[0].id
    for w in written:
        if w.code not in known:
            problems.append(
                _("第 {n} 行的 {code} 不在商品表里，编码和条码都没有。").format(n=w.line_no, code=w.code)
            )
    sums: dict[int, int] = {}
    for w in written:
        if w.code in known:
            sums[known[w.code]] = sums.get(known[w.code], 0) + w.milli
    return list(sums.items()), problems


def lines_of(kind: str, text: str) -> list[GoodsLine]:
    """Raises Refused with the first lines that are wrong: nothing is booked in part."""
    written, problems = read(text, may_be_negative=kind == "adjust")
    found, unknown = _resolved(written)
    if wrong := [*problems, *unknown]:
        raise Refused(" ".join(wrong[:5]))
    if not found:
        raise Refused(_("一行也没有：请扫码，或者把编码和件数贴进来。"))
    return [GoodsLine(sku_id, milli) for sku_id, milli in found]


def check(actor: Actor, org_unit_id: int, kind: str, text: str) -> Checked:
    """What the lines are and what they would do; nothing is booked."""
    written, problems = read(text, may_be_negative=kind == "adjust")
    found, unknown = _resolved(written)
    names = rooms.brand.product_names([sku_id for sku_id, _many in found])
    on_hand = {sku: n for (sku, _at), n in rooms.explorer.stock_by_place(list(names), [org_unit_id]).items()}
    after = _AFTER[kind]
    rows = []
    for sku_id, milli in found:
        code, name = names.get(sku_id, ("", ""))
        books = on_hand.get(sku_id, 0)
        then = after(books, milli)
        rows.append(
            CheckedRow(name or code, code, pieces(milli), pieces(books), pieces(then), is_below=then < 0)
        )
    total = pieces(sum(milli for _sku, milli in found))
    wrong = [*problems, *unknown]
    sentence = (
        format_html(
            ngettext("有 {n} 行要改，改好再入账。", "有 {n} 行要改，改好再入账。", len(wrong)),
            n=bold(len(wrong), "bad"),
        )
        if wrong
        else format_html(_("一共 {n} 种商品，{total} 件；还没有入账。"), n=bold(len(rows)), total=bold(total))
    )
    return Checked(sentence, rows, wrong)


_AFTER: dict[str, Callable[[int, int], int]] = {
    "receive": lambda books, said: books + said,
    "count": lambda _books, said: said,
    "adjust": lambda books, said: books + said,
    "damage": lambda books, said: books - said,
    "send": lambda books, said: books - said,
}


def write(actor: Actor, org_unit_id: int, kind: str, said: Mapping[str, str]) -> int:
    """Book it. Returns the document's fact; raises NotFound for whoever may not, Refused with what is wrong."""
    if kind not in ENTERED:
        raise NotFound
    require(actor, org_unit_id, roles=WRITES[kind])
    key = said.get("key", "").replace("\x00", "").strip()[:40]
    if not key:
        raise Refused(_("请填写单号。"))
    told: dict[str, Any] = {
        "key": key,
        "org_unit_id": org_unit_id,
        "lines": lines_of(kind, said.get("lines", "")),
        "reason": said.get("reason", "").replace("\x00", "").strip()[:200],
        "actor": actor,
    }
    if kind == "send":
        to = said.get("to", "")
        if not (to.isascii() and to.isdigit()):
            raise Refused(_("请选调到哪家店。"))
        told["to_org_unit_id"] = int(to[:9])
    doors: dict[str, Any] = {
        "receive": rooms.brand.receive_stock,
        "count": rooms.brand.count_stock,
        "adjust": rooms.brand.adjust_stock,
        "damage": rooms.brand.damage_stock,
        "send": rooms.brand.send_stock,
    }
    try:
        return int(doors[kind](**told))
    except StockShort as error:
        # The ledger knows products by their ids only
        named = rooms.brand.name_goods(error.unmet)
        raise Refused("".join(unmet.sentence(u.code, u.detail) for u in named)) from error


def document(actor: Actor, fact_id: int, *, is_new: bool = False) -> DocumentContext:
    """For whoever sees one of the stores it names."""
    if fact_id > LAST_BIGINT:
        raise NotFound
    found, lines = rooms.brand.stock_document(actor, fact_id)
    ids = [i for i in (found.org_unit_id, found.other_org_unit_id) if i is not None]
    units = rooms.brand.unit_names(ids)
    names = rooms.brand.product_names(sorted({line.sku_id for line in lines}))
    own = places(actor)
    is_transfer = found.kind in {"dispatch", "arrival"}
    transfer_id = fact_id if found.kind == "dispatch" else found.closes_fact_id
    title = title_of(found.kind, found.key, found.reason)
    return DocumentContext(
        title=title.kind,
        key=title.number,
        store=units.get(found.org_unit_id, ""),
        other=units.get(found.other_org_unit_id or 0, ""),
        reason=title.reason,
        at=found.occurred_at,
        who=parties.who(actor, found.actor),
        sentence=format_html(
            _("{title}，{n} 种商品，库存变动 {moved} 件。"),
            title=title.kind,
            n=bold(len({line.sku_id for line in lines})),
            moved=bold(signed(sum(line.moved_milli for line in lines))),
        ),
        rows=[
            DocumentLine(
                name=(names.get(line.sku_id, ("", ""))[1] or names.get(line.sku_id, ("", ""))[0]),
                code=names.get(line.sku_id, ("", ""))[0],
                said=pieces(line.said_milli),
                moved=signed(line.moved_milli),
                url=reverse("console:stock-movements", args=[line.org_unit_id, line.sku_id])
                if line.org_unit_id in own
                else "",
            )
            for line in lines
        ],
        stock_url=reverse("console:stock"),
        transfer_url=reverse("console:stock-transfer", args=[transfer_id])
        if is_transfer and transfer_id
        else "",
        is_new=is_new,
    )
