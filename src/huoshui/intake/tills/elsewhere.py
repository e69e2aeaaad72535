"""An order of another till: what one store sold is handed in at another, where the brand's rule allows it (ADR 0010).

The refund is told of as the selling till would tell of it, so that it is one refund of one order whoever asks; its
goods come to where they are handed in.
"""

from __future__ import annotations

from dataclasses import replace

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.unmet import sentences
from huoshui.intake.tills import reads
from huoshui.intake.tills.refunds import Wrong
from huoshui.intake.tills.types import Receipt, Refund, Till

Q = sql.load("huoshui.intake.tills")

sentences(
    {
        "refund_not_here": "{sold} 卖出的，不能在 {here} 退。请到卖出的门店退，或请总部改“在哪里可以退”。",
        "refund_store_missing": "请写明在哪家门店退（store）。",
        "order_ambiguous": "门店 {sold} 有几套收银都有订单 {order}，分不清是哪一单，请到总部的退货页退。",
    }
)


def of_other_till(till: Till, command: Refund) -> tuple[Till, Refund]:
    """The till that sold it, and the refund as told to that one. Raises Wrong for what cannot be."""
    here = command.store_code or _only(till)
    if not here:
        raise Wrong("refund_store_missing", pointer="/store")
    unit_here = brand.find_units([here]).get(here)
    if unit_here is None:
        raise Wrong("store_unknown", {"store": here}, "/store")
    unit, code = _sold_at(command.sold_at), command.sold_at
    doubts = command.doubts
    if not _speaks_for(till, code) and not brand.may_hand_in(unit, [unit_here]):
        detail = {"sold": code, "here": here}
        if not command.is_offline:
            raise Wrong("refund_not_here", detail, "/store")
        doubts = (*doubts, ("refund_not_here", detail))  # it has been handed in all the same
    seller = _seller(command.order_key, unit, code)
    if seller.source_id == till.source_id:
        return seller, replace(command, store_code=here, doubts=doubts)
    # A space is in no key of an API, so this one is nobody's of the selling till
    return seller, replace(command, key=_key(command.key, till), store_code=here, doubts=doubts)


def receipt(till: Till, order_key: str, sold_at: str) -> Receipt:
    """Of an order that may be handed in at one of the till's stores. Its code, by which it may be claimed, stays with who
    sold it. Raises NotFound."""
    try:
        unit = _sold_at(sold_at)
        here = list(brand.find_units(sorted(till.store_codes)).values())
        if not _speaks_for(till, sold_at) and not brand.may_hand_in(unit, here):
            raise NotFound
        seller = _seller(order_key, unit, sold_at)
    except Wrong as wrong:
        raise NotFound from wrong
    found = reads.receipt(seller, order_key)
    return found if seller.source_id == till.source_id else replace(found, bind_code="")


def _speaks_for(till: Till, code: str) -> bool:
    return not till.store_codes or code in till.store_codes


def _key(key: str, till: Till) -> str:
    return f"{key} {till.source_id}"


def _only(till: Till) -> str:
    return next(iter(till.store_codes)) if len(till.store_codes) == 1 else ""


def _sold_at(code: str) -> int:
    unit = brand.find_units([code]).get(code)
    if unit is None:
        raise Wrong("store_unknown", {"store": code}, "/sold_at")
    return unit


def _seller(order_key: str, unit: int, code: str) -> Till:
    found = sql.fetch(Q.sources_of_order, order_key=order_key, org_unit_id=unit)
    if not found:
        raise Wrong("order_unknown")
    if len(found) > 1:
        raise Wrong("order_ambiguous", {"sold": code, "order": order_key}, "/sold_at")
    source = facts.source_of(found[0].source_id)
    return Till(source.id, source.label or source.name)
