"""Writes of dealers. Each takes the rows of a table, and the same again changes nothing; callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.crypto import seal

Q = sql.load("huoshui.trade.dealers")


def upsert_dealers(dealers: pa.Table, *, actor: Actor) -> int:
    """Columns code, name and any of region, level, contact, phone, city, address, contract_from, contract_to.

    Each takes its place in the tree under its region. Returns how many changed.
    """
    told = _columns(dealers)
    units = brand.upsert_branches(told["region"], told["name"])
    sql.run(Q.give_codes, codes=told["code"], names=told["name"])
    changed = sql.run(
        Q.upsert,
        codes=told["code"],
        names=told["name"],
        units=[units.get(name) for name in told["name"]],
        regions=told["region"],
        levels=told["level"],
        contacts=told["contact"],
        sealed=["\\x" + seal(phone).hex() if phone else None for phone in told["phone"]],
        tails=[phone[-4:] if phone else None for phone in told["phone"]],
        cities=told["city"],
        addresses=told["address"],
        froms=told["contract_from"],
        tos=told["contract_to"],
    )
    if changed:
        record(actor, "dealers.upserted", "dealer", 0, changed=changed)
    return changed


def record_purchases(lines: pa.Table, *, source_id: int, run_id: int | None = None, actor: Actor) -> int:
    """Columns client_key, dealer (code or name), doc_no, day, quantity (thousandths), amount and any of sku_code,
    product_name, row_type (1: sent back), note. Returns how many lines were new or other than before.
    """
    told = _columns(lines)
    dealers, skus = _dealer_ids(told["dealer"]), _sku_ids(told)
    signs = [-1 if kind == 1 else 1 for kind in told["row_type"]]
    changed = sql.run(
        Q.record_purchases,
        source_id=source_id,
        run_id=run_id,
        keys=told["client_key"],
        dealer_ids=[dealers[d] for d in told["dealer"]],
        docs=told["doc_no"],
        days=told["day"],
        sku_ids=skus,
        quantities=[_signed(q, s) for q, s in zip(told["quantity"], signs, strict=True)],
        amounts=[_signed(a, s) for a, s in zip(told["amount"], signs, strict=True)],
        notes=told["note"],
    )
    return _recorded(changed, "dealer_purchases", source_id, actor)


def record_payments(rows: pa.Table, *, source_id: int, run_id: int | None = None, actor: Actor) -> int:
    """Columns client_key, dealer, day, amount and any of doc_no, method, note. Returns how many were new or other."""
    told = _columns(rows)
    dealers = _dealer_ids(told["dealer"])
    changed = sql.run(
        Q.record_payments,
        source_id=source_id,
        run_id=run_id,
        keys=told["client_key"],
        dealer_ids=[dealers[d] for d in told["dealer"]],
        docs=told["doc_no"],
        days=told["day"],
        amounts=told["amount"],
        methods=told["method"],
        notes=told["note"],
    )
    return _recorded(changed, "dealer_payments", source_id, actor)


def record_stock(rows: pa.Table, *, source_id: int, run_id: int | None = None, actor: Actor) -> int:
    """Columns dealer, day, sku_code, quantity (thousandths) and any of product_name, amount; a later word on a day and
    product replaces the earlier. Returns how many were new or other.
    """
    told = _columns(rows)
    dealers, skus = _dealer_ids(told["dealer"]), _sku_ids(told)
    changed = sql.run(
        Q.record_stock,
        source_id=source_id,
        run_id=run_id,
        dealer_ids=[dealers[d] for d in told["dealer"]],
        days=told["day"],
        sku_ids=skus,
        quantities=told["quantity"],
        amounts=told["amount"],
    )
    return _recorded(changed, "dealer_stock", source_id, actor)


def _signed(value: int | None, sign: int) -> int:
    """A row that says it is a return is one, whichever sign its numbers have."""
    return (value or 0) if sign > 0 else -abs(value or 0)


def _recorded(changed: int, what: str, source_id: int, actor: Actor) -> int:
    if changed:
        record(actor, f"{what}.recorded", "source", source_id, changed=changed)
    return changed


class _Told(dict[str, list[Any]]):
    """Columns by name; one that is not there is blank."""

    def __init__(self, rows: pa.Table) -> None:
        super().__init__({name: rows.column(name).to_pylist() for name in rows.column_names})
        self._blank = [None] * rows.num_rows

    def __missing__(self, name: str) -> list[Any]:
        return self._blank


def _columns(rows: pa.Table) -> _Told:
    return _Told(rows)


def _dealer_ids(said: Sequence[str]) -> dict[str, int]:
    """The dealer behind each code or name; one nobody has described is made under what it was called."""
    names = sorted(set(said))
    found = {r.said: r.id for r in sql.fetch(Q.find, said=names)}
    if missing := [name for name in names if name not in found]:
        sql.run(Q.add_named, said=missing)
        found |= {r.said: r.id for r in sql.fetch(Q.find, said=missing)}
    return found


def _sku_ids(told: _Told) -> list[int | None]:
    codes = [code or name for code, name in zip(told["sku_code"], told["product_name"], strict=True)]
    named = {c: n or "" for c, n in zip(codes, told["product_name"], strict=True) if c}
    skus = brand.find_or_add_skus(named) if named else {}
    return [skus[code].id if code else None for code in codes]
