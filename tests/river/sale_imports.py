"""Imports: orders of the same shop told in files, now and of the past, again in other words, and in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED
from huoshui.core.tests.ground import number
from huoshui.intake.imports import api as imports
from huoshui.intake.river import api as river
from huoshui.intake.river.api import CouponUse, Item, Line, Tender
from huoshui.intake.river.api import Order as Head
from huoshui.intake.river.batches import batch_of
from tests.river import books
from tests.river.model import COUPON, Part, Row, spread
from tests.river.sale_world import CUSTOMERS, LINES, Lines, World

MODES = st.sampled_from(["live", "live", "history"])
Telling = tuple[str, Part, Item]  # order, what the model is told, what the river is


class Imports(World):
    @rule(orders=st.lists(st.tuples(CUSTOMERS, LINES), min_size=1, max_size=3), mode=MODES)
    def import_orders(self, orders: list[tuple[int, Lines]], mode: str) -> None:
        self.deliver([self.telling(f"I{number()}", _rows(lines), who) for who, lines in orders], mode)

    @precondition(lambda self: self.book.orders)
    @rule(
        data=st.data(),
        lines=LINES,
        back=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), min_size=3, max_size=3),
        who=st.sampled_from([None, None, None, 0, 1, 2, 3]),
        keeps=st.booleans(),
        mode=MODES,
    )
    def revise(
        self,
        data: st.DataObject,
        lines: Lines,
        back: list[tuple[int, int]],
        who: int | None,
        keeps: bool,
        mode: str,
    ) -> None:
        """An order told again in other words: with other goods and prices, of which some went back already; perhaps it turns
        out to be somebody else's, or to have been paid without points and coupon."""
        order = self.draw(data, list(self.book.orders.values()))
        rows = [
            r._replace(back=min(b, r.pieces), money_back=r.money * share // 100)
            for r, (b, share) in zip(_rows(lines), back, strict=False)
        ]
        last = next((p for p in reversed(order.parts) if not p.is_refund), None)
        told = self.telling(order.key, rows, order.customer if who is None else who, last if keeps else None)
        self.deliver([told], mode)

    @precondition(lambda self: self.book.orders)
    @rule(
        data=st.data(),
        line=st.tuples(st.sampled_from(["P1", "P2"]), st.integers(1, 4), st.integers(0, 9_999)),
    )
    def tell_the_rest(self, data: st.DataObject, line: tuple[str, int, int]) -> None:
        """Lines of an order that lay in another file."""
        order = self.draw(data, list(self.book.orders.values()))
        row = Row(f"rest {number()}", *line)
        self.deliver([self.telling(order.key, [row], order.customer)], "live")

    @rule(
        customer=CUSTOMERS,
        lines=LINES,
        backs=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9_999)), min_size=1, max_size=3),
        data=st.data(),
        together=st.booleans(),
    )
    def in_any_order(
        self, customer: int, lines: Lines, backs: list[tuple[int, int]], data: st.DataObject, together: bool
    ) -> None:
        """An order and its refunds, each told whenever it comes: it ends as if they had come in time."""
        key = f"L{number()}"
        sale = self.telling(key, _rows(lines), customer)
        refunds = [
            self._refund(key, n, customer, [sale[1].rows[0]._replace(pieces=pieces, money=money)])
            for n, (pieces, money) in enumerate(backs)
        ]
        items = [item for *_, item in (sale, *refunds)]
        arrival = [items[n] for n in data.draw(st.permutations(range(len(items))))]
        for batch in [arrival] if together else [[item] for item in arrival]:
            self._settle(self._receive(batch, "live"))
        for _, part, _ in [sale, *refunds]:
            self.record(key, part, self.day)

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """The very same file changes nothing, whatever has happened since."""
        told, mode = self.delivered[data.draw(st.integers(0, len(self.delivered) - 1))]
        before = books.digest(self.begins_after)
        self._settle(self._receive([item for *_, item in told], mode))
        assert books.digest(self.begins_after) == before

    @precondition(lambda self: self.may_read_a_file)
    @rule(orders=st.lists(st.tuples(CUSTOMERS, LINES), min_size=1, max_size=3), mode=MODES, data=st.data())
    def import_a_file(self, orders: list[tuple[int, Lines]], mode: str, data: st.DataObject) -> None:
        """A real one, through every step of an import: new orders, an order told again, and then the same file again."""
        self.may_read_a_file = False
        told = [(f"F{number()}", Part(tuple(_rows(lines)), who)) for who, lines in orders]
        if known := [o for o in self.book.orders.values() if not o.points]:
            order = self.draw(data, known)
            told.append((order.key, Part(told[0][1].rows, order.customer)))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "orders.csv"
            file.write_text(self._file(told), encoding="utf-8-sig")
            self._run(file, mode)
            for key, part in told:
                self.record(key, replace(part, is_history=mode == "history"), self.day)
            before = books.digest(self.begins_after)
            self._run(file, mode)
            assert books.digest(self.begins_after) == before

    # ── how it is told ────────────────────────────────────────────────────────────────────────────────────────────

    def telling(self, key: str, rows: Sequence[Row], customer: int, like: Part | None = None) -> Telling:
        """`like`: paid with the same points and coupon as this one."""
        points = like.points if like else 0
        # Of an order that costs nothing a coupon's rule takes nothing off
        code = like.code if like and any(r.money for r in rows) else ""
        off = spread([r.money for r in rows], COUPON) if code else [0] * len(rows)
        lines = tuple(_line(r, less) for r, less in zip(rows, off, strict=True))
        money = sum(r.money for r in rows)
        tenders = (Tender("points", points, points), Tender("cash", money - points)) if points else ()
        uses = (CouponUse(code, COUPON),) if code else ()
        head = Head(key, self.store, lines, tenders=tenders, coupons=uses)
        part = Part(tuple(rows), customer, points=points, code=code, off=sum(off))
        return key, part, Item(ORDER_COMPLETED, key, self.at, self._card(customer), order=head)

    def _refund(self, key: str, n: int, customer: int, rows: Sequence[Row]) -> Telling:
        lines = tuple(Line(r.sku, -r.pieces * 1000, -r.money, line_key=r.key) for r in rows)
        head = Head(f"{key} back {n}", self.store, lines, parent_key=key)
        part = Part(tuple(rows), customer, head.order_key)
        return key, part, Item(ORDER_REFUNDED, head.order_key, self.at, self._card(customer), order=head)

    def _card(self, customer: int) -> tuple[tuple[str, str], ...]:
        return (("card_no", self.counters[customer].card),)

    def deliver(self, told: Sequence[Telling], mode: str) -> None:
        """As an import's lane settles it."""
        fact_ids = self._receive([item for *_, item in told], mode)
        self._settle(fact_ids)
        self.delivered.append((told, mode))
        assert len(fact_ids) == len(told)
        for key, part, _ in told:
            self.record(key, replace(part, is_history=mode == "history"), self.day)

    def _receive(self, items: Sequence[Item], mode: str) -> list[int]:
        with transaction.atomic(durable=True):
            return facts.receive(
                batch_of(items), source=self.source, actor=SYSTEM, mode=mode, run_id=1
            ).fact_ids

    def _settle(self, fact_ids: Sequence[int]) -> None:
        if fact_ids:
            river.settle(fact_ids, lane=0)

    def _file(self, told: Sequence[tuple[str, Part]]) -> str:
        at = f"{self.at.astimezone(clock.brand_zone()):%Y-%m-%d %H:%M:%S}"
        rows = [
            f"{key},{at},{self.store},{self.counters[part.customer].card},{r.sku},{r.key},{r.pieces},{r.money / 100:.2f}"
            for key, part in told
            for r in part.rows
        ]
        return "\n".join([_HEADERS, *rows, ""])

    def _run(self, file: Path, mode: str) -> None:
        run_id = imports.add_run([file], kind="sales", mode=mode, source_name=self.source.name, actor=SYSTEM)
        imports.execute(run_id, actor=SYSTEM)
        view = imports.run_for(SYSTEM, run_id)
        assert (view.state, view.counts["set_aside"]) == ("done", 0), view


_HEADERS = "销售单号,交易时间,门店编码,会员卡号,商品编码,行号,数量,实付金额"


def _rows(lines: Lines) -> list[Row]:
    return [Row(str(n), *line) for n, line in enumerate(lines, 1)]


def _line(r: Row, off: int) -> Line:
    return Line(
        r.sku,
        r.pieces * 1000,
        r.money,
        off,
        off,
        refunded=r.money_back,
        refunded_milli=r.back * 1000,
        line_key=r.key,
    )
