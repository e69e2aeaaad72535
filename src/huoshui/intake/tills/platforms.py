"""Whose vouchers a till verifies: a platform nobody knows would make two sales of one."""

from __future__ import annotations

from collections.abc import Sequence, Set

from huoshui.core import sql
from huoshui.core.unmet import sentences
from huoshui.intake.tills.rules import Doubt
from huoshui.intake.tills.types import Sale

Q = sql.load("huoshui.intake.tills")

sentences(
    {
        "voucher_source_unknown": "没有名为「{source}」的平台，团购券 {voucher} 对不上平台的订单，可能算成两单。"
        "请核对平台的名称；平台还没有接入的，接入后会自动对上。"
    }
)


def known_to(sales: Sequence[Sale]) -> Set[str]:
    """Those platforms of these sales' vouchers that are known. Nothing is asked where there are none."""
    names = sorted({v.source for sale in sales for v in sale.vouchers})
    return {r.name for r in sql.fetch(Q.known_platforms, names=names)} if names else set()


def doubts(sale: Sale, known: Set[str]) -> tuple[Doubt, ...]:
    """Its order may be on its way all the same, so an ask is not refused for it."""
    return tuple(
        ("voucher_source_unknown", {"source": v.source, "voucher": v.code})
        for v in sale.vouchers
        if v.source not in known
    )
